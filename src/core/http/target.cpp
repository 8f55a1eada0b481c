#include "core/http/target.hpp"

#include <algorithm>
#include <optional>

#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

enum class Plus { plus, space };

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// RFC 3986, 2.1.
Result<std::string> decode(std::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
      const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
      if (!low) return fail(ErrorKind::bad_input, "the address: broken percent encoding");
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    }
  }
  if (std::any_of(out.begin(), out.end(), is_control) || !is_utf8(out))
    return fail(ErrorKind::bad_input, "the address: not text");
  return out;
}

bool climbs(std::string_view segment) {
  for (const std::string_view part : split(segment, '/')) {
    if (part == "." || part == "..") return true;
  }
  return false;
}

Status read_path(std::string_view path, Target& target) {
  for (const std::string_view raw : split(path.substr(1), '/')) {
    SIGNALBOX_TRY(std::string segment, decode(raw, Plus::plus));
    if (climbs(segment)) return fail(ErrorKind::bad_input, "the address: a segment . or ..");
    target.path += '/';
    target.path += segment;
    target.segments.push_back(std::move(segment));
  }
  return {};
}

Status read_query(std::string_view query, Target& target) {
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    SIGNALBOX_TRY(std::string name, decode(pair.substr(0, equals), Plus::space));
    SIGNALBOX_TRY(std::string value,
                  decode(equals < pair.size() ? pair.substr(equals + 1) : "", Plus::space));
    target.query.insert_or_assign(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  Target target;
  if (text == "*") {
    target.path = "*";
    return target;
  }
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  if (text.empty() || !std::all_of(text.begin(), text.end(), visible))
    return fail(ErrorKind::bad_input, "the address: not visible ASCII");
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!starts_with_ignoring_case(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    target.authority = text.substr(0, text.find_first_of("/?"));
    if (target.authority.empty() || target.authority.find('@') != std::string::npos)
      return fail(ErrorKind::bad_input, "the address: no host, or a user in it");
    text.remove_prefix(target.authority.size());
    break;
  }
  const std::size_t question = std::min(text.find('?'), text.size());
  std::string_view path = text.substr(0, question);
  if (path.empty() && !target.authority.empty()) path = "/";
  if (path.empty() || path.front() != '/') return fail(ErrorKind::bad_input, "the address: no path");
  SIGNALBOX_CHECK(read_path(path, target));
  if (question < text.size()) SIGNALBOX_CHECK(read_query(text.substr(question + 1), target));
  return target;
}

}  // namespace signalbox::http
