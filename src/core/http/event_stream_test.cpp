// Server-sent events on a real server.
#include <atomic>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "core/http/event_buffer.hpp"
#include "core/http/raw_client.hpp"

namespace signalbox::http {
namespace {

using testing::RawClient;
using testing::RunningServer;
using testing::status_of;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

// A source that counts: event i has id i.
Route counting(std::atomic<int>& newest) {
  Route route;
  route.path = "/count";
  route.events = [&newest](const Request&, const std::string& last_id,
                           EventSink& sink) -> Result<std::string> {
    if (last_id == "bad") return fail(ErrorKind::bad_input, "Last-Event-ID: not a number");
    int at = last_id.empty() ? 0 : std::stoi(last_id);
    while (at < newest && sink.send("count", std::to_string(at + 1), "number " + std::to_string(at + 1)))
      ++at;
    return std::to_string(at);
  };
  return route;
}

void ask(RawClient& client, std::string_view more = "") {
  client.send("GET /count HTTP/1.1\r\nHost: a\r\n" + std::string(more) + "\r\n");
}

TEST(EventStream, SendsWhatIsThereAndThenWhatIsNew) {
  std::atomic<int> newest = 2;
  const RunningServer server({counting(newest)});
  RawClient client = server.connect();
  ask(client);
  const std::string first = client.read_until("number 2\n\n");
  EXPECT_EQ(status_of(first), 200);
  EXPECT_EQ(testing::field_of(first, "Content-Type"), "text/event-stream");
  EXPECT_EQ(testing::field_of(first, "Content-Length"), "");
  EXPECT_NE(first.find("id: 1\nevent: count\ndata: number 1\n\nid: 2\n"), std::string::npos) << first;
  newest = 3;
  EXPECT_EQ(client.read_until("number 3\n\n", 3s), "id: 3\nevent: count\ndata: number 3\n\n");
}

TEST(EventStream, GoesOnAfterTheIdThatTheClientHas) {
  std::atomic<int> newest = 3;
  const RunningServer server({counting(newest)});
  RawClient client = server.connect();
  ask(client, "Last-Event-ID: 2\r\n");
  const std::string text = client.read_until("number 3\n\n");
  EXPECT_EQ(text.find("number 2"), std::string::npos);
}

TEST(EventStream, ARefusalComesBeforeTheStream) {
  std::atomic<int> newest = 3;
  const RunningServer server({counting(newest)});
  RawClient client = server.connect();
  ask(client, "Last-Event-ID: bad\r\n");
  const std::string answer = client.read_all();
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_EQ(testing::field_of(answer, "Content-Type"), "application/problem+json");
}

TEST(EventStream, StreamsBeyondTheirNumberAreRefused) {
  std::atomic<int> newest = 1;
  ServerOptions options;
  options.limits.max_streams = 2;
  const RunningServer server({counting(newest)}, options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(server.connect());
    ask(clients.back());
    EXPECT_EQ(status_of(clients.back().read_until("number 1\n\n")), 200);
  }
  RawClient late = server.connect();
  ask(late);
  EXPECT_EQ(status_of(late.read_all()), 503);
  // One that goes makes room, within the second in which it is noticed.
  clients.clear();
  std::this_thread::sleep_for(1500ms);
  RawClient later = server.connect();
  ask(later);
  EXPECT_EQ(status_of(later.read_until("number 1\n\n")), 200);
}

TEST(EventStream, AStopEndsStreams) {
  std::atomic<int> newest = 1;
  RunningServer server({counting(newest)});
  RawClient client = server.connect();
  ask(client);
  client.read_until("number 1\n\n");
  const auto began = steady_clock::now();
  std::thread stopping([&] { EXPECT_TRUE(server.stop()); });
  EXPECT_TRUE(client.is_closed_within(2s));
  client.close();
  stopping.join();
  EXPECT_LT(steady_clock::now() - began, 3s);
}

TEST(EventStream, ASlowSourceKeepsNoRequestWaiting) {
  std::atomic<bool> may_end = false;
  Route slow;
  slow.path = "/slow";
  slow.events = [&](const Request&, const std::string&, EventSink&) -> Result<std::string> {
    while (!may_end) std::this_thread::sleep_for(10ms);
    return "1";
  };
  ServerOptions options;
  options.worker_threads = 1;
  const Route fast = testing::route_for(Method::get, "/fast", [](const Request&) { return Response{}; });
  const RunningServer server({slow, fast}, options);
  RawClient client = server.connect();
  client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(status_of(server.get("/fast")), 200);
  may_end = true;
}

TEST(EventBuffer, NoDataCanForgeAnEvent) {
  EventBuffer events;
  EXPECT_TRUE(events.send("a\nevent: b", "1\n2", "x\n\nevent: c\r\ny\rz"));
  EXPECT_EQ(events.text(),
            "id: 1 2\nevent: a event: b\ndata: x\ndata: \ndata: event: c\ndata: y\ndata: z\n\n");
}

TEST(EventBuffer, TakesNoMoreThanItsSize) {
  EventBuffer events;
  EXPECT_TRUE(events.send("a", "1", std::string(2 << 20, 'x')));
  EXPECT_FALSE(events.send("a", "2", "y"));
  events.clear();
  EXPECT_TRUE(events.send("a", "2", "y"));
}

}  // namespace
}  // namespace signalbox::http
