#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/kept/plan_store.hpp"
#include "instruments/pack/measure/kpi.hpp"
#include "instruments/pack/options.hpp"
#include "instruments/pack/read/words.hpp"
#include "instruments/pack/station/completion_store.hpp"

namespace signalbox::pack {
namespace {

using Known = KeyFigures::Known;

// One key figure: how it is called, in what it is told, and which way is good.
struct Figure {
  const char* id;
  const char* name;
  double scale;
  int places;
  bool more_is_better;
  Known (*of)(const KeyFigures&);

  Known told(const KeyFigures& it) const {
    const Known value = of(it);
    return value ? Known(scale * *value) : std::nullopt;
  }
};

const std::vector<Figure>& figures() {
  using Key = KeyFigures;
  static const std::vector<Figure> all{
      {"cube_util", "cube utilisation %, mean of orders", 100, 1, true,
       [](const Key& it) { return it.cube_order_avg(); }},
      {"cube_util_by_volume", "cube utilisation %, by volume", 100, 1, true,
       [](const Key& it) { return it.cube_by_volume(); }},
      {"fill_line_avg", "fill of a line %, mean of lines", 100, 1, true,
       [](const Key& it) { return it.line_avg(); }},
      {"dim_penetration", "billed by size %", 100, 1, false,
       [](const Key& it) { return Key::over(it.dim_parcels, it.parcels); }},
      {"billed_ratio", "billed over actual", 1, 3, false, [](const Key& it) { return it.billed_ratio(); }},
      {"board_per_unit", "board a unit, ft²", 1, 3, false,
       [](const Key& it) { return it.board_ft2_a_unit(); }},
      {"void_l", "void a parcel, l", 1, 2, false,
       [](const Key& it) { return Key::over(it.inner_l - it.contents_l, static_cast<double>(it.parcels)); }},
      {"compliance", "packed as recommended %", 100, 1, true,
       [](const Key& it) { return Key::over(it.as_recommended, it.parcels); }},
      {"damage_ppm", "damaged, ppm", 1e6, 0, false,
       [](const Key& it) { return Key::over(it.damaged, it.damage_told); }},
      {"returns_ppm", "returned, ppm", 1e6, 0, false,
       [](const Key& it) { return Key::over(it.returned, it.return_told); }},
      {"dim_adjustments", "invoiced above predicted %", 100, 1, false,
       [](const Key& it) { return Key::over(it.adjusted, it.invoiced); }},
      {"cost_per_unit", "cost a unit", 1e-6, 3, false,
       [](const Key& it) { return Key::over(it.cost, it.priced_units); }},
      {"pack_seconds", "seconds a parcel", 1, 1, false,
       [](const Key& it) { return Key::over(it.seconds, static_cast<double>(it.timed)); }}};
  return all;
}

// "damage_ppm=500".
Result<std::map<std::string, double>> targets_of(const cli::Arguments& arguments) {
  std::map<std::string, double> out;
  for (const std::string& each : arguments.all("--target")) {
    const std::size_t equals = each.find('=');
    const std::string id = each.substr(0, equals);
    std::vector<std::string> ids;
    for (const Figure& figure : figures()) ids.emplace_back(figure.id);
    const auto value = equals == std::string::npos ? Result<std::int64_t>(fail(ErrorKind::bad_input, ""))
                                                   : cost_from(each.substr(equals + 1));
    if (std::find(ids.begin(), ids.end(), id) == ids.end() || !value)
      return fail(ErrorKind::bad_input, fmt::format("--target: '{}' is none", printable(each)),
                  "damage_ppm=500; figures are " + join(ids, ", "));
    out[id] = static_cast<double>(*value) / 1e6;
  }
  return out;
}

// What is not known meets no target.
bool is_met(const Figure& figure, const Known& value, double target) {
  return value && (figure.more_is_better ? *value >= target : *value <= target);
}

std::string text_of(const Figure& figure, const Known& value) {
  return value ? fmt::format("{:.{}f}", *value, figure.places) : "not known";
}

Report kpi_report(const std::string& file, const KpiAnswer& answer,
                  const std::map<std::string, double>& targets) {
  Report out;
  out.instrument = "pack";
  out.title = "Key figures of " + printable(file);
  Table table;
  table.title = "key figures";
  table.columns = {{"period"}, {"of"}, {"parcels", Column::Align::right}};
  for (const Figure& figure : figures()) table.columns.push_back({figure.name, Column::Align::right});
  Json rows = Json::array();
  std::int64_t parcels = 0;
  for (const auto& [key, it] : answer.rows) {
    parcels += it.parcels;
    std::vector<Cell> row{key.first, printable(key.second), std::to_string(it.parcels)};
    Json json = Json::object({{"period", key.first}, {"of", key.second}, {"parcels", it.parcels}});
    for (const Figure& figure : figures()) {
      const Known value = figure.told(it);
      const auto target = targets.find(figure.id);
      const Tone tone = target == targets.end()                 ? Tone::plain
                        : is_met(figure, value, target->second) ? Tone::good
                                                                : Tone::bad;
      row.emplace_back(value ? text_of(figure, value) : "", tone);
      json.set(figure.id, value ? Json(*value) : Json());
      if (tone == Tone::bad)
        out.findings.push_back({"pack/target", Severity::warning,
                                fmt::format("{}{}{}: {} is {}, the target {}", key.first,
                                            key.second.empty() ? "" : " ", printable(key.second), figure.name,
                                            text_of(figure, value), text_of(figure, target->second)),
                                std::nullopt, ""});
    }
    json.set("without_reason", it.without_reason);
    json.set("left_out", it.left_out);
    table.rows.push_back(std::move(row));
    rows.push_back(std::move(json));
  }
  out.verdict = out.findings.empty() ? Verdict::pass : Verdict::fail;
  out.summary = fmt::format("{} in {}", counted(static_cast<std::uint64_t>(parcels), "parcel"),
                            counted(answer.rows.size(), "row"));
  if (!out.findings.empty())
    out.summary += fmt::format(", {} missed", counted(out.findings.size(), "target"));
  out.facts.push_back({"parcels of which there is no plan", answer.unknown, ""});
  if (answer.unknown_boxes > 0)
    out.facts.push_back(
        {"parcels in a box of unknown sides, taken for the recommended one", answer.unknown_boxes, ""});
  out.tables.push_back(std::move(table));
  out.data = Json::object(
      {{"rows", std::move(rows)}, {"unknown", answer.unknown}, {"unknown_boxes", answer.unknown_boxes}});
  return out;
}

// What was packed, and how it was planned.
struct History {
  std::string name;
  std::vector<PackedParcel> packed;
  std::vector<PlanDocument> plans;
};

Result<History> history_of_files(const cli::Arguments& arguments) {
  const auto file = arguments.positional(0);
  if (!file)
    return fail(ErrorKind::bad_input, "what was packed?", "a CSV file, or --kept for what stations told");
  SIGNALBOX_TRY(const std::string text, text_of_file(*file));
  History out{*file, {}, {}};
  SIGNALBOX_TRY(out.packed, read_packed(text, *file));
  const auto plans_file = arguments.get("--plans");
  if (!plans_file)
    return fail(ErrorKind::bad_input, "what was planned?",
                "--plans FILE, as `signalbox pack batch --plans` writes them");
  SIGNALBOX_TRY(out.plans, plans_of(*plans_file));
  return out;
}

// --kept: what stations told the server, each parcel beside the plan by which it was packed.
Result<History> history_of_stations(const cli::Arguments& arguments, const cli::Context& context) {
  if (arguments.positional(0) || arguments.has("--plans"))
    return fail(ErrorKind::bad_input, "--kept has what was packed and planned", "leave the files out");
  SIGNALBOX_TRY(const auto database, open_plan_store(context.workspace, context.store));
  SIGNALBOX_TRY(const auto completions, CompletionStore(*database).all());
  if (completions.empty())
    return fail(ErrorKind::not_found, "no station told of a parcel yet",
                "`signalbox serve`, then Pack, Station");
  PlanStore plans(*database);
  History out{"what stations packed", {}, {}};
  std::set<std::string> seen;
  for (const Completion& each : completions) {
    out.packed.push_back(parcel_of(each));
    if (!seen.insert(each.plan).second) continue;
    SIGNALBOX_TRY(const std::string text, plans.document(each.plan));
    SIGNALBOX_TRY(PlanDocument plan, read_plan_document(text, "the kept plan"));
    plan.order.id = each.plan;  // parcels name the plan: see parcel_of
    out.plans.push_back(std::move(plan));
  }
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const History history, arguments.has("--kept") ? history_of_stations(arguments, context)
                                                               : history_of_files(arguments));
  std::vector<Box> boxes;
  if (arguments.has("--boxes")) {
    SIGNALBOX_TRY(boxes, boxes_of(arguments));
  }
  SIGNALBOX_TRY(const RulesAsked rules, rules_of(arguments, context.clock));
  SIGNALBOX_TRY(const auto targets, targets_of(arguments));
  const std::string by = arguments.get_or("--dim", "nothing");
  const std::string period = arguments.get_or("--by", "week");
  SIGNALBOX_TRY(const KpiAnswer answer, key_figures(history.packed, history.plans, boxes, rules.all,
                                                    rules.rules.carrier, rules.account,
                                                    period == "day"    ? Period::day
                                                    : period == "week" ? Period::week
                                                                       : Period::all,
                                                    by == "station"   ? By::station
                                                    : by == "family"  ? By::family
                                                    : by == "carrier" ? By::carrier
                                                                      : By::nothing));
  return kpi_report(history.name, answer, targets);
}

}  // namespace

