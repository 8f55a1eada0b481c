#include "commands/serve/serve.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands/serve/audit_trail.hpp"
#include "commands/serve/database_pool.hpp"
#include "commands/serve/metrics.hpp"
#include "commands/serve/port_holder.hpp"
#include "commands/serve/routes.hpp"
#include "core/http/token_store.hpp"
#include "core/store/testing.hpp"

namespace signalbox::serve {
namespace {

http::Request request_of(http::Method method, std::string path, std::string principal) {
  http::Request out;
  out.method = method;
  out.path = std::move(path);
  out.principal.name = std::move(principal);
  out.id = "r-1";
  return out;
}

class ServeStore : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!store_.is_available()) GTEST_SKIP() << "PostgreSQL is not installed";
    database_ = store_.open();
    ASSERT_TRUE(store::migrate(*database_, migrations()));
  }
  AuditTrail trail() {
    return AuditTrail(clock_, [this] { return Result<store::Database*>(database_.get()); });
  }
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    const std::vector<AuditRow> all = read_audit(*database_, 0, 500).value();
    for (const AuditRow& row : all)
      out.push_back(row.principal + " " + row.method + " " + row.path + " " + std::to_string(row.status));
    return out;
  }
  store::testing::ScratchStore store_{GetParam()};
  std::unique_ptr<store::Database> database_;
  FixedClock clock_{parse_rfc3339("2026-03-03T09:00:00Z").value()};
};
INSTANTIATE_TEST_SUITE_P(Engines, ServeStore,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& test) { return store::testing::name_of(test.param); });

TEST_P(ServeStore, TokensAreAddedVerifiedListedAndRevoked) {
  http::TokenStore tokens(*database_, clock_);
  const auto issued = tokens.add("ci", http::Role::operator_, clock_.now() + std::chrono::hours(1)).value();
  EXPECT_TRUE(tokens.verify(*http::parse_token(issued.text)).value());
  EXPECT_FALSE(tokens.verify({issued.token.id, std::string(43, 'A')}).value());
  EXPECT_EQ(tokens.find(issued.token.id).value()->role, http::Role::operator_);
  EXPECT_FALSE(tokens.find("000000000000").value());
  ASSERT_TRUE(tokens.revoke(issued.token.id));
  EXPECT_EQ(tokens.list()->at(0).revoked, clock_.now());
  EXPECT_FALSE(tokens.list()->at(0).works_at(clock_.now()));
}

TEST_P(ServeStore, TheAuditTrailKeepsWritesInOrderAndNoReading) {
  AuditTrail audit = trail();
  http::Response accepted;
  accepted.status = 202;
  audit.on_answer(request_of(http::Method::get, "/api/v1/x", "ci"), accepted);
  audit.on_answer(request_of(http::Method::post, "/api/v1/x", "ci"), accepted);
  accepted.status = 403;
  audit.on_answer(request_of(http::Method::del, "/api/v1/\xff", ""), accepted);
  audit.on_sign_in(request_of(http::Method::get, "/open", ""), "local");
  EXPECT_EQ(rows(), (std::vector<std::string>{"local GET /open 303", " DELETE /api/v1/\\xff 403",
                                              "ci POST /api/v1/x 202"}));
  const auto second = read_audit(*database_, 3, 1).value();
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].index, 2);
  EXPECT_EQ(second[0].time, clock_.now());
  EXPECT_EQ(second[0].request, "r-1");
  EXPECT_EQ(audit.failures(), 0U);
}

TEST_P(ServeStore, WhoeverMayDoNothingDoesNotFillTheAuditTrail) {
  AuditTrail audit = trail();
  http::Response refused;
  refused.status = 401;
  for (int i = 0; i < 50; ++i) audit.on_answer(request_of(http::Method::post, "/x", ""), refused);
  EXPECT_EQ(rows().size(), 10U);
  audit.on_answer(request_of(http::Method::post, "/x", "ci"), refused);
  EXPECT_EQ(rows().size(), 11U);
  clock_.advance(std::chrono::seconds(1));
  audit.on_answer(request_of(http::Method::post, "/x", ""), refused);
  EXPECT_EQ(rows().size(), 12U);
}

TEST_P(ServeStore, AWriteThatTheTrailCannotKeepIsCounted) {
  AuditTrail audit(clock_, []() -> Result<store::Database*> { return fail(ErrorKind::unavailable, "gone"); });
  audit.on_answer(request_of(http::Method::post, "/x", "ci"), {});
  EXPECT_EQ(audit.failures(), 1U);
}

