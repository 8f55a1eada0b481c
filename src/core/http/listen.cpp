#include "core/http/listen.hpp"

#include <algorithm>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

constexpr long long kMaxPort = 65'535;

bool is_address(const std::string& text) {
  in6_addr unused{};
  return ::inet_pton(AF_INET, text.c_str(), &unused) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), &unused) == 1;
}

}  // namespace

Result<Listen> parse_listen(std::string_view text, std::uint16_t usual_port) {
  Listen out;
  std::string_view address = text;
  std::optional<std::string_view> port;
  const std::size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const std::size_t close = std::min(text.find(']'), text.size());
    const std::string_view tail = text.substr(std::min(close + 1, text.size()));
    address = close < text.size() && (tail.empty() || tail.starts_with(':')) ? text.substr(1, close - 1) : "";
    if (!tail.empty()) port = tail.substr(1);
  } else if (colon != std::string_view::npos && text.find(':') == colon) {
    address = text.substr(0, colon);
    port = text.substr(colon + 1);
  } else if (parse_integer(text)) {
    address = "127.0.0.1";
    port = text;
  }
  out.address = address == "localhost" ? "127.0.0.1" : std::string(address);
  const auto number = port ? parse_integer(*port) : std::optional<long long>(usual_port);
  if (!is_address(out.address) || !number || *number < 0 || *number > kMaxPort) {
    return fail(ErrorKind::bad_input,
                fmt::format("--listen: `{}` is no address to listen on", printable(text)),
                "PORT, ADDRESS or ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080; port 0 is any free one");
  }
  out.port = static_cast<std::uint16_t>(*number);
  out.port_is_given = port.has_value();
  return out;
}

}  // namespace signalbox::http
