#include "instruments/profile/analysis/filter.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/profile_copier.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

constexpr StackId kGone = UINT32_MAX;

// For each frame, whether a pattern matches it. Names, files and modules are matched once each.
class Matches {
 public:
  Matches(const Profile& profile, const NamePattern& pattern) : of_frame_(profile.frames.size()) {
    std::vector<char> of_function;
    for (const Function& function : profile.functions)
      of_function.push_back(pattern.matches(profile.text(function.name)) ||
                            pattern.matches(profile.text(function.file)));
    std::vector<char> of_mapping;
    for (const Mapping& mapping : profile.mappings)
      of_mapping.push_back(pattern.matches(profile.text(mapping.path)));
    of_function[0] = of_mapping[0] = 0;  // "none" has no name, not an empty one
    for (std::size_t i = 0; i < of_frame_.size(); ++i) {
      const Frame& frame = profile.frames[i];
      of_frame_[i] = of_function[frame.function] || of_mapping[frame.mapping];
    }
  }
  bool at(FrameId frame) const { return of_frame_[frame] != 0; }

 private:
  std::vector<char> of_frame_;
};

std::optional<Matches> matches_of(const Profile& profile, const std::optional<NamePattern>& pattern) {
  if (!pattern) return std::nullopt;
  return Matches(profile, *pattern);
}

bool is_among(std::int32_t number, const std::vector<std::int32_t>& numbers) {
  return numbers.empty() || std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

// Carries stacks over, each once, parents before children.
class StackFilter {
 public:
  StackFilter(const Profile& profile, const Filter& filter, ProfileCopier& copier)
      : profile_(profile),
        focus_(matches_of(profile, filter.focus)),
        ignore_(matches_of(profile, filter.ignore)),
        hide_(matches_of(profile, filter.hide)),
        show_from_(matches_of(profile, filter.show_from)),
        kernel_(filter.kernel),
        copier_(copier),
        nodes_(profile.stacks.size()) {}

  // The stack in the new profile; kGone where it and its samples are left out.
  StackId stack(StackId id) {
    if (id == 0) return focus_ || show_from_ ? kGone : 0;
    const Node& node = resolved(id);
    if (node.is_ignored || (focus_ && !node.is_focused) || (show_from_ && !node.is_shown)) return kGone;
    return node.stack == 0 ? kGone : node.stack;
  }

 private:
  // What is known of a stack of the old profile.
  struct Node {
    StackId stack = 0;  // in the new profile; 0: all of it is hidden
    bool is_resolved = false;
    bool is_ignored = false;
    bool is_focused = false;
    bool is_shown = false;  // the outermost match of show_from is on the path, or there is no such pattern
    bool is_physical =
        false;  // the last visible frame's physical frame is visible, so inlined ones may follow
  };

  bool is_hidden(FrameId frame) const {
    return (hide_ && hide_->at(frame)) ||
           (kernel_ == KernelFrames::hidden && profile_.frames[frame].kind == FrameKind::kernel);
  }

  const Node& resolved(StackId id) {
    std::vector<StackId> path;
    for (StackId at = id; at != 0 && !nodes_[at].is_resolved; at = profile_.stacks[at].parent)
      path.push_back(at);
    for (std::size_t i = path.size(); i-- > 0;) resolve(path[i]);
    return nodes_[id];
  }

  void resolve(StackId id) {
    const FrameId frame = profile_.stacks[id].frame;
    Node node = nodes_[profile_.stacks[id].parent];
    node.is_resolved = true;
    node.is_ignored = node.is_ignored || (ignore_ && ignore_->at(frame));
    node.is_focused = node.is_focused || (focus_ && focus_->at(frame));
    const FrameKind kind = profile_.frames[frame].kind;
    const bool is_hidden_here = is_hidden(frame);
    const bool is_shown_from = show_from_ && show_from_->at(frame) && !is_hidden_here;
    node.is_shown = node.is_shown || is_shown_from;
    if (is_hidden_here || (show_from_ && !node.is_shown)) {
      if (kind != FrameKind::inlined) node.is_physical = false;
    } else {
      // An inlined function whose physical frame is gone stands for it: nothing else has its address.
      const bool stands_in = kind == FrameKind::inlined && !node.is_physical;
      node.is_physical = true;
      node.stack = copier_.stack(node.stack, copier_.frame(frame, stands_in ? FrameKind::user : kind));
    }
    nodes_[id] = node;
  }

  const Profile& profile_;
  std::optional<Matches> focus_;
  std::optional<Matches> ignore_;
  std::optional<Matches> hide_;
  std::optional<Matches> show_from_;
  KernelFrames kernel_;
  ProfileCopier& copier_;
  std::vector<Node> nodes_;
};

// "3.2s" in nanoseconds.
std::optional<std::int64_t> parse_time(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return std::nullopt;
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const double scale = unit == "ns"                ? 1
                       : unit == "us"              ? 1e3
                       : unit == "ms"              ? 1e6
                       : unit == "s" || unit == "" ? 1e9
                       : unit == "m"               ? 60e9
                       : unit == "h"               ? 3600e9
                                                   : 0;
  constexpr double kLongest_ns = 9e18;
  if (scale == 0 || !(number * scale < kLongest_ns)) return std::nullopt;
  return static_cast<std::int64_t>(number * scale);
}

}  // namespace

Result<TimeSlice> parse_time_slice(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorKind::bad_input, fmt::format("`{}` is no part of the time", printable(text)),
                "3.2s-4s, or 500ms- for all after it");
  };
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos || text.size() == 1) return wrong();
  TimeSlice out{0, std::numeric_limits<std::int64_t>::max()};
  if (dash > 0) {
    const auto begin = parse_time(text.substr(0, dash));
    if (!begin) return wrong();
    out.begin_ns = *begin;
  }
  if (dash + 1 < text.size()) {
    const auto end = parse_time(text.substr(dash + 1));
    if (!end || *end <= out.begin_ns) return wrong();
    out.end_ns = *end;
  }
  return out;
}

bool has_times(const Profile& profile) {
  return std::any_of(profile.samples.begin(), profile.samples.end(),
                     [](const Sample& sample) { return sample.time_ns >= 0; });
}

Profile filtered(const Profile& profile, const Filter& filter) {
  ProfileBuilder builder(profile.value_types);
  ProfileCopier copier(profile, builder);
  copier.copy_facts();
  StackFilter stacks(profile, filter, copier);
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const Sample& sample = profile.samples[i];
    if (filter.slice && (sample.time_ns < filter.slice->begin_ns || sample.time_ns >= filter.slice->end_ns))
      continue;
    const Thread& thread = profile.threads[sample.thread];
    if (!is_among(thread.pid, filter.pids) || !is_among(thread.tid, filter.tids)) continue;
    if (const StackId stack = stacks.stack(sample.stack); stack != kGone)
      copier.sample(i, stack, profile.values_of(i));
  }
  return std::move(builder).finish();
}

}  // namespace signalbox::profile
