#include "instruments/train/boarding/transitions.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

bool may_follow(SeatState from, SeatState to) {
  switch (to) {
    case SeatState::candidate:
      return from == SeatState::bumped;
    case SeatState::described:
      return from == SeatState::candidate;
    case SeatState::slotted:
      return from == SeatState::described;
    case SeatState::approved:
      return from == SeatState::slotted;
    case SeatState::dry_run:
      return from == SeatState::approved;
    case SeatState::aboard:
      return from == SeatState::approved || from == SeatState::dry_run;
    case SeatState::bumped:
      return from < SeatState::shipped;
    case SeatState::shipped:
    case SeatState::rolled_back:
      break;
  }
  return false;
}

// The record without its checklist, whose answers may get better until departure.
std::string without_checklist(PassengerRecord record) {
  record.checklist = {};
  return to_json(record).canonical();
}

// After the approval nothing changes but the checklist, and that only for the better.
std::string change_objection(const Seat& seat, const PassengerEvent& move) {
  if (without_checklist(seat.record) != without_checklist(move.record))
    return "what was approved cannot be changed: bump it and board it again";
  for (const CheckItem item : check_items()) {
    if (move.record.checklist[item].state < seat.record.checklist[item].state) {
      return fmt::format("{} is {} and cannot become {}", name_of(item),
                         name_of(seat.record.checklist[item].state),
                         name_of(move.record.checklist[item].state));
    }
  }
  return {};
}

// A person attests for themselves alone.
std::string attest_objection(const std::optional<Seat>& seat, const PassengerEvent& move,
                             const Event& event) {
  for (const CheckItem item : check_items()) {
    const CheckAnswer& answer = move.record.checklist[item];
    const bool is_old = seat && seat->record.checklist[item] == answer;
    if (answer.by.empty() || answer.by == event.signer || is_old) continue;
    return fmt::format("{} attests {}, and {} signed it", printable(answer.by), name_of(item),
                       printable(event.signer));
  }
  return {};
}

std::string missing_of(const PassengerRecord& record) {
  std::vector<std::string> names;
  for (const CheckItem item : record.checklist.open()) names.emplace_back(name_of(item));
  return join(names, ", ");
}

bool is_one_person(const std::string& key, const std::string& other, const gates::ApprovalPolicy& people) {
  if (key == other) return true;
  const std::set<std::string> names = people.known_as(key);
  const std::set<std::string> others = people.known_as(other);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return others.count(name) > 0; });
}

// Nobody approves what they wrote any of, with whichever key.
std::string approval_objection(const Seat& seat, const Event& event, const Rulebook& book) {
  const std::string& role = book.boarding.approver_role;
  const std::string approver = printable(event.signer);
  if (std::find(event.roles.begin(), event.roles.end(), role) == event.roles.end())
    return fmt::format("a key with the role {} approves, and {} has it not", role, approver);
  for (const std::string& author : seat.authors) {
    if (author == event.signer) return fmt::format("{} described it and cannot approve it", approver);
    if (is_one_person(author, event.signer, book.people))
      return fmt::format("{} and {}, who described it, are one person: it cannot approve", approver,
                         printable(author));
  }
  return {};
}

std::string entry_objection(const Seat& seat, const PassengerEvent& move, const Event& event,
                            const Rulebook& book) {
  switch (move.to) {
    case SeatState::described:
      if (const std::string missing = missing_of(move.record); !missing.empty())
        return "its checklist has no answer to " + missing;
      return {};
    case SeatState::approved:
      return approval_objection(seat, event, book);
    case SeatState::dry_run:
      return move.evidence ? std::string() : "a dry run is proved by evidence";
    case SeatState::aboard:
      if (needs_dry_run(move.record) && seat.state != SeatState::dry_run)
        return "a high risk needs a dry run first";
      return {};
    case SeatState::bumped:
      return move.reason.empty() ? "bumping needs a reason" : std::string();
    case SeatState::candidate:
    case SeatState::slotted:
    case SeatState::shipped:
    case SeatState::rolled_back:
      break;
  }
  return {};
}

}  // namespace

bool is_on_train(SeatState state) {
  return state <= SeatState::shipped;
}

bool has_slot(SeatState state) {
  return state >= SeatState::slotted && state <= SeatState::aboard;
}

bool needs_dry_run(const PassengerRecord& record) {
  return record.risk == Risk::high;
}

std::string move_objection(const std::optional<Seat>& seat, const PassengerEvent& move, const Event& event,
                           const Rulebook& book) {
  if (!seat) {
    if (move.from || move.to != SeatState::candidate)
      return fmt::format("a passenger begins as a candidate, not as {}", name_of(move.to));
    return attest_objection(seat, move, event);
  }
  if (!move.from || *move.from != seat->state)
    return fmt::format("it is {}, not {}", name_of(seat->state), move.from ? name_of(*move.from) : "new");
  const bool stays = move.to == seat->state;
  if (stays && move.to > SeatState::aboard)
    return fmt::format("a passenger that is {} is not changed", name_of(seat->state));
  if (!stays && !may_follow(seat->state, move.to))
    return fmt::format("{} does not follow {}", name_of(move.to), name_of(seat->state));
  const bool is_open = seat->state <= SeatState::slotted && move.to <= SeatState::slotted;
  if (!is_open && seat->state != SeatState::bumped) {
    if (std::string why = change_objection(*seat, move); !why.empty()) return why;
  }
  if (std::string why = attest_objection(seat, move, event); !why.empty()) return why;
  if (move.to >= SeatState::described && move.to <= SeatState::aboard &&
      !move.record.checklist.open().empty())
    return "its checklist has no answer to " + missing_of(move.record);
  return stays ? std::string() : entry_objection(*seat, move, event, book);
}

Seat apply(const std::optional<Seat>& seat, const PassengerEvent& move, const Event& event) {
  Seat out = seat.value_or(Seat{});
  const bool comes = !seat || (move.to == SeatState::candidate && seat->state == SeatState::bumped);
  const bool described =
      comes || without_checklist(seat->record) != without_checklist(move.record) ||
      (move.to <= SeatState::slotted && !(seat->record.checklist == move.record.checklist));
  if (comes) {
    out.authors.clear();
    out.boarding_index = event.index;
    out.approved_by.clear();
    out.dry_run.reset();
  }
  if (described) {
    out.described_by = event.signer;
    out.authors.insert(event.signer);
  }
  if (!seat || seat->state != move.to) out.since = event.time;
  if (move.to == SeatState::approved) out.approved_by = event.signer;
  if (move.to == SeatState::dry_run) out.dry_run = move.evidence;
  out.record = move.record;
  out.state = move.to;
  out.last_index = event.index;
  out.reason = move.to == SeatState::bumped ? move.reason : std::string();
  return out;
}

}  // namespace signalbox::train
