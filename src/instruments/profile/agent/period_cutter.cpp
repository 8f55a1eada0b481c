#include "instruments/profile/agent/period_cutter.hpp"

#include "instruments/profile/analysis/filter.hpp"

namespace signalbox::profile {

Period PeriodCutter::cut() {
  Period out{cutter_.cut(session_), {}};
  if (out.lost > 0) {
    ProfileBuilder& builder = cutter_.builder();
    const std::int64_t values[] = {out.lost, out.lost_ns};
    builder.append({builder.stack(0, builder.synthetic("[lost]"))}, values);
  }
  out.profile = filtered(cutter_.profile(), {});
  return out;
}

}  // namespace signalbox::profile
