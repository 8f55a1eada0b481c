#include "core/http/auth.hpp"

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

constexpr std::size_t kLinkOctets = 32;
constexpr std::string_view kBearer = "bearer ";

Principal principal_of(const Known& token) {
  return token ? Principal{token->name, token->role} : Principal{};
}

// The token of an Authorization header; empty where it is of another scheme, nothing where there is no
// header.
std::optional<std::string_view> bearer_of(const Request& request) {
  const auto header = request.headers.find("authorization");
  if (header == request.headers.end()) return std::nullopt;
  const std::string_view value = header->second;
  if (!starts_with_ignoring_case(value, kBearer)) return std::string_view{};
  return trim(value.substr(kBearer.size()));
}

bool is_write(Method method) {
  return method != Method::get && method != Method::head && method != Method::options;
}

// A cookie goes with every request that a browser sends here, whoever made it do so; a token does not.
Status check_cookie_write(const Request& request) {
  if (!is_write(request.method) || is_from_own_page(request)) return {};
  return fail(ErrorKind::denied, "a browser that changes something must say which page asked for it",
              "send a bearer token instead of the cookie");
}

}  // namespace

Result<std::shared_ptr<Gatekeeper>> Gatekeeper::create(GatekeeperOptions options, const Clock& clock,
                                                       TokenVerifier::OpenDatabase database) {
  SIGNALBOX_CHECK(origins_of(options.address, 1, options.tls, options.hosts));
  return std::shared_ptr<Gatekeeper>(new Gatekeeper(std::move(options), clock, std::move(database)));
}

Status Gatekeeper::listens_on(std::uint16_t port) {
  SIGNALBOX_TRY(origins_, origins_of(options_.address, port, options_.tls, options_.hosts));
  port_ = port;
  return {};
}

std::string Gatekeeper::one_time_link() {
  const std::string token = to_base64url(random_octets(kLinkOctets));
  const std::lock_guard lock(links_mutex_);
  links_.insert(sha256(token));
  return "/open?token=" + token;
}

// Links are looked up by digest, so the time of a comparison says nothing of a link.
bool Gatekeeper::spend_link(std::string_view token) {
  const Sha256 digest = sha256(token);
  const std::lock_guard lock(links_mutex_);
  return links_.erase(digest) == 1;
}

// Browsers keep cookies by host and not by port: the port in the name keeps two servers on one machine apart.
std::string Gatekeeper::cookie_name(const Origin& origin) const {
  return fmt::format("{}signalbox-{}", origin.scheme == "https" ? "__Host-" : "", port_);
}

std::optional<std::string> Gatekeeper::cookie_of(const Request& request, const Origin& origin) const {
  const auto header = request.headers.find("cookie");
  if (header == request.headers.end()) return std::nullopt;
  const std::string name = cookie_name(origin) + "=";
  for (const std::string_view part : split(header->second, ';')) {
    const std::string_view cookie = trim(part);
    if (cookie.starts_with(name)) return std::string(cookie.substr(name.size()));
  }
  return std::nullopt;
}

std::optional<Result<Principal>> Gatekeeper::authenticate_now(const Request& request) {
  const Result<Origin> origin = check_origin(request, origins_);
  if (!origin) return fail(origin.error());
  if (const auto bearer = bearer_of(request)) {
    const auto token = tokens_.check_now(*bearer);
    return token ? std::optional<Result<Principal>>(principal_of(*token)) : std::nullopt;
  }
  const auto cookie = cookie_of(request, *origin);
  const auto owner = cookie ? sessions_.find(*cookie) : std::nullopt;
  if (!owner) return Principal{};
  if (const Status status = check_cookie_write(request); !status) return fail(status.error());
  if (owner->token_id.empty()) return Principal{"local", Role::admin};
  const auto token = tokens_.check_id_now(owner->token_id);
  return token ? std::optional<Result<Principal>>(principal_of(*token)) : std::nullopt;
}

Result<Principal> Gatekeeper::authenticate(const Request& request) {
  if (auto known = authenticate_now(request)) return std::move(*known);
  if (const auto bearer = bearer_of(request)) {
    SIGNALBOX_TRY(const Known token, tokens_.check(*bearer));
    return principal_of(token);
  }
  SIGNALBOX_TRY(const Origin origin, check_origin(request, origins_));
  const auto cookie = cookie_of(request, origin);
  const auto owner = cookie ? sessions_.find(*cookie) : std::nullopt;
  if (!owner) return Principal{};
  SIGNALBOX_TRY(const Known token, tokens_.check_id(owner->token_id));
  return principal_of(token);
}

}  // namespace signalbox::http
