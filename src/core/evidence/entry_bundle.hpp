// 256 log records, or fewer at the end of a log, as C2SP tlog-tiles serves them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::evidence {

// Adds a record of at most 65,535 octets, behind its length in two octets, most significant first.
void add_to_entry_bundle(std::string& bundle, std::string_view record);
// The records in it, from 1 to 256.
Result<std::vector<std::string_view>> parse_entry_bundle(std::string_view octets);

}  // namespace signalbox::evidence
