#include "instruments/train/after/passage.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train::after {
namespace {

// What both statements say of the release.
template <class T>
void read_release(PredicateFields& fields, T& out) {
  out.service = fields.optional_text("service");
  out.commit = fields.text("commit");
  out.version = fields.text("version");
  out.baseline = fields.optional_text("baseline");
}

Result<Departure> read_departure(const Event& event) {
  PredicateFields fields(event.predicate, "predicate");
  Departure out;
  out.index = event.index;
  read_release(fields, out);
  PredicateFields times(fields.object("times"), fields.where("times"));
  out.all_traffic = times.time("all_traffic");
  SIGNALBOX_CHECK(fields.status());
  SIGNALBOX_CHECK(times.status());
  return out;
}

Result<WayBack> read_way_back(const Event& event) {
  PredicateFields fields(event.predicate, "predicate");
  WayBack out;
  out.index = event.index;
  read_release(fields, out);
  PredicateFields trigger(fields.object("trigger"), fields.where("trigger"));
  out.reason = trigger.text("reason");
  out.why = trigger.optional_text("why");
  out.detected = trigger.time("detected");
  out.restored = fields.time("restored");
  SIGNALBOX_CHECK(fields.status());
  SIGNALBOX_CHECK(trigger.status());
  if (out.restored < out.detected) fields.refuse("restored", "lies before what it restores was detected");
  SIGNALBOX_CHECK(fields.status());
  return out;
}

}  // namespace

Passages read_passages(const TrainEvents& events) {
  Passages out;
  const auto remark = [&](const Event& event, const Error& why) {
    out.remarks.push_back(
        {"train/passage-ignored",
         fmt::format("log #{} ({}) does not count: {}", event.index, event.kind, why.message),
         fmt::format("signalbox evidence show {}", event.index)});
  };
  for (const Event& event : events.events) {
    if (event.kind == "departure") {
      if (auto departure = read_departure(event)) {
        out.departures.push_back(std::move(*departure));
      } else {
        remark(event, departure.error());
      }
    } else if (event.kind == "rollback") {
      if (auto way_back = read_way_back(event)) {
        out.ways_back.push_back(std::move(*way_back));
      } else {
        remark(event, way_back.error());
      }
    }
  }
  return out;
}

std::string_view name_of(Ending::How how) {
  return how == Ending::How::departed ? "departed" : "taken-back";
}

std::optional<Ending> ending_of(const Passages& passages) {
  const bool has_left = !passages.departures.empty();
  const bool came_back = !passages.ways_back.empty() &&
                         (!has_left || passages.ways_back.back().index > passages.departures.back().index);
  if (came_back) {
    const WayBack& last = passages.ways_back.back();
    return Ending{Ending::How::taken_back, last.restored, last.version, last.baseline, last.commit};
  }
  if (!has_left) return std::nullopt;
  const Departure& last = passages.departures.back();
  return Ending{Ending::How::departed, last.all_traffic, last.version, last.baseline, last.commit};
}

}  // namespace signalbox::train::after
