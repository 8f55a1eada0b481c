// Reads what a runbook is made from: for the command and for the server alike.
#pragma once

#include "instruments/train/after/runbook.hpp"

namespace signalbox::train::after {

// not_found where nobody has made the train.
Result<Runbook> read_runbook(const Workspace& workspace, const evidence::Ledger& ledger, const Policy& policy,
                             const std::string& train, Time now);

}  // namespace signalbox::train::after
