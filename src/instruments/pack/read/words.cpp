#include "instruments/pack/read/words.hpp"

#include <array>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/read/tables.hpp"

namespace signalbox::pack {

Result<TurnSet> turns_from(std::string_view word) {
  const std::string lower = to_lower(trim(word));
  if (lower.empty() || lower == "any") return kAnyTurn;
  if (lower == "up" || lower == "this_side_up") return kThisSideUp;
  if (lower == "none" || lower == "as_measured") return kAsMeasured;
  std::array<bool, 3> vertical{};
  for (const char c : lower) {
    const std::size_t side = std::string_view("lwh").find(c);
    if (side == std::string_view::npos || vertical[side])
      return fail(ErrorKind::bad_input, fmt::format("'{}' is no way to turn a thing", printable(word)),
                  "any, up, none, or the sides that may be upright, as lwh or wh");
    vertical[side] = true;
  }
  return turns_with_vertical(vertical);
}

Result<std::int64_t> cost_from(std::string_view word) {
  const std::string_view text = trim(word);
  std::int64_t out = 0;
  int places = -1;
  int digits = 0;
  for (const char c : text) {
    if (c == '.' && places < 0) {
      places = 0;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > 15 || places == 6)
      return fail(ErrorKind::bad_input, fmt::format("'{}' is no price", printable(text)), "write it as 1.25");
    out = out * 10 + (c - '0');
    if (places >= 0) ++places;
  }
  if (digits == 0)
    return fail(ErrorKind::bad_input, fmt::format("'{}' is no price", printable(text)), "write it as 1.25");
  for (int i = places < 0 ? 0 : places; i < 6; ++i) {
    if (out > 1'000'000'000'000'000)
      return fail(ErrorKind::bad_input, fmt::format("the price '{}' is too high", printable(text)));
    out *= 10;
  }
  return out;
}

Status check_order(const Order& order) {
  if (order.items.size() > kMaxTypes)
    return fail(ErrorKind::bad_input,
                fmt::format("the order '{}' has more than {} lines", printable(order.id), kMaxTypes));
  std::int64_t units = 0;
  ExactVolume mass = 0;
  for (const Item& item : order.items) {
    units += item.quantity;
    mass += static_cast<ExactVolume>(item.quantity) * item.weight;
  }
  if (units > kMaxUnits)
    return fail(ErrorKind::bad_input,
                fmt::format("the order '{}' has more than {} units", printable(order.id), kMaxUnits),
                "split it; at that number it is no parcel");
  if (mass > kMaxOrderMass)
    return fail(ErrorKind::bad_input, fmt::format("the order '{}' weighs more than {} t", printable(order.id),
                                                  kMaxOrderMass / (1'000'000 * kGram)));
  return {};
}

tl::expected<void, BoxFault> check_box(const Box& box) {
  const auto wrong = [](std::string column, std::string message, std::string hint = {}) {
    return tl::unexpected(
        BoxFault{std::move(column), Error{ErrorKind::bad_input, std::move(message), std::move(hint)}});
  };
  constexpr std::array<const char*, 3> kInner{"inner_l", "inner_w", "inner_h"};
  for (std::size_t i = 0; i < 3; ++i)
    if (box.inner[i] > box.outer[i])
      return wrong(kInner[i],
                   fmt::format("the inside ({} mm) is larger than the outside ({} mm)",
                               to_text(box.inner[i], LengthUnit::mm), to_text(box.outer[i], LengthUnit::mm)));
  if (box.max_weight && box.tare >= *box.max_weight)
    return wrong("tare", fmt::format("the empty box ({} g) weighs what it may weigh in all ({} g)",
                                     to_text(box.tare, MassUnit::g), to_text(*box.max_weight, MassUnit::g)));
  if (box.stock && *box.stock == 0)
    return wrong("stock", "there is none of this box",
                 "leave its row out, or leave the cell empty where there are enough");
  return {};
}

}  // namespace signalbox::pack
