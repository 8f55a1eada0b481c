// gzip (RFC 1952) of whole buffers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox {

// Whether the octets start as gzip does.
bool is_gzip(std::string_view octets);

// The octets of all members, one behind another. Corrupt or cut off, or more than `max_bytes` of them →
// bad_input, with the offset in `octets` where reading had to end.
Result<std::string> gunzip(std::string_view octets, std::size_t max_bytes);

// One member; the same octets always make the same one. `level` from 1 (fastest) to 12 (smallest).
std::string gzip(std::string_view octets, int level = 6);

}  // namespace signalbox
