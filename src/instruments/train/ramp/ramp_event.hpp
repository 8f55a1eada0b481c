// What a ramp writes into the log: leases, steps, orders of people. Kinds `lease`, `step` and `order` of the
// train's events.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "instruments/train/ramp/plan.hpp"

namespace signalbox::train::ramp {

// The process that acts for a ramp.
struct Holder {
  std::string name;          // "build-3, process 4711": for people
  std::string place;         // of the process: boot of the machine and its space of process ids
  std::int64_t pid = 0;      // there
  std::int64_t started = 0;  // clock ticks since boot: a process id may come again
  bool operator==(const Holder&) const = default;
};

struct LeaseEvent {
  enum class What { take, renew, release } what = What::take;
  Holder holder;
  Duration ttl{};           // from the event's own time on
  std::uint64_t token = 0;  // index of the `take` that is renewed or released; 0 in a take
  std::string why;          // of a take from somebody else; may be empty
  Json watched;             // of a renewal: what the judges say at that moment; null: nothing is held
};

// What a controller does to the world, each under an id of its own within the attempt: "41.set-25".
enum class Call { baseline, announce, set_weight, promote, revert, tag };
std::string_view name_of(Call call);  // "set_weight"

// How one attempt was planned; nothing of it changes once it has begun.
struct Begin {
  enum class Purpose { depart, go_back } purpose = Purpose::depart;
  Plan plan;
  std::string service;     // whose traffic it is
  std::string commit;      // that departs
  std::string version;     // its tag to be, "v1.3.0"
  std::string baseline;    // the tag before; empty where there was none
  std::string driver;      // "nginx"
  Time depart_at;          // of the first weight
  std::string policy_ref;  // where the operator named one: whoever goes on reads the same
  bool makes_tag = false;
  bool is_watched = false;  // by metrics or smoke checks; only a driver that moves nothing goes without
  std::optional<std::uint64_t> decision;  // log index of the GO
  std::string why;                        // of going back
};

// A step of the ramp: it begins, a call is about to be made (intent) or was made (outcome), a hold ended well
// (passed) or was stopped (paused, resumed), the ramp is to be taken back (breached), that has failed
// (stuck), or there was nothing to take back (abandoned).
struct StepEvent {
  enum class What {
    begin,
    intent,
    outcome,
    passed,
    paused,
    resumed,
    breached,
    stuck,
    abandoned
  } what = What::begin;
  std::string attempt;           // index of its begin; empty in the begin
  std::uint64_t token = 0;       // of the lease under which it was written; 0 in a begin
  std::string step;              // intent, outcome, passed: "41.set-25"
  Call call = Call::set_weight;  // intent, outcome
  int weight = 0;                // intent, outcome, passed
  enum class Result { done, failed } result = Result::done;  // outcome
  enum class How { called, found } how = How::called;        // found: on asking the driver, after a crash
  std::string reason;  // class of a pause or breach: "no-data", "metric", "smoke", "data-gap", "drift",
                       // "driver", "order", "track"
  std::string why;     // in words
  Json details;        // metrics of a hold, manual steps, milliseconds a call took; may be null
  std::optional<Begin> begin;
};

// What a person asks of whoever holds the lease.
struct OrderEvent {
  // by_hand: an approver says that the traffic of a stuck ramp is back.
  enum class What { pause, resume, abort, rollback, by_hand } what = What::pause;
  std::string attempt;
  std::string reason;
};
std::string_view name_of(OrderEvent::What what);  // "pause"

Json to_json(const LeaseEvent& event);
Json to_json(const StepEvent& event);
Json to_json(const OrderEvent& event);
// bad_input naming the member that is missing or wrong.
Result<LeaseEvent> lease_from_json(const Json& predicate);
Result<StepEvent> step_from_json(const Json& predicate);
Result<OrderEvent> order_from_json(const Json& predicate);

}  // namespace signalbox::train::ramp
