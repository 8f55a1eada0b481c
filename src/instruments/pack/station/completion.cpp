#include "instruments/pack/station/completion.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::pack {
namespace {

tl::unexpected<Error> wrong(std::string_view place, std::string_view what, std::string hint = {}) {
  return fail(ErrorKind::bad_input, fmt::format("{}: {}", place, what), std::move(hint));
}

Status only_members(const Json& value, std::string_view place, const std::vector<std::string>& known) {
  if (!value.is_object()) return wrong(place, "an object is meant");
  for (const auto& [name, unused] : value.members())
    if (std::ranges::find(known, name) == known.end())
      return wrong(place, fmt::format("nothing is called '{}' here", printable(name)),
                   "there is " + join(known, ", "));
  return {};
}

// Text that a screen and a table can show: no control characters, not too much of it.
Result<std::string> word_of(const Json& value, std::string_view name, std::size_t most) {
  const std::string place = fmt::format("$.{}", name);
  if (!value.is_string()) return wrong(place, "a text is meant");
  const std::string text(trim(value.as_string()));
  if (text.empty()) return wrong(place, "it is empty");
  if (text.size() > most) return wrong(place, fmt::format("more than {} octets", most));
  if (std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }))
    return wrong(place, "control characters are in it");
  return text;
}

Result<std::int64_t> whole(const Json& value, std::string_view place, std::int64_t low, std::int64_t high) {
  if (!value.is_integer() || value.as_integer() < low || value.as_integer() > high)
    return wrong(place, fmt::format("a whole number between {} and {} is meant", low, high));
  return value.as_integer();
}

Result<std::string> reason_of(const Json& value, std::string_view place) {
  if (std::ranges::find(kReasons, value.as_string()) == kReasons.end())
    return wrong(place, "no such reason", fmt::format("{}", fmt::join(kReasons, ", ")));
  return std::string(value.as_string());
}

Result<std::vector<LeftOut>> left_out_of(const Json& value, std::size_t units) {
  std::vector<LeftOut> out;
  if (value.is_null()) return out;
  if (!value.is_array()) return wrong("$.left_out", "a list is meant");
  for (std::size_t i = 0; i < value.size(); ++i) {
    const Json& each = value.items()[i];
    const std::string place = fmt::format("$.left_out[{}]", i);
    SIGNALBOX_CHECK(only_members(each, place, {"unit", "reason"}));
    LeftOut one;
    SIGNALBOX_TRY(const std::int64_t unit,
                  whole(each["unit"], place + ".unit", 1, static_cast<std::int64_t>(units)));
    one.unit = static_cast<std::size_t>(unit - 1);
    SIGNALBOX_TRY(one.reason, reason_of(each["reason"], place + ".reason"));
    if (std::ranges::find(out, one.unit, &LeftOut::unit) != out.end())
      return wrong(place + ".unit", "it is left out already");
    out.push_back(std::move(one));
  }
  if (out.size() == units) return wrong("$.left_out", "nothing is left in the package");
  std::ranges::sort(out, {}, &LeftOut::unit);
  return out;
}

}  // namespace

Result<Completion> read_completion(std::string_view text, const PlanDocument& plan, Time now,
                                   std::string_view by) {
  SIGNALBOX_TRY(const Json root, parse_json(text));
  SIGNALBOX_CHECK(only_members(
      root, "$",
      {"key", "package", "station", "box", "reason", "left_out", "weight", "took_ms", "waited_ms"}));
  Completion out;
  out.plan = plan.id;
  out.order = plan.order.id;
  out.by = by;
  SIGNALBOX_TRY(out.key, word_of(root["key"], "key", kMaxKey));
  SIGNALBOX_TRY(const std::int64_t package,
                whole(root["package"], "$.package", 1, static_cast<std::int64_t>(plan.plan.packages.size())));
  out.package = static_cast<std::size_t>(package - 1);
  const Package& planned = plan.plan.packages[out.package];
  out.recommended = plan.boxes[planned.box].sku;
  SIGNALBOX_TRY(out.station, word_of(root["station"], "station", kMaxStationName));
  SIGNALBOX_TRY(out.box, word_of(root["box"], "box", 1000));
  if (root.find("reason")) {
    SIGNALBOX_TRY(out.reason, reason_of(root["reason"], "$.reason"));
  }
  if (out.box == out.recommended && !out.reason.empty())
    return wrong("$.reason", "the box is the recommended one, which needs none");
  if (out.box != out.recommended && out.reason.empty())
    return wrong("$.reason", fmt::format("why not {}?", printable(out.recommended)),
                 fmt::format("{}", fmt::join(kReasons, ", ")));
  SIGNALBOX_TRY(out.left_out, left_out_of(root["left_out"], planned.placements.size()));
  if (!root["weight"].is_string()) return wrong("$.weight", "a weight with its unit is meant", "\"2.71 kg\"");
  auto weight = parse_mass(root["weight"].as_string());
  if (!weight) return wrong("$.weight", weight.error().message, weight.error().hint);
  if (*weight == 0) return wrong("$.weight", "nothing weighs nothing");
  out.weight = *weight;
  SIGNALBOX_TRY(const std::int64_t took, whole(root["took_ms"], "$.took_ms", 0, kMaxTook.count()));
  out.took = Duration(took);
  std::int64_t waited = 0;
  if (root.find("waited_ms")) {
    SIGNALBOX_TRY(waited, whole(root["waited_ms"], "$.waited_ms", 0, kMaxWaited.count()));
  }
  out.at = now - Duration(waited);
  return out;
}

Json to_json(const Completion& completion) {
  Json left_out = Json::array();
  for (const LeftOut& each : completion.left_out)
    left_out.push_back(Json::object({{"unit", each.unit + 1}, {"reason", each.reason}}));
  return Json::object({{"key", completion.key},
                       {"plan", completion.plan},
                       {"order", completion.order},
                       {"package", completion.package + 1},
                       {"station", completion.station},
                       {"box", completion.box},
                       {"recommended", completion.recommended},
                       {"reason", completion.reason},
                       {"left_out", std::move(left_out)},
                       {"weight_g", as_number(completion.weight, MassUnit::g)},
                       {"took_ms", completion.took.count()},
                       {"at", to_rfc3339(completion.at)},
                       {"by", completion.by}});
}

bool is_same(const Completion& a, const Completion& b) {
  return a.key == b.key && a.plan == b.plan && a.package == b.package && a.station == b.station &&
         a.box == b.box && a.reason == b.reason && a.left_out == b.left_out && a.weight == b.weight &&
         a.took == b.took;
}

PackedParcel parcel_of(const Completion& completion) {
  PackedParcel out;
  out.order = completion.plan;
  out.package = completion.package;
  out.day = std::chrono::floor<std::chrono::days>(completion.at);
  out.station = completion.station;
  out.box = completion.box;
  out.reason = completion.reason;
  out.weight = completion.weight;
  out.took = completion.took;
  for (const LeftOut& each : completion.left_out) out.left_out.push_back(each.unit);
  return out;
}

}  // namespace signalbox::pack
