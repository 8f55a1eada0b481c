#include "instruments/profile/formats/testing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/formats/rows.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

std::string words_of_frame(const Profile& profile, FrameId id) {
  const Frame& frame = profile.frames[id];
  const Function& function = profile.functions[frame.function];
  const Mapping& mapping = profile.mappings[frame.mapping];
  return fmt::format("{}[{}|{}|{}:{}:{}|{:#x}|{}+{:#x}|{}|{}]", profile.text(function.name),
                     profile.text(function.system_name), profile.text(function.file), function.start_line,
                     frame.line, frame.column, frame.address, profile.text(mapping.path), mapping.start,
                     profile.text(mapping.build_id), name_of(frame.kind));
}

}  // namespace

Profile testing_profile() {
  ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  Profile& profile = builder.profile();
  profile.default_value = 1;
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = 10'101'010;
  profile.start_unix_ns = 1'767'323'045'000'000'000;  // 2026-01-02 03:04:05 UTC
  profile.duration_ns = 10'000'000'000;
  profile.annotations = {{"command", "app --fast"}, {"host", "here"}};
  const auto text = [&](const char* words) { return builder.string(words); };
  const MappingId libc =
      builder.mapping({0x7f0000000000, 0x7f0000100000, 0x26000, text("/usr/lib/libc.so.6"), text("ff00")});
  const MappingId app = builder.mapping({0x400000, 0x500000, 0, text("/usr/bin/app"), text("0123abcd")});
  const MappingId kernel = builder.mapping({0xffffffff80000000, 0, 0, text("[kernel.kallsyms]"), {}});
  const FunctionId main = builder.function({text("main"), {}, text("main.cpp"), 3});
  const FunctionId work = builder.function({text("work"), {}, text("work.cpp"), 0});
  const FunctionId hot = builder.function({text("hot(int)"), text("_Z3hoti"), text("hot.h"), 0});
  const StackId start = builder.stack(0, builder.frame({0, libc, 0x7f0000001000}));
  const StackId in_main = builder.stack(start, builder.frame({main, app, 0x400800, 5, 9}));
  const StackId in_work = builder.stack(in_main, builder.frame({work, app, 0x401010, 12}));
  const StackId in_hot =
      builder.stack(in_work, builder.frame({hot, app, 0x401010, 7, 0, FrameKind::inlined}));
  const StackId in_kernel =
      builder.stack(in_main, builder.frame({builder.function("do_syscall_64"), kernel, 0xffffffff81000010, 0,
                                            0, FrameKind::kernel}));
  const FunctionId script = builder.function({text("Thread.run"), {}, text("thread.py"), 0});
  const StackId in_script = builder.stack(0, builder.frame({script, 0, 0, 40, 0, FrameKind::interpreted}));
  const StackId lost = builder.stack(0, builder.synthetic("[lost]"));
  const ThreadId first = builder.thread({100, 101, text("worker 1"), text("app")});
  const ThreadId second = builder.thread({100, 102, {}, text("app")});
  const LabelsId labels =
      builder.labels({{text("request"), text("GET /"), 0, {}}, {text("bytes"), {}, 512, text("bytes")}});
  const auto add = [&](const Sample& sample, std::int64_t count) {
    const std::int64_t values[] = {count, count * 10'101'010};
    builder.add(sample, values);
  };
  add({in_hot, first}, 3);
  add({in_kernel, second, labels, 2'000'000}, 1);
  add({in_script, second}, 1);
  add({lost}, 1);
  return std::move(builder).finish();
}

std::string words_of(const Profile& profile) {
  std::vector<std::string> out;
  for (const ValueType& type : profile.value_types)
    out.push_back(fmt::format("column {} {}", type.type, type.unit));
  out.push_back(fmt::format("default {}, period {} {} {}, start {}, duration {}", profile.default_value,
                            profile.period, profile.period_type.type, profile.period_type.unit,
                            profile.start_unix_ns, profile.duration_ns));
  for (const auto& [key, value] : profile.annotations) out.push_back(key + "=" + value);
  for (const std::string& comment : profile.comments) out.push_back("# " + comment);
  std::vector<FrameId> frames;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const Sample& sample = profile.samples[i];
    const Thread& thread = profile.threads[sample.thread];
    std::string line = fmt::format("sample at {} of {}/{} {} {}:", sample.time_ns, thread.pid, thread.tid,
                                   profile.text(thread.process), profile.text(thread.name));
    frames_of(profile, sample.stack, frames);
    for (const FrameId frame : frames) line += " " + words_of_frame(profile, frame);
    for (const Label& label : profile.labels[sample.labels]) {
      line += fmt::format(" {}={}{}{}", profile.text(label.key), profile.text(label.text), label.number,
                          profile.text(label.unit));
    }
    for (const std::int64_t value : profile.values_of(i)) line += fmt::format(" {}", value);
    out.push_back(line);
  }
  std::sort(out.begin(), out.end());
  return join(out, "\n") + "\n";
}

}  // namespace signalbox::profile
