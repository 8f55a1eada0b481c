#include "instruments/pack/read/csv.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::pack {
namespace {

// Reads the cells of one row; `at` is left behind its line break.
Result<CsvRow> read_row(std::string_view text, std::size_t& at, int& line, std::string_view name) {
  CsvRow row;
  row.line = line;
  std::string cell;
  enum class State { start, plain, quoted, closed } state = State::start;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (state == State::quoted) {
      if (c != '"') {
        cell += c;
      } else if (at + 1 < text.size() && text[at + 1] == '"') {
        cell += text[++at];
      } else {
        state = State::closed;
      }
      continue;
    }
    if (c == '\n') break;
    if (c == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;
    if (c == ',') {
      row.cells.push_back(std::move(cell));
      cell.clear();
      state = State::start;
      if (row.cells.size() >= kMaxCsvColumns)
        return fail(ErrorKind::bad_input,
                    fmt::format("{}:{}: more than {} columns", name, row.line, kMaxCsvColumns));
    } else if (c == '"' && state == State::start && trim(cell).empty()) {
      cell.clear();
      state = State::quoted;
    } else if (state == State::closed) {
      if (c != ' ')
        return fail(ErrorKind::bad_input, fmt::format("{}:{}:{}: text behind a closing quote", name, row.line,
                                                      row.cells.size() + 1));
    } else {
      cell += c;
      if (c != ' ') state = State::plain;
    }
  }
  if (state == State::quoted)
    return fail(ErrorKind::bad_input, fmt::format("{}:{}: a quote is never closed", name, row.line));
  ++at;
  row.cells.push_back(std::move(cell));
  return row;
}

// "l_mm" and "l (mm)" are the column l in millimetres.
std::pair<std::string, std::string> split_name(std::string_view header) {
  std::string lower = to_lower(trim(header));
  std::replace(lower.begin(), lower.end(), ' ', '_');
  if (lower.ends_with(')')) {
    const std::size_t open = lower.find('(');
    if (open != std::string::npos) {
      std::string name = lower.substr(0, open);
      while (name.ends_with('_')) name.pop_back();
      return {name, lower.substr(open + 1, lower.size() - open - 2)};
    }
  }
  const std::size_t bar = lower.rfind('_');
  if (bar != std::string::npos) {
    const std::string tail = lower.substr(bar + 1);
    if (length_unit_from(tail) || mass_unit_from(tail)) return {lower.substr(0, bar), tail};
  }
  return {lower, ""};
}

}  // namespace

Result<std::vector<CsvRow>> read_csv(std::string_view text, std::string_view name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_utf8(text)) return fail(ErrorKind::bad_input, fmt::format("{}: not UTF-8", name));
  std::vector<CsvRow> out;
  int line = 1;
  for (std::size_t at = 0; at < text.size();) {
    SIGNALBOX_TRY(CsvRow row, read_row(text, at, line, name));
    if (row.cells.size() > 1 || !trim(row.cells[0]).empty()) out.push_back(std::move(row));
  }
  return out;
}

Result<CsvHeader> CsvHeader::read(const CsvRow& row, std::string_view name,
                                  const std::vector<std::string_view>& known) {
  CsvHeader out;
  out.file_ = name;
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    auto [column, unit] = split_name(row.cells[i]);
    if (std::find(known.begin(), known.end(), column) == known.end()) {
      std::vector<std::string> names(known.begin(), known.end());
      const auto near = nearest(column, names);
      return fail(
          ErrorKind::bad_input,
          fmt::format("{}:{}:{}: no column is called '{}'", name, row.line, i + 1, printable(row.cells[i])),
          near ? "did you mean " + *near + "?" : "columns are " + join(names, ", "));
    }
    if (out.find(column))
      return fail(ErrorKind::bad_input,
                  fmt::format("{}:{}:{}: a second column '{}'", name, row.line, i + 1, printable(column)));
    out.columns_.push_back({std::move(column), i, std::move(unit)});
  }
  return out;
}

CsvHeader CsvHeader::renamed(CsvHeader header, std::string_view name) {
  header.file_ = name;
  return header;
}

const CsvHeader::Column* CsvHeader::find(std::string_view column) const {
  for (const Column& each : columns_)
    if (each.name == column) return &each;
  return nullptr;
}

