// What `profile check --record` said of kept profiles.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::profile {

struct CheckVerdict {
  std::string verdict;      // "pass" or "regressed"
  std::uint64_t index = 0;  // of the entry in the log
};

// By the SHA-256 of a profile's file: the newest statement of a trusted signer about each. Those nobody
// judged are not in it; without a log, none.
Result<std::map<std::string, CheckVerdict>> check_verdicts(const Services& services,
                                                           const std::vector<std::string>& sha256s);

}  // namespace signalbox::profile
