#include "instruments/profile/record_report.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/analysis/unnamed_files.hpp"
#include "instruments/profile/analysis/waits.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/untold_time.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kRows = 10;
constexpr double kNanosecond = 1e-9;
constexpr double kSecond_ns = 1e9;
constexpr std::int64_t kLittle = 20;  // samples: fewer are a hint that the time is spent elsewhere
constexpr double kManyLost = 0.01;
constexpr std::size_t kBusyListed = 5;
constexpr double kMuchUnnamed = 0.01;  // of the samples: less is not worth a line

double seconds(std::int64_t ns) {
  return static_cast<double>(ns) * kNanosecond;
}

// Rounded to milliseconds: what a sample is known to.
Json rounded(double value_s) {
  return Json(std::round(value_s * 1e3) / 1e3);
}

std::string percent(double share) {
  return fmt::format("{:.2f} %", share * 100);
}

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

void add_findings(Report& report, const Profile& profile, const Recording& recording) {
  const RecordingQuality& quality = recording.quality;
  const auto note = [&](std::string rule, std::string message, std::string remedy) {
    Finding finding;
    finding.rule = "profile/" + std::move(rule);
    finding.severity = Severity::note;
    finding.message = std::move(message);
    finding.remedy = std::move(remedy);
    report.findings.push_back(std::move(finding));
  };
  for (const std::string& each : recording.notes) note("sampler", each, "signalbox profile doctor");
  for (const std::string& each : recording.governed) note("overhead", each, "a lower --rate");
  for (const RuntimeNote& each : recording.runtimes) note("runtime", each.message, each.remedy);
  if (share(quality.lost, quality.samples + quality.lost) > kManyLost)
    note("lost", fmt::format("{} samples were lost: the profiler was too slow to take them", quality.lost),
         recording.mode == Mode::hits ? "--every 100" : "a lower --rate");
  if (recording.waits.lost_count > 0)
    note("lost",
         fmt::format("{} waits of {:.3f} s in all were lost: the profiler was too slow to take them",
                     recording.waits.lost_count, seconds(recording.waits.lost_ns)),
         "a longer --min-block");
  if (quality.samples < kLittle && recording.mode == Mode::cpu)
    note("few-samples",
         fmt::format("only {} samples: the target used {:.2f} s of processor time", quality.samples,
                     seconds(quality.cpu_ns)),
         "--rate 999, a longer --duration, or a busier target");
  for (const UnnamedFile& file : unnamed_files(profile)) {
    if (file.share < kMuchUnnamed) break;
    note("no-names",
         fmt::format("{:.1f} % of the time passes through {} without a name: it was stripped (build id {})",
                     file.share * 100, printable(file.path), file.build_id),
         "signalbox profile symbols find " + file.build_id);
  }
  if (const auto trouble = annotation(profile.annotations, kSymbolServers))
    note("symbol-servers", printable(*trouble), "where $DEBUGINFOD_URLS is not set nobody is asked");
}

// Children of the targets that use processor time now, the busiest first.
std::vector<std::string> busy_elsewhere(const RecordRequest& request) {
  std::vector<std::pair<std::int64_t, std::int32_t>> found;
  for (const std::int32_t child : descendants_of(request.pids)) {
    if (const auto times = times_of(child)) found.emplace_back((times->user + times->system).count(), child);
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> out;
  for (std::size_t i = 0; i < std::min(found.size(), kBusyListed); ++i)
    out.push_back(fmt::format("{} ({})", found[i].second, comm_of(found[i].second, found[i].second)));
  return out;
}

std::string counts_of(const Recording& recording) {
  std::vector<std::string> out;
  if (recording.mode == Mode::hits)
    return counted(static_cast<std::uint64_t>(recording.quality.samples), "stack");
  if (recording.mode != Mode::off_cpu)
    out.push_back(counted(static_cast<std::uint64_t>(recording.quality.samples), "sample"));
  if (tells_waits(recording.mode))
    out.push_back(counted(static_cast<std::uint64_t>(recording.waits.waits), "wait"));
  return join(out, ", ");
}

std::string title_of(const Recording& recording, std::string_view target) {
  const WaitTotals& waits = recording.waits;
  if (recording.mode == Mode::off_cpu)
    return fmt::format("Where {} waited {:.2f} s", target, seconds(waits.off_ns));
  if (recording.mode == Mode::wall)
    return fmt::format("Where {} spent {:.2f} s, {:.2f} s of them in waits", target,
                       seconds(waits.lifetime_ns), seconds(waits.off_ns));
  if (recording.mode == Mode::hits)
    return recording.hits != "hits"
               ? fmt::format("Where {} had {} {}", target, recording.quality.hits, recording.hits)
               : fmt::format("From where {} came by {}: {}", target, printable(recording.probe),
                             counted(static_cast<std::uint64_t>(recording.quality.hits), "time"));
  return fmt::format("Where {} spent {:.2f} s of processor time", target, seconds(recording.quality.cpu_ns));
}

}  // namespace

