// When a train leaves: made, moved, cancelled, each by a signed event of kind `schedule`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::train {

// A hotfix is a short train: it repairs a tag that has departed, with checks of its own, and what it carries
// has to come back with the next regular train.
enum class TrainKind { regular, hotfix };
std::string_view name_of(TrainKind kind);

// The rules that a train was made under: a policy that changes afterwards does not reach back.
struct Terms {
  Duration lock_before{0};  // the departure: from then on the scope is locked
  std::uint64_t max_high_risk = 0;
  std::optional<std::uint64_t> max_medium_risk;  // absent: as many as come

  bool operator==(const Terms&) const = default;
};

// What one event says of the schedule.
struct ScheduleEvent {
  enum class Action { create, move, cancel } action = Action::create;
  Time departs;
  std::uint64_t sequence = 0;  // 0 when made, one more with each move and with the cancellation (RFC 5545)
  std::string cadence;         // "monthly"; empty: none is named
  TrainKind kind = TrainKind::regular;
  std::string base;            // of a hotfix: the tag that it repairs; else empty
  std::string reason;          // of a move or cancellation
  std::optional<Terms> terms;  // absent: those of before, or of the policy
};
std::string_view name_of(ScheduleEvent::Action action);  // "create", "move", "cancel"

Json to_json(const ScheduleEvent& event);
Result<ScheduleEvent> read_schedule_event(const Json& predicate);

// What the events so far come to.
struct Schedule {
  Time departs;
  std::uint64_t sequence = 0;
  std::string cadence;
  TrainKind kind = TrainKind::regular;
  std::string base;
  bool cancelled = false;
  std::string reason;  // of the newest move or cancellation
  Time created;
  std::optional<Terms> terms;
  Time changed;  // by the newest of the events
  Time planned;  // the departure it was made for, before any move
};

// Why an event may not come next; empty where it may. `now`: absent before the first.
std::string schedule_objection(const std::optional<Schedule>& now, const ScheduleEvent& event);
// `event` must be without objection; `time` is its own.
Schedule apply(const std::optional<Schedule>& now, const ScheduleEvent& event, Time time);

}  // namespace signalbox::train
