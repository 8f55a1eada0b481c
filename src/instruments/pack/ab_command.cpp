#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/measure/experiment.hpp"
#include "instruments/pack/measure/roi.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

// A name twice would have its shift in both arms.
Result<std::vector<std::string>> names_of(const cli::Arguments& arguments, std::string_view option,
                                          std::string_view fallback) {
  std::vector<std::string> out;
  const std::string asked = arguments.get_or(option, fallback);
  for (const std::string_view each : split(asked, ',')) {
    std::string name(trim(each));
    if (name.empty() || name.find_first_of("\"\r\n") != std::string::npos ||
        std::find(out.begin(), out.end(), name) != out.end())
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: '{}' is empty, there twice, or no name", option, printable(name)), "A,B");
    out.push_back(std::move(name));
  }
  return out;
}

Result<cli::Outcome> plan(const cli::Arguments& arguments, cli::Context& context) {
  Day from = std::chrono::floor<std::chrono::days>(context.clock.now());
  if (const auto day = arguments.get("--from")) {
    SIGNALBOX_TRY(from, day_from(*day));
  }
  SIGNALBOX_TRY(const std::int64_t days, number_of(arguments, "--days", 2, 1000, 28));
  SIGNALBOX_TRY(const std::int64_t seed, number_of(arguments, "--seed", 0, INT64_MAX, 1));
  SIGNALBOX_TRY(const auto stations, names_of(arguments, "--stations", "1"));
  SIGNALBOX_TRY(const auto shifts, names_of(arguments, "--shifts", "early,late"));
  const auto schedule = shift_schedule(stations, shifts, from, days, static_cast<std::uint64_t>(seed));
  std::string out = "day,station,shift,arm\n";
  for (const PlannedShift& each : schedule)
    out += fmt::format("{},{},{},{}\n", to_text(each.day), each.station, each.shift, name_of(each.arm));
  return cli::Outcome(cli::Artifact{out, Verdict::none});
}

Result<double> decimal_of(const cli::Arguments& arguments, std::string_view option, double low, double high,
                          double fallback) {
  const auto word = arguments.get(option);
  if (!word) return fallback;
  const auto value = range_from(*word);
  if (!value || value->low != value->high || !(value->low >= low) || !(value->low <= high))
    return fail(ErrorKind::bad_input,
                fmt::format("{}: a number between {} and {} is meant", option, low, high));
  return value->low;
}

// Of the damaged, or the returned: both arms, and whether it is no more than the margin allows.
struct Harm {
  const char* name;
  std::int64_t control = 0;
  std::int64_t treatment = 0;
  double p_value = 1;
};

