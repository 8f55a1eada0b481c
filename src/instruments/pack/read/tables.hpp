// Readers of orders, items and boxes: CSV and JSON in, models out, everything that is wrong refused with its
// place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

// What one answer handles; more is refused when it is read.
inline constexpr std::int64_t kMaxQuantity = 1'000'000;  // units of one line
inline constexpr std::int64_t kMaxUnits = 1'000'000;     // units of an order
inline constexpr std::size_t kMaxTypes = 4096;           // lines of an order
inline constexpr std::size_t kMaxBoxes = 4096;           // boxes of an assortment
inline constexpr Mass kMaxOrderMass = 90 * kMaxMass;     // so that sums stay within 64 bits

// How a file without a header is to be read: its header, "order,qty,sku,l_mm,w_mm,h_mm,weight_g". Empty: the
// file's first row is its header.
struct Columns {
  std::string header;
};

// Orders from CSV. Columns: order (may be absent: all rows are one order called `name`), sku, qty, l, w, h,
// weight, unit, weight_unit, turn (any, up, flat, none: `any`), no_stack, bottom_only, max_load, max_per_box,
// returnable, source.
// Rows of one order need not stand together. Errors: bad_input, `name:line:column: …`.
Result<std::vector<Order>> read_orders_csv(std::string_view text, std::string_view name,
                                           const Columns& columns = {});

// An assortment from CSV. Columns: sku, inner_l, inner_w, inner_h, outer_l, outer_w, outer_h (all three or
// none: the inner ones then), tare, max_weight, stock, cost, unit, weight_unit, returnable, source. Inner
// over outer, tare not below max_weight, stock 0 and a SKU twice are refused.
Result<std::vector<Box>> read_boxes_csv(std::string_view text, std::string_view name,
                                        const Columns& columns = {});

// One order as JSON: {"id": "…", "unit": "mm", "weight_unit": "g", "items": [{"sku", "qty", "size": [l, w,
// h], "weight", "turn", …}]}. A length is a string with a unit, or a number where `unit` is said.
Result<Order> read_order_json(std::string_view text, std::string_view name);

// One order a line, as above.
Result<std::vector<Order>> read_orders_ndjson(std::string_view text, std::string_view name);

// By what the text begins with: `{` is JSON (one order, or one a line), all else CSV.
Result<std::vector<Order>> read_orders(std::string_view text, std::string_view name,
                                       const Columns& columns = {});

}  // namespace signalbox::pack
