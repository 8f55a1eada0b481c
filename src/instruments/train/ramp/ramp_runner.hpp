// Drives a controller until the ramp is over, shows it, and stops where it is asked to.
#pragma once

#include <functional>
#include <string>

#include "instruments/train/ramp/controller.hpp"

namespace signalbox::train::ramp {

// SIGINT and SIGTERM as something to wait for, as long as this lives. Programs that are started meanwhile get
// them as always.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;
  // Waits, and says whether one came.
  bool wait(Duration at_most) const;

 private:
  int fd_ = -1;
};

// What is shown of a ramp while it runs: on a terminal one line that is drawn over, and above it a line for
// each thing that happened; into a pipe those lines alone.
class RampDisplay {
 public:
  enum class Style { terminal, lines };
  using Write = std::function<void(std::string_view octets)>;
  RampDisplay(Style style, Write write) : style_(style), write_(std::move(write)) {}
  void show(const Controller::Turn& turn, Time now);
  void finish();  // takes the moving line away

 private:
  void line(const std::string& text, Time now);

  Style style_;
  Write write_;
  std::string last_happening_;
  bool is_drawn_ = false;
};

struct RunResult {
  Ramp ramp;
  bool was_stopped = false;  // by a signal: the ramp stays as it is
};
// conflict: another controller acts. A log that cannot be read or written for a while is tried again until
// the lease has run out.
Result<RunResult> run_ramp(Controller& controller, const Clock& clock, RampDisplay& display,
                           StopSignals& signals);

}  // namespace signalbox::train::ramp
