#include "core/http/auth.hpp"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

using Headers = std::map<std::string, std::string, std::less<>>;

Request request_of(Method method, std::string path, Headers headers) {
  Request out;
  out.method = method;
  out.path = std::move(path);
  out.headers = std::move(headers);
  return out;
}
Request get(std::string path, Headers headers) {
  return request_of(Method::get, std::move(path), std::move(headers));
}

class Auth : public ::testing::Test {
 protected:
  void SetUp() override {
    database_ = store::open_database("sqlite:" + (folder_.path() / "a.db").string()).value();
    ASSERT_TRUE(store::migrate(*database_, {token_migration()}));
    keeper_ = keeper({});
  }
  std::shared_ptr<Gatekeeper> keeper(GatekeeperOptions options, std::uint16_t port = 7420) {
    auto out = Gatekeeper::create(std::move(options), clock_, [this] {
                 ++opened_;
                 return Result<store::Database*>(database_.get());
               }).value();
    EXPECT_TRUE(out->listens_on(port));
    return out;
  }
  std::string token(std::string_view name, Role role, std::optional<Time> expires = {}) {
    return TokenStore(*database_, clock_).add(name, role, expires)->text;
  }
  Result<Principal> with_token(const std::string& text) {
    return keeper_->authenticate(
        get("/api/v1/workspace", {{"host", "127.0.0.1:7420"}, {"authorization", "Bearer " + text}}));
  }
  Response open(Headers headers, std::string link_token) {
    Request request = get("/open", std::move(headers));
    if (!link_token.empty()) request.query["token"] = std::move(link_token);
    request.principal = keeper_->authenticate(request).value();
    return keeper_->routes()[0].handle(request).value();
  }
  // The "name=value" of the cookie that an answer sets.
  static std::string cookie_of(const Response& response) {
    const std::string* set = response.header("Set-Cookie");
    return set == nullptr ? "" : set->substr(0, set->find(';'));
  }
  std::string link_token() { return keeper_->one_time_link().substr(std::string("/open?token=").size()); }

  TemporaryDirectory folder_;
  std::unique_ptr<store::Database> database_;
  FixedClock clock_{parse_rfc3339("2026-03-03T09:00:00Z").value()};
  std::shared_ptr<Gatekeeper> keeper_;
  int opened_ = 0;
};

const Headers kHost = {{"host", "127.0.0.1:7420"}};

TEST_F(Auth, TheLinkSignsInOnceAndItsCookieIsStrictAndHidden) {
  const std::string link = link_token();
  EXPECT_GE(link.size(), 43U);
  const Response first = open(kHost, link);
  EXPECT_EQ(first.status, 303);
  EXPECT_EQ(*first.header("Location"), "/");
  const std::string set = *first.header("Set-Cookie");
  EXPECT_TRUE(set.starts_with("signalbox-7420=")) << set;
  for (const char* word : {"HttpOnly", "SameSite=Strict", "Path=/"})
    EXPECT_NE(set.find(word), std::string::npos) << set;
  EXPECT_EQ(set.find("Secure"), std::string::npos);
  EXPECT_EQ(open(kHost, link).status, 403);
  EXPECT_EQ(open(kHost, link).header("Set-Cookie"), nullptr);
  EXPECT_EQ(open(kHost, "").status, 200);

  const auto local =
      keeper_->authenticate(get("/", {{"host", "127.0.0.1:7420"}, {"cookie", "a=b; " + cookie_of(first)}}));
  EXPECT_EQ(local->name, "local");
  EXPECT_EQ(local->role, Role::admin);
  EXPECT_EQ(open({{"host", "127.0.0.1:7420"}, {"cookie", cookie_of(first)}}, link).status, 303);
}

TEST_F(Auth, AWrongLinkAndAWrongCookieGiveNothing) {
  const std::string link = link_token();
  EXPECT_EQ(open(kHost, link + "x").status, 403);
  EXPECT_EQ(open(kHost, link.substr(1)).status, 403);
  for (const char* cookie : {"signalbox-7420=", "signalbox-7420=AAAA", "signalbox-7421=x", ";;=", ""}) {
    const auto nobody = keeper_->authenticate(get("/", {{"host", "127.0.0.1:7420"}, {"cookie", cookie}}));
    EXPECT_EQ(nobody->role, Role::none) << cookie;
    EXPECT_EQ(nobody->name, "");
  }
  EXPECT_EQ(open(kHost, link).status, 303);
}

