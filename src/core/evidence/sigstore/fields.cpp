#include "core/evidence/sigstore/fields.hpp"

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence::sigstore {

Result<std::string> octets_field(const Json& value, std::string_view where, std::size_t most) {
  if (!value.is_string() || value.as_string().empty())
    return fail(ErrorKind::bad_input, fmt::format("{}: there is none", where));
  auto octets = from_base64_any(value.as_string());
  if (!octets) return fail_in(where, std::move(octets).error());
  if (octets->size() > most)
    return fail(ErrorKind::bad_input, fmt::format("{}: {} octets; at most {}", where, octets->size(), most));
  return octets;
}

Result<std::uint64_t> number_field(const Json& value, std::string_view where) {
  if (value.is_integer() && value.as_integer() >= 0) return static_cast<std::uint64_t>(value.as_integer());
  const auto number = parse_integer(value.as_string());
  if (!number || *number < 0 || fmt::format("{}", *number) != value.as_string())
    return fail(ErrorKind::bad_input, fmt::format("{}: no number", where));
  return static_cast<std::uint64_t>(*number);
}

Result<Time> time_field(const Json& value, std::string_view where) {
  auto time = parse_rfc3339(value.as_string());
  if (!time) return fail_in(where, std::move(time).error());
  return time;
}

Result<const Json::Array*> list_field(const Json& value, std::string_view where, std::size_t most) {
  if (!value.is_null() && !value.is_array())
    return fail(ErrorKind::bad_input, fmt::format("{}: no list", where));
  if (value.size() > most)
    return fail(ErrorKind::bad_input, fmt::format("{}: {}; at most {} are read", where, value.size(), most));
  return &value.items();
}

}  // namespace signalbox::evidence::sigstore
