// What a person decided about a candidate, whatever the gates say: a no holds until somebody says go.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/gates/approval.hpp"
#include "core/report/report.hpp"

namespace signalbox::train {

inline constexpr const char* kDecisionCheck = "decision";

struct PersonDecision {
  enum class Word { go, no_go } word = Word::go;
  std::string key, reason;
  std::uint64_t index = 0;
  Time time;
};
// The newest by a key that may approve.
std::optional<PersonDecision> person_decision(const std::vector<gates::Vote>& votes);

// A red row for a no, a green one for a go.
Check check_of(const PersonDecision& decision, Time now);

}  // namespace signalbox::train
