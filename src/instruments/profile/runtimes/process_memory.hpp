// Memory of another process, read from outside while it runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "core/base/result.hpp"

namespace signalbox::profile {

struct MemoryPiece {
  std::uint64_t address = 0;
  std::span<char> into;
};

class ProcessMemory {
 public:
  virtual ~ProcessMemory() = default;
  // All pieces, as one reading: false where one of them cannot be read, and then none is to be used.
  virtual bool read(std::span<const MemoryPiece> pieces) = 0;

  template <class Value>
  bool read(std::uint64_t address, Value& out) {
    const MemoryPiece piece{address, {reinterpret_cast<char*>(&out), sizeof out}};
    return read(std::span(&piece, 1));
  }
};

// By process_vm_readv, which neither stops nor signals the process. At most 1024 pieces are one call.
class OtherProcess : public ProcessMemory {
 public:
  explicit OtherProcess(std::int32_t pid) : pid_(pid), thread_(pid) {}
  bool read(std::span<const MemoryPiece> pieces) override;
  using ProcessMemory::read;
  // Whether it may be read at all: not_found, or denied with what allows it.
  Status try_at(std::uint64_t address);

 private:
  std::int32_t pid_;
  std::int32_t thread_;  // that is asked: another where the first one ended
};

}  // namespace signalbox::profile
