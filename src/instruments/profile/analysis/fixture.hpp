// Small profiles for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/text.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile::fixture {

inline constexpr std::int64_t kPeriod_ns = 10'000'000;

// Builds a profile of samples and CPU nanoseconds from stacks as text: "main;parse;[lost]", root first. A
// frame is "name", "name@module", "@module" (machine code without a name), "name+" (inlined), "name%" (of the
// kernel), "name!" (a line that is interpreted) or "[name]" (said by the profiler).
class StackWriter {
 public:
  StackWriter() : builder_({{"samples", "count"}, {"cpu", "nanoseconds"}}) {
    builder_.profile().default_value = 1;
    builder_.profile().period_type = {"cpu", "nanoseconds"};
    builder_.profile().period = kPeriod_ns;
  }

  // `count` samples of one stack, at `time_ns` (-1: an aggregate), in thread `tid`.
  StackWriter& add(std::string_view stack, std::int64_t count, std::int64_t time_ns = -1,
                   std::int32_t tid = 1) {
    const std::int64_t values[] = {count, count * kPeriod_ns};
    Sample sample;
    sample.stack = stack_of(stack);
    sample.thread = builder_.thread({1, tid, {}, {}});
    sample.time_ns = time_ns;
    builder_.add(sample, values);
    return *this;
  }
  StackWriter& annotate(std::string key, std::string value) {
    builder_.profile().annotations.emplace_back(std::move(key), std::move(value));
    return *this;
  }
  ProfileBuilder& builder() { return builder_; }
  Profile finish() { return std::move(builder_).finish(); }

 private:
  StackId stack_of(std::string_view text) {
    StackId stack = 0;
    if (text.empty()) return stack;
    for (const std::string_view part : split(text, ';')) stack = builder_.stack(stack, frame_of(part));
    return stack;
  }
  FrameId frame_of(std::string_view part) {
    if (part.starts_with('[')) return builder_.synthetic(part);
    Frame frame;
    if (part.ends_with('+')) frame.kind = FrameKind::inlined;
    if (part.ends_with('%')) frame.kind = FrameKind::kernel;
    if (part.ends_with('!')) frame.kind = FrameKind::interpreted;
    if (frame.kind != FrameKind::user) part.remove_suffix(1);
    const std::size_t at = part.find('@');
    if (at != std::string_view::npos)
      frame.mapping = builder_.mapping({0, 0, 0, builder_.string(part.substr(at + 1)), {}});
    if (at != 0) frame.function = builder_.function(part.substr(0, at));
    return builder_.frame(frame);
  }

  ProfileBuilder builder_;
};

// The stacks of a profile as text with what each counts in its first column, in the order of the samples.
inline std::vector<std::pair<std::string, std::int64_t>> stacks_of(const Profile& profile) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    std::string text;
    for (StackId at = profile.samples[i].stack; at != 0; at = profile.stacks[at].parent)
      text = profile.name_of_frame(profile.stacks[at].frame) + (text.empty() ? "" : ";") + text;
    out.emplace_back(std::move(text), profile.values_of(i)[0]);
  }
  return out;
}

}  // namespace signalbox::profile::fixture
