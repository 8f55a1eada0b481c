#include "instruments/profile/capture/wait_recorder.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "instruments/profile/model/marks.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int64_t kSlotNs = 10'000'000;  // waits of one thread and stack that begin in it are one sample
constexpr std::uint64_t kCopiesNs = 2'000'000'000;  // a wait is told of so long after it ended, at most

// States of task_struct.__state.
constexpr std::uint32_t kUninterruptible = 2;
constexpr std::uint32_t kStopped = 4 | 8;  // by a signal, by a debugger

// The first function of an interrupt, or of what the kernel puts off until the end of one. A page fault is
// none.
bool is_interrupt_entry(std::string_view function) {
  return function.starts_with("asm_sysvec_") || function == "asm_common_interrupt" ||
         function == "asm_exc_nmi" || function == "handle_softirqs" || function == "__do_softirq";
}

std::string_view mark_of(std::uint32_t state) {
  if (state == 0) return "[waits for a processor]";
  if ((state & kUninterruptible) != 0) return "[uninterruptible]";
  return (state & kStopped) != 0 ? "[stopped]" : std::string_view();
}

WaitEnds ends_of(const Wait& wait) {
  const bool began_before = wait.begin == Wait::Begin::before_recording;
  if (wait.is_open) return began_before ? WaitEnds::neither_seen : WaitEnds::not_over;
  return began_before ? WaitEnds::began_before : WaitEnds::both_seen;
}

// The frames of our own program, and of what calls it, above who woke the thread.
bool is_our_own(std::string_view function) {
  return function.starts_with("bpf_prog_") || function.starts_with("bpf_trace_run") ||
         function.starts_with("__bpf_trace_") || function.starts_with("__traceiter_");
}

}  // namespace

void WaitRecorder::take(const SampleRecord& copy) {
  std::deque<Copy>& of = copies_[copy.tid];
  // The wait that an old copy began is told of by now, where another began long ago.
  while (of.size() > 1 && of[1].time_ns + kCopiesNs < copy.time_ns) of.pop_front();
  of.push_back({copy.time_ns, recorder_.stack_of(copy)});
}

