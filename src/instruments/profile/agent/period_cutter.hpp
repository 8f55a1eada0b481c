// Cuts a recording that goes on into profiles of its periods, without a gap between them.
#pragma once

#include <cstdint>
#include <optional>

#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/capture/symbolize.hpp"
#include "instruments/profile/model/builder.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct Period {
  Profile profile;  // of its own: what no sample of the period needs is not in it
  std::int64_t samples = 0;
  std::int64_t lost = 0;
  std::int64_t truncated = 0;
  std::int64_t target_cpu_ns = 0;         // by the kernel's account
  std::optional<std::int64_t> stolen_ns;  // nullopt: not known
  std::int64_t beside_ns = 0;
};

// Names are looked up once, whatever number of periods has them. The session outlives it.
class PeriodCutter {
 public:
  explicit PeriodCutter(Session& session);
  // What came since the last call.
  Period cut();
  // Stacks that were ever seen: what this keeps in memory.
  std::size_t stacks() const { return builder_.profile().stacks.size(); }

 private:
  Session& session_;
  ProfileBuilder builder_;
  StackNames names_;
  Recording before_;  // what was true at the last cut, but for stacks, code and threads
};

}  // namespace signalbox::profile
