// Where a command works: the folder of signalbox.yaml, the git repository around it, and where Signalbox
// keeps what it writes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/config/config.hpp"

namespace signalbox {

struct Workspace {
  std::filesystem::path
      root;  // folder of signalbox.yaml; else top of the git work tree; else where the command ran
  std::optional<std::filesystem::path> file;  // signalbox.yaml, where there is one
  std::optional<std::filesystem::path>
      git_directory;  // git's common directory, absolute: shared by worktrees
  std::filesystem::path
      state;         // what Signalbox writes: <git common directory>/signalbox, else <root>/.signalbox
  std::string name;  // `name:` of signalbox.yaml, else the folder's name

  std::filesystem::path database() const { return state / "signalbox.db"; }
  std::filesystem::path blobs() const { return state / "blobs"; }
};

// Looks upward from `start`. No signalbox.yaml and no git are fine: everything works on defaults.
Result<Workspace> find_workspace(const std::filesystem::path& start);

// The section of an instrument in signalbox.yaml, or signalbox/<name>.yaml beside it (both: bad_input).
// Absent node where there is neither.
Result<config::Node> section(const Workspace& workspace, std::string_view instrument);

// ${XDG_DATA_HOME:-~/.local/share}/signalbox/keys
std::filesystem::path keys_directory();

}  // namespace signalbox
