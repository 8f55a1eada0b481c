#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/json_place.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/read/tables.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

using Steps = std::vector<JsonStep>;

class DocumentReader {
 public:
  DocumentReader(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  Result<PlanDocument> read(const Json& root) {
    PlanDocument out;
    if (!root.is_object()) return wrong({}, "a plan is an object");
    out.id = root["plan_id"].as_string();
    out.objective = root["objective"].as_string();
    const auto rule = support_from(root["support"].as_string());
    if (rule && rule->rule != Support::Rule::area) {
      out.support = *rule;
    } else {
      SIGNALBOX_TRY(const std::int64_t support, whole(root, {}, "support", 0, 100));
      out.support.percent = static_cast<int>(support);
    }
    SIGNALBOX_TRY(out.order, read_order(root["order"]));
    SIGNALBOX_TRY(out.boxes, read_boxes(root["boxes"]));
    SIGNALBOX_TRY(out.plan.packages, read_packages(root["packages"], out));
    if (root["bound"].is_object()) {
      SIGNALBOX_TRY(out.plan.bound_boxes,
                    whole(root["bound"], {std::string("bound")}, "boxes", 0, kMaxUnits));
    }
    out.plan.bound = root["bound"]["objective"].as_integer();
    for (const Proof proof : {Proof::optimal, Proof::bounded, Proof::heuristic})
      if (root["proof"].as_string() == name_of(proof)) out.plan.proof = proof;
    return out;
  }

 private:
  tl::unexpected<Error> wrong(const Steps& steps, std::string message) const {
    const TextPlace place = place_in_json(text_, steps);
    return fail(ErrorKind::bad_input, fmt::format("{}:{}:{}: {}", name_, place.line, place.column, message));
  }
  static Steps below(Steps steps, JsonStep step) {
    steps.push_back(std::move(step));
    return steps;
  }

  Result<std::int64_t> whole(const Json& object, const Steps& steps, const char* key, std::int64_t low,
                             std::int64_t high) const {
    const Json& value = object[key];
    if (!value.is_integer() || value.as_integer() < low || value.as_integer() > high)
      return wrong(below(steps, std::string(key)),
                   fmt::format("'{}' is a whole number between {} and {}", key, low, high));
    return value.as_integer();
  }

  // Millimetres or grams as ticks or nanograms.
  Result<std::int64_t> quantity(const Json& value, const Steps& steps, std::int64_t unit, std::int64_t low,
                                std::int64_t high) const {
    const double scaled = value.as_number(std::nan("")) * static_cast<double>(unit);
    if (!value.is_number() || !(scaled >= static_cast<double>(low)) || !(scaled <= static_cast<double>(high)))
      return wrong(steps, fmt::format("a number between {} and {} is meant",
                                      static_cast<double>(low) / static_cast<double>(unit),
                                      static_cast<double>(high) / static_cast<double>(unit)));
    return std::llround(scaled);
  }
  Result<Size> lengths(const Json& object, const Steps& steps, const char* key, Length low) const {
    const Steps here = below(steps, std::string(key));
    if (object[key].items().size() != 3) return wrong(here, fmt::format("'{}' is three lengths in mm", key));
    Size out{};
    for (std::size_t i = 0; i < 3; ++i) {
      SIGNALBOX_TRY(out[i], quantity(object[key].items()[i], below(here, i), kMillimetre, low, kMaxLength));
    }
    return out;
  }
  Result<Mass> mass(const Json& object, const Steps& steps, const char* key) const {
    return quantity(object[key], below(steps, std::string(key)), kGram, 0, kMaxMass);
  }

  Result<Item> read_item(const Json& value, const Steps& steps) const {
    if (!value.is_object()) return wrong(steps, "an item is an object");
    Item out;
    out.sku = value["sku"].as_string();
    SIGNALBOX_TRY(out.quantity, whole(value, steps, "qty", 1, kMaxQuantity));
    SIGNALBOX_TRY(out.size, lengths(value, steps, "size", 1));
    SIGNALBOX_TRY(out.weight, mass(value, steps, "weight"));
    if (value.find("turns")) {
      out.turns = 0;
      for (const Json& turn : value["turns"].items()) {
        if (!turn.is_integer() || turn.as_integer() < 0 || turn.as_integer() > 5)
          return wrong(below(steps, std::string("turns")), "turns are numbers from 0 to 5");
        out.turns = static_cast<TurnSet>(out.turns | (1U << turn.as_integer()));
      }
    }
    out.no_stack = value["no_stack"].as_bool();
    out.bottom_only = value["bottom_only"].as_bool();
    out.returnable_only = value["returnable"].as_bool();
    out.source = value["source"].as_string();
    if (value.find("max_load")) {
      SIGNALBOX_TRY(out.max_load, mass(value, steps, "max_load"));
    }
    if (value.find("max_per_box")) {
      SIGNALBOX_TRY(out.max_per_box, whole(value, steps, "max_per_box", 1, kMaxQuantity));
    }
    if (value.find("stop")) {
      SIGNALBOX_TRY(out.stop, whole(value, steps, "stop", 1, kMaxQuantity));
    }
    return out;
  }

  Result<Order> read_order(const Json& value) const {
    const Steps steps{std::string("order")};
    if (!value.is_object() || !value["items"].is_array()) return wrong(steps, "the order has items");
    Order out;
    out.id = value["id"].as_string();
    for (std::size_t i = 0; i < value["items"].items().size(); ++i) {
      SIGNALBOX_TRY(Item item,
                    read_item(value["items"].items()[i], {std::string("order"), std::string("items"), i}));
      out.items.push_back(std::move(item));
    }
    if (auto sound = check_order(out); !sound) return wrong(steps, sound.error().message);
    return out;
  }

  Result<Axles> read_axles(const Json& value, const Steps& steps) const {
    if (!value.is_object()) return wrong(steps, "the axles are an object");
    Axles out;
    SIGNALBOX_TRY(out.kingpin, quantity(value["kingpin"], below(steps, std::string("kingpin")), kMillimetre,
                                        0, kMaxLength));
    SIGNALBOX_TRY(out.rear,
                  quantity(value["rear"], below(steps, std::string("rear")), kMillimetre, 1, kMaxLength));
    if (out.rear <= out.kingpin) return wrong(steps, "the axles are behind the kingpin");
    if (value.find("max_kingpin")) {
      SIGNALBOX_TRY(out.max_kingpin, mass(value, steps, "max_kingpin"));
    }
    if (value.find("max_rear")) {
      SIGNALBOX_TRY(out.max_rear, mass(value, steps, "max_rear"));
    }
    return out;
  }

  Result<std::vector<Box>> read_boxes(const Json& value) const {
    std::vector<Box> out;
    for (std::size_t i = 0; i < value.items().size() && i < kMaxBoxes; ++i) {
      const Steps steps{std::string("boxes"), i};
      const Json& each = value.items()[i];
      Box box;
      box.sku = each["sku"].as_string();
      SIGNALBOX_TRY(box.inner, lengths(each, steps, "inner", 1));
      SIGNALBOX_TRY(box.outer, lengths(each, steps, "outer", 1));
      SIGNALBOX_TRY(box.tare, mass(each, steps, "tare"));
      if (each.find("max_weight")) {
        SIGNALBOX_TRY(box.max_weight, mass(each, steps, "max_weight"));
      }
      if (each.find("stock")) {
        SIGNALBOX_TRY(box.stock, whole(each, steps, "stock", 0, kMaxQuantity));
      }
      if (each.find("cost")) box.cost = std::llround(std::clamp(each["cost"].as_number(), 0.0, 1e9) * 1e6);
      box.returnable = each["returnable"].as_bool();
      box.source = each["source"].as_string();
      if (each.find("axles")) {
        SIGNALBOX_TRY(box.axles, read_axles(each["axles"], below(steps, std::string("axles"))));
      }
      if (auto sound = check_box(box); !sound) return wrong(steps, sound.error().why.message);
      out.push_back(std::move(box));
    }
    return out;
  }

  Result<std::vector<Package>> read_packages(const Json& value, const PlanDocument& document) const {
    std::vector<Package> out;
    std::int64_t units = 0;
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      const Steps steps{std::string("packages"), i};
      const Json& each = value.items()[i];
      Package package;
      package.box = document.boxes.size();
      for (std::size_t box = 0; box < document.boxes.size(); ++box)
        if (document.boxes[box].sku == each["box"].as_string()) package.box = box;
      if (package.box == document.boxes.size())
        return wrong(below(steps, std::string("box")), "there is no such box");
      for (std::size_t k = 0; k < each["placements"].items().size(); ++k) {
        if (++units > kMaxUnits) return wrong(steps, "too many placements");
        const Steps at{std::string("packages"), i, std::string("placements"), k};
        const Json& from = each["placements"].items()[k];
        Placement placement;
        SIGNALBOX_TRY(const std::int64_t item,
                      whole(from, at, "item", 0, static_cast<std::int64_t>(document.order.items.size()) - 1));
        SIGNALBOX_TRY(const std::int64_t turn, whole(from, at, "turn", 0, 5));
        placement.item = static_cast<std::size_t>(item);
        placement.turn = static_cast<int>(turn);
        SIGNALBOX_TRY(placement.at, lengths(from, at, "at", -kMaxLength));
        SIGNALBOX_TRY(placement.size, lengths(from, at, "size", 1));
        package.placements.push_back(placement);
      }
      out.push_back(std::move(package));
    }
    return out;
  }

  std::string_view text_;
  std::string_view name_;
};

}  // namespace

Result<PlanDocument> read_plan_document(std::string_view text, std::string_view name) {
  auto root = parse_json(text);
  if (!root) return fail_in(name, root.error());
  // What `pack plan --json` prints is a report; the plan is its data.
  if (root->is_object() && (*root)["data"]["plan_id"].is_string()) {
    const std::string plan = (*root)["data"].dump();
    return DocumentReader(plan, name).read((*root)["data"]);
  }
  return DocumentReader(text, name).read(*root);
}

}  // namespace signalbox::pack
