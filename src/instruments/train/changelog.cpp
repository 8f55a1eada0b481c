// CHANGELOG.md, edited in place: what people wrote is not touched.
#include <optional>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/notes.hpp"

namespace signalbox::train {
namespace {

constexpr std::string_view kOpens = "<!-- signalbox: notes of ";
constexpr std::string_view kCloses = "<!-- signalbox: end of notes -->";
constexpr std::string_view kEnd = " -->";

struct Line {
  std::string_view text;  // without its break
  std::size_t start = 0;
  std::size_t next = 0;  // where the line after it starts
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t found = text.find('\n', at);
    const std::size_t next = found == std::string_view::npos ? text.size() : found + 1;
    std::string_view line = text.substr(at, (found == std::string_view::npos ? text.size() : found) - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back({line, at, next});
    at = next;
  }
  return out;
}

// The version that a heading names: "## [1.2.3] - 2026-01-01", "# 1.2.3", "## v1.2.3 (date)". Also
// "unreleased", in lower case.
std::optional<std::string> version_heading(std::string_view line) {
  const std::size_t level = line.find_first_not_of('#');
  if (level == 0 || level > 3 || level == std::string_view::npos || line[level] != ' ') return std::nullopt;
  std::string_view words = trim(line.substr(level));
  if (words.starts_with('[')) words.remove_prefix(1);
  const std::string name(words.substr(0, words.find_first_of("] (")));
  if (to_lower(name) == "unreleased") return "unreleased";
  const auto release = parse_release_tag(name, "");
  return release ? std::optional(release->version.text()) : std::nullopt;
}

// A block that an earlier call wrote: from its opening marker to the end of its closing one.
struct Block {
  std::string_view version;
  std::size_t start = 0;
  std::size_t end = 0;
};

Result<std::vector<Block>> find_blocks(const std::vector<Line>& lines) {
  std::vector<Block> blocks;
  bool open = false;
  std::size_t opened_at = 0;
  const auto broken = [](std::size_t line, std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("{}:1: {}", line + 1, what),
                "repair or remove the markers; everything outside of them is yours");
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view text = trim(lines[i].text);
    if (text.starts_with(kOpens) && text.ends_with(kEnd)) {
      if (open)
        return broken(i, fmt::format("a marker opens inside of the notes from line {}", opened_at + 1));
      const std::string_view version = text.substr(kOpens.size(), text.size() - kOpens.size() - kEnd.size());
      blocks.push_back({version, lines[i].start, 0});
      open = true;
      opened_at = i;
    } else if (text == kCloses) {
      if (!open) return broken(i, "a marker closes notes that none has opened");
      blocks.back().end = lines[i].next;
      open = false;
    }
  }
  if (open) return broken(opened_at, "a marker opens notes that none closes");
  return blocks;
}

// In front of the newest version's heading, or of the marker above it; else at the end.
std::size_t insertion_place(const std::vector<Line>& lines, std::size_t end) {
  for (const Line& line : lines) {
    if (trim(line.text).starts_with(kOpens)) return line.start;
    const auto version = version_heading(line.text);
    if (version && *version != "unreleased") return line.start;
  }
  return end;
}

// As the first line break has it. Additions stand behind it, so that a second look says the same.
bool breaks_with_crlf(std::string_view text) {
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos) return text.ends_with('\r');
  return first > 0 && text[first - 1] == '\r';
}

std::string with_breaks(const std::string& text, bool crlf) {
  if (!crlf) return text;
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string block_text(const std::string& version, const std::string& notes, bool crlf) {
  return with_breaks(fmt::format("{}{}{}\n{}{}\n", kOpens, version, kEnd, notes, kCloses), crlf);
}

bool ends_with_blank_line(std::string_view text) {
  return text.empty() || text.ends_with("\n\n") || text.ends_with("\r\n\r\n");
}

}  // namespace

Result<std::string> prepend_notes(const std::string& changelog, const std::string& version,
                                  const std::string& notes) {
  const bool crlf = breaks_with_crlf(changelog);
  const std::vector<Line> lines = lines_of(changelog);
  SIGNALBOX_TRY(const std::vector<Block> blocks, find_blocks(lines));
  const std::string block = block_text(version, notes, crlf);
  for (const Block& old : blocks) {
    if (old.version != version) continue;
    return changelog.substr(0, old.start) + block + changelog.substr(old.end);
  }
  for (const Line& line : lines) {
    if (version_heading(line.text) == version) {
      return fail(ErrorKind::conflict, fmt::format("it has an entry for {} that people wrote", version),
                  "remove that entry, or keep it: nothing was changed");
    }
  }
  const std::string line_break = crlf ? "\r\n" : "\n";
  const std::size_t place = insertion_place(lines, changelog.size());
  std::string before = changelog.substr(0, place);
  if (!before.empty() && !before.ends_with('\n')) before += line_break;
  if (!ends_with_blank_line(before)) before += line_break;
  const std::string after = changelog.substr(place);
  return before + block + (after.empty() ? std::string() : line_break + after);
}

std::string notes_patch(const std::string& changelog, const std::string& name, const std::string& notes) {
  const std::vector<Line> all = lines_of(changelog);
  const std::size_t place = insertion_place(all, changelog.size());
  std::size_t before = 0;
  while (before < all.size() && all[before].start < place) ++before;
  const std::vector<std::string_view> added = lines(notes);
  std::string out = fmt::format("--- a/{0}\n+++ b/{0}\n@@ -{1},0 +{2},{3} @@\n", name, before, before + 1,
                                added.size() + 1);
  for (const std::string_view line : added) out += fmt::format("+{}\n", line);
  return out + "+\n";
}

ChangelogEntry find_entry(std::string_view changelog, std::string_view version) {
  bool in_unreleased = false;
  ChangelogEntry found = ChangelogEntry::none;
  for (const Line& line : lines_of(changelog)) {
    if (const auto heading = version_heading(line.text)) {
      if (*heading == version) return ChangelogEntry::version;
      in_unreleased = *heading == "unreleased";
      continue;
    }
    const std::string_view text = trim(line.text);
    if (text.starts_with("## ")) in_unreleased = false;
    const bool is_link = text.starts_with('[') && text.find("]: ") != std::string_view::npos;
    if (in_unreleased && !text.empty() && !text.starts_with('#') && !text.starts_with("<!--") && !is_link)
      found = ChangelogEntry::unreleased;
  }
  return found;
}

}  // namespace signalbox::train