TEST_P(ServeStore, EachThreadHasAConnectionOfItsOwn) {
  DatabasePool pool(store_.url());
  store::Database* const mine = pool.of_this_thread().value();
  EXPECT_EQ(pool.of_this_thread().value(), mine);
  store::Database* other = nullptr;
  std::thread([&] { other = pool.of_this_thread().value(); }).join();
  EXPECT_NE(other, mine);
}

TEST(PortHolder, NamesTheProcessThatListens) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  EXPECT_EQ(holder_of_port(ntohs(address.sin_port)), "");
  ASSERT_EQ(::listen(listener, 1), 0);
  EXPECT_EQ(holder_of_port(ntohs(address.sin_port)),
            "command_serve_test (process " + std::to_string(::getpid()) + ")");
  ::close(listener);
}

TEST(Metrics, ALabelIsNeverWhatAClientChose) {
  const Metrics metrics(Time{}, {"evidence", "train"});
  EXPECT_EQ(metrics.area_of("/api/v1/evidence/entries/7"), "evidence");
  EXPECT_EQ(metrics.area_of("/evidence/checkpoint"), "evidence");
  EXPECT_EQ(metrics.area_of("/api/v1/train/decision"), "train");
  EXPECT_EQ(metrics.area_of("/metrics"), "server");
  EXPECT_EQ(metrics.area_of("/"), "console");
  EXPECT_EQ(metrics.area_of("/assets/a.js"), "console");
  for (const char* path : {"", "/api/v1/evil\"} 1", "/x\ny", "/api/v1/", "/evidencex"})
    EXPECT_EQ(metrics.area_of(path), "other") << path;
}

TEST(Metrics, BucketsAddUp) {
  Metrics metrics(Time{}, {});
  for (const int ms : {0, 3, 30, 300, 30'000})
    metrics.on_answer(request_of(http::Method::get, "/", ""), {}, std::chrono::milliseconds(ms));
  const std::string text = metrics.render({});
  for (const char* line :
       {"_bucket{area=\"console\",le=\"0.0001\"} 1\n", "_bucket{area=\"console\",le=\"0.005\"} 2\n",
        "_bucket{area=\"console\",le=\"5\"} 4\n", "_bucket{area=\"console\",le=\"+Inf\"} 5\n",
        "_count{area=\"console\"} 5\n", "_sum{area=\"console\"} 30.333\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
}

TEST(Routes, WhatStartsCommandsIsRefusedUnlessAllowed) {
  const auto status_with = [](bool allow_run) {
    std::vector<http::Route> routes(1);
    routes[0].runs_commands = true;
    routes[0].handle = [](const http::Request&) -> Result<http::Response> { return http::Response{}; };
    guard_commands(routes, allow_run);
    return routes[0].handle({});
  };
  EXPECT_TRUE(status_with(true));
  EXPECT_EQ(status_with(false).error().kind, ErrorKind::denied);
}

// Authenticates as whatever it was told last.
class Says final : public http::Authenticator {
 public:
  Result<http::Principal> authenticate(const http::Request&) override { return principal; }
  http::Principal principal{"ada", http::Role::viewer};
};

TEST(Routes, AnEventStreamEndsWithTheRoleOfItsReader) {
  const auto says = std::make_shared<Says>();
  std::vector<http::Route> routes(1);
  routes[0].events = [](const http::Request&, const std::string&, http::EventSink&) -> Result<std::string> {
    return std::string("7");
  };
  guard_streams(routes, says);
  class Sink final : public http::EventSink {
    bool send(std::string_view, std::string_view, std::string_view) override { return true; }
  } sink;
  EXPECT_EQ(routes[0].events({}, "", sink).value(), "7");
  says->principal = {};
  EXPECT_EQ(routes[0].events({}, "", sink).error().kind, ErrorKind::denied);
}

TEST(Routes, NoTwoInstrumentsAnswerForOnePath) {
  const FixedClock clock{Time{}};
  const auto services = std::make_shared<Services>(Services{{}, clock, "", {}, nullptr, false});
  std::vector<http::Route> all = console_routes();
  for (const Instrument& instrument : linked_instruments()) {
    if (!instrument.routes) continue;
    for (http::Route& route : instrument.routes(services)) all.push_back(std::move(route));
  }
  for (http::Route& route : health_routes(services)) all.push_back(std::move(route));
  EXPECT_TRUE(http::Server::create({}, std::move(all), std::make_shared<Says>()));
  EXPECT_GE(linked_instruments().size(), 1U);
}

}  // namespace
}  // namespace signalbox::serve
