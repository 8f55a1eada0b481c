#include "instruments/train/conventional_commit.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMinRevertDigits = 7;
constexpr std::string_view kRevertSentence = "This reverts commit ";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}
bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_blank(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c == ' ' || c == '\t' || c == '\r'; });
}

// Takes lines off the front of a text. A carriage return before the line break is no part of the line.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  bool next(std::string_view& line) {
    if (at_ >= text_.size()) return false;
    start_ = at_;
    std::size_t end = text_.find('\n', at_);
    if (end == std::string_view::npos) end = text_.size();
    line = text_.substr(at_, end - at_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    at_ = end + 1;
    return true;
  }
  std::size_t start() const { return start_; }                      // offset of the last line
  std::size_t rest() const { return std::min(at_, text_.size()); }  // offset of what follows it

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;
};

std::string_view without_end_breaks(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  return text;
}

std::string_view without_leading_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

// `BREAKING CHANGE:` or `BREAKING-CHANGE:`, then a space or the end of the line: its length, else 0.
std::size_t breaking_token(std::string_view line) {
  constexpr std::string_view words = "BREAKING";
  constexpr std::string_view change = "CHANGE:";
  if (!line.starts_with(words) || line.size() < words.size() + 1 + change.size()) return 0;
  const char joint = line[words.size()];
  if ((joint != ' ' && joint != '-') || line.substr(words.size() + 1, change.size()) != change) return 0;
  const std::size_t length = words.size() + 1 + change.size();
  return line.size() == length || line[length] == ' ' ? length : 0;
}

// `Token: value` or `Token #value`; false where the line is none.
bool read_footer(std::string_view line, Footer& footer) {
  if (const std::size_t length = breaking_token(line)) {
    footer = {line.substr(0, length - 1), line.substr(length)};
    return true;
  }
  if (line.empty() || !is_letter(line.front())) return false;
  std::size_t end = 1;
  while (end < line.size() && is_word(line[end]) && line[end] != '_') ++end;
  const std::string_view separator = line.substr(end, 2);
  if (separator != ": " && separator != " #") return false;
  footer = {line.substr(0, end), line.substr(separator == ": " ? end + 2 : end + 1)};
  return true;
}

bool is_breaking(const Footer& footer) {
  return footer.token == "BREAKING CHANGE" || footer.token == "BREAKING-CHANGE";
}

void refuse(Message& message, HeaderProblem problem, std::size_t offset) {
  message.problem = problem;
  message.problem_column = offset + 1;
}

// type, scope, `!`, description of a header; false and the problem where it is not conventional.
bool read_header(Message& message) {
  const std::string_view line = message.header;
  std::size_t at = 0;
  while (at < line.size() && is_word(line[at])) ++at;
  if (line.empty()) return refuse(message, HeaderProblem::empty, 0), false;
  if (at == 0) return refuse(message, HeaderProblem::type_is_no_word, 0), false;
  message.type = line.substr(0, at);
  if (at < line.size() && line[at] == '(') {
    const std::size_t end = line.find_first_of("()", at + 1);
    if (end == std::string_view::npos) return refuse(message, HeaderProblem::open_parenthesis, at), false;
    if (line[end] == '(') return refuse(message, HeaderProblem::nested_parentheses, end), false;
    message.scope = trim(line.substr(at + 1, end - at - 1));
    if (message.scope.empty()) return refuse(message, HeaderProblem::empty_scope, at), false;
    at = end + 1;
  }
  bool marked = false;
  if (at < line.size() && line[at] == '!') {
    marked = true;
    ++at;
  }
  if (at >= line.size() || line[at] != ':') return refuse(message, HeaderProblem::no_colon, at), false;
  if (at + 1 < line.size() && line[at + 1] != ' ')
    return refuse(message, HeaderProblem::no_space_after_colon, at + 1), false;
  message.description = trim(line.substr(std::min(at + 2, line.size())));
  if (message.description.empty()) return refuse(message, HeaderProblem::no_description, at), false;
  message.breaking = marked;
  return true;
}

