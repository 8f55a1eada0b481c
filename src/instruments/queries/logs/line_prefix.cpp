#include "instruments/queries/logs/line_prefix.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxSeverity = 24;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

template <class Test>
std::size_t run(std::string_view text, std::size_t from, Test test) {
  while (from < text.size() && test(text[from])) ++from;
  return from;
}

std::int64_t integer(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// "2026-03-03 09:00:00.123 UTC": how long it is at the front of `text`, 0 where it is none.
std::size_t time_length(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-dd dd:dd:dd";
  if (text.size() < kShape.size()) return 0;
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) return 0;
  }
  std::size_t at = kShape.size();
  if (at < text.size() && text[at] == '.') at = run(text, at + 1, is_digit);
  // A zone: letters, or an offset.
  if (at + 1 < text.size() && text[at] == ' ') {
    const auto in_zone = [](char c) { return (c >= 'A' && c <= 'Z') || is_digit(c) || c == '+' || c == '-'; };
    const std::size_t end = run(text, at + 1, in_zone);
    if (end > at + 1 && text[at + 1] != '[') at = end;
  }
  return at;
}

}  // namespace

// One line that is tried. What could not be matched from a place on is not tried there again.
struct LinePrefix::Attempt {
  std::string_view line;
  PrefixFields* fields = nullptr;
  std::vector<bool> failed;  // by item and place
  std::size_t width = 0;
};

bool LinePrefix::kind_of(char escape, Kind& kind) {
  constexpr std::pair<char, Kind> kKinds[] = {
      {'a', Kind::application}, {'u', Kind::user},    {'d', Kind::database}, {'r', Kind::remote},
      {'h', Kind::host},        {'b', Kind::backend}, {'p', Kind::pid},      {'P', Kind::leader},
      {'t', Kind::time},        {'m', Kind::time},    {'n', Kind::epoch},    {'i', Kind::tag},
      {'e', Kind::sqlstate},    {'c', Kind::session}, {'l', Kind::line},     {'s', Kind::started},
      {'v', Kind::vxid},        {'x', Kind::xid},     {'Q', Kind::query_id}};
  const auto* const found = std::find_if(std::begin(kKinds), std::end(kKinds),
                                         [&](const auto& each) { return each.first == escape; });
  if (found == std::end(kKinds)) return false;
  kind = found->second;
  return true;
}

Result<LinePrefix> LinePrefix::compile(std::string_view prefix) {
  LinePrefix out;
  std::size_t q = std::string_view::npos;  // the first item after %q
  const auto literal = [&](char c) {
    const bool begins =
        out.items_.empty() || out.items_.back().kind != Kind::literal || q == out.items_.size();
    if (begins) out.items_.push_back({});
    out.items_.back().literal += c;
  };
  bool has_time = false, has_process = false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (prefix[i] != '%') {
      literal(prefix[i]);
      continue;
    }
    const std::size_t begin = i++;
    while (i < prefix.size() && (is_digit(prefix[i]) || prefix[i] == '-')) ++i;
    const bool padded = i > begin + 1;
    const bool left = padded && prefix[begin + 1] == '-';
    if (i >= prefix.size()) return fail(ErrorKind::bad_input, "--prefix: ends within an escape");
    const char escape = prefix[i];
    if (escape == '%') {
      literal('%');
      continue;
    }
    if (escape == 'q') {
      q = std::min(q, out.items_.size());
      continue;
    }
    Kind kind{};
    if (!kind_of(escape, kind)) {
      return fail(ErrorKind::bad_input,
                  fmt::format("--prefix: %{} is no escape of log_line_prefix", printable({&escape, 1})));
    }
    has_time = has_time || kind == Kind::time || kind == Kind::epoch;
    has_process = has_process || kind == Kind::pid || kind == Kind::session;
    if (padded && !left) out.items_.push_back({Kind::spaces, {}});
    out.items_.push_back({kind, {}});
    if (left) out.items_.push_back({Kind::spaces, {}});
    if (out.items_.size() > kMaxItems) return fail(ErrorKind::bad_input, "--prefix: has too many escapes");
  }
  if (!has_time && !has_process) {
    return fail(ErrorKind::bad_input, "--prefix: tells neither the time (%m) nor the process (%p)",
                "log_line_prefix = '%m [%p] %u@%d %a %Q '");
  }
  out.first_optional_ = std::min(q, out.items_.size());
  return out;
}

bool LinePrefix::is_text(Kind kind) {
  return kind == Kind::application || kind == Kind::user || kind == Kind::database || kind == Kind::remote ||
         kind == Kind::host || kind == Kind::backend || kind == Kind::tag || kind == Kind::vxid;
}

