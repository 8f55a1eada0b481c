#include "core/http/origin.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

std::string_view header(const Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string_view{} : std::string_view(found->second);
}

bool same(const Origin& a, const Origin& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
}

// An address and nothing more: no path, no query.
std::optional<Origin> bare_origin(const std::string& text) {
  const auto address = parse_address(text);
  if (!address || address->path != "/" ||
      text.find_first_of("/?#", text.find("://") + 3) != std::string::npos)
    return std::nullopt;
  return *address;
}

Result<Origin> origin_of_host(const std::string& host, const std::string& scheme, const std::string& port) {
  const bool has_scheme = host.find("://") != std::string::npos;
  const auto origin = bare_origin(has_scheme ? host : scheme + "://" + host);
  if (!origin) {
    return fail(ErrorKind::bad_input, fmt::format("--host: `{}` is no name of a server", printable(host)),
                "NAME, NAME:PORT or https://NAME[:PORT]");
  }
  Origin out = *origin;
  const bool has_port = host.ends_with(":" + out.port);
  if (!has_scheme && !has_port) out.port = port;
  return out;
}

// Following a link: a page that is shown, nothing that a script can read.
bool is_followed_link(const Request& request) {
  const bool page = request.path == "/" || request.path == "/open";
  const bool read = request.method == Method::get || request.method == Method::head;
  return page && read && header(request, "sec-fetch-mode") == "navigate" &&
         header(request, "sec-fetch-dest") == "document";
}

}  // namespace

Result<std::vector<Origin>> origins_of(std::string_view address, std::uint16_t port, bool tls,
                                       const std::vector<std::string>& hosts) {
  const std::string scheme = tls ? "https" : "http";
  const std::string number = std::to_string(port);
  const bool everywhere = address == "0.0.0.0" || address == "::";
  std::vector<Origin> out;
  const auto add = [&](std::string_view host) { out.push_back({scheme, to_lower(host), number, "/"}); };
  if (!everywhere) add(address);
  if (everywhere || is_loopback_name(address)) {
    for (const std::string_view name : {"localhost", "127.0.0.1", "::1"}) add(name);
  }
  for (const std::string& host : hosts) {
    SIGNALBOX_TRY(Origin origin, origin_of_host(host, scheme, number));
    out.push_back(std::move(origin));
  }
  return out;
}

Result<Origin> check_origin(const Request& request, const std::vector<Origin>& ours) {
  const std::string host(header(request, "host"));
  const auto named = std::find_if(ours.begin(), ours.end(), [&](const Origin& origin) {
    const auto asked = bare_origin(origin.scheme + "://" + host);
    return asked && same(*asked, origin);
  });
  if (named == ours.end()) {
    return fail(ErrorKind::denied,
                fmt::format("this server is not called `{}`", printable(host.substr(0, 200))),
                "start it with --host NAME to have it answer to that name");
  }
  const std::string origin(header(request, "origin"));
  if (!origin.empty()) {
    const auto from = bare_origin(origin);
    if (!from || !same(*from, *named))
      return fail(ErrorKind::denied,
                  fmt::format("a page of `{}` may not ask this server", printable(origin.substr(0, 200))));
  }
  const std::string_view site = header(request, "sec-fetch-site");
  const bool elsewhere = !site.empty() && site != "same-origin" && site != "none";
  if (elsewhere && !is_followed_link(request))
    return fail(ErrorKind::denied, "a page of another site may not ask this server");
  return *named;
}

bool is_from_own_page(const Request& request) {
  return !header(request, "origin").empty() || header(request, "sec-fetch-site") == "same-origin";
}

}  // namespace signalbox::http
