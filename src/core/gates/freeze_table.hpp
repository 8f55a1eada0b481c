// Freezes compiled for a stretch of time: whether anything may depart is then a binary search.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/gates/freeze.hpp"

namespace signalbox::gates {

// One time at which a freeze holds: from start on, no longer at end.
struct FrozenSpan {
  std::string name, reason;  // of a file of holidays the reason starts with the event's summary
  std::vector<std::string> environments;
  Time start, end;
};

class FreezeTable {
 public:
  // Of the freezes that concern the environment. Spans that reach into [from, until) are whole. bad_input
  // where a freeze recurs too often.
  static Result<FreezeTable> compile(const std::vector<Freeze>& freezes, std::string_view environment,
                                     Time from, Time until);

  enum class State { open, frozen, not_compiled };  // not_compiled: before `from`, or from `until` on
  struct Answer {
    State state = State::not_compiled;
    Time end;  // where it is frozen: when the union of all freezes ends
  };
  Answer at(Time time) const;
  std::vector<FrozenSpan> in_force(Time time) const;               // the latest end first
  std::optional<FrozenSpan> next_after(Time time) const;           // the first that starts later
  const std::vector<FrozenSpan>& spans() const { return spans_; }  // by start

 private:
  Time from_, until_;
  std::vector<FrozenSpan> spans_;
  // The union: stretches that neither overlap nor touch, as two rows of instants.
  std::vector<std::int64_t> starts_ms_, ends_ms_;
};

// What a departure asks: who says no now, until when, and what comes next within a year.
struct FreezeAnswer {
  std::vector<FrozenSpan> in_force;   // the latest end first
  std::vector<FrozenSpan> following;  // that start later, before `free_from`; by start
  std::optional<Time> free_from;      // where something is in force: when all of them have ended
  std::optional<FrozenSpan> next;
};
// When the last of those ends that are in force, or follow without a gap. Nothing where none is in force.
std::optional<Time> end_of_union(const std::vector<FrozenSpan>& in_force,
                                 const std::vector<FrozenSpan>& following);
Result<FreezeAnswer> ask_freezes(const std::vector<Freeze>& freezes, Time at, std::string_view environment);

}  // namespace signalbox::gates