// How long an item of this kind is at the front of `text`; npos where it does not begin so. Those that are
// texts may be of any length and are tried elsewhere.
std::size_t LinePrefix::length_of(Kind kind, std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  switch (kind) {
    case Kind::spaces:
      return run(text, 0, [](char c) { return c == ' '; });
    case Kind::pid:
    case Kind::line:
    case Kind::xid: {
      const std::size_t end = run(text, 0, is_digit);
      return end == 0 ? kNone : end;
    }
    case Kind::leader:
      return run(text, 0, is_digit);
    case Kind::query_id: {
      const std::size_t begin = !text.empty() && text.front() == '-' ? 1 : 0;
      const std::size_t end = run(text, begin, is_digit);
      return end == begin ? kNone : end;
    }
    case Kind::time:
    case Kind::started: {
      const std::size_t length = time_length(text);
      return length == 0 ? kNone : length;
    }
    case Kind::epoch: {
      const std::size_t end = run(text, 0, [](char c) { return is_digit(c) || c == '.'; });
      return end == 0 ? kNone : end;
    }
    case Kind::sqlstate: {
      const std::size_t end = run(text, 0, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
      return end == 5 ? end : kNone;
    }
    case Kind::session: {
      const std::size_t end = run(text, 0, [](char c) { return is_hex(c) || c == '.'; });
      return end == 0 ? kNone : end;
    }
    default:
      return kNone;
  }
}

void LinePrefix::keep(Kind kind, std::string_view text, PrefixFields& fields) {
  LogRecord& record = fields.record;
  switch (kind) {
    case Kind::application:
      record.application = text;
      break;
    case Kind::user:
      record.user = text;
      break;
    case Kind::database:
      record.database = text;
      break;
    case Kind::pid:
      record.pid = integer(text);
      if (record.session.empty()) record.session = text;
      break;
    case Kind::session:
      record.session = text;
      break;
    case Kind::time:
      fields.time = text;
      break;
    case Kind::epoch: {
      double seconds = 0;
      std::from_chars(text.data(), text.data() + text.size(), seconds);
      record.at = Time(Duration(static_cast<std::int64_t>(std::clamp(seconds, 0.0, 1e11) * 1000)));
      break;
    }
    case Kind::sqlstate:
      record.sqlstate = text;
      break;
    case Kind::query_id:
      record.query_id = integer(text);
      break;
    default:
      break;
  }
}

// "LOG:  ": letters of any language, a colon, two spaces.
bool LinePrefix::match_severity(std::string_view line, std::size_t at, PrefixFields& fields) {
  const auto in_word = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '1' && c <= '5') || c == ' ' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  const std::string_view rest = line.substr(at, kMaxSeverity + 3);
  const std::size_t colon = run(rest, 0, in_word);
  if (colon == 0 || rest.front() == ' ' || rest.substr(colon, 3) != ":  ") return false;
  fields.severity = rest.substr(0, colon);
  fields.text = at + colon + 3;
  return true;
}

// Each text up to the first place where the literal behind it stands, which is what match_from tries first;
// so where this matches, that does, with the same fields. False also for prefixes that it does not know how
// to read.
bool LinePrefix::match_at_once(std::string_view line, PrefixFields& fields) const {
  std::array<std::string_view, kMaxItems> found;
  std::size_t at = 0, item = 0;
  for (; item < items_.size(); ++item) {
    if (at > kMaxPrefixBytes || at > line.size()) return false;
    if (item == first_optional_ && match_severity(line, at, fields)) break;
    const Item& wanted = items_[item];
    const std::string_view rest = line.substr(at, kMaxPrefixBytes);
    std::size_t length = wanted.literal.size();
    if (wanted.kind == Kind::literal) {
      if (!rest.starts_with(wanted.literal)) return false;
    } else if (is_text(wanted.kind)) {
      if (item + 1 >= items_.size() || item + 1 == first_optional_) return false;
      if (items_[item + 1].kind != Kind::literal) return false;
      length = rest.find(items_[item + 1].literal);
    } else {
      length = length_of(wanted.kind, rest);
    }
    if (length == std::string_view::npos) return false;
    found[item] = rest.substr(0, length);
    at += length;
  }
  if (item == items_.size() && (at > kMaxPrefixBytes || !match_severity(line, at, fields))) return false;
  while (item > 0) {
    --item;
    keep(items_[item].kind, found[item], fields);
  }
  return true;
}

bool LinePrefix::match_from(Attempt& attempt, std::size_t item, std::size_t at) const {
  if (at > kMaxPrefixBytes || at > attempt.line.size()) return false;
  if (item == items_.size()) return match_severity(attempt.line, at, *attempt.fields);
  const std::size_t state = item * attempt.width + at;
  if (attempt.failed[state]) return false;
  // Of processes without a session the rest is not there.
  if (item == first_optional_ && match_severity(attempt.line, at, *attempt.fields)) return true;
  const Item& wanted = items_[item];
  const std::string_view rest = attempt.line.substr(at);
  bool matched = false;
  if (wanted.kind == Kind::literal) {
    matched = rest.starts_with(wanted.literal) && match_from(attempt, item + 1, at + wanted.literal.size());
  } else if (is_text(wanted.kind)) {
    const std::size_t most = std::min(rest.size(), kMaxPrefixBytes - at);
    for (std::size_t length = 0; length <= most && !matched; ++length) {
      matched = match_from(attempt, item + 1, at + length);
      if (matched) keep(wanted.kind, rest.substr(0, length), *attempt.fields);
    }
  } else if (const std::size_t length = length_of(wanted.kind, rest.substr(0, kMaxPrefixBytes));
             length != std::string_view::npos) {
    matched = match_from(attempt, item + 1, at + length);
    if (matched) keep(wanted.kind, rest.substr(0, length), *attempt.fields);
  }
  if (!matched) attempt.failed[state] = true;
  return matched;
}

bool LinePrefix::match(std::string_view line, PrefixFields& fields) const {
  if (match_at_once(line, fields)) return true;
  Attempt attempt;
  attempt.line = line;
  attempt.fields = &fields;
  attempt.width = std::min(line.size(), kMaxPrefixBytes) + 2;
  attempt.failed.assign(attempt.width * (items_.size() + 1), false);
  return match_from(attempt, 0, 0);
}

}  // namespace signalbox::queries
