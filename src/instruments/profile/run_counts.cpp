#include "instruments/profile/run_counts.hpp"

#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/json.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 10;  // some forty commands are a few KiB

// What is written into a label: a file in a workspace may have come with it.
bool is_command(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz- ") == std::string_view::npos;
}

// Whoever runs this, and nobody else: a folder that root made would be in its owner's way.
bool is_ours(const std::filesystem::path& path) {
  struct stat found {};
  return ::stat(path.c_str(), &found) == 0 && found.st_uid == ::geteuid();
}

bool keeps_something(const Workspace& workspace) {
  std::error_code error;
  if (std::filesystem::is_directory(workspace.state, error)) return is_ours(workspace.state);
  return workspace.file && is_ours(workspace.root);
}

cli::Command with_count(cli::Command command, const std::string& name) {
  if (!command.run) return command;
  command.run = [run = std::move(command.run), name](const cli::Arguments& arguments, cli::Context& context) {
    if (keeps_something(context.workspace)) run_counts_of(context.workspace).add(name);
    return run(arguments, context);
  };
  return command;
}

cli::Command counted_as(cli::Command command, const std::string& name) {
  for (cli::Command& each : command.commands) {
    const std::string inner = fmt::format("{} {}", name, each.name);
    each = counted_as(std::move(each), inner);
  }
  return with_count(std::move(command), name);
}

}  // namespace

RunCounts::RunCounts(const std::filesystem::path& folder)
    : file_(folder / "runs.json"), lock_(folder / "runs.lock") {}

std::map<std::string, std::uint64_t> RunCounts::read() const {
  std::map<std::string, std::uint64_t> out;
  const auto text = read_file(file_, kMaxBytes);
  if (!text) return out;
  const auto counts = parse_json(*text);
  if (!counts || !counts->is_object()) return out;
  for (const auto& [name, count] : counts->members()) {
    if (is_command(name) && count.as_integer(-1) >= 0)
      out[name] = static_cast<std::uint64_t>(count.as_integer());
  }
  return out;
}

void RunCounts::add(std::string_view name, std::chrono::milliseconds patience) const {
  if (!make_directories(file_.parent_path())) return;
  const auto lock = lock_file(lock_, patience);
  if (!lock || !*lock) return;
  std::map<std::string, std::uint64_t> counts = read();
  ++counts[std::string(name)];
  Json out = Json::object();
  for (const auto& [each, count] : counts) out.set(each, count);
  (void)replace_file(file_, out.dump() + "\n");
}

RunCounts run_counts_of(const Workspace& workspace) {
  return RunCounts(workspace.state / "profile");
}

cli::Command counting_runs(cli::Command command) {
  for (cli::Command& each : command.commands) {
    const std::string name = each.name;
    each = counted_as(std::move(each), name);
  }
  return with_count(std::move(command), "record");
}

std::string runs_metric(const Workspace& workspace, std::string_view name) {
  const auto counts = run_counts_of(workspace).read();
  if (counts.empty()) return {};
  std::string out = fmt::format(
      "# HELP {} Runs of signalbox profile in this workspace, by command.\n# TYPE {} counter\n", name, name);
  for (const auto& [command, count] : counts)
    out += fmt::format("{}{{subcommand=\"{}\"}} {}\n", name, command, count);
  return out;
}

}  // namespace signalbox::profile
