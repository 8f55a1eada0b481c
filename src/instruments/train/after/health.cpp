#include "instruments/train/after/health.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

using Verdict = HealthFigure::Verdict;

std::string_view name_of_verdict(Verdict verdict) {
  constexpr std::array<std::string_view, 4> names = {"told", "pass", "fail", "no-data"};
  return names[static_cast<std::size_t>(verdict)];
}

// A version as a value of a label in PromQL's double quotes.
std::string label_value(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

// In one pass: what a version says is not read again.
std::string with_versions(std::string_view query, const Ending& ending) {
  constexpr std::string_view kCandidate = "$candidate", kBaseline = "$baseline";
  std::string out;
  while (!query.empty()) {
    if (query.starts_with(kCandidate)) {
      out += label_value(ending.version);
      query.remove_prefix(kCandidate.size());
    } else if (query.starts_with(kBaseline)) {
      out += label_value(ending.baseline);
      query.remove_prefix(kBaseline.size());
    } else {
      out += query.front();
      query.remove_prefix(1);
    }
  }
  return out;
}

Verdict judge(const HealthMeasure& measure, double value) {
  if (!measure.at_least && !measure.at_most) return Verdict::told;
  const bool fits =
      (!measure.at_least || value >= *measure.at_least) && (!measure.at_most || value <= *measure.at_most);
  return fits ? Verdict::pass : Verdict::fail;
}

std::string bounds_text(const HealthMeasure& measure) {
  std::vector<std::string> out;
  if (measure.at_least) out.push_back(fmt::format("at least {}", *measure.at_least));
  if (measure.at_most) out.push_back(fmt::format("at most {}", *measure.at_most));
  return join(out, ", ");
}

Cell verdict_cell(const HealthFigure& figure) {
  switch (figure.verdict) {
    case Verdict::told:
      return {"–", Tone::quiet};
    case Verdict::pass:
      return {"good", Tone::good};
    case Verdict::fail:
      return {"bad", Tone::bad};
    case Verdict::no_data:
      return {"no data", Tone::bad};
  }
  return {};
}

Json figures_json(const std::vector<HealthFigure>& figures) {
  Json out = Json::array();
  for (const HealthFigure& figure : figures) {
    Json one = Json::object({{"name", figure.measure.name},
                             {"query", figure.asked},
                             {"unit", figure.measure.unit},
                             {"value", figure.value ? Json(*figure.value) : Json()},
                             {"verdict", name_of_verdict(figure.verdict)}});
    if (figure.measure.at_least) one.set("at_least", *figure.measure.at_least);
    if (figure.measure.at_most) one.set("at_most", *figure.measure.at_most);
    if (!figure.why.empty()) one.set("why", printable(figure.why));
    out.push_back(std::move(one));
  }
  return out;
}

Table figures_table(const std::vector<HealthFigure>& figures) {
  Table table{"Figures", {{"what"}, {"value", Column::Align::right}, {"wanted"}, {"is"}, {"why"}}, {}};
  for (const HealthFigure& figure : figures) {
    const std::string unit = figure.measure.unit.empty() ? "" : " " + printable(figure.measure.unit);
    table.rows.push_back({figure.measure.name,
                          figure.value ? fmt::format("{:.6g}{}", *figure.value, unit) : "–",
                          bounds_text(figure.measure), verdict_cell(figure), printable(figure.why)});
  }
  return table;
}

std::string canary_of(const TrainEvents& events) {
  std::string out;
  for (const Event& event : events.events) {
    if (event.kind == "canary") out = event.predicate["result"].as_string();
  }
  return out;
}

std::size_t count_open(const std::vector<Incident>& incidents) {
  return static_cast<std::size_t>(
      std::count_if(incidents.begin(), incidents.end(), [](const Incident& one) { return !one.restored; }));
}

}  // namespace

Time time_of_figures(const HealthSettings& settings, const Ending& ending, Time now) {
  return std::min(now, ending.time + settings.after);
}

std::vector<HealthFigure> take_figures(const HealthSettings& settings, const Ending& ending, Time time,
                                       const AskMetric& ask) {
  std::vector<HealthFigure> out;
  for (const HealthMeasure& measure : settings.measures) {
    HealthFigure figure{measure, with_versions(measure.query, ending), {}, "", Verdict::no_data};
    const auto value = ask(figure.asked, time);
    if (!value) {
      figure.why = value.error().message;
    } else if (!std::isfinite(*value)) {
      figure.why = "the value is no finite number";
    } else {
      figure.value = *value;
      figure.verdict = judge(measure, *value);
    }
    out.push_back(std::move(figure));
  }
  return out;
}

