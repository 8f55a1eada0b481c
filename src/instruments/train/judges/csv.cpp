#include "instruments/train/judges/csv.hpp"

#include "core/base/text.hpp"

namespace signalbox::train::judges {
namespace {

// Takes a quoted field off the front of `rest`, which begins with the quote.
void take_quoted(std::string_view& rest, CsvField& field) {
  rest.remove_prefix(1);
  for (;;) {
    const std::size_t quote = rest.find('"');
    if (quote == std::string_view::npos) {
      field.objection = "a quoted field does not end on its line";
      rest = {};
      return;
    }
    field.text += rest.substr(0, quote);
    rest.remove_prefix(quote + 1);
    if (!rest.starts_with('"')) break;
    field.text += '"';
    rest.remove_prefix(1);
  }
  const std::size_t comma = rest.find(',');
  if (!trim(rest.substr(0, comma)).empty()) field.objection = "something stands after the closing quote";
  rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma);
}

}  // namespace

bool CsvScanner::next(std::vector<CsvField>& record) {
  record.clear();
  std::string_view line;
  std::size_t begin = 0;
  do {
    if (at_ >= text_.size()) return false;
    begin = at_;
    line = text_.substr(begin, text_.find('\n', begin) - begin);
    at_ = begin + line.size() + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
  } while (trim(line).empty());
  std::string_view left = line;
  for (;;) {
    const std::size_t space = left.find_first_not_of(" \t");
    left.remove_prefix(space == std::string_view::npos ? left.size() : space);
    CsvField field;
    field.offset = begin + line.size() - left.size();
    if (left.starts_with('"')) {
      take_quoted(left, field);
    } else {
      const std::string_view text = left.substr(0, left.find(','));
      field.text = trim(text);
      left.remove_prefix(text.size());
    }
    record.push_back(std::move(field));
    if (left.empty()) return true;
    left.remove_prefix(1);  // the comma
  }
}

}  // namespace signalbox::train::judges
