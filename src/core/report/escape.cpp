#include "core/report/escape.hpp"

#include "core/base/text.hpp"

namespace signalbox::report {

std::string escape_markup(std::string_view octets) {
  std::string out;
  for (const char c : printable(octets)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  // U+FFFE and U+FFFF are well-formed UTF-8 but no XML characters.
  for (const std::string_view forbidden : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (std::size_t at = out.find(forbidden); at != std::string::npos; at = out.find(forbidden, at))
      out.replace(at, 3, "?");
  }
  return out;
}

}  // namespace signalbox::report
