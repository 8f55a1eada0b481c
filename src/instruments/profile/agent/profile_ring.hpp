// Profiles of an agent, a file each period: the newest of them, for so long and in so much room.
#pragma once

#include <chrono>
#include <cstdint>
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

// One writer at a time; anybody may read. A file is there whole or not at all, whenever the writer is killed.
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
  // Before the first `put`: removes what a killed writer left half done.
  Status tidy() const;
  // A gzipped pprof profile of this time. The oldest go where there is too much, or they are too old at
  // `end`.
  Result<std::filesystem::path> put(Time start, Time end, std::string_view octets) const;
  // The oldest first; those that ended after `since`.
  Result<std::vector<Entry>> list(std::optional<Time> since = std::nullopt) const;

 private:
  std::filesystem::path folder_;
  RingLimits limits_;
};

}  // namespace signalbox::profile
