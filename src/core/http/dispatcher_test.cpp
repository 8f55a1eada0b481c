#include "core/http/dispatcher.hpp"

#include <gtest/gtest.h>

#include "core/base/encoding.hpp"

namespace signalbox::http {
namespace {

// Admits whom the request names: "x-role: viewer"; denies "x-evil".
class ByHeader final : public Authenticator {
 public:
  Result<Principal> authenticate(const Request& request) override {
    if (request.headers.contains("x-evil")) return fail(ErrorKind::denied, "from another site");
    const auto role = request.headers.find("x-role");
    if (role == request.headers.end()) return Principal{};
    return Principal{"somebody", role->second == "admin" ? Role::admin : Role::viewer};
  }
};

Route route(Method method, std::string path, Role role) {
  Route out;
  out.method = method;
  out.path = std::move(path);
  out.role = role;
  out.handle = [](const Request&) { return Response{}; };
  return out;
}

using Headers = std::map<std::string, std::string, std::less<>>;

Response ask(Method method, std::vector<std::string> segments, Headers headers = {}) {
  std::vector<Route> routes;
  routes.push_back(route(Method::get, "/open", Role::none));
  routes.push_back(route(Method::get, "/seen", Role::viewer));
  routes.push_back(route(Method::post, "/seen", Role::admin));
  const Dispatcher dispatcher(std::move(Router::create(std::move(routes)).value()),
                              std::make_shared<ByHeader>());
  Exchange exchange;
  exchange.request.method = method;
  exchange.request.headers = std::move(headers);
  exchange.segments = std::move(segments);
  return dispatcher.answer(exchange);
}

TEST(Dispatcher, WhoIsUnknownIsAskedForATokenAndWhoIsKnownIsToldNo) {
  EXPECT_EQ(ask(Method::get, {"open"}).status, 200);
  const Response unknown = ask(Method::get, {"seen"});
  EXPECT_EQ(unknown.status, 401);
  ASSERT_NE(unknown.header("www-authenticate"), nullptr);
  EXPECT_EQ(*unknown.header("www-authenticate"), "Bearer");
  EXPECT_EQ(ask(Method::get, {"seen"}, {{"x-role", "viewer"}}).status, 200);
  EXPECT_EQ(ask(Method::head, {"seen"}, {{"x-role", "viewer"}}).status, 200);
  EXPECT_EQ(ask(Method::post, {"seen"}, {{"x-role", "viewer"}}).status, 403);
  EXPECT_EQ(ask(Method::post, {"seen"}, {{"x-role", "admin"}}).status, 200);
}

TEST(Dispatcher, AForeignOriginIsDeniedEvenWhatEverybodyMaySee) {
  EXPECT_EQ(ask(Method::get, {"open"}, {{"x-evil", "1"}}).status, 403);
  EXPECT_EQ(ask(Method::options, {"open"}, {{"x-evil", "1"}}).status, 403);
}

TEST(Dispatcher, OptionsListTheMethodsAndAllowNoOtherSite) {
  const Response answer = ask(Method::options, {"seen"});
  EXPECT_EQ(answer.status, 204);
  ASSERT_NE(answer.header("Allow"), nullptr);
  EXPECT_EQ(*answer.header("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), nullptr);
  EXPECT_EQ(ask(Method::options, {"nowhere"}).status, 404);
}

Response tagged() {
  Response response;
  response.headers = {{"ETag", "\"abc\""}, {"Cache-Control", "no-cache"}};
  response.body = "content";
  return response;
}

int status_for(const std::string& if_none_match, Method method = Method::get) {
  Request request;
  request.method = method;
  request.headers = {{"if-none-match", if_none_match}};
  Response response = tagged();
  Dispatcher::suit(request, response);
  EXPECT_EQ(response.content().empty(), response.status == 304);
  return response.status;
}

TEST(Dispatcher, WhatTheClientHasIsNotSentAgain) {
  EXPECT_EQ(status_for("\"abc\""), 304);
  EXPECT_EQ(status_for("\"x\", \"abc\""), 304);
  EXPECT_EQ(status_for("*"), 304);
  EXPECT_EQ(status_for("\"x\""), 200);
  EXPECT_EQ(status_for("\"abc\"", Method::post), 200);
}

// "hello " fifty times, as Node's zlib compresses it.
constexpr std::string_view kCompressed = "1b2b01f88d946ede445586966c206f315b1c001c07";

std::string content_for(Headers headers) {
  const std::string octets = from_hex(kCompressed).value();
  Request request;
  request.headers = std::move(headers);
  Response response;
  response.headers = {{"Content-Encoding", "br"}};
  response.static_body = octets;
  Dispatcher::suit(request, response);
  EXPECT_EQ(response.header("content-encoding") != nullptr, response.content() == octets);
  return std::string(response.content() == octets ? "compressed" : response.content().substr(0, 6));
}

TEST(Dispatcher, BrotliIsDecodedForWhoDoesNotReadIt) {
  EXPECT_EQ(content_for({{"accept-encoding", "gzip, deflate, br"}}), "compressed");
  EXPECT_EQ(content_for({{"accept-encoding", "br;q=0.5"}}), "compressed");
  EXPECT_EQ(content_for({{"accept-encoding", "*"}}), "compressed");
  EXPECT_EQ(content_for({}), "hello ");
  EXPECT_EQ(content_for({{"accept-encoding", "gzip"}}), "hello ");
  EXPECT_EQ(content_for({{"accept-encoding", "*, br;q=0"}}), "hello ");
  EXPECT_EQ(content_for({{"accept-encoding", "br;q=0.0"}}), "hello ");
}

}  // namespace
}  // namespace signalbox::http
