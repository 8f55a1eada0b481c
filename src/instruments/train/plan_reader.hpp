// A plan, from the repository a workspace stands in to the next version.
#pragma once

#include <optional>
#include <string>

#include "core/config/workspace.hpp"
#include "instruments/train/plan.hpp"

namespace signalbox::train {

struct Plan {
  std::string name;  // of the workspace
  Settings settings;
  History history;
  PackageScope scope;
  Manifest manifest;
  NextVersion next;
};

struct PlanQuery {
  std::string head = "HEAD";
  std::optional<std::string> base;
  std::optional<std::string> package;  // absent: as the settings say
  std::optional<std::string> channel;
  std::optional<Settings> settings;  // absent: the workspace's own
  HistoryQuery::Shallow shallow = HistoryQuery::Shallow::refuse;
  OnCommitRead on_commit_read = {};
};

// The repository of the workspace; outside of one not_found.
Result<git::Repository> open_repository(const Workspace& workspace);
// Section `train` of the workspace's own configuration: how history is read, never what judges.
Result<Settings> read_settings(const Workspace& workspace);
// Where the whole history of the workspace's repository is kept between runs.
std::filesystem::path history_cache(const Workspace& workspace);
Result<Plan> read_plan(const Workspace& workspace, const PlanQuery& query);

}  // namespace signalbox::train