Annotations annotations_of_rate(const RecordRequest& request, const Recording& recording) {
  Annotations out{{"rate", fmt::format("{:.4g} Hz", kSecond_ns / static_cast<double>(std::max<std::int64_t>(
                                                                     recording.period_ns, 1)))}};
  std::string asked = fmt::format("{} Hz", request.rate_hz);
  if (asked != out.front().second) out.emplace_back("rate.asked", std::move(asked));
  return out;
}

Annotations annotations_of_quality(const Recording& recording) {
  const RecordingQuality& quality = recording.quality;
  const bool is_of_waits = recording.mode == Mode::off_cpu;
  Annotations out{{"samples", std::to_string(is_of_waits ? quality.waits : quality.samples)},
                  {"samples.lost", std::to_string(quality.lost)},
                  {"samples.truncated", std::to_string(quality.truncated.total())},
                  {"throttled", std::to_string(quality.throttled)},
                  {"cpu.accounted_ns", std::to_string(recording.overhead.target_ns)},
                  {"overhead.beside", fmt::format("{:.5f}", recording.overhead.beside())}};
  if (recording.mode != Mode::hits) out.emplace_back("cpu.sampled_ns", std::to_string(quality.cpu_ns));
  if (tells_waits(recording.mode)) {
    const WaitTotals& waits = recording.waits;
    out.emplace_back("waits", std::to_string(waits.waits));
    out.emplace_back("waits.off_ns", std::to_string(waits.off_ns));
    out.emplace_back("waits.short", std::to_string(waits.short_count));
    out.emplace_back("waits.short_ns", std::to_string(waits.short_ns));
    out.emplace_back("waits.lost", std::to_string(waits.lost_count));
    out.emplace_back("waits.lost_ns", std::to_string(waits.lost_ns));
    out.emplace_back("waits.open", std::to_string(waits.open_count));
    out.emplace_back("waits.open_ns", std::to_string(waits.open_ns));
    out.emplace_back("threads.lifetime_ns", std::to_string(waits.lifetime_ns));
  }
  if (const auto stolen = recording.overhead.stolen())
    out.emplace_back("overhead.stolen", fmt::format("{:.5f}", *stolen));
  return out;
}

