// How often each command was begun in a workspace, by the workspace's own account.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "core/cli/command.hpp"
#include "core/config/workspace.hpp"

namespace signalbox::profile {

// A file of names and counts, for several processes at once. It is replaced as a whole; who is killed, or
// finds no room, counts nothing and spoils nothing.
class RunCounts {
 public:
  explicit RunCounts(const std::filesystem::path& folder);
  // One more. Not where another still holds the file after `patience`, or it cannot be written.
  void add(std::string_view name, std::chrono::milliseconds patience = std::chrono::milliseconds(200)) const;
  // Empty where there is none, or it is damaged.
  std::map<std::string, std::uint64_t> read() const;

 private:
  std::filesystem::path file_;
  std::filesystem::path lock_;
};

RunCounts run_counts_of(const Workspace& workspace);

// `signalbox profile`, each of whose runs is counted: as "record", those of its commands by their words, as
// "store add". Where nothing says that there is a workspace, or its folder belongs to another user, nothing
// is written.
cli::Command counting_runs(cli::Command command);

// The counts as a counter with the label `subcommand`, in Prometheus' text format. A server and an agent of
// one workspace tell the same counts: each by a name of its own, so that a sum over both counts nothing
// twice.
inline constexpr std::string_view kRunsByServer = "signalbox_profile_runs_total";
inline constexpr std::string_view kRunsByAgent = "signalbox_profile_agent_workspace_runs_total";
std::string runs_metric(const Workspace& workspace, std::string_view name);

}  // namespace signalbox::profile
