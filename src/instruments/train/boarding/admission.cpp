#include "instruments/train/boarding/admission.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

using Step = MigrationStep::Kind;

bool is_listed(std::string_view line) {
  const std::size_t digits = line.find_first_not_of("0123456789");
  const bool numbered = digits != 0 && digits != std::string_view::npos &&
                        (line.substr(digits).starts_with(". ") || line.substr(digits).starts_with(") "));
  return numbered || line.starts_with("- ") || line.starts_with("* ") || line.starts_with("```");
}

// By the passenger's id: in a shell #123 would be a comment.
std::string board_with(const PassengerRecord& record, std::string_view option) {
  return fmt::format("signalbox train board {} {}", record.id, option);
}

// Collects the reasons; the order is the one in which they are worth mending.
class Clerk {
 public:
  Clerk(const PassengerRequest& request, const Change& change, const PassengerRecord& record,
        const Platform& platform)
      : request_(request), change_(change), record_(record), platform_(platform) {}

  void refuse(std::string code, std::string message, std::string remedy) {
    out_.push_back({std::move(code), std::move(message), std::move(remedy)});
  }

  void look_at_change() {
    if (change_.shipped_in) {
      refuse("already-shipped",
             fmt::format("{} has left already: {} holds it", record_.id, printable(*change_.shipped_in)),
             "signalbox train plan lists what waits");
    } else if (!change_.is_merged) {
      refuse("not-merged", fmt::format("{} is not in what departs", record_.id),
             "merge it, then board it again; --head names another branch");
    }
  }

  void look_at_people() {
    if (record_.owner.empty())
      refuse("no-owner", "nobody owns it: no owner, no boarding", board_with(record_, "--owner NAME"));
    if (!request_.risk && existing() == nullptr)
      refuse("no-risk",
             fmt::format("no risk is claimed; the diff looks like {}", name_of(record_.estimate.risk)),
             board_with(record_, fmt::format("--risk {}", name_of(record_.estimate.risk))));
    if (record_.estimate.risk > record_.risk && record_.note.empty() && request_.risk) {
      refuse("note-needed",
             fmt::format("claimed {}, and the diff looks like {}: {}", name_of(record_.risk),
                         name_of(record_.estimate.risk), join(record_.estimate.reasons, ", ")),
             board_with(record_, "--note \"why it is less\""));
    }
  }

  void look_at_plan(const RollbackPlan& plan) {
    const std::string remedy = board_with(record_, "--rollback FILE");
    if (plan.path.empty()) {
      refuse("no-rollback", "there is no plan to take it back", remedy);
    } else if (!plan.octets) {
      refuse("no-rollback", fmt::format("there is no file {}", printable(plan.path)), remedy);
    } else if (const std::string why = plan_objection(*plan.octets); !why.empty()) {
      refuse("no-rollback", fmt::format("{} is no plan: {}", printable(plan.path), why),
             "write down the steps, as a list or as commands");
    }
  }

  void look_at_flags() {
    for (const std::string& name : record_.flags) {
      const Flag* const flag = find_flag(platform_.flags, name);
      if (flag == nullptr) {
        refuse("unknown-flag", fmt::format("the registry has no flag {}", printable(name)),
               "add it to train.flags of signalbox.yaml: name, owner, kind, expires; and commit that");
      } else if (flag->expires && platform_.now >= *flag->expires) {
        refuse("expired-flag", fmt::format("the flag {} expired at {}", name, to_rfc3339(*flag->expires)),
               "give it another day in the registry, or board without it");
      }
    }
  }

  void look_at_other_trains() {
    for (const Train& other : platform_.trains) {
      if (other.id == platform_.train.id || other.phase == Phase::cancelled) continue;
      const Seat* const seat = other.find(record_.id);
      const bool waits = seat != nullptr && seat->state <= SeatState::aboard;
      if (waits) {
        refuse("on-another-train",
               fmt::format("{} is {} on the train {}", record_.id, name_of(seat->state), other.id),
               fmt::format("signalbox train bump {} --train {} --reason TEXT", record_.id, other.id));
      } else if (seat != nullptr && seat->state == SeatState::shipped) {
        refuse("already-shipped", fmt::format("{} has left with the train {}", record_.id, other.id),
               "signalbox train plan lists what waits");
      }
    }
  }

