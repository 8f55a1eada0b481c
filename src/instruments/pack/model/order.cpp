#include "instruments/pack/model/order.hpp"

#include "core/base/text.hpp"

namespace signalbox::pack {

TurnSet turns_with_vertical(const std::array<bool, 3>& vertical) {
  TurnSet out = 0;
  for (std::size_t i = 0; i < kTurns.size(); ++i)
    if (vertical[static_cast<std::size_t>(kTurns[i][2])]) out = static_cast<TurnSet>(out | (1U << i));
  return out;
}

Size turned(const Size& size, int turn) {
  const Turn& sides = kTurns[static_cast<std::size_t>(turn)];
  return {size[static_cast<std::size_t>(sides[0])], size[static_cast<std::size_t>(sides[1])],
          size[static_cast<std::size_t>(sides[2])]};
}

std::string to_text(const Support& support) {
  switch (support.rule) {
    case Support::Rule::corners:
      return "corners";
    case Support::Rule::balance:
      return "static";
    case Support::Rule::area:
      break;
  }
  return support.percent == 0 ? "none" : "area:" + std::to_string(support.percent);
}

std::optional<Support> support_from(std::string_view text) {
  if (text == "none") return Support{0};
  if (text == "corners") return Support{0, Support::Rule::corners};
  if (text == "static") return Support{0, Support::Rule::balance};
  const auto percent = text.starts_with("area:") ? parse_integer(text.substr(5)) : std::nullopt;
  if (!percent || *percent < 1 || *percent > 100) return std::nullopt;
  return Support{static_cast<int>(*percent)};
}

ExactVolume volume_of(const Size& size) {
  return static_cast<ExactVolume>(size[0]) * size[1] * size[2];
}

double litres(const Size& size) {
  double out = 1;
  for (const Length side : size) out *= as_number(side, LengthUnit::mm) / 100;
  return out;
}

}  // namespace signalbox::pack
