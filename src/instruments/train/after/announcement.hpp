// What channels were told of a train: events of kind `announcement`, and what they come to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "instruments/train/events/event.hpp"
#include "instruments/train/ramp/ramp_event.hpp"

namespace signalbox::train::after {

// One step of telling one channel: it is about to be told, was told, or was not.
struct AnnouncementEvent {
  enum class What { begun, told, failed } what = What::begun;
  std::string message;  // key: "planning.0"
  std::string channel;
  std::string kind;               // of the channel, "webhook"
  std::string digest;             // sha256 of subject, newline, text; hex
  std::string id;                 // of a begun: of the message in this channel, the same on every try
  std::string subject;            // of a begun
  std::string text;               // of a begun; may be empty
  ramp::Holder holder;            // of a begun: the process that tells
  std::string why;                // of a failed
  bool may_have_arrived = false;  // of a failed
};

Json to_json(const AnnouncementEvent& event);
// bad_input naming the member that is missing or wrong.
Result<AnnouncementEvent> read_announcement_event(const Json& predicate);

// Where one message stands in one channel.
struct Delivery {
  enum class State {
    begun,  // and nobody knows how it ended: who told it was stopped, or is at it
    told,
    refused,  // it did not arrive, and may be told again
    unknown,  // it failed, and may have arrived all the same
  } state = State::begun;
  Time since;
  std::string by;  // key that signed the newest event
  std::string kind, digest, id, subject, text, why;
  ramp::Holder holder;      // who has begun it last
  std::uint64_t index = 0;  // of the newest event, in the log
  int tries = 0;
};
std::string_view name_of(Delivery::State state);

struct Told {
  std::string train;
  std::map<std::pair<std::string, std::string>, Delivery> deliveries;  // by message and channel
  std::vector<Remark> remarks;                                         // events that do not count, and why
  std::vector<std::uint64_t> ignored_indexes;                          // of the same events, in the log

  const Delivery* find(const std::string& message, const std::string& channel) const;
};
Told fold_announcements(const TrainEvents& events);

// What is to be done about a message in a channel.
enum class Telling {
  tell,   // nobody has, or it did not arrive
  leave,  // it was told
  wait,   // somebody may be at it
  doubt,  // it may have arrived: who tells it again may tell it twice
};
// Who has begun is known to have ended (`is_holder_gone`), or is taken for it after `patience`: nobody knows
// then how far that came.
Telling what_to_do(const Delivery* delivery, bool is_holder_gone, Time now, Duration patience);

}  // namespace signalbox::train::after
