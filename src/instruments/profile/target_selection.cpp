#include "instruments/profile/target_selection.hpp"

#include <algorithm>
#include <climits>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxGroups = 65'536;  // below one
constexpr std::size_t kMaxAncestors = 256;
constexpr std::string_view kMembers = "cgroup.procs";

Result<std::int32_t> parse_pid(std::string_view text) {
  const auto pid = parse_integer(text);
  if (!pid || *pid < 1 || *pid > INT32_MAX)
    return fail(ErrorKind::bad_input, fmt::format("--pid {}: is no process number", printable(text)),
                "pgrep -a NAME finds it");
  return static_cast<std::int32_t>(*pid);
}

// This process and those that it was started by.
std::vector<std::int32_t> own_line() {
  std::vector<std::int32_t> out{::getpid()};
  while (out.size() < kMaxAncestors) {
    const auto times = times_of(out.back());
    if (!times || times->parent <= 1) break;
    out.push_back(times->parent);
  }
  return out;
}

// The folder of a group, wherever its hierarchy is mounted.
Result<fs::path> group_folder(const std::string& path, const fs::path& root) {
  const auto is_group = [](const fs::path& folder) {
    std::error_code error;
    return fs::exists(folder / kMembers, error);
  };
  if (is_group(path)) return fs::path(path);
  const fs::path inside = fs::path(path).relative_path();
  if (is_group(root / inside)) return root / inside;
  std::error_code error;
  std::vector<fs::path> hierarchies;
  for (auto entry = fs::directory_iterator(root, error); !error && entry != fs::end(entry);
       entry.increment(error))
    hierarchies.push_back(entry->path());
  std::sort(hierarchies.begin(), hierarchies.end());
  // The second version's hierarchy has every process in one place; it is "unified" beside those of the first.
  std::stable_partition(hierarchies.begin(), hierarchies.end(),
                        [](const fs::path& each) { return each.filename() == "unified"; });
  for (const fs::path& hierarchy : hierarchies) {
    if (is_group(hierarchy / inside)) return hierarchy / inside;
  }
  return fail(ErrorKind::not_found,
              fmt::format("--cgroup {}: there is no such control group", printable(path)),
              "cat /proc/PID/cgroup says in which a process is; systemd-cgls lists them");
}

void add_members(const fs::path& group, std::vector<std::int32_t>& out) {
  const auto text = read_file(group / kMembers);
  if (!text) return;  // a threaded group has none of its own
  for (const std::string_view line : lines(*text)) {
    const auto pid = parse_integer(line);
    if (pid && *pid > 0 && *pid <= INT32_MAX) out.push_back(static_cast<std::int32_t>(*pid));
  }
}

void add(const std::vector<std::int32_t>& more, std::vector<std::int32_t>& out) {
  out.insert(out.end(), more.begin(), more.end());
}

void sort_once(std::vector<std::int32_t>& pids) {
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
}

}  // namespace

std::vector<cli::Option> selection_options(std::string_view pid_help) {
  return {
      {"--pid", "N", std::string(pid_help), {}, true},
      {"--name", "REGEX", "all processes whose name or command line has a match", {}, true},
      {"--cgroup", "PATH", "all processes of a control group and of those below it", {}, true},
  };
}

std::vector<Candidate> running_candidates() {
  const std::vector<std::int32_t> ours = own_line();
  std::vector<Candidate> out;
  for (const std::int32_t pid : all_processes()) {
    if (std::find(ours.begin(), ours.end(), pid) != ours.end()) continue;
    const std::vector<std::string> words = command_of(pid);
    if (!words.empty()) out.push_back({pid, comm_of(pid, pid), join(words, " ")});
  }
  return out;
}

Result<std::vector<std::int32_t>> processes_named(const NamePattern& pattern,
                                                  const std::vector<Candidate>& candidates) {
  std::vector<std::int32_t> out;
  std::vector<std::string> names;
  for (const Candidate& each : candidates) {
    if (pattern.matches(each.comm) || pattern.matches(each.command)) out.push_back(each.pid);
    names.push_back(each.comm);
  }
  if (!out.empty()) return out;
  const auto near = nearest(pattern.text(), names);
  return fail(ErrorKind::not_found,
              fmt::format("--name {}: no process has such a name", printable(pattern.text())),
              near ? fmt::format("did you mean `{}`?", printable(*near)) : "ps -e lists those that run");
}

