#include "instruments/train/after/dora_report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/plan_report.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxBars = 60;

std::string duration_text(double seconds) {
  return to_text(Duration(std::llround(seconds * 1000)));
}

std::string percent_text(double share) {
  return fmt::format("{:.1f} %", 100 * share);
}

Json spread_json(const std::optional<Spread>& spread) {
  if (!spread) return {};
  return Json::object({{"least", spread->least},
                       {"quarter", spread->quarter},
                       {"median", spread->median},
                       {"three_quarters", spread->three_quarters},
                       {"most", spread->most}});
}

Json json_of(const Measured& measured) {
  Json out = Json::object({{"value", measured.value ? Json(*measured.value) : Json()}, {"of", measured.of}});
  if (measured.spread) out.set("spread", spread_json(measured.spread));
  if (measured.interval) {
    out.set("interval_95",
            Json::object({{"lower", measured.interval->lower}, {"upper", measured.interval->upper}}));
  }
  return out;
}

Json with_band(const Measured& measured, Band band) {
  Json out = json_of(measured);
  out.set("band", name_of(band));
  return out;
}

Cell band_cell(Band band) {
  switch (band) {
    case Band::elite:
    case Band::high:
      return {std::string(name_of(band)), Tone::good};
    case Band::medium:
      return {std::string(name_of(band)), Tone::caution};
    case Band::low:
      return {std::string(name_of(band)), Tone::bad};
    case Band::none:
      break;
  }
  return {"–", Tone::quiet};
}

template <class Text>
Cell value_cell(const Measured& measured, const Text& text) {
  return measured.value ? Cell(text(*measured.value)) : Cell("–", Tone::quiet);
}

// "; 95 %: 9.5 to 90.5 %": a share of few is known roughly.
std::string interval_text(const Measured& measured) {
  if (!measured.interval) return {};
  return fmt::format("; 95 %: {:.1f} to {}", 100 * measured.interval->lower,
                     percent_text(measured.interval->upper));
}

Table measures_table(const Dora& dora) {
  Table table{"", {{"measure"}, {"value", Column::Align::right}, {"group of 2024"}, {"from"}}, {}};
  table.rows.push_back({"departures a day",
                        value_cell(dora.frequency_per_day, [](double v) { return fmt::format("{:.2f}", v); }),
                        band_cell(dora.frequency), counted(dora.frequency_per_day.of, "departure")});
  table.rows.push_back({"lead time, commit to all traffic (median)",
                        value_cell(dora.lead_time_s, duration_text), band_cell(dora.lead_time),
                        counted(dora.lead_time_s.of, "commit")});
  table.rows.push_back({"the same from when it was written (median)",
                        value_cell(dora.lead_time_authored_s, duration_text), Cell(""),
                        counted(dora.lead_time_authored_s.of, "commit")});
  table.rows.push_back(
      {"changes that failed", value_cell(dora.failure_rate, percent_text), band_cell(dora.failures),
       fmt::format("{} of {}{}", dora.failed.size(), counted(dora.failure_rate.of, "release"),
                   interval_text(dora.failure_rate))});
  table.rows.push_back({"time to restore (median)", value_cell(dora.recovery_s, duration_text),
                        band_cell(dora.recovery),
                        counted(dora.recovery_s.of, "way back or incident", "ways back and incidents")});
  table.rows.push_back({"rework: unplanned departures", value_cell(dora.rework_rate, percent_text), Cell(""),
                        counted(dora.rework_rate.of, "departure") + interval_text(dora.rework_rate)});
  return table;
}

bool has_failed(const Dora& dora, std::uint64_t index) {
  return std::find(dora.failed.begin(), dora.failed.end(), index) != dora.failed.end();
}

