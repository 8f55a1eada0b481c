// Where trains on their way stand: read once for all who look, and again once the log has grown.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/console/instrument.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

// A ramp with the events that it is the fold of.
struct Ride {
  TrainEvents events;
  Ramp ramp;
  evidence::Trust trust;  // by which they count
};

class RampBoard {
 public:
  explicit RampBoard(std::shared_ptr<const Services> services) : services_(std::move(services)) {}

  // not_found where the log holds nothing about the train. Thread-safe.
  Result<std::shared_ptr<const Ride>> now(const std::string& train);
  // The same without regard to what was read before.
  Result<std::shared_ptr<const Ride>> read(const std::string& train) const;

 private:
  struct Seen {
    std::uint64_t log_size = 0;
    std::chrono::steady_clock::time_point read_at;
    std::shared_ptr<const Ride> ride;
  };

  std::shared_ptr<const Services> services_;
  std::mutex mutex_;
  std::map<std::string, Seen> seen_;  // by name of the train
};

}  // namespace signalbox::train::ramp
