// Holds what profiling costs below a limit: says when the rate of samples has to be halved.
#pragma once

#include <cstdint>
#include <optional>

namespace signalbox::profile {

class Governor {
 public:
  // `limit` is a share of the target's processor time: 0.02.
  explicit Governor(double limit) : limit_(limit) {}

  // Totals since the start.
  struct Reading {
    std::int64_t elapsed_ns = 0;
    std::int64_t cost_ns = 0;    // taken from the target, and used beside it
    std::int64_t target_ns = 0;  // processor time of the target
  };
  // The share that profiling cost in the last windows, where that is above the limit in two of them one after
  // the other: what is made once (tables of a large library) passes, what each sample costs does not. Nothing
  // where it is not, or a window is not over yet. A target that uses less than a tenth of a processor counts
  // as if it used that.
  std::optional<double> over(const Reading& now);
  bool is_due(std::int64_t elapsed_ns) const { return elapsed_ns - before_.elapsed_ns >= kWindowNs; }

  static constexpr std::int64_t kWindowNs = 1'000'000'000;

 private:
  double limit_;
  Reading before_;  // at the end of the last window
  int windows_ = 0;
  int windows_over_ = 0;  // one after the other
  double worst_ = 0;      // of these
};

}  // namespace signalbox::profile
