#include <algorithm>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/json_place.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/read/tables.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

// One order's JSON while it is read: makes errors that name their place.
class OrderReader {
 public:
  OrderReader(std::string_view text, std::string_view name, int first_line)
      : text_(text), name_(name), first_line_(first_line) {}

  Result<Order> read(const Json& root) {
    if (!root.is_object()) return wrong({}, "an order is an object");
    SIGNALBOX_CHECK(only_members(root, {}, {"id", "unit", "weight_unit", "items"}));
    SIGNALBOX_CHECK(read_units(root));
    Order out;
    out.id = root["id"].is_null() ? name_ : std::string(root["id"].as_string());
    if (out.id.empty()) return wrong({std::string("id")}, "the id is a text");
    const Json& items = root["items"];
    if (!items.is_array() || items.size() == 0) return wrong({std::string("items")}, "an order has items");
    for (std::size_t i = 0; i < items.size(); ++i) {
      SIGNALBOX_TRY(Item item, read_item(items.items()[i], {std::string("items"), i}));
      out.items.push_back(std::move(item));
    }
    if (auto sound = check_order(out); !sound) return fail(placed({std::string("items")}, sound.error()));
    return out;
  }

 private:
  using Steps = std::vector<JsonStep>;

  Error placed(const Steps& steps, Error error) const {
    const TextPlace place = place_in_json(text_, steps);
    error.message =
        fmt::format("{}:{}:{}: {}", name_, place.line + first_line_ - 1, place.column, error.message);
    return error;
  }
  tl::unexpected<Error> wrong(const Steps& steps, std::string message, std::string hint = {}) const {
    return fail(placed(steps, Error{ErrorKind::bad_input, std::move(message), std::move(hint)}));
  }
  static Steps below(Steps steps, JsonStep step) {
    steps.push_back(std::move(step));
    return steps;
  }

  Status only_members(const Json& value, const Steps& steps, const std::vector<std::string>& known) const {
    for (const auto& [key, unused] : value.members()) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const auto near = nearest(key, known);
      return wrong(below(steps, key), fmt::format("nothing is called '{}' here", printable(key)),
                   near ? "did you mean " + *near + "?" : "");
    }
    return {};
  }

  Status read_units(const Json& root) {
    if (const Json* unit = root.find("unit")) {
      length_unit_ = length_unit_from(unit->as_string());
      if (!length_unit_) return wrong({std::string("unit")}, "no unit of length", "um, mm, cm, m, in or ft");
    }
    if (const Json* unit = root.find("weight_unit")) {
      mass_unit_ = mass_unit_from(unit->as_string());
      if (!mass_unit_) return wrong({std::string("weight_unit")}, "no unit of weight", "mg, g, kg, oz or lb");
    }
    return {};
  }

  // A number or a string as the text of a quantity.
  static std::string text_of(const Json& value) {
    return value.is_string()   ? std::string(value.as_string())
           : value.is_number() ? value.dump()
                               : std::string();
  }

  Result<Length> length(const Json& value, const Steps& steps) const {
    auto out = parse_length(text_of(value), length_unit_);
    if (!out) return fail(placed(steps, out.error()));
    return out;
  }
  Result<Mass> mass(const Json& value, const Steps& steps) const {
    auto out = parse_mass(text_of(value), mass_unit_);
    if (!out) return fail(placed(steps, out.error()));
    return out;
  }
  Result<std::int64_t> whole(const Json& value, const Steps& steps) const {
    const std::int64_t out = value.is_integer() ? value.as_integer() : 0;
    if (out < 1 || out > kMaxQuantity)
      return wrong(steps, fmt::format("a whole number between 1 and {} is meant", kMaxQuantity));
    return out;
  }
  Result<bool> flag(const Json& item, std::string_view key, const Steps& steps) const {
    const Json& value = item[key];
    if (value.is_null()) return false;
    if (!value.is_bool()) return wrong(below(steps, std::string(key)), "true or false is meant");
    return value.as_bool();
  }

  Result<Item> read_item(const Json& value, const Steps& steps) const {
    if (!value.is_object()) return wrong(steps, "an item is an object");
    SIGNALBOX_CHECK(only_members(value, steps,
                                 {"sku", "qty", "size", "weight", "turn", "no_stack", "bottom_only",
                                  "max_load", "max_per_box", "returnable", "source"}));
    Item out;
    out.sku = value["sku"].as_string();
    if (out.sku.empty()) return wrong(below(steps, std::string("sku")), "no SKU");
    if (value.find("qty")) {
      SIGNALBOX_TRY(out.quantity, whole(value["qty"], below(steps, std::string("qty"))));
    }
    const Steps at_size = below(steps, std::string("size"));
    if (!value["size"].is_array() || value["size"].size() != 3)
      return wrong(at_size, "the size is three lengths", "\"size\": [300, 200, 100]");
    for (std::size_t i = 0; i < 3; ++i) {
      SIGNALBOX_TRY(out.size[i], length(value["size"].items()[i], below(at_size, i)));
    }
    SIGNALBOX_TRY(out.weight, mass(value["weight"], below(steps, std::string("weight"))));
    auto turns = turns_from(value["turn"].as_string());
    if (!turns) return fail(placed(below(steps, std::string("turn")), turns.error()));
    out.turns = *turns;
    SIGNALBOX_TRY(out.no_stack, flag(value, "no_stack", steps));
    SIGNALBOX_TRY(out.bottom_only, flag(value, "bottom_only", steps));
    SIGNALBOX_TRY(out.returnable_only, flag(value, "returnable", steps));
    if (value.find("source") && !value["source"].is_string())
      return wrong(below(steps, std::string("source")), "a text is meant");
    out.source = value["source"].as_string();
    if (value.find("max_load")) {
      SIGNALBOX_TRY(out.max_load, mass(value["max_load"], below(steps, std::string("max_load"))));
    }
    if (value.find("max_per_box")) {
      SIGNALBOX_TRY(out.max_per_box, whole(value["max_per_box"], below(steps, std::string("max_per_box"))));
    }
    return out;
  }

  std::string_view text_;
  std::string name_;
  int first_line_;
  std::optional<LengthUnit> length_unit_;
  std::optional<MassUnit> mass_unit_;
};

Result<Order> read_one(std::string_view text, std::string_view name, int first_line) {
  auto root = parse_json(text);
  if (!root)
    return fail_in(first_line == 1 ? std::string(name) : fmt::format("{}:{}", name, first_line),
                   root.error());
  return OrderReader(text, name, first_line).read(*root);
}

}  // namespace

Result<Order> read_order_json(std::string_view text, std::string_view name) {
  return read_one(text, name, 1);
}

Result<std::vector<Order>> read_orders_ndjson(std::string_view text, std::string_view name) {
  std::vector<Order> out;
  int line = 0;
  for (const std::string_view each : lines(text)) {
    ++line;
    if (trim(each).empty()) continue;
    SIGNALBOX_TRY(Order order, read_one(each, name, line));
    if (each.find("\"id\"") == std::string_view::npos) order.id += fmt::format(":{}", line);
    out.push_back(std::move(order));
  }
  if (out.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: no order in it", name));
  return out;
}

}  // namespace signalbox::pack
