#include <algorithm>
#include <limits>
#include <optional>
#include <span>

#include <fmt/core.h>

#include "instruments/profile/formats/guess.hpp"
#include "instruments/profile/formats/json_input.hpp"
#include "instruments/profile/formats/speedscope.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

// What the values of a profile become.
struct Unit {
  ValueType type;
  double factor = 1;
};

std::optional<Unit> unit_of(std::string_view name) {
  const ValueType time{"time", "nanoseconds"};
  if (name == "nanoseconds") return Unit{time, 1};
  if (name == "microseconds") return Unit{time, 1e3};
  if (name == "milliseconds") return Unit{time, 1e6};
  if (name == "seconds") return Unit{time, 1e9};
  if (name == "bytes") return Unit{{"space", "bytes"}, 1};
  if (name == "none") return Unit{{"samples", "count"}, 1};
  return std::nullopt;
}

tl::unexpected<Error> refused(const std::string& place, const std::string& what) {
  return fail(ErrorKind::bad_input, place + ": " + what, "is this a file of speedscope, and whole?");
}

class SpeedscopeReader {
 public:
  SpeedscopeReader(const Json& file, const Unit& unit) : file_(file), builder_({unit.type}) {}

  Status read_frames() {
    const Json::Array& frames = file_["shared"]["frames"].items();
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (!frames[i]["name"].is_string()) return refused(fmt::format("$.shared.frames[{}]", i), "no name");
      Function function;
      function.name = builder_.string(frames[i]["name"].as_string());
      function.file = builder_.string(frames[i]["file"].as_string());
      Frame frame;
      frame.function = builder_.function(function);
      frame.line = small(frames[i]["line"]);
      frame.column = small(frames[i]["col"]);
      frame.kind = kind_of_name(frames[i]["name"].as_string(), frames[i]["file"].as_string());
      frames_.push_back(builder_.frame(frame));
    }
    return {};
  }

  Status read_profile(std::size_t index, const Unit& unit) {
    const Json& profile = file_["profiles"].items()[index];
    place_ = fmt::format("$.profiles[{}]", index);
    factor_ = unit.factor;
    Thread thread;
    thread.name = builder_.string(profile["name"].as_string());
    thread_ = builder_.thread(thread);
    if (profile["type"].as_string() == "sampled") return read_sampled(profile);
    if (profile["type"].as_string() == "evented") return read_evented(profile);
    return refused(place_ + ".type", "neither \"sampled\" nor \"evented\"");
  }

  Result<Profile> finish() {
    for (const Json::Member& annotation : file_["annotations"].members()) {
      if (annotation.second.is_string())
        builder_.profile().annotations.emplace_back(annotation.first, annotation.second.as_string());
    }
    return std::move(builder_).finish();
  }

 private:
  static std::int32_t small(const Json& number) {
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(scaled(number, 1), 0, std::numeric_limits<std::int32_t>::max()));
  }

  Status read_sampled(const Json& profile) {
    const Json::Array& samples = profile["samples"].items();
    const Json::Array& weights = profile["weights"].items();
    if (samples.size() != weights.size())
      return refused(place_, fmt::format("{} samples with {} weights", samples.size(), weights.size()));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      StackId stack = 0;
      if (samples[i].size() > kDepthMax)
        return refused(fmt::format("{}.samples[{}]", place_, i),
                       fmt::format("deeper than {} frames", kDepthMax));
      for (const Json& frame : samples[i].items()) {
        SIGNALBOX_TRY(const FrameId id, frame_of(frame, fmt::format("{}.samples[{}]", place_, i)));
        stack = builder_.stack(stack, id);
      }
      add(stack, scaled(weights[i], factor_));
    }
    return {};
  }

  // What was open between two events had that time.
  Status read_evented(const Json& profile) {
    std::vector<FrameId> open;
    std::vector<StackId> stacks{0};
    double before = profile["startValue"].as_number();
    const Json::Array& events = profile["events"].items();
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::string place = fmt::format("{}.events[{}]", place_, i);
      SIGNALBOX_TRY(const FrameId frame, frame_of(events[i]["frame"], place));
      const double at = events[i]["at"].as_number(before);
      if (at < before) return refused(place, "earlier than the event before it");
      if (at > before) add(stacks.back(), scaled(Json(at - before), factor_));
      before = at;
      if (events[i]["type"].as_string() == "O") {
        if (open.size() == kDepthMax) return refused(place, fmt::format("deeper than {} frames", kDepthMax));
        open.push_back(frame);
        stacks.push_back(builder_.stack(stacks.back(), frame));
      } else if (!open.empty() && open.back() == frame) {
        open.pop_back();
        stacks.pop_back();
      } else {
        return refused(place, "closes a frame that is not the last one opened");
      }
    }
    if (!open.empty()) return refused(place_ + ".events", fmt::format("{} never closed", open.size()));
    return {};
  }

  Result<FrameId> frame_of(const Json& index, const std::string& place) const {
    const std::size_t i = index_below(index, frames_.size());
    if (i == frames_.size()) return refused(place, fmt::format("a frame that is none of {}", frames_.size()));
    return frames_[i];
  }

  void add(StackId stack, std::int64_t value) { builder_.add({stack, thread_}, std::span(&value, 1)); }

  const Json& file_;
  ProfileBuilder builder_;
  std::vector<FrameId> frames_;
  std::string place_;  // of the profile that is read
  double factor_ = 1;
  ThreadId thread_ = 0;
};

}  // namespace

Result<Profile> read_speedscope(std::string_view octets, std::vector<std::string>& notes) {
  SIGNALBOX_TRY(const Json file, parse_profile_json(octets));
  const Json::Array& profiles = file["profiles"].items();
  if (profiles.empty()) return refused("$.profiles", "no profile");
  const auto first = unit_of(profiles.front()["unit"].as_string());
  if (!first) return refused("$.profiles[0].unit", "no unit of speedscope");
  SpeedscopeReader reader(file, *first);
  SIGNALBOX_CHECK(reader.read_frames());
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const auto unit = unit_of(profiles[i]["unit"].as_string());
    if (!unit || unit->type != first->type) {
      notes.push_back(fmt::format("profile {} left out: its unit is not that of the first", i + 1));
      continue;
    }
    SIGNALBOX_CHECK(reader.read_profile(i, *unit));
  }
  return reader.finish();
}

}  // namespace signalbox::profile