cli::Command kpi_command() {
  cli::Command out;
  out.name = "kpi";
  out.summary = "Tell the key figures of packing by day or week, beside targets";
  out.details =
      "What was packed is CSV with order, day and box (the one taken), and package, station, family, "
      "carrier, reason, "
      "damaged, returned, invoiced_lb, cost, weight (as weighed, with its unit), seconds. Billed is by the "
      "rules of each parcel's day. Exit code 1 where "
      "a --target "
      "is missed, or its figure not known.";
  out.positionals = {
      {"PACKED", "what was packed, as CSV; - is standard input", cli::Positional::Count::optional}};
  out.options = {
      {"--kept", "", "instead of files: what stations packed, as the server was told", {}, false},
      {"--plans", "FILE", "what was planned, one JSON a line", {}, false},
      {"--boxes", "FILE", "boxes that may have been taken, beside those of the plans", {}, false},
      {"--box-columns", "NAMES", "the columns of --boxes", {}, false},
      {"--by", "PERIOD", "day, week (default) or all", {"day", "week", "all"}, false},
      {"--dim", "WHAT", "a row for each station, family or carrier", {"station", "family", "carrier"}, false},
      {"--target", "FIGURE=VALUE", "as damage_ppm=500; may stand several times", {}, true}};
  for (cli::Option& option : rule_options()) out.options.push_back(std::move(option));
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
