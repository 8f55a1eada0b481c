// What the readers of JSON formats share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kJsonDepthMax = 1024;  // old .cpuprofile files nest their calls
inline constexpr std::size_t kDepthMax = 16'384;    // of a stack in a JSON format

// A document as large as a profile can be. bad_input names the place.
Result<Json> parse_profile_json(std::string_view octets);

// A number of any kind times `factor`, rounded; beyond 64 bits: the nearest end of them; no number:
// `fallback`.
std::int64_t scaled(const Json& number, double factor, std::int64_t fallback = 0);

// Item `index` of an array, null where there is none: for tables that are stored by columns.
const Json& item(const Json& array, std::size_t index);

// An index below `size`, or `size` where `value` is none.
std::size_t index_below(const Json& value, std::size_t size);

// Appends `text` as JSON, octets that are not UTF-8 as \xHH.
void put_json_string(std::string& out, std::string_view text);

}  // namespace signalbox::profile
