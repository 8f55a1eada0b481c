// Clients that mean harm, or break: the server bounds each of them and goes on answering the others.
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

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
using std::chrono::steady_clock;

constexpr std::string_view kHello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

std::vector<Route> routes() {
  std::vector<Route> out;
  out.push_back(route_for(Method::get, "/hello", [](const Request&) {
    Response response;
    response.body = "hello";
    return response;
  }));
  out.push_back(route_for(Method::post, "/echo", [](const Request& request) {
    Response response;
    response.body = request.body;
    return response;
  }));
  out.push_back(route_for(Method::get, "/large", [](const Request&) {
    Response response;
    response.body = std::string(std::size_t{64} << 20, 'x');
    return response;
  }));
  return out;
}

ServerOptions quick() {
  ServerOptions options;
  options.limits.read_timeout = 500ms;
  options.limits.write_timeout = 500ms;
  options.limits.idle_timeout = 700ms;
  options.limits.max_body_bytes = 1 << 20;
  return options;
}

bool answers(const RunningServer& server) {
  return body_of(server.get("/hello")) == "hello";
}

TEST(Attack, AHeaderThatDripsIsCutOffHoweverSteadily) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  const auto began = steady_clock::now();
  for (const char c : std::string_view("GET /hello HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")) {
    if (!client.send(std::string(1, c))) break;
    std::this_thread::sleep_for(50ms);
    if (steady_clock::now() - began > 1s) break;
  }
  EXPECT_EQ(status_of(client.read_all(2s)), 408);
  EXPECT_TRUE(answers(server));
}

TEST(Attack, ABodyThatDripsIsCutOff) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 20 && client.send("x"); ++i) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(status_of(client.read_all(2s)), 408);
  EXPECT_TRUE(answers(server));
}

TEST(Attack, ASlowButSteadyBodyHasTheTimeItNeeds) {
  ServerOptions options = quick();
  options.limits.min_bytes_per_second = 100 << 10;
  const RunningServer server(routes(), options);
  RawClient client = server.connect();
  const std::string piece(20 << 10, 'x');
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(piece.size() * 10) +
              "\r\n\r\n");
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(client.send(piece));
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(status_of(client.read_answer()), 200);
}

TEST(Attack, AnIdleConnectionEndsWithoutAWord) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  EXPECT_EQ(client.read_all(5s), "");
  RawClient second = server.connect();
  second.send(kHello);
  EXPECT_EQ(status_of(second.read_answer()), 200);
  EXPECT_EQ(second.read_all(5s), "");
}

TEST(Attack, ABodyThatIsAnnouncedTooLargeIsRefusedBeforeItComes) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99000000\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer(300ms)), 413);
}

TEST(Attack, ABodyThatComesAnywayDoesNotDestroyTheAnswer) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99000000\r\n\r\n");
  const std::string piece(64 << 10, 'x');
  for (int i = 0; i < 30; ++i) client.send(piece);
  EXPECT_EQ(status_of(client.read_answer(2s)), 413);
}

TEST(Attack, ABodyThatNobodyWillReadIsNotWaitedFor) {
  // Knows nobody.
  class Stranger final : public Authenticator {
    Result<Principal> authenticate(const Request&) override { return Principal{}; }
  };
  const RunningServer strict(routes(), quick(), std::make_shared<Stranger>());
  const RunningServer server(routes(), quick());
  const auto status_before_body = [](const RunningServer& asked, std::string_view path) {
    RawClient client = asked.connect();
    client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    return status_of(client.read_answer(300ms));
  };
  EXPECT_EQ(status_before_body(strict, "/echo"), 401);
  EXPECT_EQ(status_before_body(server, "/nowhere"), 404);
  EXPECT_EQ(status_before_body(server, "/hello"), 405);
  EXPECT_EQ(status_before_body(server, "/echo"), 0);
}

