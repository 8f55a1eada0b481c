// Decoding of brotli (RFC 7932), for the rare client that does not read it.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::http {

// What does not decode, or to more than 64 MiB, is bad_input.
Result<std::string> brotli_decode(std::string_view octets);

}  // namespace signalbox::http
