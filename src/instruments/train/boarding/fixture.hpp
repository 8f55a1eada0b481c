// What the tests of boarding share: events as a log would have them, and records that are complete.
#pragma once

#include <string>
#include <vector>

#include "instruments/train/boarding/train.hpp"

namespace signalbox::train {

inline PassengerRecord complete_record(const std::string& id, Risk risk = Risk::low) {
  PassengerRecord out;
  out.id = id;
  out.commits = {std::string(40, id.back())};
  out.title = "feat: " + id;
  out.owner = "ada";
  out.risk = risk;
  out.rollback_plan = "docs/rollback.md";
  out.rollback_sha256 = std::string(64, '1');
  for (const CheckItem item : check_items()) {
    out.checklist[item].state = CheckState::proved;
    out.checklist[item].text = "seen";
  }
  return out;
}

// A log of one train: each event a minute after the one before, signed by "builder" unless said otherwise.
class TestLog {
 public:
  explicit TestLog(std::string train = "2026-12") { events_.train = std::move(train); }

  Event& add(std::string kind, Json predicate, std::string signer = "builder",
             std::vector<std::string> roles = {"builder"}) {
    Event event;
    event.index = static_cast<std::uint64_t>(++events_.last_index);
    event.time = start() + std::chrono::minutes(event.index);
    event.kind = std::move(kind);
    event.predicate = std::move(predicate);
    event.signer = std::move(signer);
    event.roles = std::move(roles);
    events_.events.push_back(std::move(event));
    return events_.events.back();
  }
  void schedule(std::chrono::hours ahead = std::chrono::hours(24 * 21)) {
    ScheduleEvent event;
    event.departs = start() + ahead;
    add("schedule", to_json(event));
  }
  Event& move(const PassengerRecord& record, std::optional<SeatState> from, SeatState to,
              const std::string& signer = "builder") {
    PassengerEvent event{record, from, to, to == SeatState::bumped ? "late" : "", {}, {}};
    if (to == SeatState::dry_run) event.evidence = 7;
    const bool approves = to == SeatState::approved && signer == "ada";
    return add("passenger", to_json(event), signer,
               approves ? std::vector<std::string>{"approver"} : std::vector<std::string>{"builder"});
  }
  // From nothing to `state`, along the way that there is.
  void bring(const PassengerRecord& record, SeatState state) {
    std::optional<SeatState> at;
    for (const SeatState to : {SeatState::candidate, SeatState::described, SeatState::slotted,
                               SeatState::approved, SeatState::dry_run, SeatState::aboard}) {
      if (to > state) return;
      if (to == SeatState::dry_run && !needs_dry_run(record)) continue;
      move(record, at, to, to == SeatState::approved ? "ada" : "builder");
      at = to;
    }
  }
  // An exception for the scope lock of the train that "eve" asks for, granted by "ada": two entries of the
  // log, for four hours. Its number.
  std::uint64_t except(std::optional<std::string> manifest = {}) {
    gates::Exception out;
    const Event asked = add("exception-request", Json::object({}), "eve");
    out.request.index = asked.index;
    out.request.time = asked.time;
    out.request.requester = speaks("eve", "builder");
    out.request.target = {std::nullopt, std::move(manifest), events_.train};
    out.request.scope.scope_lock = true;
    out.request.reason = "the fix cannot wait";
    out.request.expires = asked.time + std::chrono::hours(4);
    const Event granted = add("exception", Json::object({}), "ada", {"approver"});
    out.approval = {granted.index, granted.time, speaks("ada", "approver")};
    exceptions_.push_back(std::move(out));
    return exceptions_.back().request.index;
  }
  static gates::Speaks speaks(const std::string& name, const std::string& role) {
    const std::string octets = name + std::string(32 - name.size(), '.');
    return {{name, octets, evidence::PublicKey::Algorithm::ed25519}, {role}};
  }
  Rulebook book(const BoardingRules& rules = {}) const { return {rules, {}, {}, exceptions_}; }
  Train fold(const BoardingRules& rules = {}) const { return fold_train(events_, book(rules)); }
  static Time start() { return Time(std::chrono::seconds(1'764'576'000)); }  // 2025-12-01T08:00:00Z

  TrainEvents events_;
  std::vector<gates::Exception> exceptions_;
};

}  // namespace signalbox::train
