// Stacks walked in the kernel: a BPF program at each sample, by the tables that were made of .eh_frame.
#pragma once

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
#include "instruments/profile/elf/address_space.hpp"

namespace signalbox::profile {

// A sample that was walked to the bottom of its stack.
struct WalkedSample {
  std::uint64_t time_ns = 0;  // CLOCK_MONOTONIC
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::uint64_t stack = 0;                // names its frames
  std::span<const std::uint64_t> kernel;  // leaf first; both empty: this stack came before
  std::span<const std::uint64_t> user;    // leaf first, each as KernelWalker::code_of and address_of read it
};

struct WalkerCounts {
  std::uint64_t walked = 0;
  std::uint64_t handed_up = 0;  // samples that come as a copy of the stack instead
  std::uint64_t lost = 0;       // no room in the ring
  std::uint64_t frames = 0;     // of the machine code of programs, in walked samples
};

class KernelWalker {
 public:
  // denied where the kernel does not let us load it, unavailable where it is too old or where processes have
  // other numbers than there: the message says why.
  static Result<std::unique_ptr<KernelWalker>> load();
  ~KernelWalker();
  KernelWalker(const KernelWalker&) = delete;
  KernelWalker& operator=(const KernelWalker&) = delete;

  // Runs at each sample of this event, and of those that are made of it for children.
  Status attach(const FileDescriptor& event) const;
  // What lies where in a process, from now on. Code whose table has no room any more is left out: samples in
  // it are handed up.
  Status set_process(std::int32_t pid, const AddressSpace& space, const CodeTable& code);
  void forget_process(std::int32_t pid);
  int descriptor() const;  // for poll(2): readable when samples wait
  void take(const std::function<void(const WalkedSample&)>& take);

  WalkerCounts counts() const;
  // Nanoseconds in the kernel, all samples; nothing where the kernel does not count them for us.
  std::optional<std::int64_t> run_ns() const;
  std::uint64_t octets_sent() const { return octets_sent_; }  // through the ring
  std::size_t rows_used() const { return rows_used_; }

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