  // expand → migrate → contract over at least two trains.
  void look_at_migration() {
    if (record_.migration.kind != Step::contract) {
      for (const Seat& seat : platform_.train.seats) {
        if (is_other_step(seat) && seat.record.migration.kind == Step::contract) rides_together(seat);
      }
      return;
    }
    for (const Seat& seat : platform_.train.seats) {
      if (is_other_step(seat)) rides_together(seat);
    }
    for (const Train& other : platform_.trains) {
      if (other.id == platform_.train.id || other.phase == Phase::cancelled) continue;
      for (const Seat& seat : other.seats) {
        if (!is_other_step(seat) || seat.state == SeatState::shipped) continue;
        refuse("contract-before-expand",
               fmt::format("{} of {} has not left yet: it is {} on the train {}",
                           name_of(seat.record.migration.kind), record_.migration.name, name_of(seat.state),
                           other.id),
               fmt::format("board it on a train after {}", other.id));
      }
    }
  }

  void look_at_seat() {
    const Seat* const seat = existing();
    if (seat == nullptr || seat->state == SeatState::bumped) return;
    if (seat->state >= SeatState::shipped) {
      refuse("already-shipped", fmt::format("{} is {}", record_.id, name_of(seat->state)), "");
    } else if (seat->state > SeatState::slotted && changes_more_than_answers(*seat)) {
      refuse("already-approved",
             fmt::format("{} is {}: what was approved cannot be changed", record_.id, name_of(seat->state)),
             fmt::format("signalbox train bump {} --reason TEXT, then board it again", record_.id));
    }
  }

  std::vector<Refusal> take() { return std::move(out_); }

 private:
  const Seat* existing() const {
    const Seat* const seat = platform_.train.find(record_.id);
    return seat != nullptr && seat->state != SeatState::bumped ? seat : nullptr;
  }

  bool is_other_step(const Seat& seat) const {
    return seat.state != SeatState::bumped && seat.state != SeatState::rolled_back &&
           seat.record.id != record_.id && seat.record.migration.kind != Step::none &&
           seat.record.migration.name == record_.migration.name &&
           seat.record.migration.kind != record_.migration.kind;
  }

  void rides_together(const Seat& other) {
    refuse(
        "contract-with-expand",
        fmt::format("{} of {} cannot ride with its {} {}", name_of(record_.migration.kind),
                    printable(record_.migration.name), name_of(other.record.migration.kind), other.record.id),
        "expand, migrate and contract take at least two trains: board contract on a later one");
  }

  bool changes_more_than_answers(const Seat& seat) const {
    PassengerRecord was = seat.record;
    PassengerRecord is = record_;
    was.checklist = {};
    is.checklist = {};
    return to_json(was).canonical() != to_json(is).canonical();
  }

  const PassengerRequest& request_;
  const Change& change_;
  const PassengerRecord& record_;
  const Platform& platform_;
  std::vector<Refusal> out_;
};

std::string how_locked(const Platform& platform) {
  const Train& train = platform.train;
  if (train.lock)
    return fmt::format("locked by {} at {}", printable(train.lock->by), to_rfc3339(train.lock->time));
  const Time since = train.locks_at(platform.book.boarding);
  if (train.closed_since)
    return fmt::format("locked since {}: a later departure does not open it", to_rfc3339(since));
  return fmt::format("locked since {}, {} before departure", to_rfc3339(since),
                     to_text(train.schedule->departs - since));
}

}  // namespace

std::string plan_objection(std::string_view octets) {
  if (trim(octets).empty()) return "it is empty";
  if (!is_utf8(octets)) return "it is no UTF-8 text";
  for (const std::string_view line : lines(octets)) {
    if (is_listed(trim(line))) return {};
  }
  return "it has no step, neither a list nor a block of code";
}

