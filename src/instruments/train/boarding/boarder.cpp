#include "instruments/train/boarding/boarder.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxPlanBytes = std::size_t{1} << 20;

// What somebody says is theirs: the key that signs it.
void sign_answers(Checklist& checklist, const std::string& signer) {
  for (const CheckItem item : check_items()) {
    CheckAnswer& answer = checklist[item];
    if (answer.state == CheckState::attested || answer.state == CheckState::not_applicable)
      answer.by = signer;
  }
}

const Seat* seat_on_train(const Train& train, const std::string& id) {
  const Seat* const seat = train.find(id);
  return seat != nullptr && seat->state != SeatState::bumped ? seat : nullptr;
}

// What history and tree say now is of no concern to what was approved before.
void keep_what_was_approved(PassengerRecord& record, const PassengerRecord& approved) {
  record.commits = approved.commits;
  record.title = approved.title;
  record.estimate = approved.estimate;
  if (record.rollback_plan == approved.rollback_plan) record.rollback_sha256 = approved.rollback_sha256;
}

// A seat that was bumped from this train, or has left with any.
const Seat* settled_seat(const std::vector<Train>& trains, const Train& train, const std::string& id) {
  const Seat* const own = train.find(id);
  if (own != nullptr && own->state == SeatState::bumped) return own;
  for (const Train& other : trains) {
    const Seat* const seat = other.find(id);
    if (seat != nullptr && (seat->state == SeatState::shipped || seat->state == SeatState::rolled_back))
      return seat;
  }
  return nullptr;
}

bool is_same(const PassengerRecord& a, const PassengerRecord& b) {
  return to_json(a).canonical() == to_json(b).canonical();
}

}  // namespace

PassengerRecord record_of(const PassengerRequest& request, const Change& change, const Seat* seat) {
  PassengerRecord out;
  if (seat != nullptr) out = seat->record;
  const auto replace = [](std::string& old, const std::string& value) {
    if (!value.empty()) old = value;
  };
  out.id = change.id;
  out.commits = change.commits;
  out.title = change.title;
  replace(out.owner, request.owner);
  if (request.risk) out.risk = *request.risk;
  replace(out.rollback_plan, request.rollback_plan);
  replace(out.epic, request.epic);
  replace(out.note, request.note);
  replace(out.risk_note, request.risk_note);
  if (!request.flags.empty()) out.flags = request.flags;
  if (request.migration.kind != MigrationStep::Kind::none) out.migration = request.migration;
  return out;
}

// A train with what departs with it, read once.
struct Boarder::Trip {
  Plan plan;
  std::optional<ChangeFinder> changes;
};

Boarder::Boarder(const Workspace& workspace, Desk& desk, evidence::EvidenceBook* book, Time now,
                 BoardingOptions options)
    : workspace_(workspace),
      desk_(desk),
      book_(book),
      now_(now),
      options_(std::move(options)),
      finder_(book == nullptr ? nullptr : &book->ledger(), desk.policy.trust) {}
Boarder::~Boarder() = default;

Result<Boarder::Trip*> Boarder::trip(const Train& train) {
  std::unique_ptr<Trip>& place = trips_[train.id];
  if (!place) {
    auto trip = std::make_unique<Trip>();
    SIGNALBOX_TRY(trip->plan, read_train_plan(workspace_, desk_, train));
    trip->changes.emplace(desk_.repository, trip->plan.history);
    place = std::move(trip);
  }
  return place.get();
}

// As the commit that departs has it; what is not committed yet, from the work tree.
Result<RollbackPlan> Boarder::read_plan_file(const std::string& path) const {
  RollbackPlan out{path, std::nullopt};
  if (path.empty()) return out;
  auto committed = file_at(desk_.repository, workspace_, desk_.head, path);
  if (committed && *committed) {
    out.octets = std::move(*committed);
    return out;
  }
  auto written = read_file(workspace_.root / path, kMaxPlanBytes);
  if (written) out.octets = std::move(*written);
  return out;
}

Result<Boarder::Draft> Boarder::draft(const PassengerRequest& request, const Train& train) {
  SIGNALBOX_TRY(Trip* const trip, this->trip(train));
  Draft out;
  SIGNALBOX_TRY(out.change, trip->changes->find(request.change));
  const Seat* const seat = seat_on_train(train, out.change.id);
  out.record = record_of(request, out.change, seat);
  out.record.estimate = estimate_risk(out.change.facts, desk_.rules().paths);
  if (!request.risk && seat == nullptr) out.record.risk = out.record.estimate.risk;
  SIGNALBOX_TRY(out.plan, read_plan_file(out.record.rollback_plan));
  if (seat != nullptr && seat->state > SeatState::slotted) {
    keep_what_was_approved(out.record, seat->record);
  } else if (out.plan.octets) {
    out.record.rollback_sha256 = to_hex(sha256(*out.plan.octets));
  }
  if (!references_) {
    SIGNALBOX_TRY(references_, count_references(desk_.repository, desk_.head, desk_.flags));
  }
  const std::set<std::string> holders = trip->changes->holders_of(out.change.commits.front());
  LookedUp looked_up = look_up(request.checks, holders, finder_);
  if (options_.signatory) sign_answers(looked_up.answers, options_.signatory->key.key.name);
  for (const std::string& objection : looked_up.objections)
    out.refusals.push_back({"bad-evidence", objection, "signalbox evidence query --subject git:HEAD"});
  answer_more(out.record.checklist, looked_up.answers);
  const AnswerSources sources{out.change,   holders,       trip->plan.manifest, desk_.flags,
                              *references_, desk_.rules(), train.schedule->kind};
  SIGNALBOX_CHECK(answer_from_facts(out.record, sources, finder_));
  return out;
}

