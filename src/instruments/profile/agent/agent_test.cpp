// An agent and its parts: the ring, the governor, the socket, what it tells, and the sender.
#include "instruments/profile/agent/agent.hpp"

#include <array>
#include <atomic>
#include <fstream>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/burner.hpp"
#include "core/base/file.hpp"
#include "core/base/file_lock.hpp"
#include "core/base/killed_writer.hpp"
#include "core/http/metrics_server.hpp"
#include "instruments/profile/agent/agent_state.hpp"
#include "instruments/profile/agent/control_socket.hpp"
#include "instruments/profile/agent/profile_ring.hpp"
#include "instruments/profile/agent/rate_governor.hpp"
#include "instruments/profile/agent/upload_sender.hpp"

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;
using testing::Burner;
namespace fs = std::filesystem;

Time at(int seconds) {
  return Time(std::chrono::seconds(1'700'000'000 + seconds));
}

TEST(ProfileRings, TheOldestGoWhereThereIsNoRoomOrTheyAreTooOld) {
  const TemporaryDirectory folder;
  ProfileRing ring(folder.path() / "ring", {60s, 100});
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(ring.put(at(10 * i), at(10 * i + 10), std::string(30, 'x')));
  auto entries = ring.list();
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3U);  // 90 octets
  EXPECT_EQ(entries->front().start, at(20));
  EXPECT_EQ(ring.list(at(40))->size(), 1U);
  ASSERT_TRUE(ring.put(at(200), at(210), "x"));
  EXPECT_EQ(ring.list()->size(), 1U);
}

// What the writer has in mind is what lies there, also where it found some of it and a clock was set back.
TEST(ProfileRings, TheWriterKnowsWhatLiesThere) {
  const TemporaryDirectory folder;
  const auto expect_known = [](const ProfileRing& ring) {
    const auto entries = ring.list();
    ASSERT_TRUE(entries);
    std::uint64_t bytes = 0;
    for (const ProfileRing::Entry& entry : *entries) bytes += entry.bytes;
    EXPECT_EQ(ring.files(), entries->size());
    EXPECT_EQ(ring.bytes(), bytes);
  };
  {
    ProfileRing before(folder.path(), {});
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(before.put(at(10 * i), at(10 * i + 10), std::string(30, 'x')));
    expect_known(before);
  }
  ProfileRing ring(folder.path(), {1h, 100});
  ASSERT_TRUE(ring.tidy());
  EXPECT_EQ(ring.bytes(), 90U);
  ASSERT_TRUE(ring.put(at(30), at(40), std::string(20, 'x')));
  expect_known(ring);
  EXPECT_EQ(ring.bytes(), 80U);
  ASSERT_TRUE(ring.put(at(5), at(8), "early"));
  ASSERT_TRUE(ring.put(at(30), at(40), "again"));
  expect_known(ring);
  EXPECT_EQ(ring.bytes(), 70U);
  ASSERT_TRUE(ring.put(at(40), at(50), std::string(90, 'x')));
  expect_known(ring);
  EXPECT_EQ(ring.list()->front().start, at(30));
}

TEST(ProfileRings, WhatAKilledWriterLeftIsTidiedAndNeverListed) {
  const TemporaryDirectory folder;
  ProfileRing ring(folder.path(), {});
  ASSERT_TRUE(ring.put(at(0), at(10), "x"));
  std::ofstream(folder.path() / "x.tmp.123") << "half";
  std::ofstream(folder.path() / "00000000000001-0000000000000x.pb.gz") << "none";
  EXPECT_EQ(ring.list()->size(), 1U);
  ASSERT_TRUE(ring.tidy());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(ProfileRings, AFileIsThereWholeOrNotAtAllWhenTheWriterIsKilled) {
  constexpr int kRounds = 10;
  const std::string octets(200'000, 'x');
  const TemporaryDirectory folder;
  std::set<std::uint64_t> acknowledged;
  const auto write = [&](const testing::Acknowledge& acknowledge) {
    ProfileRing ring(folder.path(), {});
    for (std::uint64_t i = acknowledged.empty() ? 0 : *acknowledged.rbegin() + 1;; ++i) {
      const int start = static_cast<int>(i);
      if (!ring.put(at(start), at(start + 1), octets)) ::_exit(1);
      acknowledge(i);
    }
  };
  testing::kill_while_writing(kRounds, 20'000, write, acknowledged);
  ProfileRing ring(folder.path(), {});
  ASSERT_TRUE(ring.tidy());
  const auto entries = ring.list();
  ASSERT_TRUE(entries);
  std::set<Time> starts;
  for (const ProfileRing::Entry& entry : *entries) {
    EXPECT_EQ(entry.bytes, octets.size());
    starts.insert(entry.start);
  }
  for (const std::uint64_t i : acknowledged) EXPECT_TRUE(starts.contains(at(static_cast<int>(i)))) << i;
  EXPECT_LE(entries->size(), acknowledged.size() + kRounds);  // each may have written one more
}

TEST(RateGovernors, HalvesOverTheBudgetAndComesBackWhenItIsCalm) {
  RateGovernor governor(10, 0.005);
  EXPECT_TRUE(governor.judge(0.006));
  EXPECT_EQ(governor.rate_hz(), 5);
  governor.judge(0.006);
  governor.judge(0.006);
  EXPECT_FALSE(governor.judge(0.006));  // never below 1
  EXPECT_EQ(governor.rate_hz(), 1);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(governor.judge(0.001));
  EXPECT_FALSE(governor.judge(0.004));  // within the budget, but not calm
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(governor.judge(0.001));
  EXPECT_TRUE(governor.judge(0.001));
  EXPECT_EQ(governor.rate_hz(), 2);
  for (int i = 0; i < 60; ++i) governor.judge(0);
  EXPECT_EQ(governor.rate_hz(), 10);  // never above what is wanted
}

TEST(RateGovernors, AnIdleTargetIsMeasuredByTheTimeOfOneProcessor) {
  EXPECT_DOUBLE_EQ(overhead_ratio(1, 4, 100, 50), 0.05);
  EXPECT_DOUBLE_EQ(overhead_ratio(1, 4, 0, 1000), 0.005);
  EXPECT_GE(overhead_ratio(0, 0, 0, 0), 0);
}

TEST(ControlSockets, AWordIsAnsweredAndNobodyElseMayOpenIt) {
  const TemporaryDirectory folder;
  // Longer than an address of a socket may be.
  const fs::path path = folder.path() / std::string(120, 'd') / "control";
  fs::create_directories(path.parent_path());
  EXPECT_EQ(ask_agent(path, "status").error().kind, ErrorKind::unavailable);
  auto control = ControlSocket::listen(path);
  ASSERT_TRUE(control) << control.error().message;
  struct stat about {};
  ASSERT_EQ(::stat(path.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
  std::atomic<bool> is_done{false};
  std::thread agent([&] {
    while (!is_done) {
      control->answer([](std::string_view word) { return "heard " + std::string(word); });
      std::this_thread::sleep_for(5ms);
    }
  });
  EXPECT_EQ(ask_agent(path, "pause").value_or("none"), "heard pause");
  EXPECT_EQ(ask_agent(path, std::string(5'000, 'x')).value_or("none").substr(0, 8), "heard xx");
  is_done = true;
  agent.join();
}

FileDescriptor connected_to(const fs::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  EXPECT_LT(path.string().size(), sizeof address.sun_path);
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  FileDescriptor out{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  EXPECT_EQ(::connect(out.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return out;
}

// Whom a busy machine keeps from saying its word at once is heard; who says none is not answered.
TEST(ControlSockets, ALateWordIsHeardAndNoneIsNotAnswered) {
  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "control";
  auto control = ControlSocket::listen(path);
  ASSERT_TRUE(control);
  const FileDescriptor late = connected_to(path);
  const FileDescriptor mute = connected_to(path);
  ASSERT_EQ(::shutdown(mute.get(), SHUT_WR), 0);
  std::thread says([&] {
    std::this_thread::sleep_for(700ms);
    EXPECT_EQ(::write(late.get(), "pause\n", 6), 6);
  });
  std::vector<std::string> heard;
  const auto reply = [&](std::string_view word) {
    heard.emplace_back(word);
    return std::string("done");
  };
  control->answer(reply, 60s);
  says.join();
  EXPECT_EQ(heard, std::vector<std::string>{"pause"});
  char answer[16];
  EXPECT_EQ(::read(late.get(), answer, sizeof answer), 5);
  EXPECT_EQ(::read(mute.get(), answer, sizeof answer), 0);
}

// Its samples would be lost while it waits for each octet anew.
TEST(ControlSockets, WhoSpeaksSlowlyOrNotAtAllDoesNotHoldTheAgent) {
  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "control";
  auto control = ControlSocket::listen(path);
  ASSERT_TRUE(control);
  std::vector<std::string> heard;
  const auto reply = [&](std::string_view word) {
    heard.emplace_back(word);
    return std::string("done");
  };
  const FileDescriptor slow = connected_to(path);
  const FileDescriptor next = connected_to(path);
  ASSERT_EQ(::write(next.get(), "status\n", 7), 7);
  std::atomic<bool> is_done{false};
  std::thread drips([&] {
    for (int i = 0; i < 100 && !is_done; ++i) {
      if (::send(slow.get(), "x", 1, MSG_NOSIGNAL) != 1) return;
      std::this_thread::sleep_for(100ms);
    }
  });
  control->answer(reply, 300ms);
  is_done = true;
  drips.join();
  ASSERT_LE(heard.size(), 1U);
  if (!heard.empty()) {
    EXPECT_LT(heard.front().size(), 64U);  // as long as a word may be
  }
  heard.clear();
  control->answer(reply, 60s);
  EXPECT_EQ(heard, std::vector<std::string>{"status"});
}

TEST(ControlSockets, WhatAKilledAgentLeftIsReplaced) {
  const TemporaryDirectory folder;
  std::ofstream(folder.path() / "control") << "x";
  EXPECT_TRUE(ControlSocket::listen(folder.path() / "control"));
  EXPECT_FALSE(fs::exists(folder.path() / "control"));  // gone with its owner
}

TEST(MetricsServers, ListenOnThisMachineAlone) {
  for (const char* address : {"0.0.0.0:0", "192.0.2.1:0", "7417", "127.0.0.1:x", "box.example:1", "127.0.0.1",
                              "::1", "127.0.0.1:65536", "[::1", ""})
    EXPECT_FALSE(http::MetricsServer::start(address, [] { return std::string(); })) << address;
  EXPECT_TRUE(http::MetricsServer::start("localhost:0", [] { return std::string(); }));
  const auto server = http::MetricsServer::start("127.0.0.1:0", [] { return std::string("a 1\n"); });
  ASSERT_TRUE(server);
  http::ClientRequest request;
  request.url = "http://127.0.0.1:" + std::to_string((*server)->port()) + "/metrics";
  EXPECT_EQ(http::send(request)->body, "a 1\n");
  request.method = "POST";
  EXPECT_GE(http::send(request)->status, 400);
  request.method = "GET";
  request.headers = {{"Host", "evil.example"}};
  EXPECT_EQ(http::send(request)->status, 403);
}

// A receiver that is away for the first attempts.
TEST(UploadSenders, GoOnUntilTheReceiverIsThere) {
  const TemporaryDirectory folder;
  Destination to = destination_of(Receiver::otlp, "http://127.0.0.1:1", {}, {}).value();
  std::atomic<int> asked{0};
  Outside outside = real_outside();
  outside.send = [&](const http::ClientRequest&) -> Result<http::ClientResponse> {
    http::ClientResponse out;
    out.status = ++asked <= 1 ? 503 : 200;
    return out;
  };
  const UploadSpool spool = UploadSpool::of(folder.path(), to);
  UploadSender sender(spool, to, outside);
  ASSERT_TRUE(sender.send({"", "x/y", "", "one"}));
  ASSERT_TRUE(sender.send({"", "x/y", "", "two"}));
  for (int i = 0; i < 6'000 && sender.counts().sent < 2; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(sender.counts().sent, 2U);
  EXPECT_EQ(sender.counts().failed, 1U);
  EXPECT_EQ(sender.waiting(), 0U);
}

TEST(UploadSenders, WhatIsSentAtTheEndIsCounted) {
  const TemporaryDirectory folder;
  Destination to = destination_of(Receiver::otlp, "http://127.0.0.1:1", {}, {}).value();
  Outside outside = real_outside();
  outside.send = [](const http::ClientRequest&) -> Result<http::ClientResponse> {
    std::this_thread::sleep_for(100ms);
    http::ClientResponse out;
    out.status = 200;
    return out;
  };
  UploadSender sender(UploadSpool::of(folder.path(), to), to, outside);
  for (const char* body : {"one", "two", "three"}) ASSERT_TRUE(sender.send({"", "x/y", "", body}));
  sender.end();
  EXPECT_EQ(sender.counts().sent, 3U);
  EXPECT_EQ(sender.waiting(), 0U);
}

// Another process sends what waits, and is in no hurry.
TEST(UploadSenders, EndSoonWhereAnotherHasTheSpool) {
  const TemporaryDirectory folder;
  Destination to = destination_of(Receiver::otlp, "http://127.0.0.1:1", {}, {}).value();
  const UploadSpool spool = UploadSpool::of(folder.path(), to);
  ASSERT_TRUE(make_directories(spool.folder()));
  const auto held = lock_file(spool.folder() / "lock", 0ms, 0600);
  ASSERT_TRUE(held && *held);
  UploadSender sender(spool, to, real_outside());
  ASSERT_TRUE(sender.send({"", "x/y", "", "one"}));
  const auto start = std::chrono::steady_clock::now();
  sender.end();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 60s);
  EXPECT_EQ(sender.waiting(), 1U);
}

TEST(UploadSenders, SayWhatMadeRoom) {
  const TemporaryDirectory folder;
  Destination to = destination_of(Receiver::otlp, "http://127.0.0.1:1", {}, {}).value();
  Outside outside = real_outside();
  outside.send = [](const http::ClientRequest&) -> Result<http::ClientResponse> {
    return fail(ErrorKind::unavailable, "nobody");
  };
  const Upload upload{"", "x/y", "", "one"};
  UploadSender sender(UploadSpool::of(folder.path(), to, spooled_text(upload).size()), to, outside);
  ASSERT_TRUE(sender.send(upload));
  ASSERT_TRUE(sender.send({"", "x/y", "", "two"}));
  EXPECT_EQ(sender.counts().dropped, 1U);
  AgentState state;
  state.uploads = sender.counts();
  EXPECT_NE(metrics_text(state).find("uploads_total{result=\"dropped\"} 1\n"), std::string::npos);
  EXPECT_EQ(to_json(state)["uploads"]["dropped"].as_integer(), 1);
}

TEST(UploadSenders, EndSoonAndKeepWhatWasNotTaken) {
  const TemporaryDirectory folder;
  Destination to = destination_of(Receiver::otlp, "http://127.0.0.1:1", {}, {}).value();
  Outside outside = real_outside();
  outside.send = [](const http::ClientRequest&) -> Result<http::ClientResponse> {
    return fail(ErrorKind::unavailable, "nobody");
  };
  const UploadSpool spool = UploadSpool::of(folder.path(), to);
  {
    UploadSender sender(spool, to, outside);
    ASSERT_TRUE(sender.send({"", "x/y", "", "one"}));
  }
  EXPECT_EQ(spool.waiting()->size(), 1U);
}

template <class Condition>
bool wait_for(Condition condition) {
  for (int i = 0; i < 12'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

// An agent on a thread of its own, with short periods.
class RunningAgent {
 public:
  explicit RunningAgent(AgentOptions options) : agent_(std::move(options), place()) {
    thread_ = std::thread([this] { ended_ = agent_.run().has_value() ? 1 : -1; });
  }
  ~RunningAgent() {
    // Until its handler is there, a signal would end us.
    wait_for([&] { return has_ended() || agent_.state().sessions > 0; });
    if (!has_ended()) ::kill(::getpid(), SIGTERM);
    thread_.join();
    EXPECT_EQ(ended_, 1);
  }
  RunningAgent(const RunningAgent&) = delete;
  RunningAgent& operator=(const RunningAgent&) = delete;

  bool has_ended() const { return ended_ != 0; }
  AgentState state() const { return agent_.state(); }
  Json ask(std::string_view word) const {
    const auto line = ask_agent(control_path(), word);
    EXPECT_TRUE(line);
    return parse_json(line.value_or("{}")).value_or(Json());
  }

 private:
  fs::path control_path() const { return folder_.path() / "control"; }
  AgentPlace place() const {
    return {ProfileRing(folder_.path() / "ring", {}), ControlSocket::listen(control_path()).value(), nullptr,
            [](std::string_view) {}};
  }
  const TemporaryDirectory folder_;
  Agent agent_;
  std::atomic<int> ended_{0};  // 1: well
  std::thread thread_;
};

AgentOptions options_for(pid_t pid) {
  AgentOptions out;
  out.request.pids = {pid};
  out.request.rate_hz = 50;
  out.choose = [pid](RecordRequest& request) -> Status {
    request.pids = {pid};
    return {};
  };
  out.every = 200ms;
  out.max_overhead = 1;
  return out;
}

// Empty: it may.
std::string why_not_sampled(pid_t pid) {
  const auto session = Session::start(options_for(pid).request);
  return session ? std::string() : session.error().message;
}

// What two periods have is what the session has: neither twice, nor in none of them.
TEST(PeriodCutters, PeriodsNeitherOverlapNorMissAnything) {
  const Burner burner;
  RecordRequest request;
  request.pids = {burner.pid()};
  request.rate_hz = 200;
  const auto started = Session::start(request);
  if (!started) GTEST_SKIP() << started.error().message;
  Session& session = **started;
  PeriodCutter cutter(session);
  const auto go_on_for = [&](std::int64_t samples) {
    const std::int64_t wanted = session.so_far().quality.samples + samples;
    for (int i = 0; i < 1'200 && session.so_far().quality.samples < wanted; ++i) session.turn(100ms);
  };
  std::vector<Period> periods;
  go_on_for(40);
  periods.push_back(cutter.cut());
  go_on_for(60);
  periods.push_back(cutter.cut());
  session.stop();
  periods.push_back(cutter.cut());
  const Recording whole = session.so_far();
  std::int64_t samples = 0;
  std::int64_t cpu_ns = 0;
  std::int64_t end_unix_ns = whole.start_unix_ns;
  for (const Period& period : periods) {
    EXPECT_EQ(period.profile.start_unix_ns, end_unix_ns);
    EXPECT_EQ(period.profile.total(0), period.samples + period.lost);
    end_unix_ns = period.profile.start_unix_ns + period.profile.duration_ns;
    samples += period.samples;
    cpu_ns += period.target_cpu_ns;
  }
  EXPECT_GE(periods[0].samples, 40);
  EXPECT_GE(periods[1].samples, 60);
  EXPECT_EQ(samples, whole.quality.samples);
  EXPECT_EQ(end_unix_ns, whole.start_unix_ns + whole.duration_ns);
  EXPECT_LE(cpu_ns, whole.overhead.target_ns);
}

TEST(Agents, WhoIsResumedWhileItRunsGoesOnRunning) {
  const Burner burner;
  if (const std::string why = why_not_sampled(burner.pid()); !why.empty()) GTEST_SKIP() << why;
  const RunningAgent agent(options_for(burner.pid()));
  ASSERT_TRUE(wait_for([&] { return agent.state().periods >= 2; }));
  EXPECT_EQ(agent.ask("resume")["state"].as_string(), "running");
  EXPECT_EQ(agent.state().mode, AgentMode::running);
}

TEST(Agents, ASignalRightAfterAPauseEndsIt) {
  const Burner burner;
  if (const std::string why = why_not_sampled(burner.pid()); !why.empty()) GTEST_SKIP() << why;
  const RunningAgent agent(options_for(burner.pid()));
  ASSERT_TRUE(wait_for([&] { return agent.state().periods >= 2; }));
  EXPECT_EQ(agent.ask("pause")["state"].as_string(), "paused");
  ::kill(::getpid(), SIGTERM);
  EXPECT_TRUE(wait_for([&] { return agent.has_ended(); }));
}

TEST(Agents, WhatMayNotBeSampledLaterIsWaitedFor) {
  std::optional<Burner> burner(std::in_place);
  if (const std::string why = why_not_sampled(burner->pid()); !why.empty()) GTEST_SKIP() << why;
  AgentOptions options = options_for(burner->pid());
  options.may_return = true;
  std::atomic<bool> is_denied{false};
  const auto choose = options.choose;
  options.choose = [&is_denied, choose](RecordRequest& request) -> Status {
    if (is_denied) return fail(ErrorKind::denied, "not now");
    return choose(request);
  };
  const RunningAgent agent(std::move(options));
  ASSERT_TRUE(wait_for([&] { return agent.state().periods >= 2; }));
  is_denied = true;
  burner.reset();
  EXPECT_TRUE(wait_for([&] { return agent.state().mode == AgentMode::waiting || agent.has_ended(); }));
  EXPECT_FALSE(agent.has_ended());
}

// Programs of one name that end at once are there whenever they are looked for: one is sampled each period.
TEST(Agents, AfterATargetThatEndedTheNextIsSampledAPeriodLater) {
  std::optional<Burner> burner(std::in_place);
  const Burner next;
  if (const std::string why = why_not_sampled(burner->pid()); !why.empty()) GTEST_SKIP() << why;
  AgentOptions options = options_for(burner->pid());
  options.may_return = true;
  options.every = 1h;
  options.choose =
      [pids = std::vector<pid_t>{next.pid(), burner->pid()}](RecordRequest& request) mutable -> Status {
    request.pids = {pids.back()};
    if (pids.size() > 1) pids.pop_back();
    return {};
  };
  const RunningAgent agent(std::move(options));
  ASSERT_TRUE(wait_for([&] { return agent.state().mode == AgentMode::running; }));
  burner.reset();
  EXPECT_TRUE(wait_for([&] { return agent.state().mode == AgentMode::waiting; }));
  EXPECT_EQ(agent.state().sessions, 1U);
}

// A session that is to be followed by another finds nobody who is chosen any more; later they are there
// again.
TEST(Agents, ATimeWithoutATargetIsNoGap) {
  const Burner burner;
  const Burner other;
  if (const std::string why = why_not_sampled(burner.pid()); !why.empty()) GTEST_SKIP() << why;
  AgentOptions options = options_for(burner.pid());
  options.may_return = true;
  options.max_overhead = 1'000;
  options.choose = [&, calls = 0](RecordRequest& request) mutable -> Status {
    ++calls;
    request.pids = {burner.pid()};
    if (calls == 2) request.pids.push_back(other.pid());
    if (calls == 3) return fail(ErrorKind::not_found, "nobody");
    return {};
  };
  const RunningAgent agent(std::move(options));
  ASSERT_TRUE(wait_for([&] { return agent.state().sessions >= 2; }));
  EXPECT_EQ(agent.state().gap_seconds, 0);
}

// The same, but they are there all the time, and may not be sampled.
TEST(Agents, ATimeInWhichATargetMayNotBeSampledIsAGap) {
  const Burner burner;
  const Burner other;
  if (const std::string why = why_not_sampled(burner.pid()); !why.empty()) GTEST_SKIP() << why;
  AgentOptions options = options_for(burner.pid());
  options.may_return = true;
  options.max_overhead = 1'000;
  options.choose = [&, calls = 0](RecordRequest& request) mutable -> Status {
    ++calls;
    request.pids = {burner.pid()};
    if (calls == 2) request.pids.push_back(other.pid());
    if (calls == 3) return fail(ErrorKind::denied, "not now");
    return {};
  };
  const double period_s = std::chrono::duration<double>(options.every).count();
  const RunningAgent agent(std::move(options));
  ASSERT_TRUE(wait_for([&] { return agent.state().sessions >= 2; }));
  EXPECT_GE(agent.state().gap_seconds, period_s);
}

// Another session would have as many.
TEST(Agents, ManyProcessesThatRunNeedNoOtherSession) {
  const std::array<Burner, 3> burners;
  AgentOptions options = options_for(burners[0].pid());
  if (const std::string why = why_not_sampled(burners[0].pid()); !why.empty()) GTEST_SKIP() << why;
  options.choose = [&](RecordRequest& request) -> Status {
    request.pids.clear();
    for (const Burner& burner : burners) request.pids.push_back(burner.pid());
    return {};
  };
  options.max_overhead = 1'000;
  options.max_ended_processes = 1;
  const RunningAgent agent(std::move(options));
  EXPECT_TRUE(wait_for([&] { return agent.state().periods >= 4; }));
  EXPECT_EQ(agent.state().processes, 3U);
  EXPECT_EQ(agent.state().sessions, 1U);
}

// A target that starts processes all the time, which end at once.
TEST(Agents, ASessionThatSawManyProcessesIsFollowedByAnotherAndTheLivingAreCounted) {
  const Burner burner([] {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    ::waitpid(child, nullptr, 0);
  });
  if (const std::string why = why_not_sampled(burner.pid()); !why.empty()) GTEST_SKIP() << why;
  AgentOptions options = options_for(burner.pid());
  options.max_ended_processes = 20;
  const RunningAgent agent(std::move(options));
  EXPECT_TRUE(wait_for([&] { return agent.state().sessions >= 2; }));
  EXPECT_GE(agent.state().processes, 1U);
  EXPECT_LE(agent.state().processes, 3U);
}

}  // namespace
}  // namespace signalbox::profile
