#include "instruments/profile/capture/stack_dump.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "instruments/profile/capture/abilities.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/capture/symbolize.hpp"

namespace signalbox::profile {
namespace {

// Threads of this process whose stacks are known: each stands in functions of its own until it is let go.
volatile int after_call = 0;  // what is done after a call keeps it from being a jump

[[gnu::noinline]] void waits_here(int descriptor) {
  pollfd one{descriptor, POLLIN, 0};
  ::poll(&one, 1, -1);
  after_call = after_call + 1;
}
[[gnu::noinline]] void calls_it(int descriptor) {
  waits_here(descriptor);
  after_call = after_call + 1;
}
[[gnu::noinline]] void works_here(const std::atomic<bool>& is_over) {
  while (!is_over) after_call = after_call + 1;
}
[[gnu::noinline]] void naps_here(const std::atomic<bool>& is_over) {
  while (!is_over) ::usleep(50);
}

class Fixture {
 public:
  Fixture() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read_ = FileDescriptor{ends[0]};
    write_ = FileDescriptor{ends[1]};
    start("waiter", [&] { calls_it(read_.get()); });
    start("worker", [&] { works_here(is_over_); });
    start("napper", [&] { naps_here(is_over_); });
    while (begun_ < 3) ::usleep(100);
    // Until the first sleeps.
    for (int i = 0; i < 100'000 && state_of("waiter") != 'S'; ++i) ::usleep(100);
  }
  ~Fixture() {
    is_over_ = true;
    write_.reset();
    for (std::thread& thread : threads_) thread.join();
  }
  static char state_of(std::string_view name) {
    const auto tids = threads_of(::getpid());
    for (const std::int32_t tid : *tids) {
      if (comm_of(::getpid(), tid) != name) continue;
      const auto stat = read_file("/proc/self/task/" + std::to_string(tid) + "/stat");
      if (const auto times = stat ? parse_process_times(*stat) : std::nullopt) return times->state;
    }
    return '?';
  }

 private:
  template <class Work>
  void start(const char* name, Work work) {
    threads_.emplace_back([this, name, work] {
      ::pthread_setname_np(::pthread_self(), name);
      ++begun_;
      work();
    });
  }
  FileDescriptor read_;
  FileDescriptor write_;
  std::atomic<bool> is_over_{false};
  std::atomic<int> begun_{0};
  std::vector<std::thread> threads_;
};

// Names of a thread's stack, leaf first; empty where it has none.
std::vector<std::string> stack_of(const StackDump& dump, const Profile& profile, std::string_view thread) {
  std::vector<std::string> out;
  for (const DumpedThread& each : dump.threads) {
    if (each.name != thread || !each.sample) continue;
    for (StackId at = profile.samples[*each.sample].stack; at != 0; at = profile.stacks[at].parent)
      out.push_back(profile.name_of_frame(profile.stacks[at].frame));
  }
  return out;
}

const DumpedThread& thread_named(const StackDump& dump, std::string_view name) {
  return *std::find_if(dump.threads.begin(), dump.threads.end(),
                       [&](const DumpedThread& each) { return each.name == name; });
}

std::ptrdiff_t place_of(const std::vector<std::string>& stack, std::string_view part) {
  return std::find_if(stack.begin(), stack.end(),
                      [&](const std::string& name) { return name.find(part) != std::string::npos; }) -
         stack.begin();
}

bool has(const std::vector<std::string>& stack, std::string_view part) {
  return place_of(stack, part) < static_cast<std::ptrdiff_t>(stack.size());
}

bool may_be_sampled() {
  const auto abilities = try_abilities();
  const auto copies = std::find_if(abilities.begin(), abilities.end(), [](const Ability& each) {
    return each.name == "stacks without frame pointers, unwound here";
  });
  EXPECT_NE(copies, abilities.end());
  return copies != abilities.end() && copies->is_there;
}

TEST(StackDump, AThreadThatWaitsIsReadWithAllItsCallers) {
  if (!ThreadReader::in_kernel()) GTEST_SKIP() << ThreadReader::in_kernel().error().message;
  const Fixture fixture;
  const auto dump = dump_stacks({{::getpid()}});
  ASSERT_TRUE(dump) << dump.error().message;
  const Profile profile = named_profile(dump->recording, {});
  const auto stack = stack_of(*dump, profile, "waiter");
  ASSERT_TRUE(has(stack, "waits_here") && has(stack, "calls_it")) << ::testing::PrintToString(stack);
  EXPECT_LT(place_of(stack, "waits_here"), place_of(stack, "calls_it"));
  EXPECT_FALSE(has(stack, "[truncated")) << ::testing::PrintToString(stack);
  EXPECT_TRUE(has(stack, "clone")) << ::testing::PrintToString(stack);
  EXPECT_EQ(thread_named(*dump, "waiter").state, 'S');
  EXPECT_EQ(thread_named(*dump, "waiter").system_call, "poll");
  EXPECT_FALSE(thread_named(*dump, "waiter").runs);
}

TEST(StackDump, ByProcItHasWhatNeedsNoFramePointerAndSaysWhereItEnds) {
  const Fixture fixture;
  DumpRequest request{{::getpid()}};
  request.by_proc = true;
  const auto dump = dump_stacks(request);
  ASSERT_TRUE(dump) << dump.error().message;
  const Profile profile = named_profile(dump->recording, {});
  const auto stack = stack_of(*dump, profile, "waiter");
  ASSERT_FALSE(stack.empty());
  EXPECT_NE(stack.front().find("poll"), std::string::npos) << stack.front();
  EXPECT_TRUE(has(stack, "clone") ||
              has(stack, "[truncated: the caller lies by a register that is not known]"))
      << ::testing::PrintToString(stack);
}

TEST(StackDump, AThreadThatWorksIsSampled) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  const Fixture fixture;
  // On a machine that is busy with others it may not come to run: it waits for a processor then.
  const auto dump = dump_stacks({{::getpid()}});
  ASSERT_TRUE(dump) << dump.error().message;
  const Profile profile = named_profile(dump->recording, {});
  const auto stack = stack_of(*dump, profile, "worker");
  ASSERT_TRUE(has(stack, "works_here"))
      << ::testing::PrintToString(stack) << thread_named(*dump, "worker").why_not;
  EXPECT_EQ(thread_named(*dump, "worker").state, 'R');
}

TEST(StackDump, EachStackIsOneSampleWithoutATime) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  const Fixture fixture;
  const auto dump = dump_stacks({{::getpid()}});
  ASSERT_TRUE(dump) << dump.error().message;
  ASSERT_TRUE(thread_named(*dump, "worker").sample) << thread_named(*dump, "worker").why_not;
  for (const RawSample& sample : dump->recording.raw.samples()) {
    EXPECT_EQ(sample.count, 1);
    EXPECT_EQ(sample.time_ns, 0);
    EXPECT_EQ(sample.cpu_ns, 0);
  }
  EXPECT_EQ(dump->recording.quality.cpu_ns, 0);
}

