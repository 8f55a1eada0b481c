#include "instruments/profile/live/interval.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/value_text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kCpuColumn = 1;

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
  std::string out =
      fmt::format("processor {:.0f} %, {}, {} lost", interval.processors() * 100,
                  counted(static_cast<std::uint64_t>(interval.samples), "sample"), interval.lost);
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
  report.summary = interval.samples > 0 ? state_line(interval) : "idle: not one sample";
  report.facts.clear();
  if (interval.samples == 0) report.tables.clear();
  report.data.set("interval", interval.number);
  report.data.set("elapsed_s", static_cast<double>(interval.elapsed_ns) * 1e-9);
  report.data.set("duration_s", static_cast<double>(interval.duration_ns) * 1e-9);
  report.data.set("samples", interval.samples);
  report.data.set("lost", interval.lost);
  report.data.set("truncated", interval.truncated);
  report.data.set("processors", interval.processors());
  const auto set = [&](const char* name, const std::optional<double>& value) {
    report.data.set(name, value ? Json(*value) : Json());
  };
  set("overhead_stolen", interval.stolen);
  set("overhead_beside", interval.beside);
  return report;
}

IntervalReader::IntervalReader(TopOrder order)
    : order_(order), builder_({{"samples", "count"}, {"cpu", "nanoseconds"}}), names_(builder_) {
  Profile& profile = builder_.profile();
  profile.default_value = kCpuColumn;
  profile.period_type = {"cpu", "nanoseconds"};
}

IntervalReader::Counts IntervalReader::counts_of(const Session& session) {
  const Recording now = session.so_far();
  return {now.duration_ns, now.quality.lost, now.quality.truncated, now.overhead.stolen_ns,
          now.overhead.beside_ns};
}

void IntervalReader::skip(Session& session) {
  session.take_samples();
  before_ = counts_of(session);
}

Interval IntervalReader::next(Session& session) {
  const std::vector<RawSample> samples = session.take_samples();
  const Counts now = counts_of(session);
  const Recorder& recorder = session.recorder();
  names_.extend(recorder.raw(), recorder.code());
  Profile& profile = builder_.profile();
  profile.samples.clear();
  profile.values.clear();
  profile.duration_ns = now.elapsed_ns - before_.elapsed_ns;
  Interval out;
  out.number = ++number_;
  out.elapsed_ns = now.elapsed_ns;
  out.duration_ns = profile.duration_ns;
  out.lost = now.lost - before_.lost;
  out.truncated = now.truncated - before_.truncated;
  for (const RawSample& sample : samples) {
    const RecordedThread& of = recorder.threads()[sample.thread];
    const ThreadId thread =
        builder_.thread({of.pid, of.tid, builder_.string(of.name), builder_.string(of.process)});
    const std::int64_t values[] = {sample.count, sample.cpu_ns};
    const std::int64_t time_ns = std::max<std::int64_t>(sample.time_ns - before_.elapsed_ns, 0);
    builder_.append({names_[sample.stack], thread, 0, time_ns}, values);
    out.samples += sample.count;
    out.cpu_ns += sample.cpu_ns;
  }
  if (out.cpu_ns > 0) {
    if (now.stolen_ns) out.stolen = ratio(*now.stolen_ns - before_.stolen_ns.value_or(0), out.cpu_ns);
    out.beside = ratio(now.beside_ns - before_.beside_ns, out.cpu_ns);
  }
  TopOptions options;
  options.value = kCpuColumn;
  options.order = order_;
  out.top = top(profile, options);
  before_ = now;
  return out;
}

}  // namespace signalbox::profile
