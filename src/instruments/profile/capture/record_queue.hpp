// The records of several processors in the order in which they happened.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace signalbox::profile {

class RecordQueue {
 public:
  void put(std::uint64_t time_ns, std::string_view octets);  // keeps a copy, at a multiple of eight octets
  // Calls `take` with what happened before `time_ns`, oldest first, what came first first; it is gone then.
  void take_until(std::uint64_t time_ns, const std::function<void(std::string_view record)>& take);
  std::size_t waiting() const { return entries_.size(); }

 private:
  struct Entry {
    std::uint64_t time_ns;
    std::size_t offset;
    std::size_t size;
  };
  std::vector<std::uint64_t> octets_;  // as words, so that every record is aligned
  std::vector<Entry> entries_;
};

}  // namespace signalbox::profile