bool is_merge_header(std::string_view header) {
  constexpr std::array<std::string_view, 8> openings = {
      "Merge branch ", "Merge branches ", "Merge pull request ", "Merge remote-tracking branch ",
      "Merge tag ",    "Merge commit ",   "Merge remote ",       "Merge request "};
  return std::any_of(openings.begin(), openings.end(),
                     [&](std::string_view opening) { return header.starts_with(opening); });
}

bool is_fixup_header(std::string_view header) {
  return header.starts_with("fixup! ") || header.starts_with("squash! ") || header.starts_with("amend! ");
}

// Where the paragraphs of a body matter: the first BREAKING CHANGE paragraph, and the last paragraph that
// opens with a footer.
struct Landmarks {
  std::size_t breaking = std::string_view::npos;
  std::size_t footers = std::string_view::npos;
};

Landmarks find_landmarks(std::string_view body) {
  Landmarks found;
  Lines lines(body);
  std::string_view line;
  bool opens = true;
  while (lines.next(line)) {
    if (is_blank(line)) {
      opens = true;
      continue;
    }
    Footer footer;
    if (opens && read_footer(line, footer)) {
      found.footers = lines.start();
      if (is_breaking(footer) && found.breaking == std::string_view::npos) found.breaking = lines.start();
    }
    opens = false;
  }
  return found;
}

void read_footers(std::string_view section, Message& message) {
  Lines lines(section);
  std::string_view line;
  std::size_t value_start = 0;
  const auto close = [&](std::size_t end) {
    if (!message.footers.empty())
      message.footers.back().value = without_end_breaks(section.substr(value_start, end - value_start));
  };
  while (lines.next(line)) {
    Footer footer;
    if (!read_footer(line, footer)) continue;
    close(lines.start());
    message.footers.push_back(footer);
    value_start = static_cast<std::size_t>(footer.value.data() - section.data());
  }
  close(section.size());
}

void read_breaking(const Landmarks& landmarks, Message& message) {
  std::string_view note;
  if (landmarks.breaking != std::string_view::npos && landmarks.breaking != landmarks.footers) {
    const std::size_t end =
        landmarks.footers == std::string_view::npos ? message.body.size() : landmarks.footers;
    note = message.body.substr(landmarks.breaking, end - landmarks.breaking);
    note.remove_prefix(note.find(':') + 1);
    message.breaking = true;
  }
  for (const Footer& footer : message.footers) {
    if (!is_breaking(footer)) continue;
    if (note.empty()) note = footer.value;
    message.breaking = true;
  }
  message.breaking_note = without_end_breaks(without_leading_blanks(note));
}

// The run of hexadecimal digits in front of `text`, where it is long enough to name a commit.
std::string_view leading_id(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_hex(text[end])) ++end;
  return end >= kMinRevertDigits && end <= 64 ? text.substr(0, end) : std::string_view();
}

void read_reverts(Message& message) {
  for (std::size_t at = 0; (at = message.body.find(kRevertSentence, at)) != std::string_view::npos;) {
    at += kRevertSentence.size();
    if (const std::string_view id = leading_id(message.body.substr(at)); !id.empty())
      message.reverts.push_back(id);
  }
  if (to_lower(message.type) != "revert") return;
  for (const Footer& footer : message.footers) {
    if (to_lower(footer.token) != "refs") continue;
    for (const std::string_view part : split(footer.value, ',')) {
      if (const std::string_view id = leading_id(trim(part)); !id.empty()) message.reverts.push_back(id);
    }
  }
}

