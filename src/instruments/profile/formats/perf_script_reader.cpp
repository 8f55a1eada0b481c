#include <algorithm>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/base/text.hpp"
#include "instruments/profile/formats/guess.hpp"
#include "instruments/profile/formats/perf_script.hpp"
#include "instruments/profile/formats/perf_script_line.hpp"
#include "instruments/profile/formats/stack_table.hpp"
#include "instruments/profile/formats/text_encoding.hpp"
#include "instruments/profile/formats/text_numbers.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kUnknown = "[unknown]";
constexpr std::string_view kInlined = "inlined";  // where the file of a frame stands, as (inlined)
constexpr std::size_t kBlockMax = std::size_t{64} << 10;
constexpr std::size_t kStacksMax = std::size_t{1} << 26;

struct FrameRange {
  std::uint32_t first = 0;
  std::uint32_t end = 0;
};

bool is_indented(std::string_view line) {
  return line.starts_with('\t') || line.starts_with(' ');
}

// Most stacks are there many times, and most lines: the frames of a text are looked up by the text of the
// whole stack first, then by that of each line.
class PerfScriptReader {
 public:
  explicit PerfScriptReader(PerfScriptNotes& notes)
      : notes_(notes), builder_({ValueType{"samples", "count"}}), stacks_(builder_.profile().stacks) {}

  Result<Profile> read(std::string_view text) {
    begin_ = text.data();
    while (!text.empty()) {
      const std::string_view line = take_line(text);
      read_line(line);
      if (is_open_) read_stack_at(text);
      if (builder_.profile().stacks.size() > kStacksMax)
        return fail(ErrorKind::bad_input, "more different stacks than can be held in memory");
    }
    close_sample();
    if (samples_.empty()) {
      return fail(ErrorKind::bad_input, "line 1: no sample as perf script prints them",
                  "a sample is \"name pid [cpu] time: event:\", its frames below it, and an empty line");
    }
    return finish();
  }

 private:
  static std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

  // Takes the whole stack of the open sample, where it is nothing but frames and an empty line.
  void read_stack_at(std::string_view& text) {
    if (!frames_.empty() || !is_indented(text)) return;
    const std::size_t end = text.substr(0, kBlockMax).find("\n\n");
    if (end == std::string_view::npos) return;
    const std::string_view block = text.substr(0, end);
    const auto [number, is_new] = blocks_.number(block);
    if (is_new) block_stacks_.push_back(stack_of_block(block));
    if (block_stacks_[number] == kNoStack) return;
    add_sample(block_stacks_[number]);
    is_open_ = false;
    text.remove_prefix(end + 2);
  }

  // kNoStack: a line of it is no frame.
  StackId stack_of_block(std::string_view block) {
    std::vector<FrameRange> leaf_first;
    while (!block.empty()) {
      const std::string_view line = take_line(block);
      if (!is_indented(line)) return kNoStack;
      leaf_first.push_back(frames_of_line(line));
      if (leaf_first.back().first == leaf_first.back().end) return kNoStack;
    }
    return stack_of(leaf_first);
  }

  StackId stack_of(const std::vector<FrameRange>& leaf_first) {
    StackId stack = 0;
    for (std::size_t i = leaf_first.size(); i-- > 0;) {
      for (std::uint32_t at = leaf_first[i].first; at != leaf_first[i].end; ++at)
        stack = stacks_.child(stack, line_frames_[at]);
    }
    return stack;
  }

  void read_line(std::string_view line) {
    if (line.starts_with('#')) return read_comment(line);
    if (trim(line).empty()) return close_sample();
    if (const auto header = perf_header_of(line)) return open_sample(*header);
    const FrameRange range = frames_of_line(line);
    if (range.first == range.end) return read_odd_line(line);
    if (is_open_) frames_.push_back(range);
    if (!is_open_ && !is_left_out_) skip(line);
  }

  // Without -g, names are set to the right.
  void read_odd_line(std::string_view line) {
    const auto header = perf_header_of(trim(line));
    if (header && header->time_ns >= 0) return open_sample(*header);
    skip(line);
  }

  // Where it stands is counted for the few that are shown.
  void skip(std::string_view line) {
    const bool is_shown = notes_.skipped.first.size() < SkippedLines::kShownMax;
    notes_.skipped.add(is_shown ? static_cast<std::uint64_t>(std::count(begin_, line.data(), '\n')) + 1 : 0);
  }

  void open_sample(const PerfHeader& header) {
    close_sample();
    is_left_out_ = !header.event.empty() && !notes_.event.empty() && header.event != notes_.event;
    if (is_left_out_) {
      ++notes_.samples_of_other_events;
      return;
    }
    if (notes_.event.empty()) notes_.event = header.event;
    has_periods_ = has_periods_ || header.period > 0;
    header_ = header;
    is_open_ = true;
    if (header.inline_frame.empty()) return;
    if (const FrameRange range = frames_of_line(header.inline_frame); range.first != range.end)
      frames_.push_back(range);
  }

