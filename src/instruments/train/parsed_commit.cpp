#include "instruments/train/parsed_commit.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "instruments/train/release.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxSubjectBytes = 1000;
constexpr std::size_t kMaxParts = 100;
constexpr std::size_t kMaxReverts = 1000;
constexpr std::size_t kMaxNumberDigits = 18;

// One line, not too long, for people.
std::string shown(std::string_view octets) {
  const bool cut = octets.size() > kMaxSubjectBytes;
  if (cut) {
    std::size_t end = kMaxSubjectBytes;
    while (end > kMaxSubjectBytes - 4 && (static_cast<unsigned char>(octets[end]) & 0xC0) == 0x80) --end;
    octets = octets.substr(0, end);
  }
  std::string out = printable(octets);
  std::replace(out.begin(), out.end(), '\n', ' ');
  std::replace(out.begin(), out.end(), '\t', ' ');
  if (cut) out += "…";
  return out;
}

std::string suggested_type(const Message& message) {
  if (message.kind == MessageKind::revert) return "revert";
  const std::string proposal = propose_header(message);
  return proposal.substr(0, proposal.find_first_of("(:"));
}

// `* feat(scope): …` lines of a squashed body.
std::vector<std::string> squashed_parts(std::string_view body) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < body.size() && parts.size() < kMaxParts;) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    std::string_view line = trim(body.substr(at, end - at));
    at = end + 1;
    if (!line.starts_with("* ") && !line.starts_with("- ")) continue;
    line = trim(line.substr(2));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos || line.substr(0, colon).find(' ') != std::string_view::npos)
      continue;
    if (is_conventional_header(line)) parts.push_back(shown(line));
  }
  return parts.size() > 1 ? parts : std::vector<std::string>();
}

// The header of a message, with the `!` where only a footer says that it breaks something.
std::string header_with_mark(const Message& message) {
  std::string out = shown(message.header);
  const std::size_t colon = message.header.size() - message.description.size();
  const std::size_t at = std::string_view(message.header).substr(0, colon).rfind(':');
  if (message.breaking && at != std::string_view::npos && at > 0 && message.header[at - 1] != '!')
    out.insert(shown(message.header.substr(0, at)).size(), "!");
  return out;
}

// What stands between BEGIN_NESTED_COMMIT and END_NESTED_COMMIT, as release-please reads bodies: messages of
// their own, each up to its end or the next beginning.
std::vector<std::string> nested_parts(std::string_view body) {
  constexpr std::string_view kBegin = "BEGIN_NESTED_COMMIT";
  std::vector<std::string> parts;
  for (std::size_t at = 0; parts.size() < kMaxParts && (at = body.find(kBegin)) != std::string_view::npos;) {
    body.remove_prefix(at + kBegin.size());
    const std::size_t end = std::min(body.find("END_NESTED_COMMIT"), body.find(kBegin));
    const Message nested = parse_message(body.substr(0, end));
    if (nested.kind == MessageKind::conventional) parts.push_back(header_with_mark(nested));
  }
  return parts;
}

std::vector<std::string> parts_of(std::string_view body) {
  std::vector<std::string> nested = nested_parts(body);
  return nested.empty() ? squashed_parts(body) : nested;
}

// "12" at the front of `text`; 0 where there is no number.
std::uint64_t leading_number(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > kMaxNumberDigits) return 0;
  return static_cast<std::uint64_t>(*parse_integer(text.substr(0, digits)));
}

void write_number(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void write_text(std::string& out, std::string_view text) {
  write_number(out, text.size());
  out += text;
}

// Takes what the two above wrote off the front of octets; zeros and nothing once they have ended.
class Fields {
 public:
  explicit Fields(std::string_view octets) : octets_(octets) {}

  std::uint64_t number() {
    std::uint64_t out = 0;
    for (unsigned shift = 0; shift < 64 && !octets_.empty(); shift += 7) {
      const auto octet = static_cast<std::uint8_t>(octets_.front());
      octets_.remove_prefix(1);
      out |= static_cast<std::uint64_t>(octet & 0x7FU) << shift;
      if ((octet & 0x80U) == 0) return out;
    }
    return out;
  }

  std::string_view text() {
    const std::string_view out = octets_.substr(0, count());
    octets_.remove_prefix(out.size());
    return out;
  }

  std::vector<std::string_view> texts() {
    std::vector<std::string_view> out(count());
    for (std::string_view& one : out) one = text();
    return out;
  }

  std::string_view rest() const { return octets_; }

 private:
  // A number of things that take an octet at least.
  std::size_t count() {
    const std::uint64_t count = number();
    return static_cast<std::size_t>(std::min<std::uint64_t>(count, octets_.size()));
  }

  std::string_view octets_;
};

// What is true of a commit, as bits of one number; its kind stands above them.
constexpr std::uint64_t kBreaking = 1;
constexpr std::uint64_t kNamesVersion = 2;
constexpr unsigned kKindShift = 2;

// Signed numbers near 0 are written short.
std::uint64_t zigzag(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
}

}  // namespace

