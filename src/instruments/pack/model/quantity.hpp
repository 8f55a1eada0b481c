// Lengths and masses as integers, exact in inches, millimetres, pounds and grams at once.
//
// A length is counted in ticks of 25 nm: 1 µm is 40 ticks, 1/1000 in is 1,016 and 1/64 in is 15,875, so that
// a box of 12 1/8 in holds two of 6 1/16 in, which whole micrometres would round apart. A mass is counted in
// nanograms: 1 lb is 453,592,370,000 and 1 oz 28,349,523,125 (the international pound, 1959).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::pack {

using Length = std::int64_t;                 // ticks of 25 nm
using Mass = std::int64_t;                   // nanograms
__extension__ typedef __int128 ExactVolume;  // cubic ticks

inline constexpr Length kMicrometre = 40;
inline constexpr Length kMillimetre = 1000 * kMicrometre;
inline constexpr Length kInch = 25400 * kMicrometre;
inline constexpr Length kMaxLength = 40'000 * kMillimetre;  // longer than any vehicle
inline constexpr Mass kGram = 1'000'000'000;
inline constexpr Mass kPound = 453'592'370'000;
inline constexpr Mass kOunce = kPound / 16;
inline constexpr Mass kMaxMass = 100'000'000 * kGram;  // 100 t, of one thing

enum class LengthUnit { um, mm, cm, m, in, ft };
enum class MassUnit { mg, g, kg, oz, lb };

std::optional<LengthUnit> length_unit_from(std::string_view name);
std::optional<MassUnit> mass_unit_from(std::string_view name);
std::string_view name_of(LengthUnit unit);
std::string_view name_of(MassUnit unit);
Length ticks_in(LengthUnit unit);
Mass nanograms_in(MassUnit unit);

// "11.1in", "11 1/16 in", "280 mm"; without a unit in the text `unit` is meant, and where that is not there
// either it is bad_input. A decimal that falls between two ticks goes to the nearer one, which never crosses
// a whole tick. Negative, zero, not finite, or beyond kMaxLength: bad_input.
Result<Length> parse_length(std::string_view text, std::optional<LengthUnit> unit = std::nullopt);

// The same for masses; zero is allowed. Beyond kMaxMass: bad_input.
Result<Mass> parse_mass(std::string_view text, std::optional<MassUnit> unit = std::nullopt);

// Decimal text in that unit, exact for um, mm, cm and m, rounded to 4 places for in and ft: "11.1", "280".
std::string to_text(Length length, LengthUnit unit);
std::string to_text(Mass mass, MassUnit unit);

double as_number(Length length, LengthUnit unit);
double as_number(Mass mass, MassUnit unit);

}  // namespace signalbox::pack
