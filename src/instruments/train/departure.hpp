// Gathers what a decision is made from, out of the repository and the log, and has it made.
#pragma once

#include <optional>
#include <string>

#include "core/evidence/ledger.hpp"
#include "core/gates/condition.hpp"
#include "instruments/train/decision.hpp"

namespace signalbox::train {

struct DepartureQuery {
  std::optional<std::string> head;  // absent: of a locked train the commit of its manifest, else HEAD
  std::optional<std::string> package;
  std::optional<std::string> channel;
  std::optional<std::string> policy_ref;   // named by the operator
  std::optional<std::string> environment;  // whose freezes count; absent: the policy's own
  std::optional<std::string> train;        // the train that it would leave with
  HistoryQuery::Shallow shallow = HistoryQuery::Shallow::refuse;
  enum class Commands { run_allowed, never } commands = Commands::run_allowed;
  OnCommitRead on_commit_read = {};
  gates::CiServer* ci_server = nullptr;  // asked by gates of the kind ci; nullptr: none is
  std::optional<std::string> artifact;   // a file: what gates about "@artifact" ask about
};

// `ledger`: nullptr where nothing was ever recorded.
Result<Decision> judge_departure(const Workspace& workspace, const evidence::Ledger* ledger,
                                 const DepartureQuery& query, Time now, gates::Evaluator& evaluator);

}  // namespace signalbox::train
