// The desk where trains are run: repository, policy, flags and all trains, read together for one command.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/evidence/recorder.hpp"
#include "instruments/train/boarding/flags.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/plan_reader.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train {

struct DeskQuery {
  std::string head = "HEAD";
  std::optional<std::string> package;
  std::optional<std::string> policy_ref;
  HistoryQuery::Shallow shallow = HistoryQuery::Shallow::refuse;
};

struct Desk {
  git::Repository repository;
  std::string head;  // commit id of what would depart
  Policy policy;     // whose rules of boarding and trust count
  Rulebook book;
  std::vector<Flag> flags;    // the registry, as what would depart has it
  std::vector<Train> trains;  // the newest first
  DeskQuery query;

  const BoardingRules& rules() const { return book.boarding; }
  // The train of that name, or without one that which leaves next. not_found, naming the nearest.
  Result<const Train*> train(const std::optional<std::string>& id) const;
};

// `ledger`: nullptr where nothing was ever recorded: then there are no trains.
Result<Desk> open_desk(const Workspace& workspace, const evidence::Ledger* ledger, const DeskQuery& query,
                       Time now);

// What departs with a train: from the last release, of a hotfix from the tag that it repairs, to the desk's
// head.
Result<Plan> read_train_plan(const Workspace& workspace, const Desk& desk, const Train& train);
// Of a locked train what its manifest signed, whatever came after it; of an open one the same as above.
Result<Plan> read_locked_plan(const Workspace& workspace, const Desk& desk, const Train& train);

}  // namespace signalbox::train
