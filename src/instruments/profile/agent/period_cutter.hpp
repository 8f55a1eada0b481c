// Cuts a recording that goes on into profiles of its periods, without a gap between them.
#pragma once

#include "instruments/profile/capture/session_cutter.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct Period : Cut {
  Profile profile;  // of its own: what no sample of the period needs is not in it
};

// The session outlives it.
class PeriodCutter {
 public:
  explicit PeriodCutter(Session& session) : session_(session) {}
  // What came since the last call, with a row of the samples that were lost.
  Period cut();
  // Stacks that were ever seen: what this keeps in memory.
  std::size_t stacks() const { return cutter_.stacks(); }

 private:
  Session& session_;
  SessionCutter cutter_;
};

}  // namespace signalbox::profile
