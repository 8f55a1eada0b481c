#include "instruments/profile/formats/json_input.hpp"

#include <cmath>
#include <limits>

#include "core/base/text.hpp"

namespace signalbox::profile {

Result<Json> parse_profile_json(std::string_view octets) {
  JsonLimits limits;
  limits.max_bytes = std::size_t{4} << 30;
  limits.max_depth = kJsonDepthMax;
  limits.exact_integers = false;
  return parse_json(octets, limits);
}

std::int64_t scaled(const Json& number, double factor, std::int64_t fallback) {
  if (!number.is_number()) return fallback;
  if (number.is_integer() && factor == 1) return number.as_integer();
  const double value = std::round(number.as_number() * factor);
  constexpr double end = 9'223'372'036'854'775'808.0;  // 2^63
  if (std::isnan(value)) return fallback;
  if (value >= end) return std::numeric_limits<std::int64_t>::max();
  if (value < -end) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

const Json& item(const Json& array, std::size_t index) {
  static const Json none;
  const Json::Array& items = array.items();
  return index < items.size() ? items[index] : none;
}

std::size_t index_below(const Json& value, std::size_t size) {
  if (!value.is_number()) return size;
  const double number = value.as_number(-1);
  if (!(number >= 0) || number >= static_cast<double>(size)) return size;
  return static_cast<std::size_t>(number);
}

void put_json_string(std::string& out, std::string_view text) {
  out += Json(is_utf8(text) ? std::string(text) : escape_invalid_utf8(text)).dump();
}

}  // namespace signalbox::profile
