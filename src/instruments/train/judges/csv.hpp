// Comma-separated values (RFC 4180), record by record, with the place of each field.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::train::judges {

struct CsvField {
  std::string text;        // without quotes; white space around it is dropped
  std::size_t offset = 0;  // where it begins in the text
  std::string objection;   // why it is no field; empty where it is one
};

// Lines end with LF or CRLF; empty lines are passed over. A quoted field ends on its line.
class CsvScanner {
 public:
  explicit CsvScanner(std::string_view text) : text_(text) {}
  bool next(std::vector<CsvField>& record);  // false at the end; a record has at least one field

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace signalbox::train::judges
