#include "instruments/profile/overhead_option.hpp"

#include <charconv>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {

Result<double> overhead_share(std::string_view text) {
  std::string_view number = trim(text);
  if (number.ends_with('%')) number = trim(number.substr(0, number.size() - 1));
  double percent = 0;
  const char* const last = number.data() + number.size();
  const auto [end, error] = std::from_chars(number.data(), last, percent);
  if (error != std::errc{} || end != last || !(percent > 0) || percent > 100)
    return fail(ErrorKind::bad_input, fmt::format("--max-overhead {}: is no share", printable(text)),
                "per cent of the target's processor time, for example 2%");
  return percent / 100;
}

}  // namespace signalbox::profile
