// What a gate's row says of the evidence that it rests on: words for people instead of an entry's number.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.hpp"

namespace signalbox::train {

struct EvidenceWords {
  std::string text;   // "3 tests, none failed"
  double passed = 0;  // the part that is well, 0 to 1
};

// Of a predicate of that type ("https://signalbox.dev/evidence/tests/v1"); absent: of another type nothing is
// known but its number in the log.
std::optional<EvidenceWords> words_of(std::string_view type, const Json& predicate);

}  // namespace signalbox::train
