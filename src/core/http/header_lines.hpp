// Octets of a header seen as lines, stricter than RFC 9112, section 2.2, allows: only CR LF ends a line.
#pragma once

#include <cstddef>
#include <utility>

namespace signalbox::http {

// Fed octet by octet: no line goes on in the next (obs-fold), none holds control characters.
class HeaderLines {
 public:
  enum class Seen { nothing, end, wrong };  // end: an empty line
  Seen see(char c) {
    const char before = std::exchange(before_, c);
    if (c == '\n') {
      if (before != '\r') return Seen::wrong;
      const bool empty = std::exchange(in_line_, 0) == 0;
      return empty ? Seen::end : Seen::nothing;
    }
    if (before == '\r') return Seen::wrong;
    if (c == '\r') return Seen::nothing;
    if (in_line_ == 0 && (c == ' ' || c == '\t')) return Seen::wrong;
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return Seen::wrong;
    ++in_line_;
    return Seen::nothing;
  }

 private:
  char before_ = 0;
  std::size_t in_line_ = 0;
};

}  // namespace signalbox::http