TEST(Attack, BodiesTogetherHaveALimit) {
  ServerOptions options = quick();
  options.limits.max_body_bytes_together = 300'000;
  options.limits.read_timeout = 2s;
  const RunningServer server(routes(), options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(server.connect());
    clients.back().send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
    clients.back().send(std::string(140'000, 'x'));
  }
  int refused = 0;
  for (RawClient& client : clients) refused += status_of(client.read_answer(300ms)) == 503 ? 1 : 0;
  EXPECT_EQ(refused, 1);
  clients.clear();
  std::this_thread::sleep_for(200ms);
  RawClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + std::string(200'000, 'x'));
  EXPECT_EQ(status_of(client.read_answer()), 200);
}

TEST(Attack, AClientMayWaitForLeaveToSendItsBody) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_EQ(body_of(client.read_answer()), "body");
}

TEST(Attack, AClientThatIsDoneSendingStillGetsItsAnswer) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  client.send(kHello);
  client.send(kHello);
  client.finish();
  EXPECT_EQ(body_of(client.read_answer()), "hello");
  EXPECT_EQ(body_of(client.read_answer()), "hello");
  EXPECT_TRUE(client.is_closed_within(2s));
}

TEST(Attack, AClientThatNeverReadsIsCutOff) {
  const RunningServer server(routes(), quick());
  RawClient client = server.connect();
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  // The answer has 64 MiB, which is 1,024 s at the slowest rate allowed; so this one must be told by its
  // rate.
  ServerOptions strict = quick();
  strict.limits.min_bytes_per_second = std::size_t{1} << 30;
  const RunningServer other(routes(), strict);
  RawClient reader = other.connect();
  reader.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(1500ms);
  const std::string received = reader.read_all(5s);
  EXPECT_LT(received.size(), std::size_t{64} << 20);
  EXPECT_TRUE(answers(server));
  EXPECT_TRUE(answers(other));
}

TEST(Attack, ConnectionsBeyondTheirNumberAreTurnedAway) {
  ServerOptions options;
  options.limits.max_connections = 8;
  options.limits.idle_timeout = 1s;
  const RunningServer server(routes(), options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(server.connect());
    clients.back().send(kHello);
    EXPECT_EQ(status_of(clients.back().read_answer()), 200);
  }
  RawClient late = server.connect();
  const std::string answer = late.read_all();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(field_of(answer, "Retry-After"), "1");
  clients.clear();
  std::this_thread::sleep_for(300ms);
  EXPECT_TRUE(answers(server));
}

TEST(Attack, AFloodOfConnectionsIsSurvived) {
  ServerOptions options = quick();
  options.limits.max_connections = 64;
  const RunningServer server(routes(), options);
  for (int round = 0; round < 5; ++round) {
    std::vector<RawClient> clients;
    for (int i = 0; i < 300; ++i) {
      clients.push_back(server.connect());
      if (i % 3 == 0) clients.back().send("GET /");
    }
    for (std::size_t i = 0; i < clients.size(); i += 2) clients[i].reset();
  }
  std::this_thread::sleep_for(300ms);
  EXPECT_TRUE(answers(server));
}

TEST(Attack, RunningOutOfDescriptorsPausesAcceptingAndNoMore) {
  const RunningServer server(routes());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  std::vector<RawClient> clients;
  // The limit is this process's: sockets of clients use it up, then the server cannot accept.
  const rlimit few{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  for (int i = 0; i < 100; ++i) clients.push_back(server.connect());
  std::this_thread::sleep_for(200ms);
  clients.clear();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  std::this_thread::sleep_for(200ms);
  EXPECT_TRUE(answers(server));
}

TEST(Attack, MoreWorkThanWorkersCanQueueIsRefusedWithATimeToComeBack) {
  ServerOptions options;
  options.worker_threads = 1;
  options.limits.max_queued_requests = 2;
  std::vector<Route> all = routes();
  all.push_back(route_for(Method::get, "/slow", [](const Request&) {
    std::this_thread::sleep_for(500ms);
    return Response{};
  }));
  const RunningServer server(all, options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(server.connect());
    clients.back().send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  int served = 0;
  int refused = 0;
  for (RawClient& client : clients) {
    const std::string answer = client.read_answer();
    served += status_of(answer) == 200 ? 1 : 0;
    if (status_of(answer) != 503) continue;
    ++refused;
    EXPECT_EQ(field_of(answer, "Retry-After"), "1");
  }
  EXPECT_EQ(served + refused, 10);
  EXPECT_GE(served, 2);
  EXPECT_GE(refused, 6);
}

// A valid request with octets changed, dropped, doubled or put in.
std::string mutate(std::mt19937& random, std::string octets) {
  static constexpr std::string_view kSpice(
      "\r\n \t:\0%/?#,;\x7f\xff"
      "0aZ",
      17);
  const int changes = 1 + static_cast<int>(random() % 8);
  for (int i = 0; i < changes && !octets.empty(); ++i) {
    const std::size_t at = random() % octets.size();
    const char c = random() % 2 == 0 ? kSpice[random() % kSpice.size()] : static_cast<char>(random());
    switch (random() % 4) {
      case 0:
        octets[at] = c;
        break;
      case 1:
        octets.erase(at, 1 + random() % 4);
        break;
      case 2:
        octets.insert(at, 1 + random() % 4, c);
        break;
      default:
        octets.insert(at, octets.substr(at, random() % 40));
    }
  }
  return octets;
}

TEST(Attack, TenThousandMutatedRequestsLeaveTheServerAnswering) {
  ServerOptions options = quick();
  options.limits.max_connections = 4096;
  const RunningServer server(routes(), options);
  const std::string_view valid[] = {
      kHello, "POST /echo?a=b%20c HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nCookie: a=b\r\n\r\nhello",
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: "
      "b\r\n\r\n",
      "GET http://a/hello HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n\r\n"};
  std::mt19937 random(20'240'521);
  for (int i = 0; i < 10'000; ++i) {
    RawClient client = server.connect();
    client.send(mutate(random, std::string(valid[random() % std::size(valid)])));
    if (i % 50 != 0) {
      client.finish();
      continue;
    }
    client.finish();
    const std::string answer = client.read_all(3s);
    // Whatever was sent: an answer, or a close; never a bug, never a server that does not answer.
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 ")) << answer;
    EXPECT_NE(status_of(answer), 500) << answer;
    ASSERT_TRUE(answers(server)) << i;
  }
  EXPECT_TRUE(answers(server));
}

}  // namespace
}  // namespace signalbox::http
