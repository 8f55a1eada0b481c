// Any octets as the predicate of a train's event: read, or refused; what was read is written as it was read.
// A fold of anything ends, and counts nothing twice.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/train/after/announcement.hpp"
#include "instruments/train/boarding/passenger_record.hpp"
#include "instruments/train/boarding/schedule.hpp"
#include "instruments/train/boarding/train.hpp"

namespace train = signalbox::train;

namespace {

template <class Event, class Read>
void round_trip(const Event& event, const Read& read) {
  const signalbox::Json json = to_json(event);
  const auto again = read(json);
  if (!again || !(to_json(*again) == json)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = signalbox::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  if (const auto event = train::read_schedule_event(*json)) round_trip(*event, train::read_schedule_event);
  if (const auto event = train::read_passenger_event(*json)) round_trip(*event, train::read_passenger_event);
  if (const auto event = train::after::read_announcement_event(*json))
    round_trip(*event, train::after::read_announcement_event);
  train::TrainEvents events;
  events.train = "t";
  for (const char* kind :
       {"schedule", "passenger", "manifest", "departure", "rollback", "freeze-exception", "announcement"}) {
    train::Event event;
    event.index = static_cast<std::uint64_t>(++events.last_index);
    event.kind = kind;
    event.predicate = *json;
    events.events.push_back(event);
  }
  const train::Train folded = train::fold_train(events, {});
  if (folded.seats.size() > 1) std::abort();
  if (train::after::fold_announcements(events).deliveries.size() > 1) std::abort();
  return 0;
}
