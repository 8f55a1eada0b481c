#include <charconv>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/schedule/commands.hpp"
#include "instruments/train/schedule/past_reader.hpp"

namespace signalbox::train::schedule {
namespace {

Result<double> capacity_of(const std::optional<std::string>& text) {
  if (!text) return 0;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  constexpr double kMost = 10'000;
  if (error == std::errc() && end == text->data() + text->size() && value > 0 && value <= kMost) return value;
  return fail(ErrorKind::bad_input,
              fmt::format("--capacity: `{}` is no number of departures", printable(*text)),
              "--capacity 4: so many a month");
}

std::string days_text(double days) {
  constexpr double kHours = 24;
  return days < 1 ? fmt::format("{:.1f} h", days * kHours) : fmt::format("{:.1f} d", days);
}

std::vector<Cell> row_of(const CadenceMeasure& one, Tone tone) {
  constexpr double kPercent = 100;
  return {{one.cadence, tone},
          fmt::format("{:.1f}", one.per_month),
          fmt::format("{:.0f}", one.batch_median),
          fmt::format("{:.0f}", one.batch_p90),
          days_text(one.wait_days_median),
          days_text(one.wait_days_p90),
          fmt::format("{:.1f} %", kPercent * one.fail_rate)};
}

Json to_json(const CadenceMeasure& one) {
  return Json::object({{"cadence", one.cadence},
                       {"departures", one.departures},
                       {"per_month", one.per_month},
                       {"batch_median", one.batch_median},
                       {"batch_p90", one.batch_p90},
                       {"wait_days_median", one.wait_days_median},
                       {"wait_days_p90", one.wait_days_p90},
                       {"fail_rate", one.fail_rate}});
}

Report report_of(const Advice& advice, const std::string& configured) {
  Report report;
  report.instrument = "train";
  report.title = "How often trains could leave";
  report.summary = fmt::format("{}: {}", advice.cadence, advice.reason);
  if (!configured.empty()) report.facts.push_back({"cadence configured", configured, {}});
  report.facts.push_back({"past departures", advice.measured.departures, {}});
  constexpr auto kRight = Column::Align::right;
  Table table{"The same changes, by other cadences",
              {{"cadence"},
               {"a month", kRight},
               {"aboard, median", kRight},
               {"9 in 10", kRight},
               {"wait, median", kRight},
               {"9 in 10", kRight},
               {"go wrong", kRight}},
              {row_of(advice.measured, Tone::plain)}};
  Json simulated = Json::array();
  for (const CadenceMeasure& one : advice.simulated) {
    table.rows.push_back(row_of(one, one.cadence == advice.cadence ? Tone::good : Tone::plain));
    simulated.push_back(to_json(one));
  }
  report.tables.push_back(std::move(table));
  if (configured.empty()) report.next.push_back("signalbox train init --cadence " + advice.cadence);
  report.data = Json::object({{"measured", to_json(advice.measured)},
                              {"simulated", std::move(simulated)},
                              {"capacity_per_month", advice.capacity},
                              {"advised", advice.cadence}});
  return report;
}

Result<cli::Outcome> run_advise(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const double capacity, capacity_of(arguments.get("--capacity")));
  SIGNALBOX_TRY(const Policy policy, parse_own_policy(context.workspace));
  SIGNALBOX_TRY(const auto past, read_past(context.workspace, arguments.get("--package")));
  SIGNALBOX_TRY(const Advice advice, advise(past, {.capacity = capacity}));
  return cli::Outcome(report_of(advice, policy.cadence.name));
}

}  // namespace

cli::Command advise_command() {
  cli::Command command;
  command.name = "advise";
  command.summary = "Say what another cadence would have made of the changes of the past";
  command.details =
      "From git's history: how many changes left together, how long they waited, how many releases were "
      "followed by a patch within a week; and the same changes under each cadence. Failures of a cadence are "
      "what is expected where each change goes wrong by itself. The most frequent cadence is advised whose "
      "departures the team can carry.";
  command.options = {
      {.name = "--capacity", .value = "N", .help = "departures a month; by default twice those of the past"},
      {.name = "--package", .value = "NAME", .help = "the releases of this package"}};
  command.run = run_advise;
  return command;
}

}  // namespace signalbox::train::schedule
