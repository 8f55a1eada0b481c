#include "instruments/train/gating/explain_report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

std::string points(double value) {
  return fmt::format("{}", std::floor(value * 10 + 0.5) / 10);
}

Table way_table(const WayToGo& way) {
  Table table{way.is_smallest
                  ? fmt::format("The shortest way to GO: {}",
                                way.actions.size() == 1 ? "one thing to do"
                                                        : fmt::format("{} things to do", way.actions.size()))
                  : "A way to GO",
              {{"#", Column::Align::right}, {"do"}, {"who"}, {"turns green"}},
              {}};
  for (const Action& action : way.actions)
    table.rows.push_back({std::to_string(table.rows.size() + 1), printable(action.command),
                          printable(action.who), printable(join(action.fixes, ", "))});
  return table;
}

Table raises_table(const Decision& decision, const WayToGo& way) {
  Table table{fmt::format("What would raise the score ({} of 100, {} are wanted)",
                          points(decision.score.value()), points(decision.score.pass_at)),
              {{"item"}, {"points", Column::Align::right}, {"do"}},
              {}};
  for (const Raise& raise : way.raises)
    table.rows.push_back({printable(raise.item), "+" + points(raise.points), printable(raise.command)});
  return table;
}

Table race_table(const std::vector<Expiry>& race) {
  Table table{"What will not last",
              {{"what"}, {"good until"}, {"at departure"}, {"renew from"}, {"with"}, {"owner"}},
              {}};
  for (const Expiry& one : race) {
    table.rows.push_back({printable(one.row), to_rfc3339(one.expires),
                          one.is_lost ? Cell("too old", Tone::bad) : Cell("good", Tone::good),
                          one.is_lost ? to_rfc3339(one.renew_from) : "",
                          one.is_lost ? printable(one.command) : "", printable(one.owner)});
  }
  return table;
}

std::string_view effect_of(const gates::Gate& gate) {
  if (!gate.blocker) return gate.weight > 0 ? "points" : "warning";
  return gate.weight > 0 ? "blocks; points" : "blocks";
}

// The gate ownership table.
Table owners_table(const Decision& decision) {
  Table table{"Gates and who answers for them", {{"gate"}, {"kind"}, {"effect"}, {"owner"}}, {}};
  for (const Judged& judged : decision.gates) {
    table.rows.push_back(
        {printable(judged.gate.name), std::string(name_of(judged.gate.kind)),
         std::string(effect_of(judged.gate)),
         judged.gate.owner.empty() ? Cell("nobody", Tone::caution) : Cell(printable(judged.gate.owner))});
  }
  for (const Check& check : decision.checks) {
    const bool is_gate = std::any_of(decision.gates.begin(), decision.gates.end(),
                                     [&](const Judged& one) { return one.gate.name == check.name; });
    if (!is_gate) table.rows.push_back({printable(check.name), "built in", "blocks", printable(check.owner)});
  }
  return table;
}

Json json_of(const Action& action) {
  Json fixes = Json::array();
  for (const std::string& row : action.fixes) fixes.push_back(row);
  return Json::object({{"command", action.command},
                       {"who", action.who},
                       {"fixes", std::move(fixes)},
                       {"points", action.points}});
}

Json json_of(const Expiry& one) {
  return Json::object({{"what", one.row},
                       {"expires", to_rfc3339(one.expires)},
                       {"is_lost", one.is_lost},
                       {"renew_from", to_rfc3339(one.renew_from)},
                       {"command", one.command},
                       {"owner", one.owner}});
}

Json json_of(const Raise& raise) {
  return Json::object({{"item", raise.item}, {"points", raise.points}, {"command", raise.command}});
}

Json json_of(const std::string& text) {
  return text;
}

template <class List>
Json list_of(const List& list) {
  Json out = Json::array();
  for (const auto& one : list) out.push_back(json_of(one));
  return out;
}

}  // namespace

void add_explanation(Report& report, const Decision& decision, const WayToGo& way,
                     const std::vector<Expiry>& race) {
  if (!way.actions.empty()) report.tables.push_back(way_table(way));
  if (!way.raises.empty()) report.tables.push_back(raises_table(decision, way));
  if (!race.empty()) report.tables.push_back(race_table(race));
  report.tables.push_back(owners_table(decision));
  if (!way.hopeless.empty()) {
    report.findings.push_back(
        {"train/no-known-way", Severity::warning,
         "no command turns these green: " + join(way.hopeless, ", ") + "; somebody has to look", std::nullopt,
         ""});
  }
  if (!way.blockers.empty())
    report.facts.push_back({"blockers", join(way.blockers, ", ") + ": no score buys them back", ""});
  if (!way.exception.empty()) report.facts.push_back({"or an exception", way.exception, ""});
  report.data.set("explain", Json::object({{"actions", list_of(way.actions)},
                                           {"is_smallest", way.is_smallest},
                                           {"hopeless", list_of(way.hopeless)},
                                           {"blockers", list_of(way.blockers)},
                                           {"raises", list_of(way.raises)},
                                           {"exception", way.exception},
                                           {"expiries", list_of(race)}}));
}

Report score_report(const Decision& decision, const WayToGo& way) {
  const Score& score = decision.score;
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Readiness score of {} {} at {}", decision.plan.name, decision.plan.next.tag,
                             decision.candidate.commit.substr(0, 7));
  const bool reached = score.value() >= score.pass_at;
  report.verdict = !score.is_asked() ? Verdict::none : reached ? Verdict::pass : Verdict::fail;
  report.summary =
      !score.is_asked()
          ? "no score is asked for: nothing that has a weight was recorded or is configured"
          : fmt::format("{} of 100, {} are wanted", points(score.value()), points(score.pass_at));
  Table table{"",
              {{"item"},
               {"weight", Column::Align::right},
               {"value", Column::Align::right},
               {"points", Column::Align::right}},
              {}};
  Json items = Json::array();
  const double total = score.total_weight();
  for (const ScoreItem& item : score.items) {
    const double earned = total > 0 ? 100 * item.weight * item.value / total : 0;
    table.rows.push_back({printable(item.name), points(item.weight), fmt::format("{:.2f}", item.value),
                          Cell(points(earned), item.value >= 1 ? Tone::good : Tone::caution)});
    items.push_back(Json::object(
        {{"name", item.name}, {"weight", item.weight}, {"value", item.value}, {"points", earned}}));
  }
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  if (!way.raises.empty()) report.tables.push_back(raises_table(decision, way));
  if (!way.blockers.empty())
    report.facts.push_back({"blockers", join(way.blockers, ", ") + ": no score buys them back", ""});
  if (!reached && !way.raises.empty()) report.next = {way.raises.front().command};
  report.data =
      Json::object({{"value", score.value()}, {"pass_at", score.pass_at}, {"items", std::move(items)}});
  return report;
}

}  // namespace signalbox::train
