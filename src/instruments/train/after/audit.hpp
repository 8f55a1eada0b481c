// Did the train leave by its rules? What an auditor asks of the entries he holds, each question with its
// answer. Pure: nothing is read but what is handed in.
#pragma once

#include <optional>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/after/exhibits.hpp"
#include "instruments/train/after/passage.hpp"

namespace signalbox::train::after {

struct Audit {
  std::optional<Ending> ending;           // of the train's way
  std::optional<std::uint64_t> decision;  // that it left by
  std::vector<Check> checks;  // a failed one is why the file does not show that it left by its rules
};
// Asked: the log holds exactly these entries (where it does not, nothing else); trusted keys signed them;
// none about the train is missing; it left, by a GO about the very commit, given before; the policy of that
// decision, its gates and their evidence, its approvals, its exceptions and their audits, its manifest.
// `now`: whether audits are late.
Audit audit_train(const Exhibits& exhibits, Time now);

Report audit_report(const Exhibits& exhibits, const Audit& audit);

}  // namespace signalbox::train::after
