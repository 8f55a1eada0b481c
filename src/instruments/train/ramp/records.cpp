#include "instruments/train/ramp/records.hpp"

#include <string_view>

namespace signalbox::train::ramp {
namespace {

double seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1000;
}

Json common(const Ramp& ramp) {
  return Json::object({{"attempt", ramp.attempt},
                       {"token", ramp.lease ? ramp.lease->token : 0},
                       {"service", ramp.begun.service},
                       {"version", ramp.begun.version},
                       {"baseline", ramp.begun.baseline},
                       {"commit", ramp.begun.commit},
                       {"driver", ramp.begun.driver}});
}

// What the canary showed: people and missing data are no verdict on it.
std::string_view result_of(const Ramp& ramp) {
  if (!ramp.begun.is_watched) return "not-judged";
  if (!ramp.breach) return "pass";
  const std::string_view reason = ramp.breach->reason;
  if (reason == "metric" || reason == "smoke") return "fail";
  return reason == "order" ? "aborted" : "inconclusive";
}

Json weights_of(const Ramp& ramp) {
  Json out = Json::array();
  for (const HeldWeight& held : ramp.held)
    out.push_back(Json::object(
        {{"weight", held.weight}, {"start", to_rfc3339(held.start)}, {"end", to_rfc3339(held.end)}}));
  return out;
}

Json trigger_of(const Breach& breach) {
  return Json::object(
      {{"reason", breach.reason}, {"why", breach.why}, {"detected", to_rfc3339(breach.detected)}});
}

}  // namespace

Json canary_predicate(const Ramp& ramp) {
  Json out = common(ramp);
  Json steps = Json::array();
  for (const HeldWeight& held : ramp.held) {
    steps.push_back(Json::object({{"weight", held.weight},
                                  {"start", to_rfc3339(held.start)},
                                  {"end", to_rfc3339(held.end)},
                                  {"passed", held.passed},
                                  {"metrics", held.metrics.is_array() ? held.metrics : Json::array()}}));
  }
  out.set("steps", std::move(steps));
  out.set("result", result_of(ramp));
  if (ramp.breach) out.set("trigger", trigger_of(*ramp.breach));
  return out;
}

Json departure_predicate(const Ramp& ramp, Time now) {
  Json out = common(ramp);
  Json times =
      Json::object({{"begun", to_rfc3339(ramp.begun_at)}, {"planned", to_rfc3339(ramp.begun.depart_at)}});
  if (!ramp.held.empty()) times.set("first_traffic", to_rfc3339(ramp.held.front().start));
  times.set("all_traffic", to_rfc3339(ramp.promoted_at.value_or(now)));
  times.set("recorded", to_rfc3339(now));
  out.set("times", std::move(times));
  out.set("weights", weights_of(ramp));
  out.set("result", "departed");
  out.set("trigger", "plan");
  out.set("begun_by", ramp.begun_by);
  if (ramp.begun.decision) out.set("decision", *ramp.begun.decision);
  if (ramp.begun.makes_tag)
    out.set("tag", Json::object({{"name", ramp.begun.version}, {"made", ramp.is_tagged}}));
  out.set("actions", Json::array());
  return out;
}

Json rollback_predicate(const Ramp& ramp, Time now) {
  Json out = common(ramp);
  const Breach breach = ramp.breach.value_or(Breach{"order", "", ramp.begun_at});
  const Time restored = ramp.reverted_at.value_or(now);
  out.set("result", "rolled-back");
  out.set("from", ramp.begun.version);
  out.set("to", ramp.begun.baseline);
  out.set("trigger", trigger_of(breach));
  out.set("restored", to_rfc3339(restored));
  out.set("duration_s", seconds(restored - breach.detected));
  out.set("within_budget", restored - breach.detected <= ramp.begun.plan.rollback_budget);
  if (!ramp.put_right_by.empty()) out.set("by_hand", ramp.put_right_by);
  out.set("weights", weights_of(ramp));
  out.set("actions", Json::array());
  return out;
}

}  // namespace signalbox::train::ramp
