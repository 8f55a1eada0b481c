#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/base/version.hpp"
#include "instruments/profile/formats/json_input.hpp"
#include "instruments/profile/formats/rows.hpp"
#include "instruments/profile/formats/speedscope.hpp"
#include "instruments/profile/formats/thread_rows.hpp"
#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

constexpr std::array<std::string_view, 5> kUnits{"nanoseconds", "microseconds", "milliseconds", "seconds",
                                                 "bytes"};

std::string_view unit_of(const ValueType& type) {
  const auto known = std::find(kUnits.begin(), kUnits.end(), type.unit);
  return known == kUnits.end() ? "none" : *known;
}

class SpeedscopeWriter {
 public:
  SpeedscopeWriter(const Profile& profile, std::size_t value) : profile_(profile), value_(value) {}

  std::string write() {
    out_ = R"({"$schema":"https://www.speedscope.app/file-format-schema.json","name":)";
    put_json_string(out_, title_of(profile_));
    out_ += fmt::format(R"(,"exporter":"signalbox@{}","activeProfileIndex":0,"annotations":{{)", version());
    put_annotations();
    out_ += R"(},"shared":{"frames":[)";
    put_frames();
    out_ += R"(]},"profiles":[)";
    const char* separator = "";
    for (const ThreadRows& rows : rows_by_thread(profile_)) {
      out_ += std::exchange(separator, ",");
      put_profile(rows);
    }
    out_ += "]}\n";
    return std::move(out_);
  }

 private:
  void put_annotations() {
    const char* separator = "";
    std::vector<std::string_view> seen;
    for (const auto& [key, text] : profile_.annotations) {
      if (std::find(seen.begin(), seen.end(), key) != seen.end()) continue;
      seen.push_back(key);
      out_ += std::exchange(separator, ",");
      put_json_string(out_, key);
      out_ += ':';
      put_json_string(out_, text);
    }
  }

  // All but frame 0, which is none: a frame's number here is one less.
  void put_frames() {
    for (FrameId id = 1; id < profile_.frames.size(); ++id) {
      const Frame& frame = profile_.frames[id];
      out_ += id == 1 ? R"({"name":)" : R"(,{"name":)";
      put_json_string(out_, profile_.name_of_frame(id));
      if (const std::string_view file = profile_.text(profile_.functions[frame.function].file);
          !file.empty()) {
        out_ += R"(,"file":)";
        put_json_string(out_, file);
      }
      if (frame.line > 0) fmt::format_to(std::back_inserter(out_), R"(,"line":{})", frame.line);
      if (frame.column > 0) fmt::format_to(std::back_inserter(out_), R"(,"col":{})", frame.column);
      out_ += '}';
    }
  }

  void put_profile(const ThreadRows& rows) {
    std::string samples;
    std::string weights;
    std::int64_t total = 0;
    for (const std::size_t sample : rows.samples) {
      const std::int64_t weight = profile_.values_of(sample)[value_];
      if (weight == 0) continue;
      total = saturating_sum(total, weight);
      frames_of(profile_, profile_.samples[sample].stack, frames_);
      std::transform(frames_.begin(), frames_.end(), frames_.begin(), [](FrameId id) { return id - 1; });
      if (!weights.empty()) {
        samples += ',';
        weights += ',';
      }
      fmt::format_to(std::back_inserter(samples), "[{}]", fmt::join(frames_, ","));
      fmt::format_to(std::back_inserter(weights), "{}", weight);
    }
    out_ += R"({"type":"sampled","name":)";
    put_json_string(out_, title_of(profile_, profile_.threads[rows.thread]));
    fmt::format_to(std::back_inserter(out_), R"(,"unit":"{}","startValue":0,"endValue":{},"samples":[)",
                   unit_of(profile_.value_types[value_]), total);
    out_ += samples;
    out_ += R"(],"weights":[)";
    out_ += weights;
    out_ += "]}";
  }

  const Profile& profile_;
  std::size_t value_;
  std::string out_;
  std::vector<FrameId> frames_;  // scratch
};

}  // namespace

std::string write_speedscope(const Profile& profile, std::size_t value) {
  return SpeedscopeWriter(profile, value).write();
}

}  // namespace signalbox::profile
