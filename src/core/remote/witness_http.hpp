// Witnesses reached over HTTP, one after the other.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/witness_submission.hpp"

namespace signalbox::remote {

// The submission prefix of a witness as it is used: http or https, without a slash at its end.
Result<std::string> witness_url(std::string_view url);

// Each request ends within `deadline`. SIGNALBOX_CA_FILE names authorities to trust instead of the system's.
std::unique_ptr<evidence::WitnessChannel> witness_channel(const std::string& url,
                                                          std::chrono::milliseconds deadline);

using AskedByName = std::vector<std::pair<std::string, evidence::Asked>>;
// What a store says of its witnesses is worth nothing where it was put back to an older copy: `all` finds
// that.
enum class AskWhich { behind, all };
// Asks once each witness, or each that has not cosigned the newest checkpoint yet. Empty where there is none,
// or the log is empty.
Result<AskedByName> ask_witnesses(store::Database& database, const Clock& clock,
                                  std::chrono::milliseconds deadline, AskWhich which);

}  // namespace signalbox::remote
