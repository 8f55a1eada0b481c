// Events of many trains at once, for questions of which most entries need not be read.
#pragma once

#include <string>
#include <vector>

#include "instruments/train/events/event.hpp"

namespace signalbox::train {

// Events of these kinds alone, of all trains, train by train: those that `read_events` would let count.
// `last_index` of each is that of its newest event here.
Result<std::vector<TrainEvents>> read_events_of_kinds(const evidence::Ledger& ledger,
                                                      const evidence::Trust& trust,
                                                      const std::vector<std::string>& kinds);

}  // namespace signalbox::train
