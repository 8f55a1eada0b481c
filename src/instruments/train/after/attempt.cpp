#include "instruments/train/after/attempt.hpp"

#include <algorithm>

namespace signalbox::train::after {

std::vector<Attempt> attempts_in(const TrainEvents& events) {
  std::vector<Attempt> out;
  for (const Event& event : events.events) {
    if (event.kind != "step") continue;
    const auto step = ramp::step_from_json(event.predicate);
    if (step && step->begin && step->begin->purpose == ramp::Begin::Purpose::depart)
      out.push_back({event.index, *step->begin});
  }
  return out;
}

const Attempt* attempt_of(const std::vector<Attempt>& attempts, const Ending& ending) {
  const auto found = std::find_if(attempts.rbegin(), attempts.rend(), [&](const Attempt& attempt) {
    return attempt.begin.commit == ending.commit && attempt.begin.version == ending.version;
  });
  return found == attempts.rend() ? nullptr : &*found;
}

}  // namespace signalbox::train::after
