// Octets as text. Octet strings are std::string / std::string_view throughout; nothing here assumes UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox {

std::string to_hex(std::string_view octets);  // lower case
// Nothing but hexadecimal digits as `to_hex` writes them; also where there are none.
bool is_lower_hex(std::string_view text);
Result<std::string> from_hex(
    std::string_view hex);  // either case; an odd length or another character is bad_input
std::string to_base64(std::string_view octets);     // RFC 4648 section 4, padded
std::string to_base64url(std::string_view octets);  // RFC 4648 section 5, not padded
Result<std::string> from_base64(
    std::string_view text);  // standard alphabet, padding required, no white space, canonical trailing bits
// Standard or URL-safe alphabet, padded or not, canonical trailing bits: what the DSSE specification asks of
// a reader.
Result<std::string> from_base64_any(std::string_view text);
// RFC 3986 section 2.1: every octet that is not unreserved (section 2.3) as %XX.
std::string to_percent(std::string_view octets);
// %XX as the octet, with digits of either case; a '%' that two digits do not follow stays, and so does '+'.
std::string from_percent(std::string_view text);

}  // namespace signalbox
