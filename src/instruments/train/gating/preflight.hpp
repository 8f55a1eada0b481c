// The pre-flight table: six rows that are asked before a train leaves, each with an owner and a pass
// criterion.
#pragma once

#include <vector>

#include "core/config/config.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::train {

// Section `preflight` of a policy: a map of rows, each with its owner and what only this repository knows.
//   artifacts            {file, checksums, previous, owner}   the file is what its checksum file says; both
//   are wanted ci-quality           {jobs, owner}              these jobs of CI are green on the commit
//   migration-plan       {role, owner}              somebody in the role approved
//   observability        {owner}                    the newest SLO verdict is pass, and at most an hour old
//   release-notes        {owner}                    the signed manifest holds the notes' digest, and no
//   commit is lost stakeholder-signoff  {role, owner}              somebody in each of the roles approved
// No gates where the section is absent. bad_input with file:line:column.
Result<std::vector<gates::Gate>> parse_preflight(const config::Node& node);

}  // namespace signalbox::train
