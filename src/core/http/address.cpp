#include <algorithm>
#include <cctype>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/client.hpp"

namespace signalbox::http {
namespace {

constexpr std::string_view kHint = "an address is https://HOST[:PORT]";

Error not_an_address(std::string_view url, std::string_view why) {
  return {ErrorKind::bad_input, fmt::format("{}: {}", printable(url.substr(0, 200)), why),
          std::string(kHint)};
}

// "host", "host:port", "[v6]" or "[v6]:port" into its halves.
bool split_authority(std::string_view authority, Address& out) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    out.host = to_lower(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    in6_addr unused{};
    if (::inet_pton(AF_INET6, out.host.c_str(), &unused) != 1) return false;
    if (!port.empty() && !port.starts_with(':')) return false;
  } else {
    const std::size_t colon = authority.find(':');
    out.host = to_lower(authority.substr(0, colon));
    port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon);
    constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    if (out.host.empty() || out.host.find_first_not_of(kNameCharacters) != std::string::npos) return false;
  }
  if (port.empty()) return true;
  constexpr long long kMaxPort = 65'535;
  const auto number = parse_integer(port.substr(1));
  if (!number || *number < 1 || *number > kMaxPort) return false;
  out.port = std::to_string(*number);
  return true;
}

std::string_view own_port(std::string_view scheme) {
  return scheme == "https" ? "443" : "80";
}

}  // namespace

std::string Address::origin() const {
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == own_port(scheme) ? fmt::format("{}://{}", scheme, name)
                                  : fmt::format("{}://{}:{}", scheme, name, port);
}

Result<Address> parse_address(std::string_view url) {
  const std::size_t colon = url.find("://");
  Address out;
  out.scheme = to_lower(url.substr(0, colon == std::string_view::npos ? 0 : colon));
  if (out.scheme != "http" && out.scheme != "https")
    return fail(not_an_address(url, "neither http:// nor https://"));
  const std::string_view rest = url.substr(colon + 3);
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) {
    return fail(ErrorKind::bad_input, "an address with a user name or password in it is not taken",
                "give the token in SIGNALBOX_TOKEN, or in the file that SIGNALBOX_TOKEN_FILE names");
  }
  if (!split_authority(authority, out)) return fail(not_an_address(url, "not the address of a server"));
  if (out.port.empty()) out.port = own_port(out.scheme);
  const std::string_view tail = rest.substr(end);
  out.path = tail.substr(0, std::min(tail.find_first_of("?#"), tail.size()));
  if (out.path.empty()) out.path = "/";
  return out;
}

bool is_loopback_name(std::string_view host) {
  if (to_lower(host) == "localhost" || host == "::1") return true;
  in_addr v4{};
  constexpr std::uint32_t kLoopbackNetwork = 127;
  return ::inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1 &&
         (ntohl(v4.s_addr) >> 24) == kLoopbackNetwork;
}

}  // namespace signalbox::http
