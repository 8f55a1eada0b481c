// What a carrier says it carried and asks for, line by line.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/pack/bill/rates.hpp"

namespace signalbox::pack {

// One parcel on an invoice. What the carrier does not say is not there.
struct InvoiceLine {
  int line = 0;  // of the file
  std::string tracking;
  std::string order;
  std::optional<std::int64_t> package;  // of the order, from 1
  std::string service;
  std::string zone;
  std::optional<Day> day;  // on which it was carried
  std::int64_t billed_lb = 0;
  std::optional<Size> size;             // as the carrier measured it
  std::optional<Mass> weight;           // as the carrier weighed it
  std::vector<std::string> surcharges;  // ids, as rules have them
  std::optional<Money> amount;          // asked in all
};

inline constexpr std::size_t kMaxInvoiceLines = 2'000'000;

// CSV with the columns tracking, order and billed (a weight of whole pounds, as billed_lb), and package,
// service, zone, day, l, w, h (all three or none), weight, surcharges (with spaces between), amount, unit,
// weight_unit. Errors: bad_input with the place.
Result<std::vector<InvoiceLine>> read_invoice(std::string_view text, std::string_view name);

}  // namespace signalbox::pack
