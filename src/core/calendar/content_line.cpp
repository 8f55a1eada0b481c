#include "core/calendar/content_line.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::calendar {
namespace {

constexpr std::size_t kMaxLines = 200'000;
constexpr std::size_t kMaxLineBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxParameters = 50;

// An unfolded line, not yet taken apart.
struct Unfolded {
  std::string text;
  std::vector<ContentLine::Piece> pieces;
};

bool is_name_octet(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

// Takes one line apart, from left to right.
class LineReader {
 public:
  LineReader(Unfolded line, std::string_view file) : line_(std::move(line)), file_(file) {}

  Result<ContentLine> read() {
    out_.pieces = line_.pieces;
    out_.name = upper(take_name());
    if (out_.name.empty()) return wrong("a line of a calendar starts with a name");
    while (at(';')) {
      ++position_;
      SIGNALBOX_CHECK(take_parameter());
      if (out_.parameters.size() > kMaxParameters) return wrong("too many parameters");
    }
    if (!at(':')) return wrong("a colon is expected here");
    ++position_;
    out_.value_offset = position_;
    out_.value = line_.text.substr(position_);
    return std::move(out_);
  }

 private:
  bool at(char c) const { return position_ < line_.text.size() && line_.text[position_] == c; }

  tl::unexpected<Error> wrong(std::string_view what) const {
    ContentLine place;
    place.pieces = line_.pieces;
    return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", file_, place.where(position_ + 1), what));
  }

  std::string_view take_name() {
    const std::size_t from = position_;
    while (position_ < line_.text.size() && is_name_octet(line_.text[position_])) ++position_;
    return std::string_view(line_.text).substr(from, position_ - from);
  }

  // NAME=value or NAME="value", several with commas between.
  Status take_parameter() {
    const std::string name = upper(take_name());
    if (name.empty() || !at('=')) return wrong("a parameter is NAME=value");
    std::string value;
    do {
      ++position_;
      if (!value.empty()) value.push_back(',');
      const bool quoted = at('"');
      if (quoted) ++position_;
      const std::size_t from = position_;
      const std::size_t end = line_.text.find_first_of(quoted ? "\"" : ",;:\"", from);
      if (end == std::string::npos) return wrong("this parameter has no end");
      value.append(line_.text, from, end - from);
      position_ = end + (quoted ? 1 : 0);
    } while (at(','));
    out_.parameters.emplace_back(name, std::move(value));
    return {};
  }

  Unfolded line_;
  std::string_view file_;
  ContentLine out_;
  std::size_t position_ = 0;
};

Result<std::vector<Unfolded>> unfold(std::string_view octets, std::string_view file) {
  std::vector<Unfolded> out;
  std::size_t number = 0;
  for (const std::string_view line : lines(octets)) {
    ++number;
    if (line.empty()) continue;
    const bool continues = line.front() == ' ' || line.front() == '\t';
    if (continues && out.empty())
      return fail(ErrorKind::bad_input, fmt::format("{}:{}:1: nothing is continued here", file, number));
    if (!continues) out.emplace_back();
    Unfolded& last = out.back();
    last.pieces.push_back({last.text.size(), number, continues ? std::size_t{2} : std::size_t{1}});
    last.text += line.substr(continues ? 1 : 0);
    if (last.text.size() > kMaxLineBytes || out.size() > kMaxLines)
      return fail(ErrorKind::bad_input, fmt::format("{}:{}:1: the file is too large", file, number));
  }
  return out;
}

}  // namespace

std::string_view ContentLine::parameter(std::string_view of_name) const {
  for (const auto& [key, text] : parameters) {
    if (key == of_name) return text;
  }
  return {};
}

std::string ContentLine::where(std::size_t value_column) const {
  const std::size_t offset = value_offset + value_column - 1;
  Piece best;
  for (const Piece& piece : pieces) {
    if (piece.offset <= offset) best = piece;
  }
  return fmt::format("{}:{}", best.line, best.column + (offset - best.offset));
}

Result<std::vector<ContentLine>> read_content_lines(std::string_view octets, std::string_view file) {
  if (octets.size() > kMaxIcsBytes)
    return fail(ErrorKind::bad_input, fmt::format("{}: more than {} MiB", file, kMaxIcsBytes >> 20));
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (octets.starts_with(kByteOrderMark)) octets.remove_prefix(kByteOrderMark.size());
  SIGNALBOX_TRY(std::vector<Unfolded> unfolded, unfold(octets, file));
  std::vector<ContentLine> out;
  out.reserve(unfolded.size());
  for (Unfolded& line : unfolded) {
    SIGNALBOX_TRY(ContentLine read, LineReader(std::move(line), file).read());
    out.push_back(std::move(read));
  }
  return out;
}

std::string unescaped(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\' || i + 1 == value.size()) {
      out.push_back(value[i]);
      continue;
    }
    ++i;
    out.push_back(value[i] == 'n' || value[i] == 'N' ? '\n' : value[i]);
  }
  return out;
}

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (c == '\n' || c == '\r') {
      out += "\\n";
    } else if (c == '\\' || c == ';' || c == ',') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) >= 0x20 || c == '\t') {
      out.push_back(c);
    }
  }
}

void append_folded(std::string& out, std::string_view line) {
  std::size_t room = kMaxLineOctets;
  while (line.size() > room) {
    // Octets 10xxxxxx go on with a character.
    std::size_t cut = room;
    while (cut > 1 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
    out.append(line.substr(0, cut));
    out.append("\r\n ");
    line.remove_prefix(cut);
    room = kMaxLineOctets - 1;
  }
  out.append(line);
  out.append("\r\n");
}

}  // namespace signalbox::calendar