std::optional<std::uint32_t> WaitRecorder::copied_stack(const Wait& wait) {
  const auto found = copies_.find(wait.tid);
  if (found == copies_.end()) return std::nullopt;
  const std::uint64_t end = wait.time_ns + wait.waited_ns;
  for (const Copy& copy : found->second) {
    if (copy.time_ns >= wait.time_ns && copy.time_ns <= end) return copy.stack;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> WaitRecorder::stack_of(const Wait& wait) {
  if (wait.begin == Wait::Begin::first_run) return 0;
  if (wait.stack == 0) return copied_stack(wait);
  if (const auto known = recorder_.known_stack(wait.stack)) {
    ++recorder_.quality().complete;
    return known;
  }
  return recorder_.truncated(Truncation::no_frames);
}

WaitRecorder::Role WaitRecorder::role_of(const RawFrame& frame) {
  if (frame.kind != FrameKind::kernel) return Role::usual;
  const auto [found, is_new] = roles_.try_emplace(frame.address, Role::usual);
  if (is_new) {
    if (!kernel_) kernel_ = KernelSymbols::read();
    const std::string_view function = kernel_->find(frame.address);
    if (is_interrupt_entry(function)) found->second = Role::interrupt;
    if (is_our_own(function)) found->second = Role::our_own;
  }
  return found->second;
}

std::uint32_t WaitRecorder::with_waker(std::uint32_t stack, const Waker& waker) {
  RawProfile& raw = recorder_.raw();
  // Leaf first: what woke it stands next to what it waited in. What an interrupt came upon did not wake it.
  std::vector<RawFrame> frames;
  bool is_interrupted = false;
  for (std::uint32_t at = recorder_.known_stack(waker.stack).value_or(0); at != 0 && !is_interrupted;) {
    const RawNode& node = raw.nodes()[at];
    const Role role = role_of(node.frame);
    if (role != Role::our_own) frames.push_back(node.frame);
    is_interrupted = role == Role::interrupt;
    at = node.parent;
  }
  stack = raw.synthetic(stack, kWokenBy);
  stack =
      raw.synthetic(stack, is_interrupted ? std::string_view("[interrupt]") : std::string_view(waker.name));
  for (RawFrame& frame : frames) {
    frame.is_of_waker = true;
    stack = raw.stack(stack, frame);
  }
  if (frames.empty()) return raw.synthetic(stack, "[truncated: its frames did not come]");
  if (waker.is_truncated && !is_interrupted)
    return raw.synthetic(stack, "[truncated: not walked to the bottom]");
  return stack;
}

std::uint32_t WaitRecorder::with_marks(std::uint32_t stack, const Wait& wait) {
  RawProfile& raw = recorder_.raw();
  if (wait.begin == Wait::Begin::first_run) {
    stack = raw.synthetic(stack, "[waits for its first run]");
  } else if (wait.begin == Wait::Begin::seen) {
    if (const std::string_view mark = mark_of(wait.state); !mark.empty()) stack = raw.synthetic(stack, mark);
  }
  return wait.waker ? with_waker(stack, *wait.waker) : stack;
}

void WaitRecorder::add(const Wait& wait, std::uint32_t stack) {
  ++totals_.waits;
  ++recorder_.quality().waits;
  RawSample sample;
  sample.stack = with_marks(stack, wait);
  sample.thread = recorder_.thread(static_cast<std::int32_t>(wait.pid), static_cast<std::int32_t>(wait.tid));
  const std::uint64_t from_ns = wait.time_ns + wait.told_ns;
  sample.time_ns = from_ns > start_ns_ ? static_cast<std::int64_t>(from_ns - start_ns_) : 0;
  sample.off_ns = static_cast<std::int64_t>(wait.waited_ns - wait.told_ns);
  sample.ends = ends_of(wait);
  if (sample.ends != WaitEnds::both_seen) {
    ++totals_.open_count;
    totals_.open_ns += sample.off_ns;
  }
  add(sample);
}

void WaitRecorder::add(const RawSample& sample) {
  const auto [found, is_new] = gathered_.try_emplace({sample.stack, sample.thread, sample.ends}, sample);
  if (is_new) return;
  RawSample& before = found->second;
  if (sample.time_ns / kSlotNs != before.time_ns / kSlotNs) {
    recorder_.raw().add(before);
    before = sample;
    return;
  }
  before.count += sample.count;
  before.off_ns += sample.off_ns;
}

void WaitRecorder::take(const Wait& wait) {
  if (!is_looked_at_) return tell(wait);
  Wait rest = wait;
  Look& look = looks_[wait.tid];
  if (look.began_ns == wait.time_ns) rest.told_ns = std::min(look.told_ns, wait.waited_ns);
  look = {wait.time_ns, 0, true};
  tell(rest);
}

void WaitRecorder::look(const std::vector<Wait>& open) {
  is_looked_at_ = true;
  for (const Wait& wait : open) {
    Look& look = looks_[wait.tid];
    if (look.is_over && look.began_ns >= wait.time_ns) continue;  // it was over before its thread was told of
    Wait rest = wait;
    if (look.began_ns == wait.time_ns) rest.told_ns = look.told_ns;
    look = {wait.time_ns, wait.waited_ns, false};
    if (rest.told_ns < rest.waited_ns) tell(rest);
  }
  for (const std::uint32_t tid : std::exchange(ended_, {})) {
    // Where it goes on, another thread has its number by now.
    if (const auto found = looks_.find(tid); found != looks_.end() && found->second.is_over)
      looks_.erase(found);
  }
  gather();
}

void WaitRecorder::tell(const Wait& wait) {
  if (const auto stack = stack_of(wait))
    add(wait, *stack);
  else
    without_stack_.push_back(wait);
}

void WaitRecorder::settle(std::uint64_t until_ns) {
  std::vector<Wait> still;
  for (const Wait& wait : without_stack_) {
    if (const auto stack = copied_stack(wait))
      add(wait, *stack);
    else if (wait.time_ns + wait.waited_ns < until_ns)
      add(wait, recorder_.truncated(Truncation::no_begin));
    else
      still.push_back(wait);
  }
  without_stack_ = std::move(still);
}

void WaitRecorder::take(const ThreadTime& time) {
  if (is_looked_at_) ended_.push_back(time.tid);  // the next look may still have its last wait as an open one
  times_.push_back(time);
  totals_.off_ns += static_cast<std::int64_t>(time.off_ns);
  totals_.short_count += static_cast<std::int64_t>(time.short_count);
  totals_.short_ns += static_cast<std::int64_t>(time.short_ns);
  totals_.lost_count += static_cast<std::int64_t>(time.lost_count);
  totals_.lost_ns += static_cast<std::int64_t>(time.lost_ns);
  totals_.lifetime_ns += static_cast<std::int64_t>(time.end_ns - time.start_ns);
}

std::unordered_map<std::uint32_t, std::int64_t> WaitRecorder::fit_samples() {
  struct Account {
    std::int64_t ran = 0;
    std::int64_t sampled = 0;
    std::int64_t seen = 0;   // of `sampled`, in the samples looked at so far
    std::int64_t given = 0;  // of `ran`, to them
  };
  std::unordered_map<std::uint32_t, Account> accounts;
  for (const ThreadTime& time : times_)
    accounts[time.tid].ran += static_cast<std::int64_t>(time.end_ns - time.start_ns - time.off_ns);
  RawProfile& raw = recorder_.raw();
  const auto account_of = [&](const RawSample& sample) {
    return accounts.find(static_cast<std::uint32_t>(recorder_.threads()[sample.thread].tid));
  };
  for (const RawSample& sample : raw.samples()) {
    if (const auto found = account_of(sample); found != accounts.end())
      found->second.sampled += sample.cpu_ns;
  }
  for (std::size_t i = 0; i < raw.samples().size(); ++i) {
    const RawSample& sample = raw.samples()[i];
    const auto found = account_of(sample);
    if (found == accounts.end() || found->second.sampled <= found->second.ran) continue;
    Account& account = found->second;
    account.seen += sample.cpu_ns;
    const double share = static_cast<double>(account.seen) / static_cast<double>(account.sampled);
    const std::int64_t until = account.seen == account.sampled
                                   ? account.ran
                                   : static_cast<std::int64_t>(share * static_cast<double>(account.ran));
    raw.take_back(i, sample.cpu_ns - (until - account.given));
    account.given = until;
  }
  std::unordered_map<std::uint32_t, std::int64_t> left;
  for (const auto& [tid, account] : accounts) left[tid] = account.ran - account.sampled;
  return left;
}

void WaitRecorder::gather() {
  for (const auto& [key, sample] : gathered_) recorder_.raw().add(sample);
  gathered_.clear();
}

void WaitRecorder::finish(Sum sum) {
  settle(UINT64_MAX);
  gather();
  RawProfile& raw = recorder_.raw();
  const auto last = [&](const ThreadTime& of, std::string_view words, std::uint64_t count) {
    RawSample out;
    out.stack = raw.synthetic(0, words);
    out.thread = recorder_.thread(static_cast<std::int32_t>(of.pid), static_cast<std::int32_t>(of.tid));
    out.time_ns = of.end_ns > start_ns_ ? static_cast<std::int64_t>(of.end_ns - start_ns_) : 0;
    out.count = static_cast<std::int64_t>(count);
    return out;
  };
  std::unordered_map<std::uint32_t, std::int64_t> left;
  if (sum == Sum::whole) left = fit_samples();
  for (const ThreadTime& time : times_) {
    if (time.lost_count > 0) {
      RawSample lost = last(time, "[lost]", time.lost_count);
      lost.off_ns = static_cast<std::int64_t>(time.lost_ns);
      raw.add(lost);
    }
    if (sum != Sum::whole) continue;
    if (time.short_count > 0) {
      RawSample brief = last(time, "[short waits]", time.short_count);
      brief.off_ns = static_cast<std::int64_t>(time.short_ns);
      raw.add(brief);
    }
    if (std::int64_t& rest = left[time.tid]; rest > 0) {
      RawSample between = last(time, "[on a processor, between samples]", 0);
      between.cpu_ns = std::exchange(rest, 0);
      raw.add(between);
    }
  }
}

}  // namespace signalbox::profile
