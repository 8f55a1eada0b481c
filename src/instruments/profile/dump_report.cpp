#include "instruments/profile/dump_report.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kNameColumnsMax = 120;  // of a drawn name; `data` has it whole

struct DumpedFrame {
  const Frame* frame = nullptr;
  std::string function;
  std::string module;
  std::string_view file;  // empty: unknown
};

// Leaf first.
std::vector<DumpedFrame> frames_of(const Profile& profile, std::size_t sample) {
  std::vector<DumpedFrame> out;
  for (StackId at = profile.samples[sample].stack; at != 0; at = profile.stacks[at].parent) {
    const FrameId id = profile.stacks[at].frame;
    const Frame& frame = profile.frames[id];
    out.push_back({&frame, profile.name_of_frame(id), std::string(profile.module_of(frame)),
                   profile.text(profile.functions[frame.function].file)});
  }
  return out;
}

std::string_view state_words(const DumpedThread& thread) {
  if (thread.runs) return "runs";
  switch (thread.state) {
    case 'R':
      return "waits for a processor";
    case 'S':
      return "sleeps";
    case 'D':
      return "sleeps, not to be interrupted";
    case 'T':
      return "is stopped";
    case 't':
      return "is stopped by a debugger";
    case 'I':
      return "is idle";
    case 'Z':
    case 'X':
    case '?':
      return "has ended";
    default:
      return "is in a state that is not known";
  }
}

// "shop (4711)".
std::string process_of(const DumpedThread& thread) {
  if (thread.process.empty()) return std::to_string(thread.pid);
  return fmt::format("{} ({})", printable(thread.process), thread.pid);
}

// Whose threads a dump has.
enum class Processes { one, several };

std::string title_of(const DumpedThread& thread, Processes processes) {
  std::string out = std::to_string(thread.tid);
  if (!thread.name.empty()) out += " " + printable(thread.name);
  if (processes == Processes::several) out += " of " + process_of(thread);
  out += fmt::format(" {}", state_words(thread));
  if (!thread.system_call.empty()) out += " in " + thread.system_call;
  if (!thread.waits_in.empty()) out += fmt::format(" ({})", printable(thread.waits_in));
  if (!thread.why_not.empty()) out += ": no stack, " + thread.why_not;
  return out;
}

Table table_of(const DumpedThread& thread, const std::vector<DumpedFrame>& frames, Processes processes) {
  Table table;
  table.title = title_of(thread, processes);
  table.columns = {{"#", Column::Align::right}, {"function"}, {"line"}, {"module"}};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const DumpedFrame& each = frames[i];
    const bool is_ours = each.frame->kind != FrameKind::kernel && each.frame->kind != FrameKind::synthetic;
    std::string place;
    if (!each.file.empty())
      place = fmt::format("{}:{}", std::filesystem::path(each.file).filename().string(), each.frame->line);
    table.rows.push_back({{std::to_string(i)},
                          {cut_to_width(each.function, kNameColumnsMax), is_ours ? Tone::plain : Tone::quiet},
                          {place},
                          {each.module, Tone::quiet}});
  }
  return table;
}

Json thread_json(const DumpedThread& thread, const std::vector<DumpedFrame>& frames) {
  Json stack = Json::array();
  for (const DumpedFrame& each : frames) {
    Json frame = Json::object({{"function", each.function},
                               {"module", each.module},
                               {"kind", std::string(name_of(each.frame->kind))},
                               {"address", fmt::format("{:#x}", each.frame->address)}});
    if (!each.file.empty()) {
      frame.set("file", std::string(each.file));
      frame.set("line", std::int64_t{each.frame->line});
    }
    stack.push_back(std::move(frame));
  }
  Json out = Json::object({{"pid", std::int64_t{thread.pid}},
                           {"tid", std::int64_t{thread.tid}},
                           {"name", thread.name},
                           {"process", thread.process},
                           {"state", std::string(1, thread.state)},
                           {"runs", thread.runs},
                           {"system_call", thread.system_call},
                           {"waits_in", thread.waits_in},
                           {"frames", std::move(stack)}});
  if (!thread.why_not.empty()) out.set("why_no_stack", thread.why_not);
  return out;
}

}  // namespace

Report dump_report(const StackDump& dump, const Profile& profile) {
  Report report;
  report.instrument = "profile";
  std::set<std::int32_t> pids;
  for (const DumpedThread& thread : dump.threads) pids.insert(thread.pid);
  const Processes processes = pids.size() > 1 ? Processes::several : Processes::one;
  std::int64_t running = 0;
  std::int64_t without = 0;
  Json threads = Json::array();
  for (const DumpedThread& thread : dump.threads) {
    const auto frames = thread.sample ? frames_of(profile, *thread.sample) : std::vector<DumpedFrame>();
    running += thread.runs ? 1 : 0;
    without += thread.sample ? 0 : 1;
    report.tables.push_back(table_of(thread, frames, processes));
    threads.push_back(thread_json(thread, frames));
  }
  report.title = fmt::format("Stacks of {} of {}", counted(dump.threads.size(), "thread"),
                             processes == Processes::one ? process_of(dump.threads.front())
                                                         : counted(pids.size(), "process", "processes"));
  report.summary = fmt::format("{} running, {} at rest", running,
                               static_cast<std::int64_t>(dump.threads.size()) - running - without);
  if (without > 0) report.summary += fmt::format(", {} without a stack", without);
  report.facts = {{"stacks that end early", Json(dump.recording.quality.truncated.total()), ""},
                  {"copies thrown away", Json(dump.torn), ""},
                  {"read by", Json(dump.how), ""}};
  for (const std::string& note : dump.recording.notes) {
    Finding finding;
    finding.rule = "profile/sampler";
    finding.severity = Severity::note;
    finding.message = note;
    finding.remedy = "signalbox profile doctor";
    report.findings.push_back(std::move(finding));
  }
  report.data = Json::object({{"threads", std::move(threads)}, {"torn", dump.torn}, {"read_by", dump.how}});
  return report;
}

}  // namespace signalbox::profile