  void close_sample() {
    is_left_out_ = false;
    if (!is_open_) return;
    add_sample(stack_of(frames_));
    frames_.clear();
    is_open_ = false;
  }

  void add_sample(StackId stack) {
    Thread thread;
    thread.pid = header_.pid;
    thread.tid = header_.tid;
    thread.name = builder_.string(header_.comm);
    if (thread.pid == thread.tid) thread.process = thread.name;
    samples_.push_back({stack, builder_.thread(thread), 0, header_.time_ns});
    periods_.push_back(std::max<std::int64_t>(header_.period, 1));
  }

  FrameRange frames_of_line(std::string_view line) {
    const auto [number, is_new] = lines_.number(line);
    if (!is_new) return line_ranges_[number];
    FrameRange range{static_cast<std::uint32_t>(line_frames_.size()), 0};
    if (const auto frame = perf_frame_of(line)) add_frames(*frame);
    range.end = static_cast<std::uint32_t>(line_frames_.size());
    line_ranges_.push_back(range);
    return range;
  }

  void add_frames(const PerfFrame& line) {
    Frame frame;
    frame.address = line.address;
    frame.kind = line.module == kInlined ? FrameKind::inlined : kind_of_mapping(line.module);
    if (line.module != kUnknown && line.module != kInlined)
      frame.mapping = builder_.mapping({0, 0, 0, builder_.string(line.module), {}});
    if (line.symbol == kUnknown) return line_frames_.push_back(builder_.frame(frame));
    if (line.symbol.starts_with('(')) return;  // the name of a process
    const bool is_jit = frame.kind == FrameKind::jit;
    std::string_view rest = line.symbol;
    for (;;) {
      const std::size_t arrow = is_jit ? rest.find("->") : std::string_view::npos;
      if (const std::string_view name = rest.substr(0, arrow); !name.empty()) {
        frame.function = builder_.function(name);
        line_frames_.push_back(builder_.frame(frame));
        if (is_jit) frame.kind = FrameKind::inlined;
      }
      if (arrow == std::string_view::npos) return;
      rest.remove_prefix(arrow + 2);
    }
  }

  void read_comment(std::string_view line) {
    const auto take = [&](std::string_view start, const char* key) {
      const std::size_t colon = line.find(" : ");
      if (line.starts_with(start) && colon != std::string_view::npos && is_utf8(line))
        builder_.profile().annotations.emplace_back(key, trim(line.substr(colon + 3)));
    };
    take("# cmdline", "command");
    take("# hostname", "host");
    take("# os release", "kernel");
  }

  Result<Profile> finish() {
    Profile& profile = builder_.profile();
    std::int64_t earliest = std::numeric_limits<std::int64_t>::max();
    std::int64_t latest = -1;
    for (const Sample& sample : samples_) {
      if (sample.time_ns < 0) continue;
      earliest = std::min(earliest, sample.time_ns);
      latest = std::max(latest, sample.time_ns);
    }
    if (latest >= 0) profile.duration_ns = latest - earliest;
    if (has_periods_) {
      profile.value_types.push_back(value_type_of_event(notes_.event));
      profile.default_value = 1;
    }
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      Sample sample = samples_[i];
      if (sample.time_ns >= 0) sample.time_ns -= earliest;
      profile.samples.push_back(sample);
      profile.values.push_back(1);
      if (has_periods_) profile.values.push_back(periods_[i]);
    }
    return std::move(builder_).finish();
  }

  static constexpr StackId kNoStack = ~StackId{0};

  PerfScriptNotes& notes_;
  const char* begin_ = nullptr;
  ProfileBuilder builder_;
  StackTable stacks_;
  TextNumbers blocks_;  // the texts of whole stacks
  std::vector<StackId> block_stacks_;
  TextNumbers lines_;
  std::vector<FrameRange> line_ranges_;
  std::vector<FrameId> line_frames_;  // root first for each line
  bool is_open_ = false;              // a sample's frames are being read
  bool is_left_out_ = false;          // those of a sample of another event
  PerfHeader header_;
  std::vector<FrameRange> frames_;  // of the open sample, leaf first
  bool has_periods_ = false;
  std::vector<Sample> samples_;
  std::vector<std::int64_t> periods_;
};

}  // namespace

ValueType value_type_of_event(std::string_view event) {
  event = event.substr(0, event.find(':'));
  if (event == "cpu-clock" || event == "task-clock") return {"cpu", "nanoseconds"};
  return {event.empty() ? "events" : std::string(event), "count"};
}

bool is_perf_script_header(std::string_view line) {
  const auto header = perf_header_of(line);
  return header && header->time_ns >= 0;
}

Result<Profile> read_perf_script(std::string_view octets, PerfScriptNotes& notes) {
  std::string storage;
  return PerfScriptReader(notes).read(as_utf8(octets, storage));
}

}  // namespace signalbox::profile
