#include "instruments/profile/capture/session_cutter.hpp"

#include <utility>

namespace signalbox::profile {
namespace {

// What was counted from `before` to `now`.
Cut between(const Recording& before, const Recording& now) {
  Cut out;
  out.duration_ns = now.duration_ns - before.duration_ns;
  out.lost = now.quality.lost - before.quality.lost;
  out.lost_ns = now.lost_ns - before.lost_ns;
  out.truncated = now.quality.truncated.since(before.quality.truncated);
  out.target_cpu_ns = now.overhead.target_ns - before.overhead.target_ns;
  if (now.overhead.stolen_ns) out.stolen_ns = *now.overhead.stolen_ns - before.overhead.stolen_ns.value_or(0);
  out.beside_ns = now.overhead.beside_ns - before.overhead.beside_ns;
  return out;
}

}  // namespace

void SessionCutter::begin_anew() {
  before_ = {};
  is_anew_ = true;
}

std::int64_t SessionCutter::skip(Session& session) {
  session.take_samples();
  Recording now = session.so_far();
  const std::int64_t out = now.duration_ns - before_.duration_ns;
  before_ = std::move(now);
  return out;
}

Cut SessionCutter::cut(Session& session) {
  if (std::exchange(is_anew_, false)) tables_ = std::make_unique<Tables>(mode_, kernel_);
  ProfileBuilder& builder = tables_->builder;
  const std::vector<RawSample> samples = session.take_samples();
  Recording now = session.so_far();
  const Recorder& recorder = session.recorder();
  const NameLookups looked_up = tables_->names.lookups();
  tables_->names.extend(recorder.raw(), recorder.code());
  Cut out = between(before_, now);
  out.lookups = tables_->names.lookups().since(looked_up);
  Profile& profile = builder.profile();
  profile.samples.clear();
  profile.values.clear();
  profile.default_value = profile.value_types.size() - 1;
  profile.period_type = period_type_of(now);
  profile.period = period_of(now);
  profile.start_unix_ns = now.start_unix_ns + before_.duration_ns;
  profile.duration_ns = out.duration_ns;
  for (const RawSample& sample : samples) {
    const RecordedThread& of = recorder.threads()[sample.thread];
    const ThreadId thread =
        builder.thread({of.pid, of.tid, builder.string(of.name), builder.string(of.process)});
    builder.append({tables_->names[sample.stack], thread, 0, -1}, values_of(mode_, sample));
    out.samples += sample.count;
    out.cpu_ns += sample.cpu_ns;
    out.off_ns += sample.off_ns;
  }
  before_ = std::move(now);
  return out;
}

}  // namespace signalbox::profile
