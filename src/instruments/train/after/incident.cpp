#include "instruments/train/after/incident.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train::after {
namespace {

// Why the event does not count; empty where it does.
std::string take(const IncidentEvent& read, const Event& event, Incidents& out) {
  const auto known =
      std::find_if(out.all.begin(), out.all.end(), [&](const Incident& one) { return one.id == read.id; });
  const bool is_known = known != out.all.end();
  if (read.what == IncidentEvent::What::opened) {
    if (is_known) return fmt::format("there is an incident {} already", printable(read.id));
    if (out.all.size() >= kMaxIncidents) return fmt::format("more than {} incidents", kMaxIncidents);
    const std::string train(event.predicate["train"].as_string());
    out.all.push_back({train, read.id, read.title, read.time, {}, "", event.index, event.signer});
    return {};
  }
  if (!is_known) return fmt::format("there is no incident {}", printable(read.id));
  if (known->restored) return fmt::format("incident {} is over", printable(read.id));
  if (read.time < known->began)
    return fmt::format("incident {} was over before it began", printable(read.id));
  known->restored = read.time;
  known->note = read.note;
  return {};
}

}  // namespace

Json to_json(const IncidentEvent& event) {
  const bool is_opened = event.what == IncidentEvent::What::opened;
  Json out = Json::object({{"what", is_opened ? "opened" : "restored"}, {"id", event.id}});
  if (is_opened) out.set("title", event.title);
  out.set(is_opened ? "began" : "restored", to_rfc3339(event.time));
  if (!event.note.empty()) out.set("note", event.note);
  return out;
}

Result<IncidentEvent> read_incident_event(const Json& predicate) {
  PredicateFields fields(predicate, "predicate");
  IncidentEvent out;
  const std::string what = fields.text("what");
  if (what != "opened" && what != "restored") fields.refuse("what", "is neither opened nor restored");
  out.id = fields.text("id");
  if (what == "restored") {
    out.what = IncidentEvent::What::restored;
    out.time = fields.time("restored");
    out.note = fields.optional_text("note");
  } else {
    out.title = fields.text("title");
    out.time = fields.time("began");
  }
  SIGNALBOX_CHECK(fields.status());
  return out;
}

const Incident* Incidents::find(std::string_view id) const {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Incident& one) { return one.id == id; });
  return found == all.end() ? nullptr : &*found;
}

std::string Incidents::next_id() const {
  std::size_t number = all.size() + 1;
  while (find(fmt::format("i{}", number)) != nullptr) ++number;
  return fmt::format("i{}", number);
}

Incidents fold_incidents(const TrainEvents& events) {
  Incidents out;
  for (const Event& event : events.events) {
    if (event.kind != "incident") continue;
    const auto read = read_incident_event(event.predicate);
    const std::string why = read ? take(*read, event, out) : read.error().message;
    if (why.empty()) continue;
    out.ignored_indexes.push_back(event.index);
    out.remarks.push_back({"train/event-refused",
                           fmt::format("log #{} (incident) does not count: {}", event.index, why),
                           fmt::format("signalbox evidence show {}", event.index)});
  }
  return out;
}

}  // namespace signalbox::train::after
