#include "instruments/train/ramp/ramp_report.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

Duration left_of(const Ramp& ramp, Time now) {
  const Duration hold = ramp.begun.plan.weights[ramp.hold->weight_index].hold;
  return std::max(hold - ramp.hold->held_until(now), Duration{});
}

std::optional<Pause> pause_of(const Ramp& ramp) {
  if (ramp.hold && ramp.hold->stopped) return ramp.hold->stopped;
  return ramp.ordered_pause;
}

Verdict verdict_of(const Ramp& ramp) {
  switch (ramp.phase) {
    case Phase::departed:
      return Verdict::pass;
    case Phase::stuck:
    case Phase::rolled_back:
    case Phase::aborted:
      return Verdict::fail;
    case Phase::going_back:
      return Verdict::warn;
    default:
      return pause_of(ramp) ? Verdict::warn : Verdict::none;
  }
}

Json pause_json(const std::optional<Pause>& pause) {
  if (!pause) return {};
  return Json::object({{"since", to_rfc3339(pause->since)}, {"reason", pause->reason}, {"why", pause->why}});
}

Json lease_json(const Ramp& ramp, Time now) {
  if (!ramp.lease) return {};
  return Json::object({{"token", ramp.lease->token},
                       {"holder", ramp.lease->holder.name},
                       {"signer", ramp.lease->signer},
                       {"taken", to_rfc3339(ramp.lease->taken)},
                       {"expires", to_rfc3339(ramp.lease->expires)},
                       {"is_valid", ramp.lease->expires > now}});
}

Json hold_json(const Ramp& ramp, Time now) {
  if (!ramp.hold) return {};
  return Json::object({{"weight", ramp.weight},
                       {"start", to_rfc3339(ramp.hold->start)},
                       {"left_s", left_of(ramp, now).count() / 1000},
                       {"is_running", ramp.hold->running_since.has_value()}});
}

Table weights_table(const Ramp& ramp, Time now) {
  Table table{"Weights", {{"traffic", Column::Align::right}, {"state"}, {"since"}}, {}};
  for (std::size_t i = 0; i < ramp.begun.plan.weights.size(); ++i) {
    const WeightStep& step = ramp.begun.plan.weights[i];
    Cell state(is_over(ramp.phase) ? std::string("not reached")
                                   : fmt::format("to be held for {}", to_text(step.hold)),
               Tone::quiet);
    std::string since;
    if (i < ramp.held.size()) {
      state = ramp.held[i].passed ? Cell("passed", Tone::good) : Cell("ended the ramp", Tone::bad);
      since = to_rfc3339(ramp.held[i].start);
    } else if (ramp.hold && ramp.hold->weight_index == i) {
      state = pause_of(ramp) ? Cell("paused", Tone::caution) : Cell(to_text(left_of(ramp, now)) + " left");
      since = to_rfc3339(ramp.hold->start);
    }
    table.rows.push_back({fmt::format("{} %", step.percent), state, since});
  }
  const Cell all = ramp.promoted_at ? Cell("departed", Tone::good)
                                    : Cell(is_over(ramp.phase) ? "not reached" : "", Tone::quiet);
  table.rows.push_back({"100 %", all, ramp.promoted_at ? to_rfc3339(*ramp.promoted_at) : ""});
  return table;
}

std::vector<std::string> next_commands(const Ramp& ramp, Time now) {
  const std::string train = ramp.train;
  if (ramp.phase == Phase::stuck) {
    return {"signalbox train rollback " + train,
            "signalbox train rollback " + train +
                " --by-hand --reason TEXT --key NAME   # an approver's word that the traffic is back"};
  }
  if (is_over(ramp.phase) || ramp.phase == Phase::none) return {};
  std::vector<std::string> out;
  if (!ramp.lease || ramp.lease->expires <= now)
    out.push_back("signalbox train depart " + train + "   # nobody acts: this goes on with it");
  if (ramp.ordered_pause) out.push_back("signalbox train resume " + train);
  out.push_back("signalbox train rollback " + train);
  return out;
}

}  // namespace

