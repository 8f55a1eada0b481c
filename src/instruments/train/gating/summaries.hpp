// What is left of each recorded decision in the words of other tools, as `evidence summarize` says it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/config/config.hpp"
#include "core/gates/decision_summary.hpp"

namespace signalbox::train {

// Member `summaries` of section `train`.
struct Summaries {
  std::vector<gates::SummaryForm> forms;  // each once; empty: none is left
  std::string verifier = std::string(gates::kTrainVerifier);
  std::string resource;  // URI with {version}, {tag}, {commit}; empty: git+ORIGIN@COMMIT
};

// `[vsa, svr]`, or a map of forms, verifier and resource. bad_input with file:line:column.
Result<Summaries> parse_summaries(const config::Node& node);

}  // namespace signalbox::train
