// `append --wait`: until what was appended is as safe as was asked for.
#pragma once

#include <chrono>
#include <cstdint>

#include "core/base/result.hpp"
#include "core/cli/command.hpp"
#include "core/evidence/recorder.hpp"

namespace signalbox::evidence_command {

// Until a quorum of witnesses cosigned a checkpoint that holds the entry: asks them, or, where a server keeps
// the log, waits until that has. unavailable when `patience` is over, or where no witness is asked at all:
// the entry is durable all the same, and the message says so.
Status wait_until_witnessed(std::uint64_t index, std::chrono::milliseconds patience,
                            evidence::EvidenceBook& book, cli::Context& context);

}  // namespace signalbox::evidence_command
