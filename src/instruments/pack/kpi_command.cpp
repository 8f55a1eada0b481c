#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/measure/kpi.hpp"
#include "instruments/pack/options.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

// One key figure: how it is called, how it is told, and which way is good.
struct Figure {
  const char* id;
  const char* name;
  int places;
  bool more_is_better;
  double (*of)(const KeyFigures&);
};

const std::vector<Figure>& figures() {
  static const std::vector<Figure> all{
      {"cube_util", "cube utilisation %, mean of orders", 1, true,
       [](const KeyFigures& it) { return 100 * it.cube_order_avg(); }},
      {"cube_util_by_volume", "cube utilisation %, by volume", 1, true,
       [](const KeyFigures& it) { return 100 * it.cube_by_volume(); }},
      {"fill_line_avg", "fill of a line %, mean of lines", 1, true,
       [](const KeyFigures& it) { return 100 * it.line_avg(); }},
      {"dim_penetration", "billed by size %", 1, false,
       [](const KeyFigures& it) { return 100 * it.share(it.dim_parcels); }},
      {"billed_ratio", "billed over actual", 3, false,
       [](const KeyFigures& it) { return it.billed_ratio(); }},
      {"board_per_unit", "board a unit, ft²", 3, false,
       [](const KeyFigures& it) { return it.board_ft2_a_unit(); }},
      {"void_l", "void a parcel, l", 2, false,
       [](const KeyFigures& it) {
         return it.parcels > 0 ? (it.inner_l - it.contents_l) / static_cast<double>(it.parcels) : 0;
       }},
      {"compliance", "packed as recommended %", 1, true,
       [](const KeyFigures& it) { return 100 * it.share(it.as_recommended); }},
      {"damage_ppm", "damaged, ppm", 0, false, [](const KeyFigures& it) { return it.ppm(it.damaged); }},
      {"returns_ppm", "returned, ppm", 0, false, [](const KeyFigures& it) { return it.ppm(it.returned); }},
      {"dim_adjustments", "invoiced above predicted %", 1, false,
       [](const KeyFigures& it) {
         return it.invoiced > 0 ? 100.0 * static_cast<double>(it.adjusted) / static_cast<double>(it.invoiced)
                                : 0;
       }},
      {"cost_per_unit", "cost a unit", 3, false, [](const KeyFigures& it) {
         return it.priced_units > 0
                    ? static_cast<double>(it.cost) / 1e6 / static_cast<double>(it.priced_units)
                    : 0;
       }}};
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

bool is_met(const Figure& figure, double value, double target) {
  return figure.more_is_better ? value >= target : value <= target;
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
      const double value = figure.of(it);
      const auto target = targets.find(figure.id);
      const Tone tone = target == targets.end()                 ? Tone::plain
                        : is_met(figure, value, target->second) ? Tone::good
                                                                : Tone::bad;
      row.emplace_back(fmt::format("{:.{}f}", value, figure.places), tone);
      json.set(figure.id, value);
      if (tone == Tone::bad)
        out.findings.push_back({"pack/target", Severity::warning,
                                fmt::format("{}{}{}: {} is {:.{}f}, the target {:.{}f}", key.first,
                                            key.second.empty() ? "" : " ", printable(key.second), figure.name,
                                            value, figure.places, target->second, figure.places),
                                std::nullopt, ""});
    }
    json.set("without_reason", it.without_reason);
    table.rows.push_back(std::move(row));
    rows.push_back(std::move(json));
  }
  out.verdict = out.findings.empty() ? Verdict::pass : Verdict::fail;
  out.summary = fmt::format("{} in {}", counted(static_cast<std::uint64_t>(parcels), "parcel"),
                            counted(answer.rows.size(), "row"));
  if (!out.findings.empty())
    out.summary += fmt::format(", {} missed", counted(out.findings.size(), "target"));
  out.facts.push_back({"parcels of which there is no plan", answer.unknown, ""});
  out.tables.push_back(std::move(table));
  out.data = Json::object({{"rows", std::move(rows)}, {"unknown", answer.unknown}});
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  SIGNALBOX_TRY(const std::vector<PackedParcel> packed, read_packed(text, file));
  const auto plans_file = arguments.get("--plans");
  if (!plans_file)
    return fail(ErrorKind::bad_input, "what was planned?",
                "--plans FILE, as `signalbox pack batch --plans` writes them");
  SIGNALBOX_TRY(const std::vector<PlanDocument> plans, plans_of(*plans_file));
  std::vector<Box> boxes;
  if (arguments.has("--boxes")) {
    SIGNALBOX_TRY(boxes, boxes_of(arguments));
  }
  SIGNALBOX_TRY(const RulesAsked rules, rules_of(arguments, context.clock));
  SIGNALBOX_TRY(const auto targets, targets_of(arguments));
  const std::string by = arguments.get_or("--dim", "nothing");
  const std::string period = arguments.get_or("--by", "week");
  SIGNALBOX_TRY(const KpiAnswer answer,
                key_figures(packed, plans, boxes, rules.all, rules.rules.carrier, rules.account,
                            period == "day"    ? Period::day
                            : period == "week" ? Period::week
                                               : Period::all,
                            by == "station"   ? By::station
                            : by == "family"  ? By::family
                            : by == "carrier" ? By::carrier
                                              : By::nothing));
  return kpi_report(file, answer, targets);
}

}  // namespace

cli::Command kpi_command() {
  cli::Command out;
  out.name = "kpi";
  out.summary = "Tell the key figures of packing by day or week, beside targets";
  out.details =
      "What was packed is CSV with order, day and box (the one taken), and package, station, family, "
      "carrier, reason, "
      "damaged, returned, invoiced_lb, cost. Billed is by the rules of each parcel's day. Exit code 1 where "
      "a --target "
      "is missed.";
  out.positionals = {{"PACKED", "what was packed, as CSV; - is standard input"}};
  out.options = {
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