Result<cli::Outcome> analyse(const cli::Arguments& arguments, cli::Context&) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  SIGNALBOX_TRY(const std::vector<Observation> observations, read_observations(text, file));
  SIGNALBOX_TRY(const double alpha, decimal_of(arguments, "--alpha", 0.0001, 0.5, 0.05));
  SIGNALBOX_TRY(const double margin, decimal_of(arguments, "--margin", 1, 10, 1.25));
  SIGNALBOX_TRY(const std::int64_t looks, number_of(arguments, "--looks", 1, 100, 1));
  SIGNALBOX_TRY(const std::int64_t look, number_of(arguments, "--look", 1, looks, looks));
  const double spent =
      looks == 1 ? alpha : alpha_of_look(alpha, static_cast<int>(look), static_cast<int>(looks));
  SIGNALBOX_TRY(const Effect effect, effect_of(observations, 1 - spent));
  std::int64_t shipped_control = 0;
  std::int64_t shipped_treatment = 0;
  Harm damage{"damaged"};
  Harm returns{"returned"};
  for (const Observation& each : observations) {
    const bool treated = each.arm == Arm::treatment;
    (treated ? shipped_treatment : shipped_control) += 1;
    (treated ? damage.treatment : damage.control) += each.damaged ? 1 : 0;
    (treated ? returns.treatment : returns.control) += each.returned ? 1 : 0;
  }
  Report out;
  out.instrument = "pack";
  out.title = "Experiment of " + printable(file);
  const bool is_cheaper = effect.interval.upper < 0;
  out.facts.push_back({"parcels, in carriers and zones of both arms", effect.parcels, ""});
  out.facts.push_back({"parcels left out", effect.left_out, ""});
  out.facts.push_back({"shifts", effect.clusters, ""});
  out.facts.push_back({"cost of a parcel, control", std::round(effect.control_mean * 1e4) / 1e4, ""});
  out.facts.push_back({"treatment less control", std::round(effect.difference * 1e4) / 1e4, ""});
  out.facts.push_back({"standard error, by shifts", std::round(effect.standard_error * 1e4) / 1e4, ""});
  out.facts.push_back({fmt::format("{:.2f} % interval", 100 * (1 - spent)),
                       fmt::format("{:.4f} to {:.4f}", effect.interval.lower, effect.interval.upper), ""});
  out.facts.push_back({"p", effect.p_value, ""});
  if (looks > 1) out.facts.push_back({fmt::format("may be spent at look {} of {}", look, looks), spent, ""});
  Table table;
  table.title = "harm";
  table.columns = {{""},
                   {"control", Column::Align::right},
                   {"ppm", Column::Align::right},
                   {"treatment", Column::Align::right},
                   {"ppm", Column::Align::right},
                   {fmt::format("p of not over {:g} times", margin), Column::Align::right},
                   {""}};
  Json harm = Json::object();
  bool no_harm = true;
  for (Harm* each : {&damage, &returns}) {
    each->p_value =
        non_inferiority_p(each->treatment, shipped_treatment, each->control, shipped_control, margin);
    const bool shown = each->p_value < spent;
    if (each == &damage) no_harm = shown;
    const auto ppm = [](std::int64_t count, std::int64_t of) {
      return of > 0 ? fmt::format("{:.0f}", 1e6 * static_cast<double>(count) / static_cast<double>(of)) : "";
    };
    table.rows.push_back({each->name,
                          std::to_string(each->control),
                          ppm(each->control, shipped_control),
                          std::to_string(each->treatment),
                          ppm(each->treatment, shipped_treatment),
                          fmt::format("{:.4f}", each->p_value),
                          {shown ? "shown" : "not shown", shown ? Tone::good : Tone::bad}});
    harm.set(each->name, Json::object({{"control", each->control},
                                       {"treatment", each->treatment},
                                       {"margin", margin},
                                       {"p", each->p_value}}));
  }
  out.tables.push_back(std::move(table));
  out.verdict = is_cheaper && no_harm ? Verdict::pass : Verdict::fail;
  out.summary = fmt::format(
      "{}; {}", is_cheaper ? "the treatment costs less" : "that the treatment costs less is not shown",
      no_harm ? "damage is not worse" : "that damage is not worse is not shown");
  out.data = Json::object(
      {{"difference", effect.difference},
       {"standard_error", effect.standard_error},
       {"freedom", effect.freedom},
       {"p", effect.p_value},
       {"interval", Json::object({{"lower", effect.interval.lower}, {"upper", effect.interval.upper}})},
       {"alpha", spent},
       {"parcels", effect.parcels},
       {"clusters", effect.clusters},
       {"harm", std::move(harm)}});
  return out;
}

}  // namespace

cli::Command ab_command() {
  cli::Command plan_it;
  plan_it.name = "plan";
  plan_it.summary = "Draw which shifts pack with recommendations";
  plan_it.details =
      "Of each station and shift, of two days that follow one another one is treatment; which, is drawn from "
      "the seed. "
      "The same question has the same schedule.";
  plan_it.options = {{"--stations", "NAMES", "with commas (1)", {}, false},
                     {"--shifts", "NAMES", "with commas (early,late)", {}, false},
                     {"--from", "DATE", "the first day; today without", {}, false},
                     {"--days", "N", "how many (28)", {}, false},
                     {"--seed", "N", "what is drawn from (1)", {}, false}};
  plan_it.formats = {"csv"};
  plan_it.run = plan;
  cli::Command analyse_it;
  analyse_it.name = "analyse";
  analyse_it.summary = "Compare the cost of parcels of both arms, and their damage";
  analyse_it.details =
      "Parcels are held beside those of the same carrier and zone alone; shifts, not parcels, are what was "
      "drawn, so the "
      "interval is by shifts. Damage, and what came back, may be at most --margin times as much: by an exact "
      "conditional "
      "test. Who looks several times says so: each look has its part of --alpha, for the cost as for the "
      "damage. Exit code 1 where it is not "
      "shown "
      "that the treatment costs less and damages no more.";
  analyse_it.positionals = {
      {"RESULTS",
       "CSV with day, station, shift, arm, carrier, zone, cost, damaged, returned; - is standard input"}};
  analyse_it.options = {
      {"--alpha", "A", "how often an experiment without effect may seem to have one (0.05)", {}, false},
      {"--margin", "M", "damage may be this many times what it was (1.25)", {}, false},
      {"--look", "K", "which of the looks this is; the last without", {}, false},
      {"--looks", "N", "how many looks there are in all (1)", {}, false}};
  analyse_it.run = analyse;
  cli::Command out;
  out.name = "ab";
  out.summary = "Plan and judge an experiment by shifts";
  out.commands = {std::move(plan_it), std::move(analyse_it)};
  return out;
}

}  // namespace signalbox::pack