TEST(StackDump, AThreadThatWakesAllTheTimeHasAStackThatIsTrue) {
  if (!may_be_sampled()) GTEST_SKIP() << "programs may not be sampled here";
  const Fixture fixture;
  for (int i = 0; i < 5; ++i) {
    const auto dump = dump_stacks({{::getpid()}});
    ASSERT_TRUE(dump) << dump.error().message;
    const Profile profile = named_profile(dump->recording, {});
    const auto stack = stack_of(*dump, profile, "napper");
    if (stack.empty()) {
      EXPECT_EQ(thread_named(*dump, "napper").why_not, "it would not hold still");
    } else {
      EXPECT_TRUE(has(stack, "naps_here")) << ::testing::PrintToString(stack);
    }
  }
}

TEST(StackDump, OfAProcessThatIsNotThere) {
  const auto dump = dump_stacks({{999'999'999}});
  ASSERT_FALSE(dump);
  EXPECT_EQ(dump.error().kind, ErrorKind::not_found);
}

TEST(StackDump, OfSeveralOneThatIsGoneSaysSo) {
  auto sleeper = Process::start({"sleep", "60"});
  ASSERT_TRUE(sleeper);
  for (const std::vector<std::int32_t>& pids :
       {std::vector<std::int32_t>{999'999'999, sleeper->pid()}, {sleeper->pid(), 999'999'999}}) {
    const auto dump = dump_stacks({pids});
    ASSERT_TRUE(dump) << dump.error().message;
    EXPECT_EQ(dump->recording.pid, sleeper->pid());
    ASSERT_EQ(dump->threads.size(), 2U);
    for (const DumpedThread& thread : dump->threads) {
      EXPECT_EQ(thread.sample.has_value(), thread.pid == sleeper->pid());
      if (thread.pid == sleeper->pid()) continue;
      EXPECT_EQ(thread.state, '?');
      EXPECT_EQ(thread.why_not, "it ended");
    }
    // One that is gone is no reason to read the others worse.
    EXPECT_EQ(dump->how, dump_stacks({{sleeper->pid()}})->how);
  }
}

// Ends a process once it told of its threads.
class EndingReader : public ThreadReader {
 public:
  explicit EndingReader(Process& process) : process_(process), pid_(process.pid()) {}
  Result<std::vector<ThreadMoment>> read(std::int32_t pid) override {
    auto out = reader_->read(pid);
    if (pid == pid_) {
      ::kill(pid_, SIGKILL);
      EXPECT_TRUE(process_.wait());
    }
    return out;
  }
  std::string_view how() const override { return reader_->how(); }

 private:
  std::unique_ptr<ThreadReader> reader_ = ThreadReader::by_proc();
  Process& process_;
  std::int32_t pid_;
};

TEST(StackDump, AProcessThatEndsMeanwhileSaysSo) {
  auto sleeper = Process::start({"sleep", "60"});
  auto other = Process::start({"sleep", "60"});
  ASSERT_TRUE(sleeper && other);
  const std::int32_t ending = sleeper->pid();
  EndingReader reader(*sleeper);
  const auto dump = dump_stacks({{ending, other->pid()}}, reader);
  ASSERT_TRUE(dump) << dump.error().message;
  ASSERT_EQ(dump->threads.size(), 2U);
  EXPECT_EQ(dump->threads[0].pid, ending);
  EXPECT_FALSE(dump->threads[0].sample);
  EXPECT_EQ(dump->threads[0].state, '?');
  EXPECT_EQ(dump->threads[0].why_not, "it ended");
  EXPECT_TRUE(dump->threads[1].sample);

  EndingReader last(*other);
  const auto none = dump_stacks({{other->pid()}}, last);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace signalbox::profile