TEST_F(Auth, ALinkThatIsFetchedAheadIsNotUsedUp) {
  const std::string link = link_token();
  Request ahead = get("/open", {{"host", "127.0.0.1:7420"}, {"sec-purpose", "prefetch;prerender"}});
  ahead.query["token"] = link;
  EXPECT_FALSE(keeper_->routes()[0].handle(ahead));
  Request head = ahead;
  head.method = Method::head;
  head.headers.erase("sec-purpose");
  EXPECT_EQ(keeper_->routes()[0].handle(head)->header("Set-Cookie"), nullptr);
  EXPECT_EQ(open(kHost, link).status, 303);
}

TEST_F(Auth, OfManyWhoOpenALinkAtOnceOneIsSignedIn) {
  const std::string link = link_token();
  std::atomic<int> signed_in = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] { signed_in += open(kHost, link).header("Set-Cookie") != nullptr; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(signed_in, 1);
}

TEST_F(Auth, ASessionEndsAfterADayWithoutUseAndThirtyDaysInAll) {
  const std::string cookie = cookie_of(open(kHost, link_token()));
  const auto role = [&] {
    return keeper_->authenticate(get("/", {{"host", "127.0.0.1:7420"}, {"cookie", cookie}}))->role;
  };
  for (int day = 0; day < 31; ++day) {
    EXPECT_EQ(role(), day < 30 ? Role::admin : Role::none) << day;
    clock_.advance(std::chrono::hours(24) - Duration(day < 29 ? 1 : 0));
  }
  const std::string other = cookie_of(open(kHost, link_token()));
  clock_.advance(std::chrono::hours(24));
  EXPECT_EQ(keeper_->authenticate(get("/", {{"host", "127.0.0.1:7420"}, {"cookie", other}}))->role,
            Role::none);
}

TEST_F(Auth, SigningOutEndsTheSession) {
  const std::string cookie = cookie_of(open(kHost, link_token()));
  Request out =
      request_of(Method::del, "/api/v1/session",
                 {{"host", "127.0.0.1:7420"}, {"cookie", cookie}, {"origin", "http://127.0.0.1:7420"}});
  EXPECT_EQ(keeper_->routes()[3].handle(out)->status, 204);
  EXPECT_EQ(keeper_->authenticate(get("/", out.headers))->role, Role::none);
}

// Names that other sites may point here (DNS rebinding), and pages of other sites.
TEST_F(Auth, OnlyItsOwnNamesAreAnsweredTo) {
  for (const char* host : {"127.0.0.1:7420", "localhost:7420", "LocalHost:7420", "[::1]:7420"})
    EXPECT_TRUE(keeper_->authenticate(get("/", {{"host", host}}))) << host;
  for (const char* host :
       {"", "evil.example", "evil.example:7420", "127.0.0.1", "127.0.0.1:7421", "localhost.evil.example:7420",
        "127.0.0.1:7420@evil.example", "127.0.0.1:7420/", "localhost:7420?x", "127.0.0.2:7420",
        "0.0.0.0:7420", "127.0.0.1:07420x", "[::1]7420", "127.1:7420"}) {
    const auto answer = keeper_->authenticate(get("/", {{"host", host}}));
    ASSERT_FALSE(answer) << host;
    EXPECT_EQ(answer.error().kind, ErrorKind::denied);
  }
  EXPECT_FALSE(keeper_->authenticate(get("/", {})));
}

TEST_F(Auth, ARequestOfAnotherOriginIsDenied) {
  for (const char* origin :
       {"http://evil.example", "null", "https://127.0.0.1:7420", "http://127.0.0.1:9999",
        "http://localhost:7420", "http://127.0.0.1:7420.evil.example", "http://127.0.0.1:7420/x"}) {
    EXPECT_FALSE(keeper_->authenticate(get("/api", {{"host", "127.0.0.1:7420"}, {"origin", origin}})))
        << origin;
  }
  EXPECT_TRUE(
      keeper_->authenticate(get("/api", {{"host", "127.0.0.1:7420"}, {"origin", "http://127.0.0.1:7420"}})));
}

TEST_F(Auth, WhatAnotherSiteSendsIsDeniedForGetToo) {
  for (const char* site : {"cross-site", "same-site", "something-new"}) {
    EXPECT_FALSE(keeper_->authenticate(
        get("/api/v1/workspace", {{"host", "127.0.0.1:7420"}, {"sec-fetch-site", site}})))
        << site;
    EXPECT_FALSE(keeper_->authenticate(get("/", {{"host", "127.0.0.1:7420"},
                                                 {"sec-fetch-site", site},
                                                 {"sec-fetch-mode", "navigate"},
                                                 {"sec-fetch-dest", "iframe"}})));
    EXPECT_FALSE(keeper_->authenticate(get("/api/v1/workspace", {{"host", "127.0.0.1:7420"},
                                                                 {"sec-fetch-site", site},
                                                                 {"sec-fetch-mode", "navigate"},
                                                                 {"sec-fetch-dest", "document"}})));
    EXPECT_FALSE(keeper_->authenticate(request_of(Method::post, "/open",
                                                  {{"host", "127.0.0.1:7420"},
                                                   {"sec-fetch-site", site},
                                                   {"sec-fetch-mode", "navigate"},
                                                   {"sec-fetch-dest", "document"}})));
    // A link in a mail or a chat to the console.
    EXPECT_TRUE(keeper_->authenticate(get("/", {{"host", "127.0.0.1:7420"},
                                                {"sec-fetch-site", site},
                                                {"sec-fetch-mode", "navigate"},
                                                {"sec-fetch-dest", "document"}})));
  }
  for (const char* site : {"same-origin", "none"})
    EXPECT_TRUE(keeper_->authenticate(get("/api", {{"host", "127.0.0.1:7420"}, {"sec-fetch-site", site}})))
        << site;
}

