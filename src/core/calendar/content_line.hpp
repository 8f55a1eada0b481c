// The lines that iCalendar files are made of, RFC 5545, 3.1: read unfolded, written folded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::calendar {

inline constexpr std::size_t kMaxIcsBytes = std::size_t{8} << 20;
inline constexpr std::size_t kMaxLineOctets = 75;  // of a written line, without its end

// `NAME;PARAMETER=value:value`, unfolded; it knows where each octet stood.
struct ContentLine {
  std::string name;                                             // upper case
  std::vector<std::pair<std::string, std::string>> parameters;  // names in upper case, values without quotes
  std::string value;                                            // as written, escapes included

  // A stretch of the unfolded line that stood on one line of the file.
  struct Piece {
    std::size_t offset = 0;  // in the unfolded line
    std::size_t line = 1, column = 1;
  };
  std::vector<Piece> pieces;
  std::size_t value_offset = 0;

  std::string_view parameter(std::string_view of_name) const;  // empty where there is none
  std::string where(std::size_t value_column = 1) const;       // "12:7", of an octet of the value, from 1
};

// "holidays.ics:12:7: …" where a line is none.
Result<std::vector<ContentLine>> read_content_lines(std::string_view octets, std::string_view file);

// TEXT values, 3.3.11.
std::string unescaped(std::string_view value);
void append_escaped(std::string& out, std::string_view text);

// Appends a line with its CRLF, folded so that no line has more than 75 octets and no character is cut.
void append_folded(std::string& out, std::string_view line);

}  // namespace signalbox::calendar
