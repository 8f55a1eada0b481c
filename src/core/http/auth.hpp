// Who a request is from: the names and pages a server answers to, the one-time link that becomes a cookie,
// and bearer tokens.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/origin.hpp"
#include "core/http/server.hpp"
#include "core/http/session_table.hpp"
#include "core/http/token_verifier.hpp"

namespace signalbox::http {

struct GatekeeperOptions {
  std::string address = "127.0.0.1";  // where the server listens
  bool tls = false;
  std::vector<std::string> hosts;  // further names, as origins_of takes them
  // Told of each browser that signs in, on a worker thread: "local" by the link, or a token's name.
  std::function<void(const Request&, const std::string& name)> on_sign_in = {};
};

// Checks Host, Origin and Sec-Fetch-Site of every request, then its bearer token, then its cookie.
// Thread-safe.
class Gatekeeper final : public Authenticator, public std::enable_shared_from_this<Gatekeeper> {
 public:
  // bad_input where a further name is none. `clock` outlives it; `database` gives the calling thread's.
  static Result<std::shared_ptr<Gatekeeper>> create(GatekeeperOptions options, const Clock& clock,
                                                    TokenVerifier::OpenDatabase database);

  // Before the server runs: the port it got. Until then every request is denied.
  Status listens_on(std::uint16_t port);
  // The names it answers to, the first being the one to print.
  const std::vector<Origin>& origins() const { return origins_; }

  // A path and query that signs in whoever opens it first, as "local" with the role admin.
  std::string one_time_link();

  Result<Principal> authenticate(const Request& request) override;
  std::optional<Result<Principal>> authenticate_now(const Request& request) override;

  // GET and POST /open (the one-time link; signing in with a token), GET and DELETE /api/v1/session.
  std::vector<Route> routes();

 private:
  Gatekeeper(GatekeeperOptions options, const Clock& clock, TokenVerifier::OpenDatabase database)
      : options_(std::move(options)), sessions_(clock), tokens_(clock, std::move(database)) {}

  std::string cookie_name(const Origin& origin) const;
  std::optional<std::string> cookie_of(const Request& request, const Origin& origin) const;
  Response signed_in(const Request& request, SessionOwner owner, const std::string& name);
  bool spend_link(std::string_view token);
  Result<Response> open(const Request& request);
  Result<Response> sign_in(const Request& request);
  Result<Response> sign_out(const Request& request);

  GatekeeperOptions options_;
  std::uint16_t port_ = 0;
  std::vector<Origin> origins_;
  SessionTable sessions_;
  TokenVerifier tokens_;
  std::mutex links_mutex_;
  std::set<Sha256> links_;  // digests of those that nobody opened yet
};

}  // namespace signalbox::http