Json releases_json(const std::vector<Delivered>& releases, const Dora& dora) {
  Json out = Json::array();
  for (const Delivered& one : releases) {
    out.push_back(
        Json::object({{"train", one.train},
                      {"service", printable(one.service)},
                      {"version", printable(one.version)},
                      {"evidence", one.index},
                      {"all_traffic", one.all_traffic ? Json(to_rfc3339(*one.all_traffic)) : Json()},
                      {"unplanned", one.plan == Delivered::Plan::unplanned},
                      {"commits", one.commits.size()},
                      {"lead_time_s", spread_json(spread_of(lead_times_s(one)))},
                      {"failed", has_failed(dora, one.index)}}));
  }
  return out;
}

Json troubles_json(const std::vector<Trouble>& troubles) {
  Json out = Json::array();
  for (const Trouble& one : troubles) {
    out.push_back(Json::object({{"evidence", one.index},
                                {"release", one.release ? Json(*one.release) : Json()},
                                {"began", to_rfc3339(one.began)},
                                {"restored", one.restored ? Json(to_rfc3339(*one.restored)) : Json()}}));
  }
  return out;
}

// Departures by week, so that a trend is seen.
Chart weeks_chart(const Deliveries& deliveries) {
  constexpr Duration kWeek = std::chrono::hours(24 * 7);
  Chart chart;
  chart.title = "Departures by week";
  chart.kind = Chart::Kind::bar;
  chart.x_label = "week from";
  chart.y_label = "departures";
  signalbox::Series departed{"departed", {}, {}};
  const auto weeks = std::min<std::size_t>(
      static_cast<std::size_t>((deliveries.until - deliveries.since + kWeek - Duration(1)) / kWeek),
      kMaxBars);
  const Time first = deliveries.until - kWeek * static_cast<std::int64_t>(weeks);
  for (std::size_t i = 0; i < weeks; ++i) {
    const Time from = first + kWeek * static_cast<std::int64_t>(i);
    chart.categories.push_back(to_rfc3339(from).substr(0, 10));
    departed.x.push_back(static_cast<double>(i));
    departed.y.push_back(static_cast<double>(
        std::count_if(deliveries.releases.begin(), deliveries.releases.end(), [&](const Delivered& one) {
          return one.all_traffic && *one.all_traffic >= from && *one.all_traffic < from + kWeek;
        })));
  }
  chart.series.push_back(std::move(departed));
  return chart;
}

}  // namespace

Report dora_report(const DoraSource& source, const DoraQuery& query) {
  const Deliveries& deliveries = source.deliveries;
  const Dora dora = measure_dora(deliveries);
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Delivery {} to {}{}", to_rfc3339(query.since), to_rfc3339(query.until),
                             query.service ? " of " + printable(*query.service) : std::string());
  report.summary =
      deliveries.releases.empty()
          ? "no train had traffic in that time"
          : fmt::format("{}, {} failed; {} not over yet", counted(deliveries.releases.size(), "release"),
                        dora.failed.size(), counted(dora.open_troubles, "incident is", "incidents are"));
  report.tables.push_back(measures_table(dora));
  if (!deliveries.releases.empty()) report.charts.push_back(weeks_chart(deliveries));
  report.findings = train::findings_of(source.remarks);
  report.data = Json::object({{"since", to_rfc3339(query.since)},
                              {"until", to_rfc3339(query.until)},
                              {"service", query.service ? Json(*query.service) : Json()},
                              {"frequency_per_day", with_band(dora.frequency_per_day, dora.frequency)},
                              {"lead_time_s", with_band(dora.lead_time_s, dora.lead_time)},
                              {"lead_time_authored_s", json_of(dora.lead_time_authored_s)},
                              {"failure_rate", with_band(dora.failure_rate, dora.failures)},
                              {"recovery_s", with_band(dora.recovery_s, dora.recovery)},
                              {"rework_rate", json_of(dora.rework_rate)},
                              {"open_incidents", dora.open_troubles},
                              {"releases", releases_json(deliveries.releases, dora)},
                              {"troubles", troubles_json(deliveries.troubles)}});
  return report;
}

}  // namespace signalbox::train::after
