#include "core/store/postgres_values.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include <fmt/core.h>

namespace signalbox::store {
namespace {

void put_unsigned(std::string& out, std::uint64_t value, int octets) {
  for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

std::uint64_t get_unsigned(std::string_view octets) {
  std::uint64_t out = 0;
  for (const char octet : octets) out = out << 8 | static_cast<unsigned char>(octet);
  return out;
}

void append(std::string& out, const Value& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    put_unsigned(out, static_cast<std::uint64_t>(*integer), 8);
  } else if (const auto* real = std::get_if<double>(&value)) {
    put_unsigned(out, std::bit_cast<std::uint64_t>(*real), 8);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    out += *text;
  } else if (const auto* blob = std::get_if<Blob>(&value)) {
    out += blob->octets;
  }
}

std::size_t octets_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->size();
  if (const auto* blob = std::get_if<Blob>(&value)) return blob->octets.size();
  return 8;
}

// A signed number of 2, 4 or 8 octets.
std::int64_t get_signed(std::string_view octets) {
  const int shift = 64 - 8 * static_cast<int>(octets.size());
  return static_cast<std::int64_t>(get_unsigned(octets) << shift) >> shift;
}

// numeric: digits to the base of 10,000 with the weight of the first; sums and averages come as it. Whole
// numbers that fit become integers, others reals.
Result<Value> decode_numeric(std::string_view octets) {
  constexpr std::uint64_t kNegative = 0x4000;
  constexpr std::int64_t kBase = 10'000;
  if (octets.size() < 8) return fail(ErrorKind::internal, "PostgreSQL sent a numeric without its header");
  const auto count = static_cast<std::size_t>(get_unsigned(octets.substr(0, 2)));
  const std::int64_t weight = get_signed(octets.substr(2, 2));
  const std::uint64_t sign = get_unsigned(octets.substr(4, 2));
  if (octets.size() != 8 + 2 * count || (count == 0 && weight > 3) || (sign != 0 && sign != kNegative))
    return fail(ErrorKind::internal, "PostgreSQL sent a numeric that is no number");
  // Five digits to the base of 10,000 are up to 20 decimal ones; the largest std::int64_t begins with 922.
  bool whole = weight < 4 || (weight == 4 && get_signed(octets.substr(8, 2)) < 922);
  double real = 0;
  std::int64_t integer = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::int64_t digit = get_signed(octets.substr(8 + 2 * i, 2));
    const std::int64_t power = weight - static_cast<std::int64_t>(i);
    real += static_cast<double>(digit) * std::pow(static_cast<double>(kBase), static_cast<double>(power));
    whole = whole && power >= 0;
    if (!whole) continue;
    std::int64_t scaled = digit;
    for (std::int64_t n = 0; n < power; ++n) scaled *= kBase;
    integer += scaled;
  }
  if (whole) return Value(sign == kNegative ? -integer : integer);
  return Value(sign == kNegative ? -real : real);
}

PgType array_of(PgType element) {
  switch (element) {
    case PgType::int8:
      return PgType::int8_array;
    case PgType::float8:
      return PgType::float8_array;
    case PgType::text:
      return PgType::text_array;
    case PgType::bytea:
      return PgType::bytea_array;
    default:
      return PgType::unknown;
  }
}

bool is_number(PgType type) {
  return type == PgType::int8 || type == PgType::float8;
}

// The one type that serves two values of a column.
Result<PgType> common_type(PgType a, PgType b) {
  if (a == b || b == PgType::unknown) return a;
  if (a == PgType::unknown) return b;
  if (is_number(a) && is_number(b)) return PgType::float8;
  return fail(ErrorKind::internal, "a column with values of several types");
}

void append_element(std::string& out, const Value& value, PgType type) {
  if (type_of(value) == PgType::unknown) {
    put_unsigned(out, 0xffff'ffff, 4);
    return;
  }
  put_unsigned(out, octets_of(value), 4);
  const auto* integer = std::get_if<std::int64_t>(&value);
  if (type == PgType::float8 && integer != nullptr) {
    append(out, static_cast<double>(*integer));
  } else {
    append(out, value);
  }
}

}  // namespace

PgType type_of(const Value& value) {
  constexpr PgType kTypes[] = {PgType::unknown, PgType::int8, PgType::float8, PgType::text, PgType::bytea};
  return kTypes[value.index()];
}

std::string encode(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

Result<Value> decode(PgType type, std::string_view octets) {
  switch (type) {
    case PgType::boolean:
      return Value(std::int64_t{octets == "\1" ? 1 : 0});
    case PgType::int2:
    case PgType::int4:
    case PgType::int8:
      return Value(get_signed(octets));
    case PgType::oid:
      return Value(static_cast<std::int64_t>(get_unsigned(octets)));
    case PgType::float4:
      return Value(double{std::bit_cast<float>(static_cast<std::uint32_t>(get_unsigned(octets)))});
    case PgType::float8:
      return Value(std::bit_cast<double>(get_unsigned(octets)));
    case PgType::numeric:
      return decode_numeric(octets);
    case PgType::text:
    case PgType::json:
    case PgType::varchar:
    case PgType::bpchar:
    case PgType::name:
      return Value(std::string(octets));
    case PgType::bytea:
      return Value(Blob{std::string(octets)});
    default:
      return fail(ErrorKind::internal, fmt::format("a result with PostgreSQL's type {}, which is not read",
                                                   static_cast<std::uint32_t>(type)));
  }
}

Result<PgArray> encode_column(const std::vector<std::vector<Value>>& rows, std::size_t column,
                              std::size_t first, std::size_t count) {
  PgType element = PgType::unknown;
  bool has_null = false;
  for (std::size_t i = first; i < first + count; ++i) {
    SIGNALBOX_TRY(element, common_type(element, type_of(rows[i][column])));
    has_null = has_null || type_of(rows[i][column]) == PgType::unknown;
  }
  PgArray out{array_of(element), {}};
  if (element == PgType::unknown) return out;
  put_unsigned(out.octets, 1, 4);  // dimensions
  put_unsigned(out.octets, has_null ? 1 : 0, 4);
  put_unsigned(out.octets, static_cast<std::uint32_t>(element), 4);
  put_unsigned(out.octets, count, 4);
  put_unsigned(out.octets, 1, 4);  // the first index
  for (std::size_t i = first; i < first + count; ++i) append_element(out.octets, rows[i][column], element);
  return out;
}

std::string_view name_of_array(PgType array) {
  switch (array) {
    case PgType::int8_array:
      return "bigint[]";
    case PgType::float8_array:
      return "double precision[]";
    case PgType::text_array:
      return "text[]";
    default:
      return "bytea[]";
  }
}

}  // namespace signalbox::store
