// What was sampled between two looks at a recording that goes on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/report/report.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/capture/session_cutter.hpp"

namespace signalbox::profile {

struct Interval {
  Mode mode = Mode::cpu;         // cpu or off_cpu
  std::int64_t number = 0;       // from 1 on
  std::int64_t elapsed_ns = 0;   // since the start
  std::int64_t duration_ns = 0;  // of this interval
  std::int64_t samples = 0;      // or waits
  std::int64_t lost = 0;
  std::int64_t truncated = 0;
  std::int64_t cpu_ns = 0;  // processor time of the target, by its samples; of waits, by the kernel's account
  std::int64_t off_ns = 0;  // that its threads waited
  // What profiling took from the target, and used beside it, as shares of that; nullopt: not known, or the
  // target used none.
  std::optional<double> stolen;
  std::optional<double> beside;
  Top top;

  double processors() const;  // that the target used: 1.5 are one and a half
};

// "waited 3.98 s, 120 waits, 0 lost, …" or
// "processor 98.0 %, 99 samples, 0 lost, 0.10 % taken from the target, 0.80 % used beside it".
std::string state_line(const Interval& interval);

// When the interval ends that comes after the one that was to end at `end` and did `now`: in step where it
// can be, and never without a time of its own, however late it is.
std::chrono::nanoseconds next_end(std::chrono::nanoseconds end, std::chrono::nanoseconds interval,
                                  std::chrono::nanoseconds now);

// The interval as a table; `data` has it all.
Report interval_report(const Interval& interval, const std::string& target, std::size_t rows_max);

// Follows a session interval by interval.
class IntervalReader {
 public:
  // Of sessions in this mode; `kernel`: with its frames.
  explicit IntervalReader(TopOrder order, Mode mode = Mode::cpu, bool kernel = true)
      : order_(order), mode_(mode), cutter_(mode, kernel) {}

  // What came since the last call. profile() has its samples until the next.
  Interval next(Session& session);
  // Leaves out what came since the last call.
  void skip(Session& session) { elapsed_ns_ += cutter_.skip(session); }
  // The next interval is the first one of another session, and the next one of those that are told of.
  void begin_anew() { cutter_.begin_anew(); }
  std::size_t stacks() const { return cutter_.stacks(); }
  const Profile& profile() const { return cutter_.profile(); }

 private:
  TopOrder order_;
  Mode mode_;
  SessionCutter cutter_;
  std::int64_t number_ = 0;
  std::int64_t elapsed_ns_ = 0;
};

}  // namespace signalbox::profile
