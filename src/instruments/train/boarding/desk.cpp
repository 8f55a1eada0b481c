#include "instruments/train/boarding/desk.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

PlanQuery plan_query(const Desk& desk) {
  PlanQuery query;
  query.package = desk.query.package;
  query.settings = desk.policy.settings;
  query.shallow = desk.query.shallow;
  return query;
}

}  // namespace

Result<const Train*> Desk::train(const std::optional<std::string>& id) const {
  if (!id) {
    if (const Train* next = next_train(trains)) return next;
    return fail(ErrorKind::not_found, "no train waits to depart",
                "signalbox train new NAME --depart TIME makes one");
  }
  SIGNALBOX_CHECK(check_train_id(*id));
  std::vector<std::string> names;
  for (const Train& train : trains) {
    if (train.id == *id) return &train;
    names.push_back(train.id);
  }
  const auto near = nearest(*id, names);
  return fail(ErrorKind::not_found, fmt::format("there is no train {}", *id),
              near ? fmt::format("did you mean {}?", *near)
                   : fmt::format("signalbox train new {} --depart TIME makes it", *id));
}

Result<Desk> open_desk(const Workspace& workspace, const evidence::Ledger* ledger, const DeskQuery& query,
                       Time now) {
  SIGNALBOX_TRY(git::Repository repository, open_repository(workspace));
  if (repository.is_empty() && query.head == "HEAD") {
    return fail(ErrorKind::not_found, "the repository has no commits yet: nothing can depart",
                "git commit something first");
  }
  SIGNALBOX_TRY(std::string head, repository.resolve(query.head));
  SIGNALBOX_TRY(Policy policy,
                read_policy(repository, workspace, {head, query.policy_ref, query.package, query.shallow}));
  SIGNALBOX_TRY(const config::Node configured, section_at(repository, workspace, head, "train"));
  SIGNALBOX_TRY(std::vector<Flag> flags, parse_flags(configured["flags"]));
  SIGNALBOX_TRY(Rulebook book, read_rulebook(ledger, policy, now));
  std::vector<Train> trains;
  if (ledger != nullptr) {
    SIGNALBOX_TRY(trains, read_trains(*ledger, policy.trust, book));
  }
  return Desk{std::move(repository),
              std::move(head),
              std::move(policy),
              std::move(book),
              std::move(flags),
              std::move(trains),
              query};
}

Result<Plan> read_train_plan(const Workspace& workspace, const Desk& desk, const Train& train) {
  PlanQuery query = plan_query(desk);
  query.head = desk.head;
  if (train.schedule && !train.schedule->base.empty()) query.base = train.schedule->base;
  return read_plan(workspace, query);
}

Result<Plan> read_locked_plan(const Workspace& workspace, const Desk& desk, const Train& train) {
  if (!train.lock) return read_train_plan(workspace, desk, train);
  PlanQuery query = plan_query(desk);
  query.head = train.lock->head;
  if (!train.lock->base.empty()) query.base = train.lock->base;
  return read_plan(workspace, query);
}

}  // namespace signalbox::train