Report record_report(const Profile& profile, const Recording& recording, const Written& written) {
  TopOptions options;
  options.value = profile.default_value;
  Report report = top_report(top(profile, options), "", kRows);
  add_waits(report, profile, profile.default_value, kRows);
  const std::string_view target = recording.pid == 0          ? std::string_view("this machine")
                                  : recording.threads.empty() ? std::string_view("the target")
                                                              : recording.threads.front().process;
  report.title = title_of(recording, target);
  std::vector<std::string> files;
  for (const WrittenFile& file : written.files) files.push_back(file.path.native());
  report.summary = fmt::format("{} in {:.1f} s: {}", counts_of(recording), seconds(recording.duration_ns),
                               join(files, ", "));
  const RecordingQuality& quality = recording.quality;
  const auto stolen = recording.overhead.stolen();
  std::vector<Fact> facts;
  if (recording.mode != Mode::off_cpu)
    facts.push_back({recording.mode == Mode::hits ? "stacks" : "samples", Json(quality.samples), ""});
  if (recording.mode == Mode::hits) facts.push_back({"times", Json(quality.hits), ""});
  facts.push_back({"lost", Json(quality.lost + recording.waits.lost_count), ""});
  facts.push_back({"stacks that end early",
                   recording.knows_bottoms ? Json(quality.truncated.total()) : Json("not known"), ""});
  if (samples_time(recording.mode))
    facts.push_back({"processor time by samples", rounded(seconds(quality.cpu_ns)), "s"});
  facts.push_back({"processor time by the kernel", rounded(seconds(recording.overhead.target_ns)), "s"});
  if (tells_waits(recording.mode)) {
    const WaitTotals& waits = recording.waits;
    facts.push_back({"waits", Json(waits.waits), ""});
    facts.push_back({"time off processors", rounded(seconds(waits.off_ns)), "s"});
    facts.push_back({"of it in waits too short to tell",
                     Json(fmt::format("{:.6f} s in {}", seconds(waits.short_ns), waits.short_count)), ""});
    facts.push_back({"of it in waits longer than what was seen of them",
                     Json(fmt::format("{:.3f} s in {}", seconds(waits.open_ns), waits.open_count)), ""});
    facts.push_back({"lifetime of all threads", rounded(seconds(waits.lifetime_ns)), "s"});
  }
  facts.push_back({"taken from the target", Json(stolen ? percent(*stolen) : "not known"), ""});
  facts.push_back({"used beside it", Json(percent(recording.overhead.beside())), ""});
  facts.push_back({"sampled by", Json(recording.rung), ""});
  if (recording.exit_code)
    facts.push_back({"exit code of the program", Json(std::int64_t{*recording.exit_code}), ""});
  report.facts = std::move(facts);
  add_findings(report, profile, recording);
  for (const std::string& file : files) {
    if (file.ends_with(".pb.gz")) report.next.push_back(fmt::format("signalbox profile report {}", file));
  }
  return report;
}

Report nothing_captured(const RecordRequest& request, const Recording& recording) {
  Report report;
  report.instrument = "profile";
  report.title = "Nothing was captured";
  report.verdict = Verdict::fail;
  const double used = seconds(recording.overhead.target_ns);
  if (recording.exit_code && *recording.exit_code == 127) {
    report.summary = "the program could not be run";
  } else if (recording.mode == Mode::hits) {
    report.summary =
        fmt::format("the target {} {} in {:.1f} s", recording.hits == "hits" ? "did not come by" : "had no",
                    printable(recording.probe), seconds(recording.duration_ns));
    report.next = {"a longer --duration", "signalbox profile --pid N, to see what it does instead"};
  } else if (recording.mode == Mode::off_cpu) {
    report.summary = fmt::format("no thread waited as long as --min-block says: {} shorter waits",
                                 recording.waits.short_count);
    report.next = {"--mode cpu says where processor time goes", "--min-block 0us tells of every wait"};
  } else if (recording.ending == Ending::target_ended && used < 1.0 / request.rate_hz) {
    report.summary =
        fmt::format("the target ended after {:.3f} s of processor time, before its first sample", used);
    report.next = {"signalbox profile --rate 9999 -- PROGRAM, or a longer input"};
  } else if (used < 2.0 / request.rate_hz) {
    report.summary = fmt::format("the target was idle: it used {:.3f} s of processor time in {:.1f} s", used,
                                 seconds(recording.duration_ns));
    const auto busy = busy_elsewhere(request);
    if (!busy.empty() && !request.children)
      report.next.push_back("its children: signalbox profile --pid " + join(busy, ", "));
    report.next.push_back(
        "--mode off-cpu says what its threads wait for; signalbox profile dump --pid N where they are now");
  } else {
    report.summary =
        fmt::format("the target used {:.2f} s of processor time, but the kernel gave no sample", used);
    report.next = remedies_of_untold_time();
  }
  report.facts = {{"sampled by", Json(recording.rung), ""},
                  {"processor time of the target", rounded(used), "s"},
                  {"duration", rounded(seconds(recording.duration_ns)), "s"}};
  return report;
}

}  // namespace signalbox::profile
