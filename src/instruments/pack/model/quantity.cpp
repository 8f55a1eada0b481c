#include "instruments/pack/model/quantity.hpp"

#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::pack {
namespace {

constexpr std::array<std::pair<std::string_view, LengthUnit>, 10> kLengthNames{{{"um", LengthUnit::um},
                                                                                {"mm", LengthUnit::mm},
                                                                                {"cm", LengthUnit::cm},
                                                                                {"m", LengthUnit::m},
                                                                                {"in", LengthUnit::in},
                                                                                {"ft", LengthUnit::ft},
                                                                                {"inch", LengthUnit::in},
                                                                                {"inches", LengthUnit::in},
                                                                                {"\"", LengthUnit::in},
                                                                                {"µm", LengthUnit::um}}};
constexpr std::array<std::pair<std::string_view, MassUnit>, 6> kMassNames{{{"mg", MassUnit::mg},
                                                                           {"g", MassUnit::g},
                                                                           {"kg", MassUnit::kg},
                                                                           {"oz", MassUnit::oz},
                                                                           {"lb", MassUnit::lb},
                                                                           {"lbs", MassUnit::lb}}};

__extension__ typedef __int128 Wide;

// A number as a fraction: 11.1 is 111/10, 11 1/16 is 177/16.
struct Fraction {
  Wide numerator = 0;
  Wide denominator = 1;
};

constexpr int kMaxDigits = 15;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<Fraction> read_decimal(std::string_view text, std::size_t& at) {
  Fraction out;
  int digits = 0;
  bool point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
      continue;
    }
    if (++digits > kMaxDigits) return std::nullopt;
    out.numerator = out.numerator * 10 + (text[at] - '0');
    if (point) out.denominator *= 10;
  }
  if (digits == 0) return std::nullopt;
  return out;
}

// "11", "11.1", "3/8", "11 1/16"; `at` is left behind it.
std::optional<Fraction> read_number(std::string_view text, std::size_t& at) {
  auto whole = read_decimal(text, at);
  if (!whole) return std::nullopt;
  if (at < text.size() && text[at] == '/') {
    auto below = read_decimal(text, ++at);
    if (!below || below->numerator == 0) return std::nullopt;
    return Fraction{whole->numerator * below->denominator, whole->denominator * below->numerator};
  }
  std::size_t next = at;
  while (next < text.size() && text[next] == ' ') ++next;
  if (next == at || next == text.size() || !is_digit(text[next]) || whole->denominator != 1) return whole;
  auto above = read_decimal(text, next);
  if (!above || next >= text.size() || text[next] != '/') return std::nullopt;
  auto below = read_decimal(text, ++next);
  if (!below || below->numerator == 0 || above->denominator != 1 || below->denominator != 1)
    return std::nullopt;
  at = next;
  return Fraction{whole->numerator * below->numerator + above->numerator, below->numerator};
}

// The number times `factor`, to the nearest whole, halves up.
Wide scaled(const Fraction& number, std::int64_t factor) {
  return (2 * number.numerator * factor + number.denominator) / (2 * number.denominator);
}

struct Split {
  Fraction number;
  std::string_view unit;
};

Result<Split> split_quantity(std::string_view text, std::string_view what) {
  const std::string_view trimmed = trim(text);
  std::size_t at = 0;
  if (trimmed.empty()) return fail(ErrorKind::bad_input, fmt::format("the {} is missing", what));
  if (trimmed[0] == '-')
    return fail(ErrorKind::bad_input, fmt::format("the {} '{}' is negative", what, printable(trimmed)));
  const auto number = read_number(trimmed, at);
  if (!number)
    return fail(ErrorKind::bad_input, fmt::format("the {} '{}' is no number", what, printable(trimmed)),
                "write 11.1, 11 1/16 or 280, with a unit");
  return Split{*number, trim(trimmed.substr(at))};
}

std::string decimal(Wide value, std::int64_t per_unit, int places) {
  Wide scale = 1;
  for (int i = 0; i < places; ++i) scale *= 10;
  const Wide rounded = (2 * value * scale + per_unit) / (2 * per_unit);
  std::string out = fmt::format("{}", static_cast<std::int64_t>(rounded / scale));
  std::string rest = fmt::format("{:0{}}", static_cast<std::int64_t>(rounded % scale), places);
  while (!rest.empty() && rest.back() == '0') rest.pop_back();
  return rest.empty() ? out : out + "." + rest;
}

}  // namespace