std::optional<Refusal> closed_refusal(const Platform& platform) {
  const Train& train = platform.train;
  if (train.phase != Phase::open && train.phase != Phase::locked) {
    return Refusal{"train-closed", fmt::format("the train {} is {}", train.id, name_of(train.phase)),
                   "signalbox train list shows those that wait"};
  }
  const std::string why = scope_objection(train, platform.book, {platform.now, platform.exception, {}});
  if (why.empty()) return std::nullopt;
  const std::string closed = fmt::format("the scope of {} is {}", train.id, how_locked(platform));
  if (platform.exception)
    return Refusal{"locked", fmt::format("{}, and {}", closed, why), "signalbox train exception list"};
  return Refusal{"locked", closed,
                 "board it on a later train, or ask for an exception: " + scope_exception_command(train.id)};
}

std::string scope_exception_command(std::string_view train) {
  return fmt::format("signalbox train exception request {} --scope-lock --reason TEXT --key NAME", train);
}

std::vector<Refusal> admission_refusals(const PassengerRequest& request, const Change& change,
                                        const RollbackPlan& plan, const PassengerRecord& record,
                                        const Platform& platform) {
  Clerk clerk(request, change, record, platform);
  if (auto closed = closed_refusal(platform))
    clerk.refuse(std::move(closed->code), std::move(closed->message), std::move(closed->remedy));
  clerk.look_at_change();
  clerk.look_at_people();
  clerk.look_at_plan(plan);
  clerk.look_at_flags();
  clerk.look_at_other_trains();
  clerk.look_at_migration();
  clerk.look_at_seat();
  return clerk.take();
}

std::optional<Refusal> slot_refusal(const Train& train, const PassengerRecord& record,
                                    const BoardingRules& rules) {
  const auto limit = rules.places_for(record.risk, *train.schedule);
  if (!limit) return std::nullopt;
  std::uint64_t ahead = train.slots_taken(record.risk, record.id);
  const Seat* own = train.find(record.id);
  if (own != nullptr && own->state == SeatState::bumped) own = nullptr;
  if (own != nullptr && has_slot(own->state) && own->record.risk == record.risk) return std::nullopt;
  for (const Seat& seat : train.seats) {
    if (own != nullptr && seat.boarding_index >= own->boarding_index) break;
    if (seat.state == SeatState::described && seat.record.risk == record.risk && seat.record.id != record.id)
      ++ahead;
  }
  if (ahead < *limit) return std::nullopt;
  return Refusal{fmt::format("too-many-{}-risk", name_of(record.risk)),
                 fmt::format("{} takes at most {} of {} risk; {} {} before it", train.id, *limit,
                             name_of(record.risk), ahead, ahead == 1 ? "is" : "are"),
                 fmt::format("wait for a place with --wait, board a later train, or bump another: signalbox "
                             "train show {}",
                             train.id)};
}

std::vector<std::string> next_to_slot(const Train& train, const BoardingRules& rules) {
  std::vector<std::string> out;
  Train after = train;
  for (Seat& seat : after.seats) {
    if (seat.state != SeatState::described) continue;
    if (slot_refusal(after, seat.record, rules)) continue;
    seat.state = SeatState::slotted;
    out.push_back(seat.record.id);
  }
  return out;
}

std::vector<LargeShare> large_shares(const Train& train, const BoardingRules& rules) {
  std::uint64_t total = 0;
  std::uint64_t passengers = 0;
  for (const Seat& seat : train.seats) {
    if (!is_on_train(seat.state)) continue;
    total += seat.record.estimate.churn;
    ++passengers;
  }
  std::vector<LargeShare> out;
  // Where so few ride that an equal share is more, each would be large.
  const bool is_short = static_cast<double>(passengers) * rules.max_share_percent < 100.0;
  if (total == 0 || is_short) return out;
  for (const Seat& seat : train.seats) {
    if (!is_on_train(seat.state)) continue;
    const double percent =
        100.0 * static_cast<double>(seat.record.estimate.churn) / static_cast<double>(total);
    if (percent > rules.max_share_percent) out.push_back({seat.record.id, percent});
  }
  return out;
}

}  // namespace signalbox::train
