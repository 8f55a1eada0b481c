// What there is to tell of a train as it stands. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/after/announcement.hpp"
#include "instruments/train/after/passage.hpp"
#include "instruments/train/after/wording.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::after {

// An ending or a cancellation that is older than this is told by itself no more: a channel that is added does
// not hear of every train that ever was.
inline constexpr Duration kNewsFor = std::chrono::hours(24 * 7);

// One thing that is told, the same in all channels. Its key says what is told: a train that is moved is told
// of again, and the same thing never twice.
struct News {
  Moment moment = Moment::planning;
  std::string key;  // "change.2": by the number of the move, the lock, the attempt, the ending
  NewsFacts facts;
  std::optional<Time> from;  // it is told by itself from then on; absent: at once
  std::optional<Time> until;

  bool is_due(Time now) const { return (!from || *from <= now) && (!until || now < *until); }
};

struct NewsSource {
  const TrainEvents& events;
  const Train& train;
  const ramp::Ramp& ramp;
  const Passages& passages;
  const Told& told;
  Duration before;  // the departure: when pre-cutover is told
};
// In the order in which they came about. A train is told of while it waits (planning or change, freeze,
// pre-cutover), while it is on its way (departure, pause, rollback), and when its way has ended (summary);
// what was true before is not told afterwards. A move or a cancellation is a change only where something was
// told of the plan before; else nobody heard of that plan, and there is nothing to correct.
std::vector<News> news_of(const NewsSource& source);

}  // namespace signalbox::train::after
