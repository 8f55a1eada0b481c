#include "instruments/profile/runtimes/jvm_names.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/text.hpp"
#include "instruments/profile/runtimes/process_paths.hpp"

namespace signalbox::profile {
namespace {

// The JVM opens its map whatever lies there: nothing but a file of its own user is written over.
bool is_free_for_map(std::int32_t pid) {
  struct stat found {};
  if (::lstat(path_within(pid, perf_map_path(pid)).c_str(), &found) != 0) return true;
  return S_ISREG(found.st_mode) && found.st_nlink == 1 && found.st_uid == owner_of(pid);
}

}  // namespace

std::vector<RuntimeNote> ask_jvm_for_names(std::int32_t pid, Asking asking,
                                           std::chrono::milliseconds patience) {
  std::vector<RuntimeNote> out;
  if (!is_hotspot(pid)) return out;
  if (!is_free_for_map(pid)) {
    out.push_back(
        {fmt::format("the JVM of process {} was not asked for names: {} is there, and is not a file of its "
                     "user's alone",
                     pid, perf_map_path(pid)),
         "remove it"});
    return out;
  }
  const auto answer = ask_jvm(pid, "jcmd", {"Compiler.perfmap"}, patience);
  if (!answer) {
    // It ended meanwhile.
    if (answer.error().kind == ErrorKind::not_found) return out;
    out.push_back({answer.error().message + ": its compiled code has no names", answer.error().hint});
    return out;
  }
  if (answer->code != 0) {
    out.push_back({fmt::format("the JVM of process {} does not name its compiled code: {}", pid,
                               printable(lines(answer->text).empty() ? "" : lines(answer->text).front())),
                   "Java 17 or newer does"});
    return out;
  }
  if (asking == Asking::again) return out;
  const auto flag = ask_jvm(pid, "printflag", {"PreserveFramePointer"}, patience);
  if (flag && flag->code == 0 && flag->text.find("-XX:-PreserveFramePointer") != std::string::npos)
    out.push_back(
        {fmt::format(
             "the JVM of process {} keeps no frame pointers: callers of its compiled code are missing", pid),
         "start it with -XX:+PreserveFramePointer"});
  return out;
}

}  // namespace signalbox::profile
