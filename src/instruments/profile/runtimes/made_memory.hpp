// For tests: memory of a process that there is not.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "instruments/profile/runtimes/process_memory.hpp"

namespace signalbox::profile {

// Made by hand, from this address on.
class MadeMemory : public ProcessMemory {
 public:
  static constexpr std::uint64_t kBegin = 0x10000;
  explicit MadeMemory(std::string octets) : octets_(std::move(octets)) {}
  bool read(std::span<const MemoryPiece> pieces) override {
    for (const MemoryPiece& piece : pieces) {
      if (piece.address < kBegin || piece.address - kBegin > octets_.size() ||
          octets_.size() - (piece.address - kBegin) < piece.into.size())
        return false;
      std::memcpy(piece.into.data(), octets_.data() + (piece.address - kBegin), piece.into.size());
    }
    return true;
  }
  using ProcessMemory::read;

 private:
  std::string octets_;
};

}  // namespace signalbox::profile