Result<BoardingOutcome> Boarder::board(const PassengerRequest& request) {
  SIGNALBOX_TRY(const Train* const train, desk_.train(request.train));
  BoardingOutcome out;
  out.change = request.change;
  out.train = train->id;
  auto draft = this->draft(request, *train);
  if (!draft && draft.error().kind == ErrorKind::not_found) {
    out.refusals.push_back({"unknown-commit", draft.error().message, draft.error().hint});
    return out;
  }
  if (!draft) return fail(std::move(draft).error());
  if (options_.settled == BoardingOptions::Settled::leave) {
    if (const Seat* const seat = settled_seat(desk_.trains, *train, draft->record.id)) {
      out.record = seat->record;
      out.state = seat->state;
      return out;
    }
  }
  const Platform platform{*train, desk_.trains, desk_.book, desk_.flags, now_, options_.exception};
  out.record = std::move(draft->record);
  out.refusals = admission_refusals(request, draft->change, draft->plan, out.record, platform);
  out.refusals.insert(out.refusals.end(), draft->refusals.begin(), draft->refusals.end());
  if (auto full = slot_refusal(*train, out.record, desk_.rules())) {
    if (options_.wait == BoardingOptions::Wait::queue) {
      out.waits_for = std::move(full);
    } else {
      out.refusals.push_back(std::move(*full));
    }
  }
  if (!out.refusals.empty() || options_.record == BoardingOptions::Record::no) return out;
  SIGNALBOX_CHECK(record_moves(out, *train));
  return out;
}

Status Boarder::record_moves(BoardingOutcome& outcome, const Train& train) {
  const std::string id = outcome.record.id;
  EventWriter writer = writer_of(train);
  const Seat* const seat = train.find(id);
  PassengerEvent event;
  event.record = outcome.record;
  event.exception = options_.exception;
  const bool comes = seat == nullptr || seat->state == SeatState::bumped;
  if (seat != nullptr) event.from = seat->state;
  if (!comes) event.to = seat->state;
  const auto append = [&](SeatState to) -> Status {
    event.to = to;
    SIGNALBOX_TRY(const evidence::Receipt receipt, writer.append(event, workspace_.name));
    outcome.recorded.push_back(receipt.index);
    event.from = to;
    return {};
  };
  if (comes) {
    SIGNALBOX_CHECK(append(SeatState::candidate));
  } else if (!is_same(seat->record, outcome.record)) {
    SIGNALBOX_CHECK(append(seat->state));
  }
  const bool complete = outcome.record.checklist.open().empty();
  if (complete && event.to == SeatState::candidate) SIGNALBOX_CHECK(append(SeatState::described));
  const bool is_ready =
      event.to == SeatState::dry_run || (event.to == SeatState::approved && !needs_dry_run(outcome.record));
  if (is_ready) SIGNALBOX_CHECK(append(SeatState::aboard));
  keep(writer.train());
  SIGNALBOX_CHECK(fill_slots(outcome.train));
  SIGNALBOX_TRY(const Train* const after, desk_.train(outcome.train));
  const Seat* const now = after->find(id);
  if (now == nullptr) return fail(ErrorKind::internal, fmt::format("{} was recorded and is not aboard", id));
  outcome.state = now->state;
  if (now->state >= SeatState::slotted) outcome.waits_for.reset();
  if (!outcome.recorded.empty() && now->last_index > outcome.recorded.back())
    outcome.recorded.push_back(now->last_index);
  return {};
}

EventWriter Boarder::writer_of(const Train& train) const {
  return {*book_, desk_, train, *options_.signatory, now_};
}

void Boarder::keep(const Train& train) {
  for (Train& known : desk_.trains) {
    if (known.id == train.id) known = train;
  }
}

Result<std::vector<std::string>> Boarder::fill_slots(const std::string& id) {
  SIGNALBOX_TRY(const Train* const train, desk_.train(id));
  if (!scope_objection(*train, desk_.book, {now_, options_.exception, {}}).empty())
    return std::vector<std::string>();
  const std::vector<std::string> next = next_to_slot(*train, desk_.rules());
  if (next.empty()) return next;
  EventWriter writer = writer_of(*train);
  for (const std::string& passenger : next) {
    PassengerEvent event;
    event.record = train->find(passenger)->record;
    event.from = SeatState::described;
    event.to = SeatState::slotted;
    event.exception = options_.exception;
    SIGNALBOX_CHECK(writer.append(event, workspace_.name));
  }
  keep(writer.train());
  return next;
}

}  // namespace signalbox::train