std::string_view CsvHeader::cell(const CsvRow& row, std::string_view column) const {
  const Column* found = find(column);
  return found && found->index < row.cells.size() ? trim(row.cells[found->index]) : std::string_view{};
}

Error CsvHeader::at(const CsvRow& row, std::string_view column, Error error) const {
  const Column* found = find(column);
  error.message = found ? fmt::format("{}:{}:{}: {}", file_, row.line, found->index + 1, error.message)
                        : fmt::format("{}:{}: column '{}': {}", file_, row.line, column, error.message);
  return error;
}

Result<Length> CsvHeader::length(const CsvRow& row, std::string_view column) const {
  const Column* found = find(column);
  const std::string_view own = found ? std::string_view(found->unit) : std::string_view{};
  const std::string_view said = own.empty() ? cell(row, "unit") : own;
  const auto unit = length_unit_from(said);
  if (!said.empty() && !unit)
    return fail(at(row, own.empty() ? "unit" : column,
                   Error{ErrorKind::bad_input, fmt::format("'{}' is no unit of length", printable(said)),
                         "um, mm, cm, m, in or ft"}));
  auto out = parse_length(cell(row, column), unit);
  if (!out) return fail(at(row, column, out.error()));
  return out;
}

Result<Mass> CsvHeader::mass(const CsvRow& row, std::string_view column) const {
  const Column* found = find(column);
  const std::string_view own = found ? std::string_view(found->unit) : std::string_view{};
  const std::string_view said = own.empty() ? cell(row, "weight_unit") : own;
  const auto unit = mass_unit_from(said);
  if (!said.empty() && !unit)
    return fail(at(row, own.empty() ? "weight_unit" : column,
                   Error{ErrorKind::bad_input, fmt::format("'{}' is no unit of weight", printable(said)),
                         "mg, g, kg, oz or lb"}));
  auto out = parse_mass(cell(row, column), unit);
  if (!out) return fail(at(row, column, out.error()));
  return out;
}

Result<std::int64_t> CsvHeader::integer(const CsvRow& row, std::string_view column, std::int64_t low,
                                        std::int64_t high, std::optional<std::int64_t> fallback) const {
  const std::string_view text = cell(row, column);
  if (text.empty() && fallback) return *fallback;
  const auto value = parse_integer(text);
  if (!value || *value < low || *value > high)
    return fail(at(row, column,
                   Error{ErrorKind::bad_input, fmt::format("'{}' is no whole number between {} and {}",
                                                           printable(text), low, high)}));
  return *value;
}

Result<bool> CsvHeader::flag(const CsvRow& row, std::string_view column) const {
  const std::string text = to_lower(cell(row, column));
  if (text.empty() || text == "no" || text == "false" || text == "0") return false;
  if (text == "yes" || text == "true" || text == "1") return true;
  return fail(at(row, column,
                 Error{ErrorKind::bad_input, fmt::format("'{}' is neither yes nor no", printable(text))}));
}

Result<CsvSheet> read_csv_sheet(std::string_view text, std::string_view name,
                                const std::vector<std::string_view>& known,
                                std::initializer_list<std::string_view> needed, std::string_view columns) {
  CsvSheet out;
  SIGNALBOX_TRY(out.rows, read_csv(text, name));
  if (!columns.empty()) {
    SIGNALBOX_TRY(const auto given, read_csv(columns, "--columns"));
    if (given.size() != 1) return fail(ErrorKind::bad_input, "the columns are one line of names");
    SIGNALBOX_TRY(CsvHeader header, CsvHeader::read(given[0], "--columns", known));
    out.header = CsvHeader::renamed(std::move(header), name);
  } else {
    if (out.rows.empty())
      return fail(ErrorKind::bad_input, fmt::format("{}: empty", name), "the first row names the columns");
    SIGNALBOX_TRY(out.header, CsvHeader::read(out.rows[0], name, known));
    out.rows.erase(out.rows.begin());
  }
  for (const std::string_view column : needed)
    if (!out.header.has(column))
      return fail(ErrorKind::bad_input, fmt::format("{}: the column '{}' is missing", name, column));
  return out;
}

}  // namespace signalbox::pack
