// Vetoes: a word against a departure that names a gate which fails. It holds as long as that gate does not
// turn green, however little the gate weighs by itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/gates/approval.hpp"
#include "core/report/report.hpp"

namespace signalbox::train {

inline constexpr const char* kVetoCheck = "veto";

struct Veto {
  std::string key, condition, reason;
  std::uint64_t index = 0;
};
// The last word of each key that is a veto, and whose key may approve.
std::vector<Veto> standing_vetoes(const std::vector<gates::Vote>& votes);

// A red check where a veto's condition is not green; nothing where none stands, or all have lapsed.
std::optional<Check> judge_vetoes(const std::vector<Veto>& vetoes, const std::vector<Check>& checks);

}  // namespace signalbox::train
