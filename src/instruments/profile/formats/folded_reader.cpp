#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "core/base/text.hpp"
#include "instruments/profile/formats/folded.hpp"
#include "instruments/profile/formats/stack_table.hpp"
#include "instruments/profile/formats/text_encoding.hpp"
#include "instruments/profile/formats/text_numbers.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

struct Mark {
  std::string_view end;
  FrameKind kind;
};
// "_[w]" is for what was woken: the kind of such a frame is not told.
constexpr std::array<Mark, 4> kMarks{{{"_[k]", FrameKind::kernel},
                                      {"_[i]", FrameKind::inlined},
                                      {"_[j]", FrameKind::jit},
                                      {"_[w]", FrameKind::user}}};

struct Line {
  std::string_view stack;
  std::int64_t count = 0;
};

// Without spaces around it, and without the byte order marks that stand where files were joined.
std::string_view bare(std::string_view text) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  for (text = trim(text); text.starts_with(kMark); text = trim(text)) text.remove_prefix(kMark.size());
  return text;
}

std::optional<Line> line_of(std::string_view text) {
  const std::size_t space = text.find_last_of(" \t");
  if (space == std::string_view::npos) return std::nullopt;
  const auto count = parse_integer(text.substr(space + 1));
  const std::string_view stack = trim(text.substr(0, space));
  if (!count || *count < 0 || stack.empty() || !is_utf8(stack)) return std::nullopt;
  return Line{stack, *count};
}

class FoldedReader {
 public:
  explicit FoldedReader(SkippedLines& skipped)
      : skipped_(skipped), builder_({ValueType{"samples", "count"}}), stacks_(builder_.profile().stacks) {}

  Result<Profile> read(std::string_view text) {
    std::uint64_t number = 0;
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      read_line(text.substr(0, end), ++number);
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    if (builder_.profile().samples.empty()) {
      return fail(ErrorKind::bad_input,
                  "line 1: no line is a folded stack: frames with ';' between them, a space, a count",
                  "give --input-format, if this is another format");
    }
    return std::move(builder_).finish();
  }

 private:
  void read_line(std::string_view text, std::uint64_t number) {
    text = bare(text);
    if (text.empty()) return;
    const auto line = line_of(text);
    if (!line) return skipped_.add(number);
    StackId stack = 0;
    std::string_view rest = line->stack;
    for (;;) {
      const std::size_t end = rest.find(';');
      stack = stacks_.child(stack, frame(rest.substr(0, end)));
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
    builder_.add({stack}, std::span(&line->count, 1));
  }

  FrameId frame(std::string_view text) {
    const auto [number, is_new] = names_.number(text);
    if (!is_new) return frames_[number];
    FrameKind kind = FrameKind::user;
    std::string_view name = text;
    const auto mark = std::find_if(kMarks.begin(), kMarks.end(),
                                   [&](const Mark& candidate) { return text.ends_with(candidate.end); });
    if (mark != kMarks.end()) {
      kind = mark->kind;
      name.remove_suffix(mark->end.size());
      name = trim(name);  // without the mark it may end a line, where spaces are lost
    }
    Frame frame;
    frame.function = builder_.function(name);
    frame.kind = kind;
    frames_.push_back(builder_.frame(frame));
    return frames_.back();
  }

  SkippedLines& skipped_;
  ProfileBuilder builder_;
  StackTable stacks_;
  TextNumbers names_;
  std::vector<FrameId> frames_;  // by the numbers of names_
};

}  // namespace

Result<Profile> read_folded(std::string_view octets, SkippedLines& skipped) {
  std::string storage;
  return FoldedReader(skipped).read(as_utf8(octets, storage));
}

}  // namespace signalbox::profile
