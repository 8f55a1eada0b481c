// What judges a departure: gates, rubric, freezes, trust. Read from the last release, or from what the
// operator names, never from the commit under judgement.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/workspace.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/exception.hpp"
#include "core/gates/gate.hpp"
#include "instruments/train/after/channels.hpp"
#include "instruments/train/after/health_settings.hpp"
#include "instruments/train/after/review_rules.hpp"
#include "instruments/train/boarding/rules.hpp"
#include "instruments/train/gating/summaries.hpp"
#include "instruments/train/history.hpp"
#include "instruments/train/ramp/settings.hpp"
#include "instruments/train/schedule/cadence.hpp"
#include "instruments/train/schedule/feed.hpp"
#include "instruments/train/settings.hpp"

namespace signalbox::train {

// An item of the readiness score that is no gate.
struct RubricItem {
  gates::Gate gate;
  enum class Counts {
    always,
    once_recorded
  } counts = Counts::always;  // once evidence of its type was recorded
};

struct Policy {
  Settings settings;
  std::vector<gates::Gate> gates;
  std::vector<RubricItem> rubric;
  std::vector<gates::Freeze> freezes;
  gates::ApprovalPolicy approvals;    // who people are to git, and their roles
  gates::ExceptionPolicy exceptions;  // who may ask for and approve them
  after::ReviewRules reviews;         // which trains are asked for one, and what an overdue one does
  after::HealthSettings health;       // what is measured of a release
  after::Announcing announcing;       // who is told of a train, and in which words
  std::vector<after::Contact> contacts;
  std::string environment;  // whose freezes count; empty: all of them
  BoardingRules boarding;
  schedule::Cadence cadence;
  schedule::Feed feed;  // of the calendar
  double pass_at = 80;  // of 100, in the readiness score; 0: no score is asked for
  ramp::Settings ramp;  // how it departs
  Summaries summaries;  // of each recorded decision, for other tools
  evidence::Trust trust;
  std::string source;    // "the built-in policy", "signalbox.yaml of v1.2.0 (1a2b3c4)"
  std::string digest;    // "sha256:…" of `document`
  std::string document;  // canonical JSON of everything above that judges, holidays by their digests
  std::optional<gates::Configuration> configuration;  // whose commands may run once allowed
  std::vector<Remark> remarks;
};

// The policy that judges where nothing is configured; the document that it is read from.
std::string_view built_in_policy();
// Its condition on evidence/tests/v1.
std::string_view built_in_tests_condition();

// Section `train` as a policy: what it leaves out is as the built-in policy has it. `files` has what the
// section names beside itself. bad_input with file:line:column.
Result<Policy> parse_policy(const config::Node& train, const gates::FileSource& files);
// The policy that the work tree would have: never what judges.
Result<Policy> parse_own_policy(const Workspace& workspace);

// A section of the configuration as a commit has it: of signalbox.yaml, or signalbox/<name>.yaml beside it.
Result<config::Node> section_at(const git::Repository& repository, const Workspace& workspace,
                                const std::string& commit, const std::string& name);
// The octets of a file of the workspace as a commit has it, wherever in its repository the workspace lies;
// nothing where the commit has none of that name.
Result<std::optional<std::string>> file_at(const git::Repository& repository, const Workspace& workspace,
                                           const std::string& commit, const std::string& path);

struct PolicyQuery {
  std::string candidate;                // commit id
  std::optional<std::string> revision;  // named by the operator
  std::optional<std::string> package;   // whose last release; absent: as `read_series` chooses
  HistoryQuery::Shallow shallow = HistoryQuery::Shallow::refuse;
};
// The operator's revision; else that which `policy_ref` of the last release names; else the last release;
// else the built-in policy. bad_input where the operator names the candidate itself.
Result<Policy> read_policy(const git::Repository& repository, const Workspace& workspace,
                           const PolicyQuery& query);

}  // namespace signalbox::train
