#include "core/git/object.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <iconv.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace signalbox::git {
namespace {

constexpr std::string_view kSpaces = " \t\n\v\f\r";

// Of each octet the value as a hexadecimal digit in lower case; 16 where it is none.
constexpr std::array<std::uint8_t, 256> kNibbles = [] {
  std::array<std::uint8_t, 256> out{};
  out.fill(16);
  for (std::uint8_t i = 0; i < 16; ++i) out[static_cast<std::uint8_t>("0123456789abcdef"[i])] = i;
  return out;
}();

std::string_view without_trailing_spaces(std::string_view text) {
  const std::size_t last = text.find_last_not_of(kSpaces);
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

// "Ada <ada@example.org> 1700000000 +0000". Without an address nothing of it counts; a date without its zone
// is none.
struct Identity {
  std::string_view name;
  std::string_view email;
  std::int64_t time_s = 0;
};

Identity parse_identity(std::string_view line) {
  Identity person;
  const std::size_t open = line.find('<');
  if (open == std::string_view::npos) return person;
  const std::size_t close = line.find('>', open);
  if (close == std::string_view::npos) return person;
  person.name = without_trailing_spaces(line.substr(0, open));
  person.email = line.substr(open + 1, close - open - 1);
  // An address may hold another '>': the date stands behind the last one.
  std::string_view date = line.substr(line.rfind('>') + 1);
  date.remove_prefix(std::min(date.find_first_not_of(kSpaces), date.size()));
  if (date.empty() || date.front() == '-') return person;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(date.data(), date.data() + date.size(), seconds);
  date.remove_prefix(static_cast<std::size_t>(end - date.data()));
  date.remove_prefix(std::min(date.find_first_not_of(kSpaces), date.size()));
  const bool has_zone =
      date.size() > 1 && (date[0] == '+' || date[0] == '-') && date[1] >= '0' && date[1] <= '9';
  if (error == std::errc{} && has_zone) person.time_s = seconds;
  return person;
}

// Takes `word`, an id and the end of the line off the front of a header.
bool take_id(std::string_view& header, std::string_view word, ObjectId& out) {
  if (!header.starts_with(word)) return false;
  const std::size_t end = header.find('\n', word.size());
  if (end == std::string_view::npos) return false;
  const auto id = parse_object_id(header.substr(word.size(), end - word.size()));
  if (!id) return false;
  out = *id;
  header.remove_prefix(end + 1);
  return true;
}

// Takes `word` and a line's rest off the front of a header.
bool take_line(std::string_view& header, std::string_view word, std::string_view& rest) {
  if (!header.starts_with(word)) return false;
  const std::size_t end = std::min(header.find('\n'), header.size());
  rest = header.substr(word.size(), end - word.size());
  header.remove_prefix(std::min(end + 1, header.size()));
  return true;
}

}  // namespace

ObjectId ObjectId::from_octets(std::string_view octets) {
  ObjectId id;
  std::copy_n(octets.begin(), std::min(octets.size(), id.octets.size()),
              reinterpret_cast<char*>(id.octets.data()));
  return id;
}

std::string to_hex(const ObjectId& id, IdFormat format) {
  return signalbox::to_hex(id.view(format));
}

std::optional<ObjectId> parse_object_id(std::string_view hex) {
  if (hex.size() != 40 && hex.size() != 64) return std::nullopt;
  ObjectId id;
  unsigned wrong = 0;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const unsigned high = kNibbles[static_cast<std::uint8_t>(hex[i])];
    const unsigned low = kNibbles[static_cast<std::uint8_t>(hex[i + 1])];
    wrong |= high | low;
    id.octets[i / 2] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return (wrong & 16) == 0 ? std::optional(id) : std::nullopt;
}

std::optional<ObjectType> parse_object_type(std::string_view name) {
  if (name == "commit") return ObjectType::commit;
  if (name == "tree") return ObjectType::tree;
  if (name == "blob") return ObjectType::blob;
  if (name == "tag") return ObjectType::tag;
  return std::nullopt;
}

Status parse_commit_object(std::string_view octets, CommitObject& out) {
  out.parents.clear();
  out.author_name = out.author_email = out.encoding = {};
  out.author_time_s = out.committer_time_s = 0;
  const std::size_t blank = octets.find("\n\n");
  std::string_view header = octets.substr(0, blank == std::string_view::npos ? octets.size() : blank + 1);
  out.message = blank == std::string_view::npos ? std::string_view() : octets.substr(blank + 2);
  if (!take_id(header, "tree ", out.tree)) return fail(ErrorKind::bad_input, "a commit without its tree");
  for (ObjectId parent; take_id(header, "parent ", parent);) out.parents.push_back(parent);
  if (header.starts_with("parent "))
    return fail(ErrorKind::bad_input, "a commit with a parent that is no id");
  while (!header.empty()) {
    std::string_view line;
    if (take_line(header, "author ", line)) {
      const Identity author = parse_identity(line);
      out.author_name = author.name;
      out.author_email = author.email;
      out.author_time_s = author.time_s;
    } else if (take_line(header, "committer ", line)) {
      out.committer_time_s = parse_identity(line).time_s;
    } else if (take_line(header, "encoding ", line)) {
      out.encoding = line;
    } else {
      take_line(header, "", line);
    }
  }
  return {};
}

std::optional<std::string> in_utf8(std::string_view octets, std::string_view encoding) {
  constexpr std::size_t longest_name = 40;
  constexpr std::string_view name_characters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  const std::string lower = to_lower(encoding);
  if (encoding.empty() || lower == "utf-8" || lower == "utf8" || encoding.size() > longest_name ||
      encoding.find_first_not_of(name_characters) != std::string_view::npos)
    return std::nullopt;
  const iconv_t converter = ::iconv_open("UTF-8", std::string(encoding).c_str());
  if (converter == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  std::string out(octets.size() * 2 + 16, '\0');
  char* from = const_cast<char*>(octets.data());  // iconv leaves it as it is
  std::size_t left = octets.size();
  std::size_t written = 0;
  bool converted = false;
  for (;;) {
    char* to = out.data() + written;
    std::size_t room = out.size() - written;
    converted = ::iconv(converter, &from, &left, &to, &room) != static_cast<std::size_t>(-1);
    const bool is_full = !converted && errno == E2BIG;
    written = out.size() - room;
    if (!is_full) break;
    out.resize(out.size() * 2);
  }
  ::iconv_close(converter);
  if (!converted) return std::nullopt;
  out.resize(written);
  return out;
}

Result<TagObject> parse_tag_object(std::string_view octets) {
  TagObject tag;
  std::string_view type;
  if (!take_id(octets, "object ", tag.target) || !take_line(octets, "type ", type))
    return fail(ErrorKind::bad_input, "a tag that names no object");
  const auto known = parse_object_type(type);
  if (!known) return fail(ErrorKind::bad_input, "a tag of an object of no known type");
  tag.type = *known;
  return tag;
}

}  // namespace signalbox::git