Result<std::vector<std::int32_t>> processes_in_cgroup(const std::string& path, const fs::path& root) {
  SIGNALBOX_TRY(const fs::path group, group_folder(path, root));
  std::vector<std::int32_t> out;
  add_members(group, out);
  std::error_code error;
  std::size_t groups = 0;
  for (auto entry = fs::recursive_directory_iterator(group, error);
       !error && entry != fs::end(entry) && groups < kMaxGroups; entry.increment(error)) {
    std::error_code is_gone;
    if (!entry->is_directory(is_gone)) continue;
    ++groups;
    add_members(entry->path(), out);
  }
  sort_once(out);
  std::erase(out, ::getpid());
  if (out.empty())
    return fail(ErrorKind::not_found, fmt::format("--cgroup {}: nobody is in it", printable(path)),
                "cat /proc/PID/cgroup says in which a process is");
  return out;
}

namespace {

// By number or name.
Result<std::vector<std::int32_t>> chosen_processes(const cli::Arguments& arguments) {
  std::vector<std::int32_t> out;
  for (const std::string& word : arguments.all("--pid")) {
    for (const std::string_view part : split(word, ',')) {
      SIGNALBOX_TRY(const std::int32_t pid, parse_pid(part));
      out.push_back(pid);
    }
  }
  for (const std::string& expression : arguments.all("--name")) {
    const auto pattern = NamePattern::compile(expression);
    if (!pattern) return fail_in("--name", pattern.error());
    SIGNALBOX_TRY(const auto named, processes_named(*pattern, running_candidates()));
    add(named, out);
  }
  return out;
}

Result<std::vector<std::int32_t>> members_of_groups(const cli::Arguments& arguments) {
  std::vector<std::int32_t> out;
  for (const std::string& path : arguments.all("--cgroup")) {
    SIGNALBOX_TRY(const auto members, processes_in_cgroup(path));
    add(members, out);
  }
  return out;
}

}  // namespace

Result<std::vector<std::int32_t>> selected_processes(const cli::Arguments& arguments) {
  SIGNALBOX_TRY(std::vector<std::int32_t> out, chosen_processes(arguments));
  SIGNALBOX_TRY(const std::vector<std::int32_t> members, members_of_groups(arguments));
  add(members, out);
  sort_once(out);
  return out;
}

cli::Option system_option() {
  return {"--system", "", "all processes of this machine", {}, false};
}

Status choose_target(const cli::Arguments& arguments, RecordRequest& request) {
  request.program = arguments.positionals();
  SIGNALBOX_TRY(request.pids, chosen_processes(arguments));
  request.pids_may_end = !arguments.has("--pid");
  // A group has all of its own: a child that stands in another one is not of it.
  request.descendants = !arguments.has("--cgroup");
  if (!request.descendants) {
    SIGNALBOX_TRY(const std::vector<std::int32_t> members, members_of_groups(arguments));
    if (!arguments.has("--no-children")) add(descendants_of(request.pids), request.pids);
    std::erase(request.pids, ::getpid());
    add(members, request.pids);
  }
  sort_once(request.pids);
  request.system = arguments.has("--system");
  const int targets =
      (request.program.empty() ? 0 : 1) + (request.pids.empty() ? 0 : 1) + (request.system ? 1 : 0);
  if (targets == 1) return {};
  return fail(ErrorKind::bad_input,
              targets == 0              ? "what is to be profiled?"
              : request.program.empty() ? "both the whole machine and some of its processes are given"
                                        : "both a program and processes that run are given",
              "a PROGRAM with its arguments, or --pid N, --name REGEX, --cgroup PATH, or --system");
}

std::string target_name(const RecordRequest& request) {
  if (request.system) return "this machine";
  if (!request.program.empty()) return fs::path(request.program.front()).filename().string();
  if (request.pids.size() > 1) return counted(request.pids.size(), "process", "processes");
  const std::int32_t pid = request.pids.front();
  return fmt::format("{} ({})", printable(comm_of(pid, pid)), pid);
}

}  // namespace signalbox::profile
