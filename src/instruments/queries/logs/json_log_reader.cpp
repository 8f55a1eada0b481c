#include "instruments/queries/logs/json_log_reader.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>

namespace signalbox::queries {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char* put_utf8(char* to, unsigned code) {
  if (code < 0x80) {
    *to++ = static_cast<char>(code);
    return to;
  }
  if (code < 0x800) {
    *to++ = static_cast<char>(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      *to++ = static_cast<char>(0xe0 | code >> 12);
    } else {
      *to++ = static_cast<char>(0xf0 | code >> 18);
      *to++ = static_cast<char>(0x80 | (code >> 12 & 0x3f));
    }
    *to++ = static_cast<char>(0x80 | (code >> 6 & 0x3f));
  }
  *to++ = static_cast<char>(0x80 | (code & 0x3f));
  return to;
}

// What an escape of one letter stands for; 0 where it is none, and for \u.
constexpr std::array<char, 256> simple_escapes() {
  std::array<char, 256> out{};
  out['n'] = '\n';
  out['t'] = '\t';
  out['r'] = '\r';
  out['b'] = '\b';
  out['f'] = '\f';
  out['"'] = '"';
  out['\\'] = '\\';
  out['/'] = '/';
  return out;
}
constexpr std::array<char, 256> kSimple = simple_escapes();

// An object without objects or arrays in it: all that jsonlog writes.
class FlatObject {
 public:
  enum class Behind { nothing, anything };  // the object
  FlatObject(std::string_view line, Unescaped& unescaped, Behind behind = Behind::nothing)
      : at_(line.data()), end_(line.data() + line.size()), behind_(behind), unescaped_(unescaped) {}

  enum class Next { member, end, broken };
  Next next(std::string_view& key, std::string_view& value) {
    skip_space();
    if (is_first_) {
      is_first_ = false;
      if (!take('{')) return Next::broken;
      skip_space();
      if (take('}')) return ended();
    } else {
      if (take('}')) return ended();
      if (!take(',')) return Next::broken;
      skip_space();
    }
    if (!string(key)) return Next::broken;
    skip_space();
    if (!take(':')) return Next::broken;
    skip_space();
    if (at_ < end_ && *at_ == '"' ? !string(value) : !scalar(value)) return Next::broken;
    return Next::member;
  }

 private:
  bool take(char wanted) {
    if (at_ >= end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }
  Next ended() {
    skip_space();
    return at_ == end_ || behind_ == Behind::anything ? Next::end : Next::broken;
  }

  static bool ends_scalar(char c) {
    return c == ',' || c == '}' || c == ' ' || c == '\t' || c == '\r' || c == '\0';
  }
  bool scalar(std::string_view& value) {
    const char* const begin = at_;
    while (at_ < end_ && !ends_scalar(*at_)) ++at_;
    value = {begin, static_cast<std::size_t>(at_ - begin)};
    const bool number = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
      return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    });
    return number || value == "true" || value == "false" || value == "null";
  }

  bool string(std::string_view& value) {
    if (!take('"')) return false;
    const char* const begin = at_;
    at_ = find_any<'"', '\\'>(at_, end_);
    if (at_ == end_) return false;
    if (*at_ == '\\') {
      at_ = begin;
      return escaped_string(value);
    }
    value = {begin, static_cast<std::size_t>(at_ - begin)};
    ++at_;
    return true;
  }

  bool escaped_string(std::string_view& value) {
    char* const first = unescaped_.next;
    char* to = first;
    Run run = Run::goes_on;
    while (run == Run::goes_on) run = end_ - at_ > kBlock ? block(to) : piece(to);
    if (run == Run::broken) return false;
    value = {first, static_cast<std::size_t>(to - first)};
    unescaped_.next = to;
    return true;
  }

  enum class Run { goes_on, ended, broken };
  // The next 64 octets, or up to what stands for more than one letter.
  Run block(char*& to) {
    const char* const begin = at_;
    const char* from = at_;
    for (std::uint64_t places = places_of<'"', '\\'>(begin); places != 0;) {
      const int place = std::countr_zero(places);
      const char* const stop = begin + place;
      to = copy_run(from, stop, to);
      if (*stop == '"') {
        at_ = stop + 1;
        return Run::ended;
      }
      const char simple = kSimple[static_cast<unsigned char>(stop[1])];
      if (simple == '\0') {
        at_ = stop + 1;
        return escape(to);
      }
      *to++ = simple;
      from = stop + 2;
      places &= places - 1;
      places &= ~(std::uint64_t{2} << place);  // the letter behind it
    }
    at_ = std::max(from, begin + 64);
    if (from < at_) to = copy_run(from, at_, to);
    return Run::goes_on;
  }

  // Up to the end of the string, or past an escape.
  Run piece(char*& to) {
    at_ = copy_until<'"', '\\'>(at_, end_, to);
    if (at_ == end_) return Run::broken;
    return *at_++ == '"' ? Run::ended : escape(to);
  }

  Run escape(char*& to) {
    if (at_ == end_) return Run::broken;
    const char letter = *at_++;
    const char simple = kSimple[static_cast<unsigned char>(letter)];
    if (simple != '\0') {
      *to++ = simple;
      return Run::goes_on;
    }
    return letter == 'u' && unicode(to) ? Run::goes_on : Run::broken;
  }

