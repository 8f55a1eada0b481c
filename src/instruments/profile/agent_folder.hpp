// Where an agent of a workspace keeps what it writes.
#pragma once

#include <filesystem>

#include "core/config/workspace.hpp"

namespace signalbox::profile {

struct AgentFolder {
  std::filesystem::path ring;
  std::filesystem::path lock;
  std::filesystem::path control;
};

inline AgentFolder agent_folder(const Workspace& workspace) {
  const std::filesystem::path folder = workspace.state / "profile" / "agent";
  return {folder / "ring", folder / "lock", folder / "control"};
}

}  // namespace signalbox::profile
