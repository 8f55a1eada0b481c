#include "instruments/profile/live/interval.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/value_text.hpp"

namespace signalbox::profile {
namespace {

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

std::string part_of_target(const std::optional<double>& part) {
  return part ? fmt::format("{:.2f} %", *part * 100) : "a share not known";
}

}  // namespace

double Interval::processors() const {
  return ratio(cpu_ns, duration_ns);
}

std::string state_line(const Interval& interval) {
  const auto count = static_cast<std::uint64_t>(interval.samples);
  std::string out = interval.mode == Mode::cpu
                        ? fmt::format("processor {:.0f} %, {}, {} lost", interval.processors() * 100,
                                      counted(count, "sample"), interval.lost)
                        : fmt::format("waited {}, {}, {} lost",
                                      value_text(static_cast<double>(interval.off_ns), "nanoseconds"),
                                      counted(count, "wait"), interval.lost);
  if (interval.truncated > 0) out += fmt::format(", {} end early", interval.truncated);
  if (interval.cpu_ns > 0)
    out += fmt::format(", {} taken from the target, {} used beside it", part_of_target(interval.stolen),
                       part_of_target(interval.beside));
  return out;
}

std::chrono::nanoseconds next_end(std::chrono::nanoseconds end, std::chrono::nanoseconds interval,
                                  std::chrono::nanoseconds now) {
  return end + interval > now ? end + interval : now + interval;
}

Report interval_report(const Interval& interval, const std::string& target, std::size_t rows_max) {
  Report report = top_report(interval.top, "", rows_max);
  report.title = fmt::format("{}, {:.1f} s", target, static_cast<double>(interval.elapsed_ns) * 1e-9);
  report.summary = interval.samples > 0         ? state_line(interval)
                   : interval.mode == Mode::cpu ? "idle: not one sample"
                                                : "not one wait";
  report.facts.clear();
  if (interval.samples == 0) report.tables.clear();
  report.data.set("interval", interval.number);
  report.data.set("elapsed_s", static_cast<double>(interval.elapsed_ns) * 1e-9);
  report.data.set("duration_s", static_cast<double>(interval.duration_ns) * 1e-9);
  report.data.set("samples", interval.samples);
  report.data.set("lost", interval.lost);
  report.data.set("truncated", interval.truncated);
  report.data.set("processors", interval.processors());
  if (interval.mode != Mode::cpu) report.data.set("waited_s", static_cast<double>(interval.off_ns) * 1e-9);
  const auto set = [&](const char* name, const std::optional<double>& value) {
    report.data.set(name, value ? Json(*value) : Json());
  };
  set("overhead_stolen", interval.stolen);
  set("overhead_beside", interval.beside);
  return report;
}

Interval IntervalReader::next(Session& session) {
  const Cut cut = cutter_.cut(session);
  elapsed_ns_ += cut.duration_ns;
  Interval out;
  out.number = ++number_;
  out.elapsed_ns = elapsed_ns_;
  out.duration_ns = cut.duration_ns;
  out.samples = cut.samples;
  out.lost = cut.lost;
  out.truncated = cut.truncated.total();
  out.mode = mode_;
  out.cpu_ns = mode_ == Mode::cpu ? cut.cpu_ns : cut.target_cpu_ns;
  out.off_ns = cut.off_ns;
  if (out.cpu_ns > 0) {
    if (cut.stolen_ns) out.stolen = ratio(*cut.stolen_ns, out.cpu_ns);
    out.beside = ratio(cut.beside_ns, out.cpu_ns);
  }
  TopOptions options;
  options.value = cutter_.profile().default_value;
  options.order = order_;
  out.top = top(cutter_.profile(), options);
  return out;
}

}  // namespace signalbox::profile
