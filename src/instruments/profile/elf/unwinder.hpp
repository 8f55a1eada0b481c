// From the registers of a thread and a copy of its stack to the addresses of its callers.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "instruments/profile/elf/unwind_table.hpp"

namespace signalbox::profile {

// What a stack is unwound from.
struct StackSnapshot {
  std::uint64_t ip = 0;
  std::uint64_t sp = 0;
  std::uint64_t fp = 0;
  std::uint64_t lr = 0;    // aarch64: the link register
  std::string_view stack;  // octets from sp upward
  bool has_fp = true;      // false: only ip and sp are known, until a frame below says what fp was
};

// The code at an address.
struct UnwindPlace {
  const UnwindTable* table = nullptr;  // null: frames are found by frame pointers
  std::uint64_t vaddr = 0;             // of the address, as the table counts
};

enum class UnwindEnd : std::uint8_t {
  bottom,       // of the stack: nobody called
  no_code,      // an address that no code is mapped at
  no_rule,      // the table has none for it
  beyond,       // what is needed lies beyond the copy of the stack
  no_register,  // what is needed lies in a register that is not known
  not_upward,   // a caller's frame that does not lie above: the stack is corrupt
  too_deep,
};
std::string_view name_of(UnwindEnd end);  // "beyond the copy of the stack" …

inline constexpr std::size_t kMaxUnwoundFrames = 512;

struct UnwoundFrame {
  std::uint64_t address = 0;
  bool is_return_address = false;  // the call lies before it
};

// Appends the frames to `out`, leaf first. `place` tells of the code at an address (less one already for a
// return address); nothing where there is none.
UnwindEnd unwind(const StackSnapshot& snapshot, Machine machine,
                 const std::function<std::optional<UnwindPlace>(std::uint64_t address)>& place,
                 std::vector<UnwoundFrame>& out);

}  // namespace signalbox::profile