TEST_F(Auth, ACookieAloneChangesNothing) {
  const std::string cookie = cookie_of(open(kHost, link_token()));
  Headers headers = {{"host", "127.0.0.1:7420"}, {"cookie", cookie}};
  EXPECT_FALSE(keeper_->authenticate(request_of(Method::post, "/api/v1/x", headers)));
  headers["origin"] = "http://127.0.0.1:7420";
  EXPECT_EQ(keeper_->authenticate(request_of(Method::post, "/api/v1/x", headers))->role, Role::admin);
}

TEST_F(Auth, OtherNamesAndAProxyInFrontAreGivenByHost) {
  const auto box =
      keeper({.address = "0.0.0.0", .tls = true, .hosts = {"box.example", "box.example:443"}}, 8443);
  for (const char* host : {"box.example:8443", "box.example", "localhost:8443", "BOX.example:443"})
    EXPECT_TRUE(box->authenticate(get("/", {{"host", host}}))) << host;
  EXPECT_FALSE(box->authenticate(get("/", {{"host", "192.168.1.1:8443"}})));
  EXPECT_TRUE(box->authenticate(get("/", {{"host", "box.example"}, {"origin", "https://box.example"}})));

  const auto behind = keeper({.hosts = {"https://box.example"}});
  EXPECT_TRUE(behind->authenticate(get("/", {{"host", "box.example"}, {"origin", "https://box.example"}})));
  EXPECT_FALSE(behind->authenticate(get("/", {{"host", "box.example"}, {"origin", "http://box.example"}})));
  for (const char* host : {"", "a b", "http://", "x/y", "u@h", "box.example/"})
    EXPECT_FALSE(Gatekeeper::create({.hosts = {host}}, clock_, {})) << host;
}

TEST_F(Auth, UnderTlsTheCookieIsSecureAndBoundToTheHost) {
  keeper_ = keeper({.tls = true});
  const std::string set = *open(kHost, link_token()).header("Set-Cookie");
  EXPECT_TRUE(set.starts_with("__Host-signalbox-7420=")) << set;
  EXPECT_NE(set.find("; Secure"), std::string::npos) << set;
}

TEST_F(Auth, ATokenSaysItsNameAndRole) {
  const std::string ci = token("ci", Role::operator_);
  EXPECT_TRUE(ci.starts_with("sbx_"));
  const auto principal = with_token(ci);
  EXPECT_EQ(principal->name, "ci");
  EXPECT_EQ(principal->role, Role::operator_);
}

TEST_F(Auth, AWrongTokenIsNobodyEvenBesideAGoodCookie) {
  const std::string ci = token("ci", Role::operator_);
  std::string flipped = ci;
  flipped.back() = flipped.back() == 'A' ? 'B' : 'A';
  for (const std::string& text :
       std::set<std::string>{"", "sbx_", "x", flipped, ci + "x", ci.substr(0, ci.size() - 1),
                             "sbx_000000000000" + ci.substr(16)}) {
    EXPECT_EQ(with_token(text)->role, Role::none) << text;
  }
  const std::string cookie = cookie_of(open(kHost, link_token()));
  EXPECT_EQ(keeper_
                ->authenticate(
                    get("/", {{"host", "127.0.0.1:7420"}, {"cookie", cookie}, {"authorization", "Bearer x"}}))
                ->role,
            Role::none);
  EXPECT_EQ(
      keeper_->authenticate(get("/", {{"host", "127.0.0.1:7420"}, {"authorization", "Basic " + ci}}))->role,
      Role::none);
}

