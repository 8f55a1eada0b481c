#include "instruments/queries/watch/session_sampler.hpp"

#include <utility>

namespace signalbox::queries {

Status SessionSampler::sample(Clock::time_point now) {
  const auto behind = now - due_;
  const auto missed = behind > period_ ? behind / period_ : 0;
  bucket_.missed += missed;
  due_ += period_ * (missed + 1);
  SIGNALBOX_TRY(SessionReading reading, read_sessions(*link_));
  processor_.look(reading);
  bucket_.add(reading);
  return {};
}

Result<SessionBucket> SessionSampler::take() {
  SIGNALBOX_TRY(bucket_.instance, read_instance(*link_));
  if (bucket_.began == Time{}) bucket_.began = bucket_.instance.at;
  bucket_.ended = std::max(bucket_.ended, bucket_.instance.at);
  bucket_.not_told = processor_.why_not();
  SessionBucket out = std::exchange(bucket_, {});
  bucket_.began = out.ended;
  return out;
}

}  // namespace signalbox::queries