struct Opening {
  std::string_view word;
  std::string_view type;
};
constexpr std::array<Opening, 14> kOpenings = {{{"add", "feat"},
                                                {"implement", "feat"},
                                                {"introduce", "feat"},
                                                {"support", "feat"},
                                                {"fix", "fix"},
                                                {"fixes", "fix"},
                                                {"fixed", "fix"},
                                                {"bugfix", "fix"},
                                                {"document", "docs"},
                                                {"docs", "docs"},
                                                {"test", "test"},
                                                {"refactor", "refactor"},
                                                {"optimize", "perf"},
                                                {"speed", "perf"}}};

std::string_view type_by_first_word(std::string_view word) {
  const std::string lower = to_lower(word);
  const auto* found = std::find_if(kOpenings.begin(), kOpenings.end(),
                                   [&](const Opening& opening) { return opening.word == lower; });
  return found == kOpenings.end() ? "chore" : found->type;
}

std::string without_parentheses(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '(' || c == ')') {
      if (!out.empty() && out.back() != '-') out += '-';
    } else {
      out += c;
    }
  }
  while (out.ends_with('-')) out.pop_back();
  return out;
}

}  // namespace

Message parse_message(std::string_view octets) {
  Message message;
  Lines lines(octets);
  while (lines.next(message.header) && is_blank(message.header)) {
  }
  message.header = trim(message.header);
  message.body = octets.substr(lines.rest());
  if (read_header(message)) {
    message.kind = MessageKind::conventional;
  } else if (is_merge_header(message.header)) {
    message.kind = MessageKind::merge;
  } else if (is_fixup_header(message.header)) {
    message.kind = MessageKind::fixup;
  } else if (message.header.starts_with("Revert \"") || message.header.starts_with("Reapply \"")) {
    message.kind = MessageKind::revert;
  }
  const Landmarks landmarks = find_landmarks(message.body);
  if (landmarks.footers != std::string_view::npos)
    read_footers(message.body.substr(landmarks.footers), message);
  read_breaking(landmarks, message);
  read_reverts(message);
  return message;
}

bool is_conventional_header(std::string_view line) {
  Message message;
  message.header = trim(line);
  return read_header(message);
}

std::string_view explain(HeaderProblem problem) {
  switch (problem) {
    case HeaderProblem::none:
      return "";
    case HeaderProblem::empty:
      return "the message is empty";
    case HeaderProblem::type_is_no_word:
      return "the header does not start with a type, a word of letters";
    case HeaderProblem::no_colon:
      return "no `: ` after the type";
    case HeaderProblem::no_space_after_colon:
      return "no space after the colon";
    case HeaderProblem::nested_parentheses:
      return "the scope has parentheses inside";
    case HeaderProblem::open_parenthesis:
      return "the scope's parenthesis is not closed";
    case HeaderProblem::empty_scope:
      return "the scope is empty";
    case HeaderProblem::no_description:
      return "no description after the colon";
  }
  return "";
}

std::string propose_header(const Message& message) {
  const std::string_view header = message.header;
  switch (message.problem) {
    case HeaderProblem::none:
    case HeaderProblem::empty:
    case HeaderProblem::no_description:
      return {};
    case HeaderProblem::no_space_after_colon: {
      const std::size_t at = message.problem_column - 1;
      return fmt::format("{} {}", header.substr(0, at), trim(header.substr(at)));
    }
    case HeaderProblem::empty_scope:
      return fmt::format("{}{}", message.type, header.substr(header.find(')') + 1));
    case HeaderProblem::nested_parentheses: {
      const std::size_t colon = header.find("):");
      if (colon == std::string_view::npos) break;
      const std::string_view scope = header.substr(message.type.size() + 1, colon - message.type.size() - 1);
      return fmt::format("{}({}){}", message.type, without_parentheses(scope), header.substr(colon + 1));
    }
    case HeaderProblem::type_is_no_word:
    case HeaderProblem::open_parenthesis:
    case HeaderProblem::no_colon:
      break;
  }
  return fmt::format("{}: {}", type_by_first_word(header.substr(0, header.find(' '))), header);
}

}  // namespace signalbox::train
