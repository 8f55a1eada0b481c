#include "instruments/pack/audit/invoice.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/read/csv.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

const std::vector<std::string_view> kColumns{"tracking", "order",      "package", "service", "zone",
                                             "day",      "billed",     "l",       "w",       "h",
                                             "weight",   "surcharges", "amount",  "unit",    "weight_unit"};

Result<InvoiceLine> read_line(const CsvHeader& header, const CsvRow& row) {
  InvoiceLine out;
  out.line = row.line;
  const auto text = [&](std::string_view column) { return std::string(trim(header.cell(row, column))); };
  out.tracking = text("tracking");
  if (out.tracking.empty())
    return fail(header.at(row, "tracking", Error{ErrorKind::bad_input, "no tracking number"}));
  out.order = text("order");
  out.service = text("service");
  out.zone = text("zone");
  if (!text("package").empty()) {
    SIGNALBOX_TRY(out.package, header.integer(row, "package", 1, 1'000'000));
  }
  if (!text("day").empty()) {
    auto day = day_from(text("day"));
    if (!day) return fail(header.at(row, "day", day.error()));
    out.day = *day;
  }
  SIGNALBOX_TRY(const Mass billed, header.mass(row, "billed"));
  out.billed_lb = billed / kPound;
  if (billed % kPound != 0 || out.billed_lb > kMaxRatedPounds)
    return fail(header.at(row, "billed", Error{ErrorKind::bad_input, "carriers bill whole pounds"}));
  if (!text("l").empty() || !text("w").empty() || !text("h").empty()) {
    out.size.emplace();
    SIGNALBOX_TRY((*out.size)[0], header.length(row, "l"));
    SIGNALBOX_TRY((*out.size)[1], header.length(row, "w"));
    SIGNALBOX_TRY((*out.size)[2], header.length(row, "h"));
  }
  if (!text("weight").empty()) {
    SIGNALBOX_TRY(out.weight, header.mass(row, "weight"));
  }
  for (const std::string_view each : split(header.cell(row, "surcharges"), ' '))
    if (!trim(each).empty()) out.surcharges.emplace_back(trim(each));
  if (!text("amount").empty()) {
    auto amount = cost_from(text("amount"));
    if (!amount) return fail(header.at(row, "amount", amount.error()));
    out.amount = *amount;
  }
  return out;
}

}  // namespace

Result<std::vector<InvoiceLine>> read_invoice(std::string_view text, std::string_view name) {
  SIGNALBOX_TRY(const CsvSheet sheet, read_csv_sheet(text, name, kColumns, {"tracking", "order", "billed"}));
  if (sheet.rows.size() > kMaxInvoiceLines)
    return fail(ErrorKind::bad_input, fmt::format("{}: more than {} lines", name, kMaxInvoiceLines));
  std::vector<InvoiceLine> out;
  for (const CsvRow& row : sheet.rows) {
    SIGNALBOX_TRY(InvoiceLine line, read_line(sheet.header, row));
    out.push_back(std::move(line));
  }
  if (out.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: no line of a parcel in it", name));
  return out;
}

}  // namespace signalbox::pack
