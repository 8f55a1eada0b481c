#include "instruments/train/ramp/ramp_story.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

std::string with_why(std::string text, const std::string& why) {
  return why.empty() ? text : fmt::format("{}: {}", text, why);
}

StoryLine line_of_begin(const Begin& begin) {
  if (begin.purpose == Begin::Purpose::go_back)
    return {with_why(fmt::format("{} goes back to {}", begin.version, begin.baseline), begin.why),
            Tone::caution};
  return {fmt::format("{} begins its way, moved by {}", begin.version, begin.driver)};
}

StoryLine line_of_outcome(const StepEvent& step) {
  if (step.result == StepEvent::Result::failed)
    return {with_why(fmt::format("{} failed", name_of(step.call)), step.why), Tone::bad};
  switch (step.call) {
    case Call::baseline:
      return {"the baseline is measured"};
    case Call::announce:
      return {"it is announced"};
    case Call::set_weight:
      return {fmt::format("{} % of the traffic", step.weight)};
    case Call::promote:
      return {"all traffic", Tone::good};
    case Call::revert:
      return {"all traffic is back where it was", Tone::caution};
    case Call::tag:
      return {"the tag is made"};
  }
  return {};
}

StoryLine line_of_step(const StepEvent& step) {
  switch (step.what) {
    case StepEvent::What::begin:
      return line_of_begin(*step.begin);
    case StepEvent::What::intent:
      return {};
    case StepEvent::What::outcome:
      return line_of_outcome(step);
    case StepEvent::What::passed:
      return {with_why(fmt::format("{} % held well", step.weight), step.why), Tone::good};
    case StepEvent::What::paused:
      return {with_why("paused", step.why), Tone::caution};
    case StepEvent::What::resumed:
      return {"it goes on"};
    case StepEvent::What::breached:
      return {with_why("breach", step.why), Tone::bad};
    case StepEvent::What::stuck:
      return {with_why("taking it back has failed", step.why), Tone::bad};
    case StepEvent::What::abandoned:
      return {with_why("aborted before any traffic", step.why), Tone::caution};
  }
  return {};
}

StoryLine line_of_lease(const LeaseEvent& lease) {
  if (lease.what != LeaseEvent::What::take) return {};
  return {with_why(fmt::format("{} acts", lease.holder.name), lease.why)};
}

Result<StoryLine> line_of(const Event& event) {
  if (event.kind == "step") {
    SIGNALBOX_TRY(const StepEvent step, step_from_json(event.predicate));
    return line_of_step(step);
  }
  if (event.kind == "lease") {
    SIGNALBOX_TRY(const LeaseEvent lease, lease_from_json(event.predicate));
    return line_of_lease(lease);
  }
  if (event.kind == "order") {
    SIGNALBOX_TRY(const OrderEvent order, order_from_json(event.predicate));
    const std::string what = order.what == OrderEvent::What::by_hand
                                 ? std::string("the traffic was taken back by hand")
                                 : fmt::format("{} ordered", name_of(order.what));
    return StoryLine{with_why(what, order.reason), Tone::caution};
  }
  if (event.kind == "departure") return StoryLine{"it has departed", Tone::good};
  if (event.kind == "rollback") return StoryLine{"it was taken back", Tone::bad};
  return StoryLine{};
}

// Events of the newest attempt that count.
std::vector<const Event*> events_of_attempt(const TrainEvents& events, const Ramp& ramp) {
  std::vector<const Event*> out;
  const auto begun = parse_integer(ramp.attempt);
  if (!begun) return out;
  const std::vector<std::uint64_t>& ignored = ramp.ignored_indexes;
  for (const Event& event : events.events) {
    const bool counts = std::find(ignored.begin(), ignored.end(), event.index) == ignored.end();
    if (counts && event.index >= static_cast<std::uint64_t>(*begun)) out.push_back(&event);
  }
  return out;
}

// The last `most` of them.
Json newest(Json::Array items, std::size_t most) {
  if (items.size() > most) items.erase(items.begin(), items.end() - static_cast<std::ptrdiff_t>(most));
  return items;
}

Json look_json(const Event& event, const Json& weight, const Json& metrics) {
  return Json::object({{"time", to_rfc3339(event.time)}, {"weight", weight}, {"metrics", metrics}});
}

}  // namespace

std::optional<StoryLine> story_line(const Event& event) {
  Result<StoryLine> line = line_of(event);
  if (!line || line->text.empty()) return std::nullopt;
  return std::move(*line);
}

Json looks_json(const TrainEvents& events, const Ramp& ramp) {
  Json::Array out;
  Json weight;  // of the newest call that set one: a breach does not name its own
  for (const Event* event : events_of_attempt(events, ramp)) {
    const Json& told = event->predicate;
    if (event->kind == "step" && told["call"].as_string() == name_of(Call::set_weight))
      weight = told["weight"];
    if (event->kind == "lease" && told["watched"]["metrics"].is_array()) {
      out.push_back(look_json(*event, told["watched"]["weight"], told["watched"]["metrics"]));
    } else if (event->kind == "step" && told["details"]["metrics"].is_array()) {
      out.push_back(look_json(*event, weight, told["details"]["metrics"]));
    }
  }
  return newest(std::move(out), kMaxLooks);
}

Json story_json(const TrainEvents& events, const Ramp& ramp) {
  Json::Array out;
  for (const Event* event : events_of_attempt(events, ramp)) {
    const std::optional<StoryLine> line = story_line(*event);
    if (!line) continue;
    out.push_back(Json::object({{"index", event->index},
                                {"time", to_rfc3339(event->time)},
                                {"by", event->signer},
                                {"text", printable(line->text)},
                                {"tone", name_of(line->tone)}}));
  }
  return newest(std::move(out), kMaxStoryLines);
}

}  // namespace signalbox::train::ramp
