// Keeps account of how threads waited: each wait gets its stack, says what is special about it, and who ended
// it; what all of a thread adds up to is its lifetime.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "instruments/profile/capture/recorder.hpp"
#include "instruments/profile/capture/waits.hpp"
#include "instruments/profile/elf/kernel_symbols.hpp"

namespace signalbox::profile {

// What the waits of a recording add up to.
struct WaitTotals {
  std::int64_t waits = 0;
  std::int64_t off_ns = 0;  // of all threads, short and lost ones among them
  std::int64_t short_count = 0;
  std::int64_t short_ns = 0;
  std::int64_t lost_count = 0;
  std::int64_t lost_ns = 0;
  std::int64_t open_count = 0;  // that began before the recording, or were not over when it ended
  std::int64_t open_ns = 0;
  std::int64_t lifetime_ns = 0;  // of all threads, within the recording
};

class WaitRecorder {
 public:
  // `recorder` outlives it. Samples count their time from `start_ns` (CLOCK_MONOTONIC) on.
  // `kernel`: names of the kernel's functions, of which interrupts are known; they are read when they are
  // wanted where none are given.
  WaitRecorder(Recorder& recorder, std::uint64_t start_ns, std::optional<KernelSymbols> kernel = std::nullopt)
      : recorder_(recorder), start_ns_(start_ns), kernel_(std::move(kernel)) {}

  // Where a thread was when it left its processor: for the wait that began then, and comes without a stack.
  void take(const SampleRecord& copy);
  void take(const Wait& wait);
  void take(const ThreadTime& time);
  // For who looks on: what is told of until now are samples of the recorder then. `open`, read before what
  // was taken last, are the waits that go on; of each the part since the last look is a sample.
  void look(const std::vector<Wait>& open);
  // Before `open` is read: what is taken until then may be of waits that are in it.
  void begin_look() { is_looked_at_ = true; }
  // Waits whose copy is not there yet are tried again; one that ended before `until_ns` goes without.
  void settle(std::uint64_t until_ns);
  // Nothing more comes. `whole`: what is not in a sample or a wait of a thread is added, so that its samples
  // add up to its lifetime.
  enum class Sum { waits, whole };
  void finish(Sum sum);
  const WaitTotals& totals() const { return totals_; }

 private:
  struct Copy {
    std::uint64_t time_ns;
    std::uint32_t stack;
  };
  std::optional<std::uint32_t> copied_stack(const Wait& wait);
  std::optional<std::uint32_t> stack_of(const Wait& wait);
  std::uint32_t with_marks(std::uint32_t stack, const Wait& wait);
  // What a frame of a waker is beside its name.
  enum class Role { usual, our_own, interrupt };
  Role role_of(const RawFrame& frame);
  std::uint32_t with_waker(std::uint32_t stack, const Waker& waker);
  // Samples of a thread stand for no more processor time than its account says, each for less alike; what the
  // account says beyond them, by thread. A thread without an account keeps its samples.
  std::unordered_map<std::uint32_t, std::int64_t> fit_samples();
  void tell(const Wait& wait);
  void gather();
  void add(const Wait& wait, std::uint32_t stack);
  void add(const RawSample& sample);

  Recorder& recorder_;
  std::uint64_t start_ns_;
  std::optional<KernelSymbols> kernel_;
  std::unordered_map<std::uint64_t, Role> roles_;  // by address in the kernel
  WaitTotals totals_;
  std::unordered_map<std::uint32_t, std::deque<Copy>> copies_;  // by thread, oldest first
  std::vector<Wait> without_stack_;
  struct Look {
    std::uint64_t began_ns = 0;  // of the last wait that was over, or was looked at
    std::uint64_t told_ns = 0;   // of it, while it went on
    bool is_over = false;
  };
  std::unordered_map<std::uint32_t, Look> looks_;  // by thread; none before the first look
  bool is_looked_at_ = false;
  std::vector<std::uint32_t> ended_;  // threads, since the last look
  // Waits of one slot of time by stack and thread, and whether their ends were seen.
  std::map<std::tuple<std::uint32_t, std::uint32_t, WaitEnds>, RawSample> gathered_;
  std::vector<ThreadTime> times_;
};

}  // namespace signalbox::profile