std::optional<LengthUnit> length_unit_from(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const auto& [word, unit] : kLengthNames)
    if (word == lower) return unit;
  return std::nullopt;
}

std::optional<MassUnit> mass_unit_from(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const auto& [word, unit] : kMassNames)
    if (word == lower) return unit;
  return std::nullopt;
}

std::string_view name_of(LengthUnit unit) {
  return kLengthNames[static_cast<std::size_t>(unit)].first;
}

std::string_view name_of(MassUnit unit) {
  return kMassNames[static_cast<std::size_t>(unit)].first;
}

Length ticks_in(LengthUnit unit) {
  switch (unit) {
    case LengthUnit::um:
      return kMicrometre;
    case LengthUnit::mm:
      return kMillimetre;
    case LengthUnit::cm:
      return 10 * kMillimetre;
    case LengthUnit::m:
      return 1000 * kMillimetre;
    case LengthUnit::in:
      return kInch;
    case LengthUnit::ft:
      return 12 * kInch;
  }
  return kMillimetre;
}

Mass nanograms_in(MassUnit unit) {
  switch (unit) {
    case MassUnit::mg:
      return kGram / 1000;
    case MassUnit::g:
      return kGram;
    case MassUnit::kg:
      return 1000 * kGram;
    case MassUnit::oz:
      return kOunce;
    case MassUnit::lb:
      return kPound;
  }
  return kGram;
}

Result<Length> parse_length(std::string_view text, std::optional<LengthUnit> unit) {
  SIGNALBOX_TRY(const Split parts, split_quantity(text, "length"));
  if (!parts.unit.empty()) {
    unit = length_unit_from(parts.unit);
    if (!unit)
      return fail(ErrorKind::bad_input, fmt::format("'{}' is no unit of length", printable(parts.unit)),
                  "um, mm, cm, m, in or ft");
  }
  if (!unit)
    return fail(ErrorKind::bad_input, fmt::format("the length '{}' has no unit", printable(trim(text))),
                "write it behind the number, as 11.1in, or in the header of the column, as l_in");
  const Wide ticks = scaled(parts.number, ticks_in(*unit));
  if (ticks <= 0)
    return fail(ErrorKind::bad_input, fmt::format("the length '{}' is zero", printable(trim(text))));
  if (ticks > kMaxLength)
    return fail(ErrorKind::bad_input, fmt::format("the length '{}' is over {} m", printable(trim(text)),
                                                  kMaxLength / ticks_in(LengthUnit::m)));
  return static_cast<Length>(ticks);
}

Result<Mass> parse_mass(std::string_view text, std::optional<MassUnit> unit) {
  SIGNALBOX_TRY(const Split parts, split_quantity(text, "weight"));
  if (!parts.unit.empty()) {
    unit = mass_unit_from(parts.unit);
    if (!unit)
      return fail(ErrorKind::bad_input, fmt::format("'{}' is no unit of weight", printable(parts.unit)),
                  "mg, g, kg, oz or lb");
  }
  if (!unit)
    return fail(ErrorKind::bad_input, fmt::format("the weight '{}' has no unit", printable(trim(text))),
                "write it behind the number, as 3.2lb, or in the header of the column, as weight_lb");
  const Wide mass = scaled(parts.number, nanograms_in(*unit));
  if (mass > kMaxMass)
    return fail(ErrorKind::bad_input, fmt::format("the weight '{}' is over {} t", printable(trim(text)),
                                                  kMaxMass / (1'000'000 * kGram)));
  return static_cast<Mass>(mass);
}

std::string to_text(Length length, LengthUnit unit) {
  const bool exact = unit != LengthUnit::in && unit != LengthUnit::ft;
  return decimal(length, ticks_in(unit), exact ? 8 : 4);
}

std::string to_text(Mass mass, MassUnit unit) {
  const bool exact = unit != MassUnit::oz && unit != MassUnit::lb;
  return decimal(mass, nanograms_in(unit), exact ? 12 : 4);
}

double as_number(Length length, LengthUnit unit) {
  return static_cast<double>(length) / static_cast<double>(ticks_in(unit));
}

double as_number(Mass mass, MassUnit unit) {
  return static_cast<double>(mass) / static_cast<double>(nanograms_in(unit));
}

}  // namespace signalbox::pack
