// Comma-separated values (RFC 4180): the columns that a reader knows, by the names in the header, with units.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/pack/model/quantity.hpp"

namespace signalbox::pack {

// One line of a file as its cells; `line` counts from 1.
struct CsvRow {
  int line = 0;
  std::vector<std::string> cells;
};

inline constexpr std::size_t kMaxCsvColumns = 256;

// All rows but empty ones. A cell may be quoted, with "" for a quote, and span lines then. An open quote,
// text behind a closing one, more than kMaxCsvColumns cells, or what is no UTF-8: bad_input with `name:line`.
Result<std::vector<CsvRow>> read_csv(std::string_view text, std::string_view name);

// A header: which column of the file each known name is, and the unit that stands behind it ("l_mm", "weight
// (lb)").
class CsvHeader {
 public:
  // `known`: the names a reader understands. An unknown name, or one that stands twice: bad_input.
  static Result<CsvHeader> read(const CsvRow& row, std::string_view name,
                                const std::vector<std::string_view>& known);

  // The same header for rows of the file `name`: messages then name it.
  static CsvHeader renamed(CsvHeader header, std::string_view name);

  bool has(std::string_view column) const { return find(column) != nullptr; }

  // The cell of that column in a row; empty where there is no such column or the row is too short.
  std::string_view cell(const CsvRow& row, std::string_view column) const;

  // The unit of a column: of its header, else of the column `unit` (lengths) or `weight_unit` of the row.
  Result<Length> length(const CsvRow& row, std::string_view column) const;
  Result<Mass> mass(const CsvRow& row, std::string_view column) const;
  // A whole number between the two; `fallback` where the cell is empty.
  Result<std::int64_t> integer(const CsvRow& row, std::string_view column, std::int64_t low,
                               std::int64_t high, std::optional<std::int64_t> fallback = std::nullopt) const;
  // yes/no, true/false, 1/0; empty is no.
  Result<bool> flag(const CsvRow& row, std::string_view column) const;

  // "items.csv:12:3: " in front of the message: the place of that column in that row.
  Error at(const CsvRow& row, std::string_view column, Error error) const;

 private:
  struct Column {
    std::string name;
    std::size_t index = 0;
    std::string unit;
  };
  const Column* find(std::string_view column) const;

  std::string file_;
  std::vector<Column> columns_;
};

// A header and the rows below it.
struct CsvSheet {
  CsvHeader header;
  std::vector<CsvRow> rows;
};

// The first row names the columns, or `columns` does where it is not empty. An empty file, or one without a
// column that is needed: bad_input.
Result<CsvSheet> read_csv_sheet(std::string_view text, std::string_view name,
                                const std::vector<std::string_view>& known,
                                std::initializer_list<std::string_view> needed,
                                std::string_view columns = {});

}  // namespace signalbox::pack
