#include "instruments/pack/assort/lock.hpp"

#include <set>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/read/tables.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

Json lengths(const Size& size) {
  Json out = Json::array();
  for (const Length side : size) out.push_back(to_text(side, LengthUnit::mm) + "mm");
  return out;
}

std::string money(std::int64_t millionths) {
  return fmt::format("{}.{:06}", millionths / 1'000'000, millionths % 1'000'000);
}

Json box_json(const Box& box) {
  Json out = Json::object({{"sku", box.sku}, {"inner", lengths(box.inner)}, {"outer", lengths(box.outer)}});
  out.set("tare", to_text(box.tare, MassUnit::g) + "g");
  if (box.max_weight) out.set("max_weight", to_text(*box.max_weight, MassUnit::g) + "g");
  if (box.stock) out.set("stock", *box.stock);
  if (box.cost) out.set("cost", money(*box.cost));
  if (box.returnable) out.set("returnable", true);
  if (!box.source.empty()) out.set("source", box.source);
  return out;
}

Json boxes_json(const std::vector<Box>& boxes) {
  Json out = Json::array();
  for (const Box& box : boxes) out.push_back(box_json(box));
  return out;
}

class LockReader {
 public:
  LockReader(const Json& root, std::string_view name) : root_(root), name_(name) {}

  Result<AssortmentLock> read() {
    if (!root_.is_object() || root_["kind"].as_string() != kLockKind)
      return wrong("kind", fmt::format("'{}' is meant", kLockKind));
    AssortmentLock out;
    const Json& made = root_["made_of"];
    SIGNALBOX_TRY(out.history, text(made, "history"));
    SIGNALBOX_TRY(out.candidates, text(made, "candidates"));
    SIGNALBOX_TRY(out.objective, text(made, "objective"));
    if (!is_sha256(out.history)) return wrong("history", "a SHA-256 is meant");
    if (!is_sha256(out.candidates)) return wrong("candidates", "a SHA-256 is meant");
    SIGNALBOX_TRY(out.support, whole(made, "support", 100));
    SIGNALBOX_TRY(out.k, whole(made, "k", static_cast<std::int64_t>(kMaxBoxes)));
    for (const Json& each : made["must"].items()) out.must.emplace_back(each.as_string());
    const Json& result = root_["result"];
    SIGNALBOX_TRY(out.orders, whole(result, "orders", INT64_MAX));
    SIGNALBOX_TRY(out.unserved, whole(result, "unserved", INT64_MAX));
    SIGNALBOX_TRY(out.cost, whole(result, "cost", INT64_MAX));
    SIGNALBOX_TRY(out.bound, whole(result, "bound", INT64_MAX));
    std::set<std::string> skus;
    for (const Json& each : root_["boxes"].items()) {
      SIGNALBOX_TRY(Box box, read_box(each));
      if (out.boxes.size() == kMaxBoxes || !skus.insert(box.sku).second)
        return wrong("boxes", fmt::format("the SKU '{}' a second time, or too many", printable(box.sku)));
      out.boxes.push_back(std::move(box));
    }
    if (out.boxes.empty()) return wrong("boxes", "there is no box in it");
    return out;
  }

 private:
  tl::unexpected<Error> wrong(std::string_view member, const std::string& why) const {
    return fail(ErrorKind::bad_input, fmt::format("{}: '{}': {}", name_, member, why));
  }
  Result<std::string> text(const Json& object, const char* key) const {
    if (!object[key].is_string()) return wrong(key, "a text is meant");
    return std::string(object[key].as_string());
  }
  Result<std::int64_t> whole(const Json& object, const char* key, std::int64_t most) const {
    const Json& value = object[key];
    if (!value.is_integer() || value.as_integer() < 0 || value.as_integer() > most)
      return wrong(key, "a whole number is meant");
    return value.as_integer();
  }
  Result<Size> size(const Json& box, const char* key) const {
    Size out{};
    if (box[key].items().size() != 3) return wrong(key, "three lengths with units are meant");
    for (std::size_t i = 0; i < 3; ++i) {
      auto length = parse_length(box[key].items()[i].as_string());
      if (!length) return wrong(key, length.error().message);
      out[i] = *length;
    }
    return out;
  }
  Result<Box> read_box(const Json& value) const {
    Box out;
    SIGNALBOX_TRY(out.sku, text(value, "sku"));
    if (out.sku.empty()) return wrong("sku", "no SKU");
    SIGNALBOX_TRY(out.inner, size(value, "inner"));
    SIGNALBOX_TRY(out.outer, size(value, "outer"));
    auto tare = parse_mass(value["tare"].as_string());
    if (!tare) return wrong("tare", tare.error().message);
    out.tare = *tare;
    if (value.find("max_weight")) {
      auto most = parse_mass(value["max_weight"].as_string());
      if (!most) return wrong("max_weight", most.error().message);
      out.max_weight = *most;
    }
    if (value.find("stock")) {
      SIGNALBOX_TRY(out.stock, whole(value, "stock", kMaxQuantity));
    }
    if (value.find("cost")) {
      auto cost = cost_from(value["cost"].as_string());
      if (!cost) return wrong("cost", cost.error().message);
      out.cost = *cost;
    }
    out.returnable = value["returnable"].as_bool();
    out.source = value["source"].as_string();
    if (auto sound = check_box(out); !sound) return wrong(sound.error().column, sound.error().why.message);
    return out;
  }

  const Json& root_;
  std::string_view name_;
};

}  // namespace

std::string lock_text(const AssortmentLock& lock) {
  Json must = Json::array();
  for (const std::string& sku : lock.must) must.push_back(sku);
  const Json out = Json::object({{"kind", kLockKind},
                                 {"made_of", Json::object({{"history", lock.history},
                                                           {"candidates", lock.candidates},
                                                           {"objective", lock.objective},
                                                           {"support", lock.support},
                                                           {"k", lock.k},
                                                           {"must", std::move(must)}})},
                                 {"result", Json::object({{"orders", lock.orders},
                                                          {"unserved", lock.unserved},
                                                          {"cost", lock.cost},
                                                          {"bound", lock.bound}})},
                                 {"boxes", boxes_json(lock.boxes)}});
  return out.pretty() + "\n";
}

Result<AssortmentLock> read_lock(std::string_view text, std::string_view name) {
  auto root = parse_json(text);
  if (!root) return fail_in(name, root.error());
  return LockReader(*root, name).read();
}

bool is_lock(std::string_view text) {
  return trim(text.substr(0, 64)).starts_with('{') && text.find(kLockKind) != std::string_view::npos;
}

std::string digest_of_boxes(const std::vector<Box>& boxes) {
  return to_hex(sha256(boxes_json(boxes).canonical()));
}

}  // namespace signalbox::pack
