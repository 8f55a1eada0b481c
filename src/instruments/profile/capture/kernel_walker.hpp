// Stacks walked in the kernel: a BPF program at each sample, by the tables that were made of .eh_frame.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "instruments/profile/capture/code_table.hpp"
#include "instruments/profile/capture/python_stacks.hpp"
#include "instruments/profile/capture/waits.hpp"
#include "instruments/profile/elf/address_space.hpp"

namespace signalbox::profile {

// A sample, or where a wait began, that was walked to the bottom of its stack.
struct WalkedSample {
  std::uint64_t time_ns = 0;  // CLOCK_MONOTONIC
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::uint64_t stack = 0;                // names its frames
  std::span<const std::uint64_t> kernel;  // leaf first; both empty: this stack came before
  std::span<const std::uint64_t> user;    // leaf first, each as KernelWalker::code_of and address_of read it
  std::vector<PythonInstruction> python;  // innermost first, each called as python_calls says
  std::vector<PythonCall> python_calls;
  PythonDepth python_depth = PythonDepth::whole;
  bool misses_python = false;  // the process runs Python, and where it keeps this thread was not told
};

struct WalkerCounts {
  std::uint64_t walked = 0;
  std::uint64_t handed_up = 0;  // samples that come as a copy of the stack instead
  std::uint64_t lost = 0;       // no room in the ring
  std::uint64_t untold = 0;     // threads whose waits are not told of: there are too many
  std::uint64_t frames = 0;     // of the machine code of programs, in walked samples
};

// What else the program in the kernel is to tell of.
struct WaitWatch {
  bool wakers = false;                  // who ended a wait, too
  std::chrono::nanoseconds shortest{};  // shorter waits are only added up
  bool follows_children = true;
};

// Takes what comes through the ring; each is called in the order things happened on one processor.
struct WalkerTakers {
  std::function<void(const WalkedSample&)> sample;
  std::function<void(const WalkedSample&)> stack;  // of a wait that will be told of
  std::function<void(const Wait&)> wait;
  std::function<void(const ThreadTime&)> ended;
};

// What threads were at when it was last looked.
struct OpenTimes {
  std::vector<ThreadTime> times;
  std::vector<Wait> waits;
};

class KernelWalker {
 public:
  // denied where the kernel does not let us load it, unavailable where it is too old or where processes have
  // other numbers than there: the message says why.
  static Result<std::unique_ptr<KernelWalker>> load(const std::optional<WaitWatch>& waits = std::nullopt);
  ~KernelWalker();
  KernelWalker(const KernelWalker&) = delete;
  KernelWalker& operator=(const KernelWalker&) = delete;

  // Runs at each sample of this event, and of those that are made of it for children.
  Status attach(const FileDescriptor& event) const;
  // As `attach`, for an event that counts switches: its samples are where waits begin.
  Status attach_switches(const FileDescriptor& event) const;
  // Tells how this thread spends its time, and what it makes; one that is followed already stays as it is.
  enum class From { now, its_exec };
  Status follow(std::int32_t pid, std::int32_t tid, From from);
  // Tells no more of waits; what threads were at then.
  OpenTimes stop_waits();
  // What threads are at now, while it is told of waits.
  OpenTimes open_times() const;
  // What lies where in a process, from now on. Code whose table has no room any more is left out: samples in
  // it are handed up.
  Status set_process(std::int32_t pid, const AddressSpace& space, const CodeTable& code);
  void forget_process(std::int32_t pid);
  // Samples of a process come with its frames of Python, from now on; null: without. Those of threads whose
  // place is not told do not.
  void set_python(std::int32_t pid, const PythonLayout* layout);
  void set_python_thread(const PythonThreadPlace& place);
  int descriptor() const;  // for poll(2): readable when samples wait
  void take(const WalkerTakers& takers);

  WalkerCounts counts() const;
  // Nanoseconds in the kernel, all programs; nothing where the kernel does not count them for us.
  std::optional<std::int64_t> run_ns() const;
  std::uint64_t octets_sent() const { return octets_sent_; }  // through the ring
  std::size_t rows_used() const { return rows_used_; }        // of tables to walk stacks by
  std::optional<std::uint64_t> map_bytes() const;             // as BpfObject tells it

  static CodeId code_of(std::uint64_t frame) { return static_cast<CodeId>(frame >> 48); }
  static std::uint64_t address_of(std::uint64_t frame) { return frame & 0xffffffffffffULL; }

 private:
  struct State;
  explicit KernelWalker(std::unique_ptr<State> state);
  std::uint32_t table_of(CodeId id, const CodeTable& code);

  std::unique_ptr<State> state_;
  std::vector<std::uint32_t> tables_;  // by code object; kUnseen where it was not asked for
  std::size_t rows_used_ = 0;
  std::size_t pages_used_ = 0;
  std::uint32_t tables_used_ = 0;
  std::uint64_t octets_sent_ = 0;
};

}  // namespace signalbox::profile
