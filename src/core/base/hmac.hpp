// HMAC-SHA-256 (RFC 2104, FIPS 180-4) over OpenSSL, and comparing secrets.
#pragma once

#include <string_view>

#include "core/base/digest.hpp"

namespace signalbox {

Sha256 hmac_sha256(std::string_view key, std::string_view octets);

// Takes as long whichever octet differs; what may be seen is whether the lengths do.
bool is_same_secret(std::string_view a, std::string_view b);

}  // namespace signalbox