TEST_F(Auth, TheStoreHoldsArgon2idOfTheSecretAndNotTheToken) {
  const std::string ci = token("ci", Role::operator_);
  const auto rows = database_->query("select hash, id from serve_token").value();
  EXPECT_TRUE(rows[0].text(0).starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << rows[0].text(0);
  const std::string secret = parse_token(ci)->secret;
  const std::string file =
      read_file(folder_.path() / "a.db").value() + read_file(folder_.path() / "a.db-wal").value_or("");
  EXPECT_EQ(file.find(secret), std::string::npos);
  EXPECT_NE(file.find(rows[0].text(1)), std::string::npos);
}

TEST_F(Auth, ATokenOnceVerifiedAsksNeitherArgon2NorTheStoreForASecond) {
  const std::string ci = token("ci", Role::operator_);
  EXPECT_FALSE(
      keeper_->authenticate_now(get("/", {{"host", "127.0.0.1:7420"}, {"authorization", "Bearer " + ci}})));
  EXPECT_EQ(with_token(ci)->name, "ci");
  const int opened = opened_;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(with_token(ci)->name, "ci");
  EXPECT_EQ(opened_, opened);
  EXPECT_LT(std::chrono::steady_clock::now() - start,
            std::chrono::seconds(5));  // a thousand Argon2 runs take 20
  clock_.advance(Duration(1000));
  EXPECT_EQ(with_token(ci)->name, "ci");
  EXPECT_EQ(opened_, opened + 1);
}

TEST_F(Auth, ARevokedTokenStopsWithinASecondAndAnExpiredOneAtOnce) {
  const std::string ci = token("ci", Role::operator_);
  const std::string day = token("day", Role::viewer, clock_.now() + std::chrono::hours(24));
  EXPECT_EQ(with_token(ci)->name, "ci");
  EXPECT_EQ(with_token(day)->name, "day");
  ASSERT_TRUE(TokenStore(*database_, clock_).revoke("ci"));
  clock_.advance(Duration(1000));
  EXPECT_EQ(with_token(ci)->role, Role::none);
  EXPECT_EQ(with_token(day)->name, "day");
  clock_.advance(std::chrono::hours(24) - Duration(1001));
  EXPECT_EQ(with_token(day)->name, "day");
  clock_.advance(Duration(1));
  EXPECT_EQ(with_token(day)->role, Role::none);
}

TEST_F(Auth, GuessingASecretIsSlowedAndStopsNobodyElse) {
  const std::string ci = token("ci", Role::operator_);
  const std::string known = token("known", Role::viewer);
  EXPECT_EQ(with_token(known)->name, "known");
  int denied = 0;
  for (int i = 0; i < 15; ++i) {
    std::string guess = ci;
    guess.back() = static_cast<char>('a' + i);
    if (guess == ci) guess.back() = 'z';
    denied += !with_token(guess);
  }
  EXPECT_GE(denied, 4);
  EXPECT_EQ(with_token(known)->name, "known");
  clock_.advance(std::chrono::seconds(5));
  EXPECT_EQ(with_token(ci)->name, "ci");
}

TEST_F(Auth, ATokenSignsABrowserInUntilItIsRevoked) {
  const std::string ada = token("ada", Role::approver);
  Request form =
      request_of(Method::post, "/open", {{"host", "127.0.0.1:7420"}, {"origin", "http://127.0.0.1:7420"}});
  form.body = "x=1&token=+" + ada + "+";
  const Response in = keeper_->routes()[1].handle(form).value();
  EXPECT_EQ(in.status, 303);
  const Headers cookie = {{"host", "127.0.0.1:7420"}, {"cookie", cookie_of(in)}};
  EXPECT_EQ(keeper_->authenticate(get("/", cookie))->name, "ada");
  EXPECT_EQ(keeper_->authenticate(get("/", cookie))->role, Role::approver);
  form.body = "token=" + ada.substr(1);
  EXPECT_EQ(keeper_->routes()[1].handle(form)->status, 403);
  ASSERT_TRUE(TokenStore(*database_, clock_).revoke("ada"));
  clock_.advance(Duration(1000));
  EXPECT_EQ(keeper_->authenticate(get("/", cookie))->role, Role::none);
}

TEST_F(Auth, TokensHaveNamesOfTheirOwn) {
  TokenStore tokens(*database_, clock_);
  ASSERT_TRUE(tokens.add("ci", Role::viewer, {}));
  EXPECT_EQ(tokens.add("ci", Role::viewer, {}).error().kind, ErrorKind::conflict);
  EXPECT_EQ(tokens.add("c i", Role::viewer, {}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(tokens.add("", Role::viewer, {}).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(tokens.revoke("nobody").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(tokens.revoke("ci"));
  EXPECT_EQ(tokens.revoke("ci").error().kind, ErrorKind::not_found);
  ASSERT_TRUE(tokens.add("ci", Role::admin, {}));
  EXPECT_EQ(tokens.list()->size(), 2U);
}

}  // namespace
}  // namespace signalbox::http
