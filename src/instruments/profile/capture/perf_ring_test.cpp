#include "instruments/profile/capture/perf_ring.hpp"

#include <cstdio>
#include <cstring>
#include <string>

#include <gtest/gtest.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "instruments/profile/capture/overhead.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/record_queue.hpp"

namespace signalbox::profile {
namespace {

// A record by hand, as perf_event_open(2) lays it out.
class Octets {
 public:
  Octets(std::uint32_t type, std::uint16_t misc) {
    put(type);
    put(misc);
    put(std::uint16_t{0});
  }
  template <class Number>
  Octets& put(Number number) {
    text_.append(reinterpret_cast<const char*>(&number), sizeof number);
    return *this;
  }
  Octets& text(std::string_view words) {
    text_ += words;
    text_.append(8 - words.size() % 8, '\0');
    return *this;
  }
  std::string done() {
    const auto size = static_cast<std::uint16_t>(text_.size());
    std::memcpy(text_.data() + 6, &size, sizeof size);
    return text_;
  }

 private:
  std::string text_;
};

std::string some_sample(std::uint64_t time) {
  return Octets(PERF_RECORD_SAMPLE, PERF_RECORD_MISC_USER)
      .put(std::uint64_t{0x401000})
      .put(std::uint32_t{7})
      .put(std::uint32_t{8})
      .put(time)
      .put(std::uint32_t{1})
      .put(std::uint32_t{0})
      .put(std::uint64_t{10'000'000})
      .put(std::uint64_t{3})
      .put(static_cast<std::uint64_t>(PERF_CONTEXT_USER))
      .put(std::uint64_t{0x401000})
      .put(std::uint64_t{0x402000})
      .done();
}

TEST(PerfRecord, ASampleHasItsCallchain) {
  const std::string octets = some_sample(99);
  const auto record = parse_perf_record(octets, {});
  ASSERT_TRUE(record);
  const auto& sample = std::get<SampleRecord>(*record);
  EXPECT_EQ(sample.pid, 7U);
  EXPECT_EQ(sample.tid, 8U);
  EXPECT_EQ(sample.time_ns, 99U);
  EXPECT_EQ(sample.period_ns, 10'000'000U);
  ASSERT_EQ(sample.callchain.size(), 3U);
  EXPECT_EQ(sample.callchain[2], 0x402000U);
  EXPECT_EQ(time_of_record(octets), 99U);
}

TEST(PerfRecord, OneThatIsCutIsNone) {
  const std::string whole = some_sample(1);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string cut = whole.substr(0, size);
    EXPECT_FALSE(parse_perf_record(cut, {})) << size;
    if (size < 8) continue;
    const auto shorter = static_cast<std::uint16_t>(size);  // one that says so itself
    std::memcpy(cut.data() + 6, &shorter, sizeof shorter);
    EXPECT_FALSE(parse_perf_record(cut, {})) << size;
  }
}

TEST(PerfRecord, AMappingHasItsFile) {
  Octets octets(PERF_RECORD_MMAP2, 0);
  octets.put(std::uint32_t{7}).put(std::uint32_t{7}).put(std::uint64_t{0x400000}).put(std::uint64_t{0x1000});
  octets.put(std::uint64_t{0x2000}).put(std::uint64_t{0}).put(std::uint64_t{0}).put(std::uint64_t{0});
  octets.put(std::uint32_t{5})
      .put(std::uint32_t{2})
      .text("/bin/true")
      .put(std::uint64_t{0})
      .put(std::uint64_t{42})
      .put(std::uint64_t{0});
  const std::string done = octets.done();
  const auto record = parse_perf_record(done, {});
  ASSERT_TRUE(record);
  const auto& mapped = std::get<MapRecord>(*record);
  EXPECT_EQ(mapped.path, "/bin/true");
  EXPECT_EQ(mapped.file_offset, 0x2000U);
  EXPECT_EQ(time_of_record(done), 42U);
}

TEST(RecordQueue, GivesTheRecordsOfAllProcessorsInOrder) {
  RecordQueue queue;
  std::vector<std::uint64_t> times;
  const auto note = [&](std::string_view record) { times.push_back(time_of_record(record)); };
  for (const std::uint64_t time : {5, 7, 9}) queue.put(time, some_sample(time));
  for (const std::uint64_t time : {4, 6, 10}) queue.put(time, some_sample(time));
  queue.take_until(7, note);
  EXPECT_EQ(times, (std::vector<std::uint64_t>{4, 5, 6}));
  queue.put(8, some_sample(8));
  queue.take_until(UINT64_MAX, note);
  EXPECT_EQ(times, (std::vector<std::uint64_t>{4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(queue.waiting(), 0U);
}

// The kernel's own clock is the oracle: one second of work at 200 Hz is 200 samples.
TEST(PerfSampler, SamplesComeForEachSecondOfProcessorTime) {
  SamplingEvent event;
  event.period = std::chrono::milliseconds(5);
  event.kernel = false;
  event.follows = Follows::nobody;
  auto sampler = PerfSampler::start(event, {static_cast<std::int32_t>(::syscall(SYS_gettid))});
  if (!sampler) GTEST_SKIP() << sampler.error().message;
  const std::int64_t before = own_cpu_ns();
  std::size_t samples = 0;
  const auto count = [&](const PerfRecord& record) {
    samples += std::holds_alternative<SampleRecord>(record) ? 1 : 0;
  };
  volatile double sum = 0;
  while (own_cpu_ns() - before < 400'000'000) {
    for (int i = 0; i < 100'000; ++i) sum = sum + i;
  }
  sampler->stop();
  sampler->take(PerfSampler::Moment::last, count);
  EXPECT_GE(samples, 70U);  // one in the kernel, where the clock is read, is not asked for
  EXPECT_LE(samples, 82U);
}

TEST(NoteOfFollowing, SaysWhereThreadsThatBeginLaterAreLeftOut) {
  SamplingEvent event;
  for (const Follows follows : {Follows::nobody, Follows::threads, Follows::children}) {
    event.follows = follows;
    EXPECT_EQ(note_of_following(event, true), "");
    EXPECT_EQ(note_of_following(event, false).empty(), follows != Follows::threads);
  }
  utsname kernel{};
  ASSERT_EQ(::uname(&kernel), 0);
  int major = 0;
  int minor = 0;
  ASSERT_EQ(std::sscanf(kernel.release, "%d.%d", &major, &minor), 2);
  if (major > 5 || (major == 5 && minor >= 13)) EXPECT_TRUE(kernel_follows_threads()) << kernel.release;
}

TEST(SampleCost, IsMicroseconds) {
  SamplingEvent event;
  event.kernel = false;
  const auto cost = measure_sample_cost_ns(event);
  if (!cost) GTEST_SKIP() << cost.error().message;
  EXPECT_GT(*cost, 100);
  EXPECT_LT(*cost, 200'000);
}

}  // namespace
}  // namespace signalbox::profile
