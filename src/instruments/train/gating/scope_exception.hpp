// Whether an exception opens a locked scope. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/gates/exception.hpp"

namespace signalbox::train {

// An exception that a change of a locked scope names.
struct NamedException {
  std::uint64_t number = 0;             // the log index of its request
  std::string train;                    // whose scope changes
  std::optional<std::string> manifest;  // digest that the scope is locked under; absent: by time alone
  Time at;                              // of the change
  std::optional<std::uint64_t> entry;  // of the log, that tells the change; absent: it is still to be written
};

// Why it does not open the scope; empty where it does: it is for the scope lock of this train under this very
// manifest, was approved before, and was in force at that time. A key that was revoked or ran out afterwards
// changes nothing about what was done under it.
std::string exception_objection(const gates::ExceptionRules& rules, const NamedException& named);

}  // namespace signalbox::train
