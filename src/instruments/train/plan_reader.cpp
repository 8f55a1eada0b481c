#include "instruments/train/plan_reader.hpp"

namespace signalbox::train {

Result<git::Repository> open_repository(const Workspace& workspace) {
  auto repository = git::Repository::open(workspace.root);
  if (!repository && repository.error().kind == ErrorKind::not_found) {
    return fail(ErrorKind::not_found, workspace.root.string() + ": not a git repository",
                "a train leaves from a repository: go into one, or name it with -C");
  }
  return repository;
}

Result<Settings> read_settings(const Workspace& workspace) {
  SIGNALBOX_TRY(const config::Node node, section(workspace, "train"));
  return parse_settings(node);
}

std::filesystem::path history_cache(const Workspace& workspace) {
  return workspace.state / "train" / "history.cache";
}

Result<Plan> read_plan(const Workspace& workspace, const PlanQuery& query) {
  Plan plan;
  plan.name = workspace.name;
  SIGNALBOX_TRY(const git::Repository repository, open_repository(workspace));
  if (query.settings) {
    plan.settings = *query.settings;
  } else {
    SIGNALBOX_TRY(plan.settings, read_settings(workspace));
  }
  HistoryQuery history;
  history.head = query.head;
  history.base = query.base;
  history.package = query.package ? query.package : plan.settings.package;
  for (const auto& [name, globs] : plan.settings.packages) history.declared.push_back(name);
  history.shallow = query.shallow;
  history.on_commit_read = query.on_commit_read;
  history.cache = history_cache(workspace);
  if (query.channel == "stable") history.releases = HistoryQuery::Releases::stable_alone;
  SIGNALBOX_TRY(plan.history, read_history(repository, history));
  SIGNALBOX_TRY(plan.scope,
                read_scope(repository, plan.history.range, plan.settings, plan.history.series.package));
  plan.manifest = make_manifest(plan.history.commits, plan.history.total, plan.settings, plan.scope);
  plan.next = next_version(plan.manifest, plan.history, plan.settings, {query.channel});
  return plan;
}

}  // namespace signalbox::train
