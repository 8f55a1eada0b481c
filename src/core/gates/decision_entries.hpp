// What a recorded decision of a train rests on.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/json.hpp"

namespace signalbox::gates {

// The entries of the log that a predicate train/decision/v1 names: those its conditions, approvals and
// exceptions rest on, each once, ascending.
std::vector<std::uint64_t> entries_behind(const Json& decision);

}  // namespace signalbox::gates
