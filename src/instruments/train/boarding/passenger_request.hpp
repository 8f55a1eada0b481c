// What somebody asks for who wants a change aboard: on the command line, or in a file of
// signalbox/train/passengers/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/workspace.hpp"
#include "instruments/train/boarding/passenger_record.hpp"

namespace signalbox::train {

struct PassengerRequest {
  std::string change;                // a revision, or "#123" of a pull request
  std::optional<std::string> train;  // absent: the one that leaves next
  std::string owner;                 // empty: nobody is named
  std::optional<Risk> risk;
  std::string rollback_plan;  // path in the workspace; empty: none
  std::vector<std::string> flags;
  std::string epic;
  std::string note;
  std::string risk_note;
  MigrationStep migration;
  Checklist checks;
  std::string source;  // the file that it stands in; empty: the command line
};

inline constexpr std::size_t kMaxPassengerFiles = 2000;

// Members: commit or pr, train, owner, risk, rollback, flags, epic, note, risk_note, migration, checklist. An
// answer of the checklist is a text as on the command line, or {evidence: 12}, {n/a: REASON}, {attested:
// TEXT}. bad_input with file:line:column. That somebody is missing is no error here, but a refusal later.
Result<PassengerRequest> parse_passenger(const config::Node& document);

// The files *.yaml of signalbox/train/passengers/, by name. Empty where the folder is not there.
Result<std::vector<PassengerRequest>> read_passenger_files(const Workspace& workspace);

}  // namespace signalbox::train
