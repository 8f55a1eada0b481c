#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "instruments/profile/formats/folded.hpp"
#include "instruments/profile/formats/rows.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

// The names of the frames and processes of one profile, as one set of options has them.
class Namer {
 public:
  Namer(const Profile& profile, const FoldedOptions& options) : profile_(profile), options_(options) {}

  std::string process(const Thread& thread) const {
    const std::string_view name = profile_.text(thread.process.empty() ? thread.name : thread.process);
    if (options_.process == FoldedProcess::none || name.empty()) return {};
    std::string out(name);
    const std::string pid = thread.pid == 0 ? "?" : std::to_string(thread.pid);
    if (options_.process == FoldedProcess::pid) out += "-" + pid;
    if (options_.process == FoldedProcess::tid) out += fmt::format("-{}/{}", pid, thread.tid);
    for (char& c : out) {
      if (c == ' ' || c == '\n') c = '_';
      if (c == ';') c = ':';
    }
    return out;
  }

  std::string frame(FrameId id, bool of_java) const {
    const Frame& frame = profile_.frames[id];
    const bool is_tidy = options_.names == FoldedNames::tidy;
    std::string name = is_tidy ? tidy_name(frame) : profile_.name_of_frame(id);
    for (char& c : name) {
      if (c == ';') c = ':';
      if (c == '\n') c = ' ';
    }
    if (is_tidy && frame.function != 0) tidy(name, of_java);
    name += mark(frame, name);
    return name;
  }

 private:
  std::string_view path_of(const Frame& frame) const {
    return profile_.text(profile_.mappings[frame.mapping].path);
  }

  std::string tidy_name(const Frame& frame) const {
    const std::string_view name = profile_.text(profile_.functions[frame.function].name);
    if (!name.empty()) return std::string(name);
    const std::string_view module = profile_.module_of(frame);
    const std::string_view words = module.empty() ? "unknown" : module;
    return options_.with_addresses ? fmt::format("[{} <{:x}>]", words, frame.address)
                                   : fmt::format("[{}]", words);
  }

  // Go's methods, "net/http.(*Client).Do", have no arguments.
  static bool is_go_method(std::string_view name) {
    const std::size_t open = name.find(".(");
    return open != std::string_view::npos && name.find(").", open + 2) != std::string_view::npos;
  }

  static void tidy(std::string& name, bool of_java) {
    if (!is_go_method(name)) {
      std::size_t open = name.find('(');
      while (open != std::string::npos && name.compare(open, kAnonymous.size(), kAnonymous) == 0)
        open = name.find('(', open + 1);
      if (open != std::string::npos) name.resize(open);
    }
    std::erase_if(name, [](char c) { return c == '"' || c == '\''; });
    if (of_java && name.starts_with('L') && name.find('/') != std::string::npos) name.erase(0, 1);
  }

  std::string_view mark(const Frame& frame, std::string_view name) const {
    if (frame.kind == FrameKind::inlined) return name.find("_[i]") == std::string::npos ? "_[i]" : "";
    if (options_.mark_kernel && is_kernel(frame)) return "_[k]";
    if (options_.mark_jit && frame.kind == FrameKind::jit)
      return name.find("_[j]") == std::string::npos ? "_[j]" : "";
    return {};
  }

  // stackcollapse-perf.pl goes by the path alone, and so marks [vdso] too.
  bool is_kernel(const Frame& frame) const {
    if (frame.kind == FrameKind::kernel) return true;
    const std::string_view path = path_of(frame);
    return options_.names == FoldedNames::tidy && frame.kind == FrameKind::user && path.starts_with('[') &&
           path.find("unknown") == std::string_view::npos;
  }

  static constexpr std::string_view kAnonymous = "(anonymous namespace)";

  const Profile& profile_;
  const FoldedOptions& options_;
};

class FoldedWriter {
 public:
  FoldedWriter(const Profile& profile, const FoldedOptions& options)
      : profile_(profile),
        namer_(profile, options),
        value_(options.value.value_or(profile.default_value)),
        names_{std::vector<std::string>(profile.frames.size()),
               std::vector<std::string>(profile.frames.size())} {}

  std::string write() {
    const Rows rows = merged_rows(profile_);
    for (std::size_t i = 0; i < rows.samples.size(); ++i) add(rows.samples[i], rows.values_of(i)[value_]);
    std::string out;
    for (const auto& [line, value] : lines_) fmt::format_to(std::back_inserter(out), "{} {}\n", line, value);
    return out;
  }

 private:
  void add(const Sample& sample, std::int64_t value) {
    if (value == 0) return;
    const std::string process = namer_.process(profile_.threads[sample.thread]);
    const bool of_java = process == "java";  // as stackcollapse-perf.pl, so not with a pid
    std::string line = process;
    frames_of(profile_, sample.stack, frames_);
    for (const FrameId frame : frames_) {
      if (!line.empty()) line += ';';
      line += name(frame, of_java);
    }
    if (line.empty()) return;
    std::int64_t& sum = lines_[std::move(line)];
    sum = saturating_sum(sum, value);
  }

  const std::string& name(FrameId frame, bool of_java) {
    std::string& name = names_[of_java ? 1 : 0][frame];
    if (name.empty()) name = namer_.frame(frame, of_java);
    return name;
  }

  const Profile& profile_;
  Namer namer_;
  std::size_t value_;
  std::array<std::vector<std::string>, 2> names_;  // of frames of others, and of Java's
  std::map<std::string, std::int64_t> lines_;
  std::vector<FrameId> frames_;  // scratch
};

}  // namespace

std::string write_folded(const Profile& profile, const FoldedOptions& options) {
  return FoldedWriter(profile, options).write();
}

}  // namespace signalbox::profile
