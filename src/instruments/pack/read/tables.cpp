#include "instruments/pack/read/tables.hpp"

#include <set>
#include <unordered_map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/read/csv.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

const std::vector<std::string_view> kOrderColumns{
    "order",       "sku",  "qty",      "l",           "w",        "h",           "weight",     "unit",
    "weight_unit", "turn", "no_stack", "bottom_only", "max_load", "max_per_box", "returnable", "source"};
const std::vector<std::string_view> kBoxColumns{"sku",     "inner_l", "inner_w",     "inner_h",    "outer_l",
                                                "outer_w", "outer_h", "tare",        "max_weight", "stock",
                                                "cost",    "unit",    "weight_unit", "returnable", "source"};

Result<Item> read_item(const CsvHeader& header, const CsvRow& row) {
  Item out;
  out.sku = header.cell(row, "sku");
  if (out.sku.empty()) return fail(header.at(row, "sku", Error{ErrorKind::bad_input, "no SKU"}));
  SIGNALBOX_TRY(out.quantity,
                header.integer(row, "qty", 1, kMaxQuantity,
                               header.has("qty") ? std::nullopt : std::optional<std::int64_t>(1)));
  SIGNALBOX_TRY(out.size[0], header.length(row, "l"));
  SIGNALBOX_TRY(out.size[1], header.length(row, "w"));
  SIGNALBOX_TRY(out.size[2], header.length(row, "h"));
  SIGNALBOX_TRY(out.weight, header.mass(row, "weight"));
  const std::string_view turn = header.cell(row, "turn");
  auto turns = turns_from(turn);
  if (!turns) return fail(header.at(row, "turn", turns.error()));
  out.turns = *turns;
  SIGNALBOX_TRY(out.no_stack, header.flag(row, "no_stack"));
  SIGNALBOX_TRY(out.bottom_only, header.flag(row, "bottom_only"));
  SIGNALBOX_TRY(out.returnable_only, header.flag(row, "returnable"));
  out.source = trim(header.cell(row, "source"));
  if (!header.cell(row, "max_load").empty()) {
    SIGNALBOX_TRY(out.max_load, header.mass(row, "max_load"));
  }
  if (!header.cell(row, "max_per_box").empty()) {
    SIGNALBOX_TRY(out.max_per_box, header.integer(row, "max_per_box", 1, kMaxQuantity));
  }
  return out;
}

Result<Box> read_box(const CsvHeader& header, const CsvRow& row) {
  Box out;
  out.sku = header.cell(row, "sku");
  if (out.sku.empty()) return fail(header.at(row, "sku", Error{ErrorKind::bad_input, "no SKU"}));
  SIGNALBOX_TRY(out.inner[0], header.length(row, "inner_l"));
  SIGNALBOX_TRY(out.inner[1], header.length(row, "inner_w"));
  SIGNALBOX_TRY(out.inner[2], header.length(row, "inner_h"));
  out.outer = out.inner;
  if (header.has("outer_l") || header.has("outer_w") || header.has("outer_h")) {
    SIGNALBOX_TRY(out.outer[0], header.length(row, "outer_l"));
    SIGNALBOX_TRY(out.outer[1], header.length(row, "outer_w"));
    SIGNALBOX_TRY(out.outer[2], header.length(row, "outer_h"));
  }
  if (!header.cell(row, "tare").empty()) {
    SIGNALBOX_TRY(out.tare, header.mass(row, "tare"));
  }
  if (!header.cell(row, "max_weight").empty()) {
    SIGNALBOX_TRY(out.max_weight, header.mass(row, "max_weight"));
  }
  if (!header.cell(row, "stock").empty()) {
    SIGNALBOX_TRY(out.stock, header.integer(row, "stock", 0, kMaxQuantity));
  }
  if (!header.cell(row, "cost").empty()) {
    auto cost = cost_from(header.cell(row, "cost"));
    if (!cost) return fail(header.at(row, "cost", cost.error()));
    out.cost = *cost;
  }
  SIGNALBOX_TRY(out.returnable, header.flag(row, "returnable"));
  out.source = trim(header.cell(row, "source"));
  auto sound = check_box(out);
  if (!sound) return fail(header.at(row, sound.error().column, sound.error().why));
  return out;
}

}  // namespace

Result<std::vector<Order>> read_orders_csv(std::string_view text, std::string_view name,
                                           const Columns& columns) {
  SIGNALBOX_TRY(const CsvSheet sheet,
                read_csv_sheet(text, name, kOrderColumns, {"sku", "l", "w", "h", "weight"}, columns.header));
  std::vector<Order> out;
  std::unordered_map<std::string, std::size_t> known;
  for (const CsvRow& row : sheet.rows) {
    SIGNALBOX_TRY(Item item, read_item(sheet.header, row));
    std::string id(sheet.header.has("order") ? sheet.header.cell(row, "order") : name);
    if (id.empty()) return fail(sheet.header.at(row, "order", Error{ErrorKind::bad_input, "no order"}));
    const auto [found, is_new] = known.emplace(id, out.size());
    if (is_new) out.push_back({std::move(id), {}});
    Order& order = out[found->second];
    order.items.push_back(std::move(item));
    auto sound = check_order(order);
    if (!sound) return fail(sheet.header.at(row, "order", sound.error()));
  }
  if (out.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: no order in it", name));
  return out;
}

Result<std::vector<Box>> read_boxes_csv(std::string_view text, std::string_view name,
                                        const Columns& columns) {
  SIGNALBOX_TRY(
      const CsvSheet sheet,
      read_csv_sheet(text, name, kBoxColumns, {"sku", "inner_l", "inner_w", "inner_h"}, columns.header));
  std::vector<Box> out;
  std::set<std::string> skus;
  for (const CsvRow& row : sheet.rows) {
    SIGNALBOX_TRY(Box box, read_box(sheet.header, row));
    if (!skus.insert(box.sku).second)
      return fail(sheet.header.at(
          row, "sku", Error{ErrorKind::bad_input, "the SKU '" + printable(box.sku) + "' a second time"}));
    if (out.size() == kMaxBoxes)
      return fail(ErrorKind::bad_input, fmt::format("{}:{}: more than {} boxes", name, row.line, kMaxBoxes));
    out.push_back(std::move(box));
  }
  if (out.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: no box in it", name));
  return out;
}

Result<std::vector<Order>> read_orders(std::string_view text, std::string_view name, const Columns& columns) {
  const std::string_view start = trim(text.substr(0, 64));
  if (start.starts_with('{')) {
    auto one = read_order_json(text, name);
    if (one) return std::vector<Order>{std::move(*one)};
    const std::size_t line = text.find('\n');
    if (line == std::string_view::npos || trim(text.substr(line)).empty() ||
        !read_order_json(text.substr(0, line), name))
      return fail(one.error());
    return read_orders_ndjson(text, name);
  }
  return read_orders_csv(text, name, columns);
}

}  // namespace signalbox::pack
