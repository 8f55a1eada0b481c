// Trouble that users had of a release, from when it began to when it was over: events of kind `incident`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxIncidents = 200;  // of one train

struct IncidentEvent {
  enum class What { opened, restored } what = What::opened;
  std::string id;     // "i1": within its train
  std::string title;  // of an opened
  Time time;          // when it began, or when it was over; whole seconds
  std::string note;   // of a restored: what ended it
};
Json to_json(const IncidentEvent& event);
// bad_input naming the member that is missing or wrong.
Result<IncidentEvent> read_incident_event(const Json& predicate);

struct Incident {
  std::string train, id, title;
  Time began;
  std::optional<Time> restored;
  std::string note;
  std::uint64_t index = 0;  // of its opening, in the log
  std::string by;
};

struct Incidents {
  std::vector<Incident> all;                   // in the order in which they were opened
  std::vector<Remark> remarks;                 // events that do not count, and why
  std::vector<std::uint64_t> ignored_indexes;  // of the same events, in the log

  const Incident* find(std::string_view id) const;
  std::string next_id() const;  // "i3"
};
Incidents fold_incidents(const TrainEvents& events);

}  // namespace signalbox::train::after