std::uint64_t pull_request_of(const Message& message) {
  std::string_view header = message.header;
  for (const std::string_view opening : {"Merge pull request #", "Merged PR "}) {
    if (header.starts_with(opening)) return leading_number(header.substr(opening.size()));
  }
  if (header.ends_with(')')) {
    const std::size_t open = header.rfind("(#");
    if (open != std::string_view::npos &&
        header.find_first_not_of("0123456789", open + 2) == header.size() - 1)
      return leading_number(header.substr(open + 2));
  }
  constexpr std::string_view of_gitlab = "See merge request ";
  for (std::size_t at = 0; (at = message.body.find(of_gitlab, at)) != std::string_view::npos; ++at) {
    if (at > 0 && message.body[at - 1] != '\n') continue;
    const std::string_view rest = message.body.substr(at + of_gitlab.size());
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (const std::size_t mark = line.rfind('!'); mark != std::string_view::npos)
      return leading_number(line.substr(mark + 1));
  }
  return 0;
}

bool names_only_a_version(const Message& message) {
  std::string_view words = message.kind == MessageKind::conventional ? message.description : message.header;
  if (message.kind == MessageKind::conventional && to_lower(message.type) != "release" &&
      to_lower(message.scope) != "release")
    return false;
  for (const std::string_view opening : {"release ", "version ", "publish "}) {
    if (starts_with_ignoring_case(words, opening)) words.remove_prefix(opening.size());
  }
  const std::string_view name = words.substr(0, words.find(' '));
  if (name.size() != words.size() && !words.substr(name.size()).starts_with(" (#")) return false;
  return parse_release_tag(name, "").has_value();
}

void write_parsed(std::string_view octets, std::string_view author, std::int64_t author_time_s,
                  std::string& out) {
  const Message message = parse_message(octets);
  const bool conventional = message.kind == MessageKind::conventional;
  std::uint64_t traits = static_cast<std::uint64_t>(message.kind) << kKindShift;
  if (message.breaking) traits |= kBreaking;
  if (names_only_a_version(message)) traits |= kNamesVersion;
  write_number(out, traits);
  write_number(out, zigzag(author_time_s));
  write_number(out, pull_request_of(message));
  write_text(out, conventional ? to_lower(message.type) : suggested_type(message));
  write_text(out, conventional ? shown(message.scope) : std::string());
  const std::string subject = shown(conventional ? message.description : message.header);
  write_text(out, subject.empty() ? "(no message)" : subject);
  write_text(out, shown(author));
  write_text(out, shown(message.breaking_note));
  const std::size_t reverts = std::min(message.reverts.size(), kMaxReverts);
  const std::vector<std::string> parts = parts_of(message.body);
  if (reverts + parts.size() == 0) return;
  write_number(out, reverts);
  for (std::size_t i = 0; i < reverts; ++i) write_text(out, message.reverts[i]);
  write_number(out, parts.size());
  for (const std::string& part : parts) write_text(out, part);
}

std::vector<std::string_view> ParsedCommit::reverts() const {
  return Fields(lists).texts();
}

std::vector<std::string_view> ParsedCommit::parts() const {
  Fields fields(lists);
  fields.texts();
  return fields.texts();
}

ParsedCommit read_parsed(std::string_view octets) {
  Fields fields(octets);
  ParsedCommit out;
  const std::uint64_t traits = fields.number();
  const std::uint64_t kind = traits >> kKindShift;
  out.kind = kind <= static_cast<std::uint64_t>(MessageKind::other) ? static_cast<MessageKind>(kind)
                                                                    : MessageKind::other;
  out.breaking = (traits & kBreaking) != 0;
  out.names_version = (traits & kNamesVersion) != 0;
  out.author_time_s = unzigzag(fields.number());
  out.pull_request = fields.number();
  out.type = fields.text();
  out.scope = fields.text();
  out.subject = fields.text();
  out.author = fields.text();
  out.breaking_note = fields.text();
  out.lists = fields.rest();
  return out;
}

}  // namespace signalbox::train
