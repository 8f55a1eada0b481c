// Text files as people's tools write them, made UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::profile {

// `octets` without a byte order mark; UTF-16 with one becomes UTF-8 in `storage`, which what is returned then
// points at. Half a pair, or half a unit at the end, becomes U+FFFD.
std::string_view as_utf8(std::string_view octets, std::string& storage);

}  // namespace signalbox::profile
