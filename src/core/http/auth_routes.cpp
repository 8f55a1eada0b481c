#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/http/auth.hpp"

namespace signalbox::http {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:18vh auto;padding:0 1rem;color:#1b1f24;"
    "background:#fff}input,button{font:inherit;padding:.5rem .7rem;border:1px solid "
    "#8a929c;border-radius:6px;"
    "width:100%;box-sizing:border-box;margin-top:.5rem;background:#fff;color:#1b1f24}button{background:#"
    "14532d;"
    "color:#fff;border-color:#14532d;cursor:pointer}h1{font-size:1.3rem}code{font-size:.9em}"
    "@media(prefers-color-scheme:dark){body,input{background:#12161b;color:#e6e9ed}}";

constexpr std::string_view kPage =
    R"(<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Signalbox: sign in</title><style>{}</style></head>
<body>
<h1>Signalbox</h1>
<p>{}</p>
<form method="post" action="/open">
<label>Token<input name="token" type="password" autocomplete="current-password" required></label>
<button>Sign in</button>
</form>
</body>
</html>
)";

// The page that asks for a token. It has no script, and may send its form to this server alone.
Response sign_in_page(int status, std::string_view words) {
  Response out;
  out.status = status;
  out.content_type = "text/html; charset=utf-8";
  out.body = fmt::format(kPage, kStyle, words);
  const std::string policy = fmt::format(
      "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; frame-ancestors "
      "'none'",
      to_base64(as_octets(sha256(kStyle))));
  // Not no-referrer: the form's own request would come with the Origin "null".
  out.headers = {
      {"Content-Security-Policy", policy}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "same-origin"}};
  return out;
}

Response to_the_console(const std::string& set_cookie) {
  Response out;
  out.status = 303;
  out.content_type = "text/plain; charset=utf-8";
  out.headers = {{"Location", "/"}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}};
  if (!set_cookie.empty()) out.headers.emplace_back("Set-Cookie", set_cookie);
  return out;
}

// The token in what a form sends (application/x-www-form-urlencoded, which leaves a token's characters as
// they are); a space pasted along with it comes as '+'.
std::string_view token_of_form(std::string_view body) {
  constexpr std::string_view kField = "token=";
  for (std::string_view field : split(body, '&')) {
    if (!field.starts_with(kField)) continue;
    field.remove_prefix(kField.size());
    while (field.starts_with('+')) field.remove_prefix(1);
    while (field.ends_with('+')) field.remove_suffix(1);
    return field;
  }
  return {};
}

// A browser that fetches a link before anybody follows it must not use it up.
bool is_prefetch(const Request& request) {
  const auto header = request.headers.find("sec-purpose");
  return header != request.headers.end() && header->second.find("prefetch") != std::string::npos;
}

Route route(Method method, std::string path, std::string summary, Role role, Handler handle) {
  Route out;
  out.method = method;
  out.path = std::move(path);
  out.summary = std::move(summary);
  out.role = role;
  out.handle = std::move(handle);
  return out;
}

}  // namespace

Response Gatekeeper::signed_in(const Request& request, SessionOwner owner, const std::string& name) {
  const auto origin = check_origin(request, origins_);
  if (!origin) return Response::problem(origin.error());
  if (options_.on_sign_in) options_.on_sign_in(request, name);
  const std::string_view secure = origin->scheme == "https" ? "; Secure" : "";
  return to_the_console(fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict{}", cookie_name(*origin),
                                    sessions_.open(std::move(owner)), secure));
}

Result<Response> Gatekeeper::open(const Request& request) {
  const auto token = request.query.find("token");
  if (request.method == Method::head || token == request.query.end()) {
    if (request.principal.role != Role::none) return to_the_console({});
    return sign_in_page(200, "Sign in with a token: <code>signalbox serve token add NAME</code> makes one.");
  }
  if (is_prefetch(request))
    return fail(ErrorKind::unavailable, "this link is opened by following it, not ahead of that");
  if (spend_link(token->second)) return signed_in(request, {}, "local");
  // Whoever opens the same link again in the same browser is signed in already.
  if (request.principal.role != Role::none) return to_the_console({});
  return sign_in_page(
      403,
      "This link was opened before, or is not of this server. Start <code>signalbox serve</code> "
      "again for a new one, or sign in with a token.");
}

Result<Response> Gatekeeper::sign_in(const Request& request) {
  SIGNALBOX_TRY(const Known token, tokens_.check(token_of_form(request.body)));
  if (!token) return sign_in_page(403, "That token is unknown, expired or revoked.");
  return signed_in(request, {token->id}, token->name);
}

Result<Response> Gatekeeper::sign_out(const Request& request) {
  SIGNALBOX_TRY(const Origin origin, check_origin(request, origins_));
  const auto cookie = cookie_of(request, origin);
  if (!cookie) return fail(ErrorKind::not_found, "a token has no session to end", "revoke the token instead");
  sessions_.close(*cookie);
  Response out;
  out.status = 204;
  out.headers = {{"Set-Cookie", cookie_name(origin) + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" +
                                    (origin.scheme == "https" ? "; Secure" : "")}};
  return out;
}

std::vector<Route> Gatekeeper::routes() {
  const std::shared_ptr<Gatekeeper> self = shared_from_this();
  std::vector<Route> out;
  Route link =
      route(Method::get, "/open", "Sign in by the one-time link, or show the page that asks for a token",
            Role::none, [self](const Request& request) { return self->open(request); });
  link.parameters = {{"token", Parameter::In::query, "of the printed address; works once", false, "string"}};
  out.push_back(std::move(link));
  out.push_back(route(Method::post, "/open", "Sign in with a token: form field `token`", Role::none,
                      [self](const Request& request) { return self->sign_in(request); }));
  out.push_back(route(Method::get, "/api/v1/session", "Who this request is from, and what they may do",
                      Role::viewer, [](const Request& request) -> Result<Response> {
                        return Response::json(Json::object(
                            {{"name", request.principal.name}, {"role", name_of(request.principal.role)}}));
                      }));
  out.push_back(route(Method::del, "/api/v1/session", "Sign out: end the cookie's session", Role::viewer,
                      [self](const Request& request) { return self->sign_out(request); }));
  return out;
}

}  // namespace signalbox::http
