#include "instruments/pack/measure/roi.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/read/csv.hpp"

namespace signalbox::pack {
namespace {

std::optional<double> number_from(std::string_view text) {
  double out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || !(std::abs(out) <= kLargestFigure))
    return std::nullopt;
  return out;
}

std::optional<double> months(double capex, double yearly) {
  if (yearly < 0 || (yearly == 0 && capex > 0)) return std::nullopt;
  if (capex == 0) return 0;
  return 12 * capex / yearly;
}

// Pounds may be lost as well as saved: most is lost by the most shipments and the dearest pound.
Range freight_of(const Investment& it) {
  const double least = it.shipments.low * it.cost_per_pound.low;
  const double most = it.shipments.high * it.cost_per_pound.high;
  const Range& pounds = it.pounds_saved;
  return {pounds.low * (pounds.low < 0 ? most : least), pounds.high * (pounds.high < 0 ? least : most)};
}

}  // namespace

Result<Range> range_from(std::string_view text, double least) {
  const std::string_view whole = trim(text);
  const std::size_t dots = whole.find("..");
  const auto low = number_from(whole.substr(0, dots));
  const auto high = dots == std::string_view::npos ? low : number_from(whole.substr(dots + 2));
  if (!low || !high || *low > *high)
    return fail(ErrorKind::bad_input, fmt::format("'{}' is neither a number nor a range", printable(whole)),
                "1.5, or 1.2..1.8");
  if (*low < least)
    return fail(ErrorKind::bad_input, fmt::format("'{}' is below {}", printable(whole), least));
  return Range{*low, *high};
}

Return return_of(const Investment& it) {
  Return out;
  out.freight = freight_of(it);
  out.net = {out.freight.low - it.material.high - it.labour.high,
             out.freight.high - it.material.low - it.labour.low};
  out.payback_low = months(it.capex.low, out.net.high);
  out.payback_high = months(it.capex.high, out.net.low);
  out.payback = months(it.capex.middle(),
                       it.shipments.middle() * it.pounds_saved.middle() * it.cost_per_pound.middle() -
                           it.material.middle() - it.labour.middle());
  return out;
}

Result<std::vector<Investment>> read_investments(std::string_view text, std::string_view name) {
  static const std::vector<std::string_view> kColumns{"name",  "shipments", "pounds_saved", "cost_per_pound",
                                                      "capex", "material",  "labour"};
  SIGNALBOX_TRY(const CsvSheet sheet,
                read_csv_sheet(text, name, kColumns, {"shipments", "pounds_saved", "cost_per_pound"}));
  if (sheet.rows.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: no investment in it", name));
  std::vector<Investment> out;
  const CsvHeader& header = sheet.header;
  for (const CsvRow& row : sheet.rows) {
    Investment next;
    next.name = trim(header.cell(row, "name"));
    const auto read = [&](std::string_view column, Range& range, bool may_be_empty, double least) -> Status {
      const std::string_view cell = header.cell(row, column);
      if (may_be_empty && trim(cell).empty()) return {};
      auto value = range_from(cell, least);
      if (!value) return fail(header.at(row, column, value.error()));
      range = *value;
      return {};
    };
    SIGNALBOX_CHECK(read("shipments", next.shipments, false, 0));
    SIGNALBOX_CHECK(read("pounds_saved", next.pounds_saved, false, -kLargestFigure));
    SIGNALBOX_CHECK(read("cost_per_pound", next.cost_per_pound, false, 0));
    SIGNALBOX_CHECK(read("capex", next.capex, true, 0));
    SIGNALBOX_CHECK(read("material", next.material, true, -kLargestFigure));
    SIGNALBOX_CHECK(read("labour", next.labour, true, -kLargestFigure));
    out.push_back(std::move(next));
  }
  return out;
}

}  // namespace signalbox::pack
