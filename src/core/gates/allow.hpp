// `signalbox allow`: commands named in a configuration run only when exactly this configuration was allowed
// on this machine, as direnv does it. So looking at a stranger's clone runs nothing of theirs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/process.hpp"
#include "core/base/result.hpp"
#include "core/config/workspace.hpp"

namespace signalbox::gates {

// A configuration as it was read: from the work tree, or from the commit that holds the policy.
struct Configuration {
  std::string octets;
  std::string path;                            // of its file in the workspace, absolute
  std::filesystem::path directory;             // where its commands run
  std::string allow_with = "signalbox allow";  // the command that allows exactly this
};

// That of a file of the workspace ("signalbox.yaml", "signalbox/train.yaml"), read from the work tree (empty
// revision) or from a commit.
Configuration configuration_of(const Workspace& workspace, std::string_view file, std::string octets,
                               std::string_view revision);

// One thing that was allowed, and when.
struct Allowance {
  std::string path;
  std::string digest;  // SHA-256 of the octets, hexadecimal
  Time time;
};

// ${XDG_DATA_HOME:-~/.local/share}/signalbox/allow
std::filesystem::path allowances_directory();

// One file an allowance, named for the digest of path and octets together: the same file elsewhere, or
// changed by one octet, is another.
Status allow(const std::string& configuration_octets, const std::string& path, Time now);
Result<bool> is_allowed(const std::string& configuration_octets, const std::string& path);
// Newest first.
Result<std::vector<Allowance>> allowances();
// Every allowance of that path; how many there were.
Result<std::size_t> revoke(const std::string& path);

// Runs the program and its words in the configuration's folder, without a shell. denied, with the command
// that allows it, where the configuration is not allowed: nothing has run then.
Result<ProcessResult> run_allowed_command(const Configuration& configuration,
                                          const std::vector<std::string>& command,
                                          ProcessOptions options = {});

}  // namespace signalbox::gates