  bool four_digits(unsigned& code) {
    if (end_ - at_ < 4) return false;
    code = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = hex_digit(*at_++);
      if (digit < 0) return false;
      code = code << 4 | static_cast<unsigned>(digit);
    }
    return true;
  }

  // A half of a pair that stands alone becomes U+FFFD.
  bool unicode(char*& to) {
    constexpr unsigned kReplacement = 0xfffd;
    unsigned code = 0;
    if (!four_digits(code)) return false;
    if (code >= 0xdc00 && code < 0xe000) code = kReplacement;
    if (code >= 0xd800 && code < 0xdc00) {
      unsigned low = 0;
      const char* const before = at_;
      const bool pair = end_ - at_ >= 2 && at_[0] == '\\' && at_[1] == 'u' && (at_ += 2, four_digits(low)) &&
                        low >= 0xdc00 && low < 0xe000;
      if (pair) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = before;
        code = kReplacement;
      }
    }
    to = put_utf8(to, code);
    return true;
  }

  const char* at_;
  const char* end_;
  Behind behind_;
  bool is_first_ = true;
  Unescaped& unescaped_;
};

std::int64_t integer(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

// The same by the names that csvlog's columns have.
std::string_view LogRecord::*text_of_column(std::string_view key) {
  constexpr std::pair<std::string_view, std::string_view LogRecord::*> kColumns[] = {
      {"user_name", &LogRecord::user},
      {"database_name", &LogRecord::database},
      {"session_id", &LogRecord::session},
      {"error_severity", &LogRecord::severity},
      {"sql_state_code", &LogRecord::sqlstate},
      {"message", &LogRecord::message},
      {"detail", &LogRecord::detail},
      {"hint", &LogRecord::hint},
      {"context", &LogRecord::context},
      {"query", &LogRecord::statement},
      {"application_name", &LogRecord::application}};
  for (const auto& [name, field] : kColumns) {
    if (key == name) return field;
  }
  return nullptr;
}

// Where the text of a member goes; nullptr where it is none that is kept.
std::string_view LogRecord::*text_of(std::string_view key) {
  const auto is = [&](std::string_view name, std::string_view LogRecord::*field) {
    return key == name ? field : nullptr;
  };
  switch (key.size()) {
    case 4:
      return key[0] == 'u' ? is("user", &LogRecord::user) : is("hint", &LogRecord::hint);
    case 6:
      return key[1] == 'b' ? is("dbname", &LogRecord::database) : is("detail", &LogRecord::detail);
    case 7:
      return key[0] == 'm' ? is("message", &LogRecord::message) : is("context", &LogRecord::context);
    case 9:
      return is("statement", &LogRecord::statement);
    case 10:
      return key[1] == 'e' ? is("session_id", &LogRecord::session) : is("state_code", &LogRecord::sqlstate);
    case 14:
      return is("error_severity", &LogRecord::severity);
    case 16:
      return is("application_name", &LogRecord::application);
    default:
      return nullptr;
  }
}

}  // namespace

// A line of the operator's own programs.
bool JsonLogReader::is_of_others(std::string_view line) const {
  return format_ == LogFormat::cnpg && line.starts_with('{') && line.ends_with('}') &&
         line.find("\"level\":") != std::string_view::npos &&
         line.find(kCnpgRecord) == std::string_view::npos;
}

bool JsonLogReader::read_line(std::string_view line, LogRecord& record) {
  const bool is_cnpg = format_ == LogFormat::cnpg;
  if (is_cnpg) {
    const std::size_t at = line.find(kCnpgRecord);
    if (at == std::string_view::npos) return false;
    line.remove_prefix(at + kCnpgRecord.size() - 1);
  }
  FlatObject object(line, unescaped_, is_cnpg ? FlatObject::Behind::anything : FlatObject::Behind::nothing);
  std::string_view key, value;
  bool has_time = false;
  while (true) {
    const FlatObject::Next next = object.next(key, value);
    if (next == FlatObject::Next::broken) return false;
    if (next == FlatObject::Next::end) return has_time;
    if (key == (is_cnpg ? "log_time" : "timestamp")) {
      has_time = times_.read(value, record);
    } else if (key == (is_cnpg ? "process_id" : "pid")) {
      record.pid = integer(value);
    } else if (key == "query_id") {
      record.query_id = integer(value);
    } else if (std::string_view LogRecord::*const field = is_cnpg ? text_of_column(key) : text_of(key)) {
      record.*field = value;
    }
  }
}

std::size_t JsonLogReader::last_begin(std::string_view text) const {
  return text.rfind('\n') + 1;  // of npos: 0
}

std::size_t JsonLogReader::read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) {
  unescaped_.begin(text.size());  // what is unescaped is never longer than it was
  std::size_t at = 0;
  while (at < text.size()) {
    const auto* const found = static_cast<const char*>(std::memchr(text.data() + at, '\n', text.size() - at));
    if (found == nullptr && more != More::none && text.size() - at < kMaxRecordBytes) break;
    const std::size_t end = found == nullptr ? text.size() : static_cast<std::size_t>(found - text.data());
    const std::string_view line = text.substr(at, end - at);
    LogRecord record;
    record.offset = offset + at;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      if (line.size() <= kMaxRecordBytes && read_line(line, record)) {
        ++counts_.records;
        visitor.record(record);
      } else if (!is_of_others(line)) {
        counts_.reject(record.offset);
      }
    }
    at = std::min(end + 1, text.size());
  }
  return at;
}

}  // namespace signalbox::queries
