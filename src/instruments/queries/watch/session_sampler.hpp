// Looks at a server's sessions at even times, and adds up what it saw.
#pragma once

#include <chrono>
#include <utility>

#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/server/processor_view.hpp"
#include "instruments/queries/server/server_link.hpp"
#include "instruments/queries/server/session_reading.hpp"

namespace signalbox::queries {

// Samples are due at multiples of the period after the first one; those that could not be taken in time are
// counted and not made up for. Its link must outlive it. One thread at a time.
class SessionSampler {
 public:
  using Clock = std::chrono::steady_clock;
  SessionSampler(ServerLink& link, std::chrono::milliseconds period, ProcessorView processor)
      : link_(&link), period_(period), processor_(std::move(processor)) {}

  Clock::time_point due() const { return due_; }
  const ProcessorView& processor() const { return processor_; }
  // One sample, now. unavailable where the server is away; the bucket stays as it was.
  Status sample(Clock::time_point now);
  // What was seen since the last time it was taken, with how much of the server is used now.
  Result<SessionBucket> take();

 private:
  ServerLink* link_;
  std::chrono::milliseconds period_;
  ProcessorView processor_;
  Clock::time_point due_ = Clock::now();
  SessionBucket bucket_;
};

}  // namespace signalbox::queries
