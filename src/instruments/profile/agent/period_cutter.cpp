#include "instruments/profile/agent/period_cutter.hpp"

#include <fmt/format.h>

#include "instruments/profile/analysis/filter.hpp"

namespace signalbox::profile {

PeriodCutter::PeriodCutter(Session& session)
    : session_(session),
      builder_({{"samples", "count"}, {"cpu", "nanoseconds"}}),
      names_(builder_),
      before_(session.so_far()) {
  // The first period begins with the session.
  before_.duration_ns = 0;
  before_.overhead = {};
  before_.overhead.stolen_ns = 0;
}

Period PeriodCutter::cut() {
  const std::vector<RawSample> samples = session_.take_samples();
  const Recording now = session_.so_far();
  const Recorder& recorder = session_.recorder();
  names_.extend(recorder.raw(), recorder.code());
  Profile& profile = builder_.profile();
  profile.samples.clear();
  profile.values.clear();
  profile.default_value = 1;
  profile.period_type = {"cpu", "nanoseconds"};
  profile.period = now.period_ns;
  profile.start_unix_ns = now.start_unix_ns + before_.duration_ns;
  profile.duration_ns = now.duration_ns - before_.duration_ns;
  Period out;
  for (const RawSample& sample : samples) {
    const RecordedThread& of = recorder.threads()[sample.thread];
    const ThreadId thread =
        builder_.thread({of.pid, of.tid, builder_.string(of.name), builder_.string(of.process)});
    const std::int64_t values[] = {sample.count, sample.cpu_ns};
    builder_.append({names_[sample.stack], thread, 0, -1}, values);
    out.samples += sample.count;
  }
  out.lost = now.quality.lost - before_.quality.lost;
  out.truncated = now.quality.truncated - before_.quality.truncated;
  if (out.lost > 0) {
    const std::int64_t values[] = {out.lost, out.lost * now.period_ns};
    builder_.append({builder_.stack(0, builder_.synthetic("[lost]"))}, values);
  }
  out.target_cpu_ns = now.overhead.target_ns - before_.overhead.target_ns;
  if (now.overhead.stolen_ns)
    out.stolen_ns = *now.overhead.stolen_ns - before_.overhead.stolen_ns.value_or(0);
  out.beside_ns = now.overhead.beside_ns - before_.overhead.beside_ns;
  out.profile = filtered(profile, {});
  before_ = now;
  return out;
}

}  // namespace signalbox::profile
