// The end of a server: what runs is finished, what waits is sent away, nothing acknowledged is lost.
#include <atomic>
#include <csignal>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "core/http/raw_client.hpp"

namespace signalbox::http {
namespace {

using testing::body_of;
using testing::RawClient;
using testing::route_for;
using testing::RunningServer;
using testing::status_of;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

// A route that answers when the test lets it.
struct Gate {
  std::promise<void> entered;
  std::promise<void> opened;
  std::shared_future<void> open = opened.get_future().share();

  Route route() {
    return route_for(Method::get, "/slow", [this](const Request&) {
      entered.set_value();
      open.wait();
      Response response;
      response.body = "finished";
      return response;
    });
  }
};

TEST(ServerStop, ARequestThatRunsIsAnswered) {
  Gate gate;
  RunningServer server({gate.route()});
  RawClient client = server.connect();
  client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  gate.entered.get_future().wait();
  std::thread stopping([&] { EXPECT_TRUE(server.stop()); });
  std::this_thread::sleep_for(200ms);
  gate.opened.set_value();
  const std::string answer = client.read_all();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(body_of(answer), "finished");
  EXPECT_EQ(testing::field_of(answer, "Connection"), "close");
  stopping.join();
}

TEST(ServerStop, AnIdleConnectionHoldsNothingUp) {
  RunningServer server({});
  RawClient client = server.connect();
  client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer()), 404);
  const RawClient untouched = server.connect();
  const auto began = steady_clock::now();
  std::thread stopping([&] { EXPECT_TRUE(server.stop()); });
  EXPECT_TRUE(client.is_closed_within(1s));
  client.close();
  stopping.join();
  EXPECT_LT(steady_clock::now() - began, 3s);  // far below idle_timeout: it was not waited for
}

TEST(ServerStop, ARequestThatNeverEndsIsCutOffAndCounted) {
  auto gate = std::make_shared<Gate>();
  ServerOptions options;
  options.limits.stop_timeout = 300ms;
  Route route = gate->route();
  route.handle = [gate, handle = route.handle](const Request& request) { return handle(request); };
  {
    RunningServer server({std::exchange(route, {})}, options);
    RawClient client = server.connect();
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    gate->entered.get_future().wait();
    const Status ended = server.stop();
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(client.read_all(), "");
  }
  gate->opened.set_value();
  std::this_thread::sleep_for(200ms);  // its thread lives on until here, with all that it needs
}

TEST(ServerStop, AStopBeforeTheStartEndsAtOnce) {
  auto server = Server::create({}, {}, testing::trusting());
  ASSERT_TRUE(server);
  (*server)->stop();
  EXPECT_TRUE((*server)->run());
}

TEST(ServerStop, ASignalStops) {
  auto server = Server::create({}, {}, testing::trusting());
  ASSERT_TRUE(server);
  (*server)->handle_signals();
  std::thread running([&] { EXPECT_TRUE((*server)->run()); });
  RawClient client((*server)->port());
  client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_of(client.read_answer()), 404);
  ::kill(::getpid(), SIGTERM);
  EXPECT_TRUE(client.is_closed_within(2s));
  running.join();
}

// Clients that write without end while the server stops: each write that was acknowledged was done, and each
// that was done was acknowledged.
TEST(ServerStop, NothingAcknowledgedIsLost) {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> done = 0;
    std::atomic<int> acknowledged = 0;
    Route write = route_for(Method::post, "/write", [&](const Request&) {
      std::this_thread::sleep_for(1ms);
      ++done;
      return Response{};
    });
    RunningServer server({write});
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&] {
        RawClient client = server.connect();
        for (;;) {
          client.send("POST /write HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
          if (status_of(client.read_answer()) != 200) return;
          ++acknowledged;
        }
      });
    }
    for (int waited_ms = 0; acknowledged == 0 && waited_ms < 10'000; ++waited_ms)
      std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(std::chrono::milliseconds(3 * round));
    EXPECT_TRUE(server.stop());
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(acknowledged, done);
    EXPECT_GT(acknowledged, 0);
  }
}

}  // namespace
}  // namespace signalbox::http
