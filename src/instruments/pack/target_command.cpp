#include <cmath>

#include <fmt/format.h>

#include "instruments/pack/commands.hpp"
#include "instruments/pack/kept/plan_store.hpp"
#include "instruments/pack/measure/roi.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

Result<double> number_from(const std::string& option, const std::string& text, double high) {
  const auto value = range_from(text);
  if (!value || value->low != value->high || !(value->low > 0) || !(value->low <= high))
    return fail(ErrorKind::bad_input,
                fmt::format("{}: a number over 0, {:g} at most, is meant", option, high));
  return value->low;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const auto database, open_plan_store(context.workspace, context.store));
  PlanStore store(*database);
  if (const auto baseline = arguments.get("--baseline-lb")) {
    FirstYearTarget target;
    SIGNALBOX_TRY(target.baseline_lb, number_from("--baseline-lb", *baseline, 10'000));
    SIGNALBOX_TRY(target.percent, number_from("--reduction", arguments.get_or("--reduction", "10"), 99));
    Day from = std::chrono::floor<std::chrono::days>(context.clock.now());
    if (const auto day = arguments.get("--from")) {
      SIGNALBOX_TRY(from, day_from(*day));
    }
    target.from_day = from.time_since_epoch().count();
    SIGNALBOX_CHECK(store.set_target(target));
  } else if (arguments.has("--reduction") || arguments.has("--from")) {
    return fail(ErrorKind::bad_input, "of which pounds before?", "--baseline-lb 11.9");
  }
  SIGNALBOX_TRY(const auto target, store.target());
  if (!target)
    return fail(ErrorKind::not_found, "no target is set",
                "--baseline-lb 11.9 --reduction 10 --from 2026-03-01");
  SIGNALBOX_TRY(const auto since, store.since(target->from_day));
  Report out;
  out.instrument = "pack";
  out.title = "Target of the first year";
  out.summary = fmt::format("{:g} % fewer billed pounds an order than {:g}, from {}", target->percent,
                            target->baseline_lb, to_text(Day(std::chrono::days(target->from_day))));
  out.verdict = Verdict::none;
  out.facts.push_back({"orders since", since.first, ""});
  if (since.first > 0)
    out.facts.push_back(
        {"billed for an order since",
         std::round(100.0 * static_cast<double>(since.second) / static_cast<double>(since.first)) / 100,
         "lb"});
  return out;
}

}  // namespace

cli::Command target_command() {
  cli::Command out;
  out.name = "target";
  out.summary = "Set what the first year is to save, for the board";
  out.details =
      "So many percent fewer billed pounds an order than before; the board of `signalbox serve` shows what "
      "kept plans "
      "reached, beside what would be due by now, were it saved evenly over the year. Without --baseline-lb "
      "what is set "
      "is told.";
  out.options = {{"--baseline-lb", "N", "billed for an order before, in the mean", {}, false},
                 {"--reduction", "PERCENT", "10 (default)", {}, false},
                 {"--from", "DATE", "the first day of the year; today without", {}, false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