std::string standing_line(const Ramp& ramp, Time now) {
  switch (ramp.phase) {
    case Phase::none:
      return "it is not on its way";
    case Phase::countdown:
      if (ramp.ordered_pause) return "paused before departure: " + ramp.ordered_pause->why;
      return ramp.begun.depart_at > now ? fmt::format("departs in {}", to_text(ramp.begun.depart_at - now))
                                        : std::string("departs now");
    case Phase::ramping:
      if (!ramp.hold) return fmt::format("{} % of the traffic, moving on", ramp.weight);
      if (const auto pause = pause_of(ramp))
        return fmt::format("{} % of the traffic, paused for {}: {}", ramp.weight, to_text(now - pause->since),
                           pause->why);
      return fmt::format("{} % of the traffic, {} left of its hold", ramp.weight,
                         to_text(left_of(ramp, now)));
    case Phase::promoting:
      return "all traffic is on its way to it";
    case Phase::going_back:
      return "it is taken back: " + (ramp.breach ? ramp.breach->why : std::string());
    case Phase::departed:
      return fmt::format("{} has departed: it has all traffic", ramp.begun.version);
    case Phase::rolled_back:
      return "it was taken back: " + (ramp.breach ? ramp.breach->why : std::string());
    case Phase::aborted:
      return "it was aborted before any traffic: " + (ramp.breach ? ramp.breach->why : std::string());
    case Phase::stuck:
      return fmt::format("rollback failed: {} % of the traffic is frozen there until a person acts",
                         ramp.weight);
  }
  return {};
}

Json ramp_data(const Ramp& ramp, Time now) {
  Json weights = Json::array();
  for (const WeightStep& step : ramp.begun.plan.weights)
    weights.push_back(Json::object({{"weight", step.percent}, {"hold_s", step.hold.count() / 1000}}));
  Json held = Json::array();
  for (const HeldWeight& item : ramp.held) {
    held.push_back(Json::object({{"weight", item.weight},
                                 {"start", to_rfc3339(item.start)},
                                 {"end", to_rfc3339(item.end)},
                                 {"passed", item.passed},
                                 {"metrics", item.metrics}}));
  }
  Json out = Json::object(
      {{"train", ramp.train}, {"phase", name_of(ramp.phase)}, {"standing", standing_line(ramp, now)}});
  if (ramp.phase == Phase::none) return out;
  out.set("attempt", ramp.attempt);
  out.set("service", ramp.begun.service);
  out.set("version", ramp.begun.version);
  out.set("baseline", ramp.begun.baseline);
  out.set("commit", ramp.begun.commit);
  out.set("driver", ramp.begun.driver);
  out.set("depart_at", to_rfc3339(ramp.begun.depart_at));
  out.set("weight", ramp.weight);
  out.set("weights", std::move(weights));
  out.set("held", std::move(held));
  out.set("hold", hold_json(ramp, now));
  out.set("pause", pause_json(pause_of(ramp)));
  out.set("watched", ramp.lease ? ramp.lease->watched : Json());
  out.set("lease", lease_json(ramp, now));
  if (ramp.breach) {
    out.set("breach", Json::object({{"reason", ramp.breach->reason},
                                    {"why", ramp.breach->why},
                                    {"detected", to_rfc3339(ramp.breach->detected)}}));
  }
  if (!ramp.put_right_by.empty()) out.set("by_hand", ramp.put_right_by);
  Json manual = Json::array();
  for (const std::string& line : ramp.manual_steps) manual.push_back(line);
  out.set("manual_steps", std::move(manual));
  return out;
}

Report ramp_report(const Ramp& ramp, Time now) {
  Report report;
  report.instrument = "train";
  report.title = ramp.phase == Phase::none
                     ? fmt::format("Train {}", ramp.train)
                     : fmt::format("Train {}: {} of {}", ramp.train, ramp.begun.version, ramp.begun.service);
  report.verdict = verdict_of(ramp);
  report.summary = standing_line(ramp, now);
  report.data = ramp_data(ramp, now);
  if (ramp.phase == Phase::none) return report;
  report.facts.push_back({"state", std::string(name_of(ramp.phase)), ""});
  report.facts.push_back({"driver", ramp.begun.driver, ""});
  if (!ramp.begun.baseline.empty()) report.facts.push_back({"goes back to", ramp.begun.baseline, ""});
  if (ramp.breach && ramp.reverted_at) {
    const auto took_ms = static_cast<double>((*ramp.reverted_at - ramp.breach->detected).count());
    report.facts.push_back(
        {"all traffic back", fmt::format("{:.1f} s after it was seen", took_ms / 1000), ""});
  }
  if (ramp.lease && !is_over(ramp.phase)) {
    const bool is_valid = ramp.lease->expires > now;
    report.facts.push_back({"controller", is_valid ? ramp.lease->holder.name : "nobody acts", ""});
  }
  if (ramp.lease && ramp.hold && !ramp.lease->watched.is_null())
    report.facts.push_back({"judges", std::string(ramp.lease->watched["why"].as_string()), ""});
  if (ramp.begun.purpose == Begin::Purpose::depart) report.tables.push_back(weights_table(ramp, now));
  for (const std::string& line : ramp.manual_steps)
    report.findings.push_back({"train/rollback-failed", Severity::error, "by hand: " + line, {}, ""});
  for (const Remark& remark : ramp.ignored)
    report.findings.push_back({remark.rule, remark.severity, remark.message, {}, remark.remedy});
  report.next = next_commands(ramp, now);
  return report;
}

}  // namespace signalbox::train::ramp
