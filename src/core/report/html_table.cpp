#include "core/report/html_table.hpp"

#include <fmt/format.h>

#include "core/report/escape.hpp"

namespace signalbox::report {

std::string html_table(const Table& table) {
  const auto align = [&](std::size_t i) {
    return i < table.columns.size() && table.columns[i].align == Column::Align::right ? "right " : "";
  };
  std::string out = "<div class=\"wide\"><table><tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    out += fmt::format("<th class=\"{}\">{}</th>", align(i), escape_markup(table.columns[i].name));
  out += "</tr>\n";
  for (const auto& row : table.rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i)
      out += fmt::format("<td class=\"{}{}\">{}</td>", align(i), name_of(row[i].tone),
                         escape_markup(row[i].text));
    out += "</tr>\n";
  }
  return out + "</table></div>\n";
}

}  // namespace signalbox::report
