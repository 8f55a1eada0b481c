// What trains did: each departure and each way back, as their statements tell them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {

// A release that got all of the traffic.
struct Departure {
  std::uint64_t index = 0;  // in the log
  std::string service, commit, version, baseline;
  Time all_traffic;
};

// A release that was taken back, whether it had all of the traffic or a part.
struct WayBack {
  std::uint64_t index = 0;
  std::string service, commit, version, baseline;
  std::string reason, why;  // "metric", "order" …; in words
  Time detected, restored;
};

struct Passages {
  std::vector<Departure> departures;  // both in the order of the log
  std::vector<WayBack> ways_back;
  std::vector<Remark> remarks;  // statements that do not tell what they should
};
Passages read_passages(const TrainEvents& events);

// How a train's way has ended so far.
struct Ending {
  enum class How { departed, taken_back } how = How::departed;
  Time time;
  std::string version, baseline, commit;
};
std::string_view name_of(Ending::How how);  // "taken-back"
// The newest; nothing while it has never left, nor was taken back.
std::optional<Ending> ending_of(const Passages& passages);

}  // namespace signalbox::train::after
