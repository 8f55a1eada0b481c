// A number as files of /proc have it.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace signalbox::profile {

// Nothing but digits of `base`, and '-' where the type has a sign; within the type.
template <class Number>
std::optional<Number> proc_number(std::string_view text, int base = 10) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace signalbox::profile
