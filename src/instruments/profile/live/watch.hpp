// A target that is watched for as long as one likes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "core/base/result.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/live/interval.hpp"

namespace signalbox::profile {

// What of a session is kept in memory: beyond it another begins, with empty tables.
struct WatchLimits {
  std::size_t stacks = kMaxStacks;
  std::size_t processes = 20'000;  // that were seen, also those that ended
  std::size_t threads = 100'000;   // the same
};

class Watch {
 public:
  // `session` is that of `request`, just begun.
  Watch(std::unique_ptr<Session> session, RecordRequest request, TopOrder order, WatchLimits limits = {});

  // As Session::turn: whether it goes on. An error where a session ends for its limits and no other can
  // begin.
  Result<bool> turn(std::chrono::milliseconds at_most);
  std::chrono::nanoseconds elapsed() const;  // in all sessions
  // What came since the last call, while a session goes on or ended just now. profile() has its samples until
  // the next.
  Interval next();
  // Leaves out what came since the last call.
  void skip();
  bool has_samples() const;  // that the next interval would tell of
  const Profile& profile() const { return reader_.profile(); }
  // The launched program, where it goes on when it is no longer watched.
  std::optional<std::int32_t> program_that_goes_on() const;
  std::size_t sessions() const { return sessions_; }

 private:
  bool is_full() const;
  Result<bool> begin_anew();

  std::unique_ptr<Session> session_;  // null: the target ended between two
  RecordRequest request_;
  WatchLimits limits_;
  IntervalReader reader_;
  std::chrono::nanoseconds elapsed_before_{};  // in sessions before
  bool is_taken_ = false;                      // all that the session has was told of, or left out
  std::size_t sessions_ = 1;
};

}  // namespace signalbox::profile
