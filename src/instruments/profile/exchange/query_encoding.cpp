#include "instruments/profile/exchange/query_encoding.hpp"

#include <fmt/format.h>

namespace signalbox::profile {

std::string query_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                               c == '-' || c == '.' || c == '_' || c == '~';
    if (is_unreserved)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace signalbox::profile
