#include "core/http/server.hpp"

#include <atomic>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>

#include "core/http/raw_client.hpp"

namespace signalbox::http {
namespace {

using testing::body_of;
using testing::field_of;
using testing::RawClient;
using testing::route_for;
using testing::RunningServer;
using testing::status_of;
using namespace std::chrono_literals;

Response text(std::string body) {
  Response response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Routes that show what the server gives a handler.
std::vector<Route> routes() {
  std::vector<Route> out;
  out.push_back(route_for(Method::get, "/hello", [](const Request&) { return text("hello"); }));
  out.push_back(route_for(Method::get, "/things/{name}", [](const Request& request) {
    return text("thing " + request.parameters.at("name"));
  }));
  out.push_back(route_for(Method::get, "/files/{rest*}", [](const Request& request) {
    return text("file " + request.parameters.at("rest"));
  }));
  out.push_back(route_for(Method::post, "/echo", [](const Request& request) { return text(request.body); }));
  out.push_back(route_for(Method::get, "/missing", [](const Request&) -> Result<Response> {
    return fail(ErrorKind::not_found, "it is not here", "look elsewhere");
  }));
  out.push_back(route_for(Method::get, "/broken",
                          [](const Request&) -> Result<Response> { throw std::runtime_error("a bug"); }));
  Route constant = route_for(Method::get, "/constant", [](const Request&) { return text("slow way"); });
  constant.at_hand = [](const Request& request) -> std::optional<Response> {
    if (request.query.contains("miss")) return std::nullopt;
    return text("at hand");
  };
  out.push_back(std::move(constant));
  return out;
}

TEST(Server, AnswersARouteWithItsParameters) {
  const RunningServer server(routes());
  const std::string answer = server.get("/things/a%20b%2Fc");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "thing a b/c");
  EXPECT_EQ(body_of(server.get("/files/x/y/z.txt")), "file x/y/z.txt");
}

TEST(Server, EveryAnswerSaysThatItIsNotToBeGuessedKeptOrFramed) {
  const RunningServer server(routes());
  const std::string answer = server.get("/hello");
  EXPECT_EQ(field_of(answer, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(field_of(answer, "Cache-Control"), "no-store");
  EXPECT_EQ(field_of(answer, "Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(field_of(answer, "Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_EQ(field_of(answer, "Server"), "signalbox");
  EXPECT_EQ(field_of(answer, "Date").size(), 29U);
}

TEST(Server, HeadIsGetWithoutItsBody) {
  const RunningServer server(routes());
  RawClient client = server.connect();
  client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(field_of(answer, "Content-Length"), "5");
  EXPECT_EQ(body_of(answer), "");
}

TEST(Server, APathWithoutTheMethodSaysWhichItHas) {
  const RunningServer server(routes());
  RawClient client = server.connect();
  client.send("DELETE /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = client.read_all();
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_EQ(field_of(answer, "Allow"), "POST, OPTIONS");
}

TEST(Server, WhatIsNotThereIsAProblemThatNamesTheRequest) {
  const RunningServer server(routes());
  for (const std::string_view path : {"/nowhere", "/missing"}) {
    const std::string answer = server.get(path);
    EXPECT_EQ(status_of(answer), 404) << path;
    EXPECT_EQ(field_of(answer, "Content-Type"), "application/problem+json");
    const auto problem = parse_json(body_of(answer));
    ASSERT_TRUE(problem) << answer;
    EXPECT_EQ((*problem)["status"].as_integer(), 404);
    EXPECT_EQ((*problem)["request_id"].as_string(), field_of(answer, "X-Request-Id"));
    EXPECT_FALSE((*problem)["request_id"].as_string().empty());
  }
}

TEST(Server, AnExceptionIsABugAndNotTheEnd) {
  const RunningServer server(routes());
  EXPECT_EQ(status_of(server.get("/broken")), 500);
  EXPECT_EQ(status_of(server.get("/hello")), 200);
}

TEST(Server, ABodyComesWholeHoweverItIsFramed) {
  const RunningServer server(routes());
  const std::string body(100'000, 'x');
  RawClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + body);
  EXPECT_EQ(body_of(client.read_answer()), body);
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: no\r\n\r\n");
  EXPECT_EQ(body_of(client.read_answer()), "hello world");
}

TEST(Server, WhatIsAtHandIsNotAskedOfAWorker) {
  const RunningServer server(routes());
  EXPECT_EQ(body_of(server.get("/constant")), "at hand");
  EXPECT_EQ(body_of(server.get("/constant?miss")), "slow way");
}

TEST(Server, PipelinedRequestsAreAnsweredInOrder) {
  const RunningServer server(routes());
  RawClient client = server.connect();
  std::string all;
  for (int i = 0; i < 50; ++i) {
    const std::string path = i % 2 == 0 ? "/constant" : "/things/" + std::to_string(i);
    all += "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(body_of(client.read_answer()), i % 2 == 0 ? "at hand" : "thing " + std::to_string(i));
  }
}

TEST(Server, TheDescriptionListsTheRoutesAndItself) {
  const RunningServer server(routes());
  const auto document = parse_json(body_of(server.get("/api/openapi.json")));
  ASSERT_TRUE(document);
  EXPECT_TRUE((*document)["paths"]["/things/{name}"]["get"].is_object());
  EXPECT_TRUE((*document)["paths"]["/api/openapi.json"]["get"].is_object());
}

TEST(Server, AnAddressThatIsTakenIsNamed) {
  const RunningServer server(routes());
  ServerOptions options;
  options.port = server.port();
  const auto second = Server::create(options, routes(), testing::trusting());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
  EXPECT_NE(second.error().message.find(std::to_string(server.port())), std::string::npos);
}

}  // namespace
}  // namespace signalbox::http
