// Where in a JSON text something is, for messages. It reads the text again, slowly: use it once something is
// wrong.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signalbox {

// Line and column, both from 1; a column counts characters.
struct TextPlace {
  int line = 1;
  int column = 1;
};
TextPlace place_of(std::string_view text, std::size_t offset);

// A member of an object or an item of an array.
using JsonStep = std::variant<std::string, std::size_t>;

// The value that the steps lead to; where the text has no such value, the last one that it has.
TextPlace place_in_json(std::string_view text, const std::vector<JsonStep>& steps);

// The first octet that no JSON text can have there; the end, where it ends too early. Nesting beyond
// `max_depth` counts as wrong.
TextPlace first_json_error(std::string_view text, std::size_t max_depth);

}  // namespace signalbox
