// Profiles of an agent, a file each period: the newest of them, for so long and in so much room.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

struct RingLimits {
  std::chrono::milliseconds age = std::chrono::hours(24);
  std::uint64_t bytes = std::uint64_t{256} << 20;
};

// One writer at a time, which keeps in mind what lies there; anybody may read. A file is there whole or not
// at all, whenever the writer is killed.
class ProfileRing {
 public:
  ProfileRing(std::filesystem::path folder, RingLimits limits)
      : folder_(std::move(folder)), limits_(limits) {}

  struct Entry {
    std::filesystem::path file;
    Time start;
    Time end;
    std::uint64_t bytes = 0;
  };
  // Before the first `put`, of its writer alone: removes what a killed one left half done, and reads what
  // there is.
  Status tidy();
  // A gzipped pprof profile of this time. The oldest go where there is too much, or they are too old at
  // `end`.
  Result<std::filesystem::path> put(Time start, Time end, std::string_view octets);
  // What its writer has put and found.
  std::size_t files() const { return kept_.size(); }
  std::uint64_t bytes() const { return bytes_; }
  // As it lies there: the oldest first; those that ended after `since`.
  Result<std::vector<Entry>> list(std::optional<Time> since = std::nullopt) const;

 private:
  Status drop_oldest();

  std::deque<Entry> kept_;   // the oldest first
  std::uint64_t bytes_ = 0;  // of these
  std::filesystem::path folder_;
  RingLimits limits_;
};

}  // namespace signalbox::profile
