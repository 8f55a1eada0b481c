#include "instruments/train/after/timeline.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/announcement.hpp"
#include "instruments/train/after/incident.hpp"
#include "instruments/train/boarding/schedule.hpp"
#include "instruments/train/ramp/ramp_event.hpp"
#include "instruments/train/ramp/ramp_story.hpp"

namespace signalbox::train::after {
namespace {

std::optional<ramp::StoryLine> line_of_schedule(const Event& event) {
  const auto schedule = read_schedule_event(event.predicate);
  if (!schedule) return std::nullopt;
  const std::string when = to_rfc3339(schedule->departs);
  switch (schedule->action) {
    case ScheduleEvent::Action::create:
      return ramp::StoryLine{fmt::format("the {}train is made, to depart {}",
                                         schedule->kind == TrainKind::hotfix ? "hotfix " : "", when)};
    case ScheduleEvent::Action::move:
      return ramp::StoryLine{fmt::format("moved to {}: {}", when, schedule->reason), Tone::caution};
    case ScheduleEvent::Action::cancel:
      return ramp::StoryLine{fmt::format("cancelled: {}", schedule->reason), Tone::bad};
  }
  return std::nullopt;
}

std::optional<ramp::StoryLine> line_of_incident(const Event& event) {
  const auto incident = read_incident_event(event.predicate);
  if (!incident) return std::nullopt;
  if (incident->what == IncidentEvent::What::opened)
    return ramp::StoryLine{
        fmt::format("incident {}: {} (from {})", incident->id, incident->title, to_rfc3339(incident->time)),
        Tone::bad};
  return ramp::StoryLine{
      fmt::format("incident {} is over since {}", incident->id, to_rfc3339(incident->time)), Tone::good};
}

// How a telling ended; that it began matters to whoever tells alone.
std::optional<ramp::StoryLine> line_of_announcement(const Event& event) {
  const auto read = read_announcement_event(event.predicate);
  if (!read || read->what == AnnouncementEvent::What::begun) return std::nullopt;
  if (read->what == AnnouncementEvent::What::told)
    return ramp::StoryLine{fmt::format("{} is told of {}", read->channel, read->message)};
  return ramp::StoryLine{fmt::format("telling {} of {} failed: {}", read->channel, read->message, read->why),
                         Tone::caution};
}

std::optional<ramp::StoryLine> line_of(const Event& event) {
  if (event.kind == "announcement") return line_of_announcement(event);
  if (event.kind == "incident") return line_of_incident(event);
  if (event.kind == "schedule") return line_of_schedule(event);
  if (event.kind == "manifest")
    return ramp::StoryLine{fmt::format("the scope of {} is locked: {}",
                                       event.predicate["version"].as_string(),
                                       counted(event.predicate["passengers"].size(), "passenger"))};
  if (event.kind == "decision")
    return ramp::StoryLine{fmt::format("decided: {}", event.predicate["decision"].as_string())};
  if (event.kind == "rollback-rehearsal")
    return ramp::StoryLine{fmt::format("going back is rehearsed: {}", event.predicate["result"].as_string())};
  return ramp::story_line(event);
}

// The GO by which a departure begins: an entry about its commit, so it is told where it was gone by.
std::optional<TimelineLine> decision_of(const Event& event) {
  if (event.kind != "step") return std::nullopt;
  const auto step = ramp::step_from_json(event.predicate);
  if (!step || !step->begin || !step->begin->decision) return std::nullopt;
  return TimelineLine{
      *step->begin->decision, event.time, event.signer, "decided: GO", Tone::good, "decision", "", {}};
}

bool tells_of(const std::vector<TimelineLine>& timeline, std::uint64_t index) {
  return std::any_of(timeline.begin(), timeline.end(),
                     [&](const TimelineLine& line) { return line.index == index; });
}

void tell_incident(const Event& event, TimelineLine& line) {
  if (event.kind != "incident") return;
  const auto incident = read_incident_event(event.predicate);
  if (!incident) return;
  line.about = printable(incident->id);
  line.happened = incident->time;
}

}  // namespace

std::vector<TimelineLine> timeline_of(const TrainEvents& events) {
  std::vector<std::uint64_t> ignored = ramp::fold(events).ignored_indexes;
  const Incidents incidents = fold_incidents(events);
  ignored.insert(ignored.end(), incidents.ignored_indexes.begin(), incidents.ignored_indexes.end());
  const Told told = fold_announcements(events);
  ignored.insert(ignored.end(), told.ignored_indexes.begin(), told.ignored_indexes.end());
  std::vector<TimelineLine> out;
  for (const Event& event : events.events) {
    if (std::find(ignored.begin(), ignored.end(), event.index) != ignored.end()) continue;
    const std::optional<ramp::StoryLine> line = line_of(event);
    if (!line) continue;
    if (auto decision = decision_of(event); decision && !tells_of(out, decision->index))
      out.push_back(std::move(*decision));
    out.push_back(
        {event.index, event.time, event.signer, printable(line->text), line->tone, event.kind, "", {}});
    tell_incident(event, out.back());
  }
  if (out.size() > kMaxTimelineLines)
    out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(kMaxTimelineLines));
  return out;
}

Json to_json(const std::vector<TimelineLine>& timeline) {
  Json out = Json::array();
  for (const TimelineLine& line : timeline) {
    Json json = Json::object({{"index", line.index},
                              {"time", to_rfc3339(line.time)},
                              {"by", line.by},
                              {"text", line.text},
                              {"tone", name_of(line.tone)},
                              {"kind", line.kind}});
    if (!line.about.empty()) json.set("about", line.about);
    if (line.happened) json.set("happened", to_rfc3339(*line.happened));
    out.push_back(std::move(json));
  }
  return out;
}

}  // namespace signalbox::train::after
