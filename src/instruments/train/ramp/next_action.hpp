// What a controller does next: a pure function of where the ramp stands, what is known of the world, and the
// time. Every rule of the ramp is here.
#pragma once

#include <optional>
#include <string>

#include "instruments/train/ramp/driver.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

inline constexpr int kMaxTries = 3;  // of a call, then the ramp goes back; of going back, then it is stuck

// What metrics and smoke checks say of a hold.
struct Watched {
  enum class Standing { breach, no_data, undecided, good };
  Standing now = Standing::no_data;     // good: the hold may end early
  Standing at_end = Standing::no_data;  // if the hold were over now
  std::string reason;                   // of a breach: "metric" or "smoke"
  std::string why;
  Json metrics;                       // a list: name, judge, verdict and figures of each
  std::optional<Time> no_data_since;  // of the newest stretch without data
  Duration unseen{};                  // the longest stretch without data while no controller ran
};

// What the controller knows that is not in the log. What is absent was not asked for in this turn.
struct Situation {
  Time now;
  std::uint64_t token = 0;                  // of the lease that this controller has; 0: none
  bool is_holder_gone = false;              // the process that holds the lease is known to have ended
  std::optional<Result<Observation>> seen;  // the driver's answer
  std::optional<Time> asked;                // when the driver was asked last
  std::optional<Watched> watched;
  // Another train of the service that began before and is on its way, in words; empty: none is. One answer is
  // enough: whatever begins later leaves the track to this one.
  std::optional<std::string> train_ahead;
};

struct Next {
  enum class Kind {
    over,        // nothing is left to do
    lost,        // somebody else acts: stop
    take,        // the lease is free
    renew,       // the lease
    ask,         // the driver what is true
    look,        // at metrics and smoke checks
    look_ahead,  // whether another train of the service is on the track
    call,        // announce it in the log, make it, tell how it ended
    write,       // this event
    sum_up,      // train/canary/v1
    arrive,      // train/departure/v1
    go_back,     // train/rollback/v1
    wait,        // until that time, or until the log grows
  } kind = Kind::over;
  std::string why;  // in words, for lost and wait
  Call call = Call::set_weight;
  int weight = 0;
  StepEvent event;
  Time until{};
};

Next next_action(const Ramp& ramp, const Situation& situation);

}  // namespace signalbox::train::ramp