bool Health::is_well() const {
  const bool all_good = std::all_of(figures.begin(), figures.end(), [](const HealthFigure& figure) {
    return figure.verdict == Verdict::pass || figure.verdict == Verdict::told;
  });
  return all_good && count_open(incidents) == 0 && ending.how == Ending::How::departed;
}

Health make_health(const TrainEvents& events, const HealthSettings& settings,
                   std::vector<HealthFigure> figures, Time now) {
  const Aftermath aftermath = fold_aftermath(events);
  Health out;
  out.train = events.train;
  out.ending = ending_of(aftermath.passages).value_or(Ending());
  out.measured = time_of_figures(settings, out.ending, now);
  out.stage = now >= out.ending.time + settings.after ? Health::Stage::final : Health::Stage::early;
  out.figures = std::move(figures);
  out.canary = canary_of(events);
  out.departures = aftermath.passages.departures.size();
  out.ways_back = aftermath.passages.ways_back.size();
  out.incidents = fold_incidents(events).all;
  for (const TrackedAction& action : aftermath.actions) {
    out.open_actions += action.is_open() ? 1 : 0;
    out.overdue_actions += action.is_overdue(now) ? 1 : 0;
  }
  return out;
}

Json health_predicate(const Health& health) {
  return Json::object(
      {{"version", health.ending.version},
       {"baseline", health.ending.baseline},
       {"commit", health.ending.commit},
       {"ending", name_of(health.ending.how)},
       {"measured", to_epoch_seconds(health.measured)},
       {"stage", health.stage == Health::Stage::final ? "final" : "early"},
       {"departures", health.departures},
       {"rollbacks", health.ways_back},
       {"canary", health.canary.empty() ? Json() : Json(health.canary)},
       {"measures", figures_json(health.figures)},
       {"incidents",
        Json::object({{"all", health.incidents.size()}, {"open", count_open(health.incidents)}})},
       {"actions", Json::object({{"open", health.open_actions}, {"overdue", health.overdue_actions}})},
       {"result", health.is_well() ? "pass" : "fail"}});
}

Report health_report(const Health& health) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Health of {} (train {})", printable(health.ending.version), health.train);
  report.verdict = health.is_well() ? signalbox::Verdict::pass : signalbox::Verdict::fail;
  const std::size_t open = count_open(health.incidents);
  report.summary = fmt::format("{} since {}; {}, {} open; {} open",
                               health.ending.how == Ending::How::departed ? "departed" : "taken back",
                               to_rfc3339(health.ending.time), counted(health.incidents.size(), "incident"),
                               open, counted(health.open_actions, "action"));
  report.facts = {{"figures of",
                   to_rfc3339(health.measured) +
                       (health.stage == Health::Stage::early ? ", early: it is younger than asked" : ""),
                   ""},
                  {"canary", health.canary.empty() ? "none was judged" : printable(health.canary), ""},
                  {"departures", health.departures, ""},
                  {"ways back", health.ways_back, ""},
                  {"overdue actions", health.overdue_actions, ""}};
  if (!health.figures.empty()) {
    report.tables.push_back(figures_table(health.figures));
  } else {
    report.findings.push_back({"train/no-health-measures", Severity::note, "no figures are asked for",
                               std::nullopt, "health: {measures: [{name: …, query: …}]} in section train"});
  }
  report.data = health_predicate(health);
  return report;
}

Report recorded_health_report(const TrainEvents& events, const HealthSettings& settings, Time now) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Health of train {}", events.train);
  report.next = {fmt::format("signalbox train health {} --record", events.train)};
  const auto recorded = std::find_if(events.events.rbegin(), events.events.rend(),
                                     [](const Event& event) { return event.kind == "health"; });
  if (recorded != events.events.rend()) {
    report.data = recorded->predicate;
    report.data.set("recorded", Json::object({{"evidence", recorded->index},
                                              {"by", recorded->signer},
                                              {"time", to_rfc3339(recorded->time)}}));
    const bool is_well = recorded->predicate["result"].as_string() == "pass";
    report.verdict = is_well ? signalbox::Verdict::pass : signalbox::Verdict::fail;
    report.summary =
        fmt::format("recorded {} by {}", to_rfc3339(recorded->time), printable(recorded->signer));
    return report;
  }
  if (ending_of(read_passages(events))) {
    report = health_report(make_health(events, settings, {}, now));
    report.verdict = signalbox::Verdict::none;
    report.data.set("result", Json());
  } else {
    report.summary = "it has neither left nor been taken back";
    report.data = Json::object({{"ending", Json()}});
  }
  report.data.set("train", events.train);
  report.data.set("recorded", Json());
  return report;
}

}  // namespace signalbox::train::after
