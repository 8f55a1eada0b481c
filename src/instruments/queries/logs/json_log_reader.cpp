#include "instruments/queries/logs/json_log_reader.hpp"

#include <algorithm>
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

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
    out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// An object without objects or arrays in it: all that jsonlog writes.
class FlatObject {
 public:
  FlatObject(std::string_view line, std::string& unescaped) : line_(line), unescaped_(unescaped) {}

  enum class Next { member, end, broken };
  Next next(std::string_view& key, std::string_view& value) {
    skip_space();
    if (at_ == 0) {
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
    if (peek() == '"' ? !string(value) : !scalar(value)) return Next::broken;
    return Next::member;
  }

 private:
  char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }
  bool take(char wanted) {
    if (peek() != wanted || at_ >= line_.size()) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t' || line_[at_] == '\r')) ++at_;
  }
  Next ended() {
    skip_space();
    return at_ == line_.size() ? Next::end : Next::broken;
  }

  bool scalar(std::string_view& value) {
    const std::size_t begin = at_;
    while (at_ < line_.size() && std::strchr(",} \t\r", line_[at_]) == nullptr) ++at_;
    value = line_.substr(begin, at_ - begin);
    const bool number = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
      return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
    });
    return number || value == "true" || value == "false" || value == "null";
  }

  bool string(std::string_view& value) {
    if (!take('"')) return false;
    const std::size_t begin = at_;
    const std::size_t stop = line_.find_first_of("\"\\", begin);
    if (stop == std::string_view::npos) return false;
    if (line_[stop] == '"') {
      value = line_.substr(begin, stop - begin);
      at_ = stop + 1;
      return true;
    }
    return escaped_string(begin, stop, value);
  }

  bool escaped_string(std::size_t begin, std::size_t stop, std::string_view& value) {
    const std::size_t first = unescaped_.size();
    at_ = begin;
    while (true) {
      unescaped_.append(line_.substr(at_, stop - at_));
      at_ = stop + 1;
      if (line_[stop] == '"') break;
      if (!escape()) return false;
      stop = line_.find_first_of("\"\\", at_);
      if (stop == std::string_view::npos) return false;
    }
    value = std::string_view(unescaped_).substr(first);
    return true;
  }

  bool escape() {
    if (at_ >= line_.size()) return false;
    const char c = line_[at_++];
    switch (c) {
      case 'n':
        unescaped_ += '\n';
        return true;
      case 't':
        unescaped_ += '\t';
        return true;
      case 'r':
        unescaped_ += '\r';
        return true;
      case 'b':
        unescaped_ += '\b';
        return true;
      case 'f':
        unescaped_ += '\f';
        return true;
      case '"':
      case '\\':
      case '/':
        unescaped_ += c;
        return true;
      case 'u':
        return unicode();
      default:
        return false;
    }
  }

  bool four_digits(unsigned& code) {
    if (line_.size() - at_ < 4) return false;
    code = 0;
    for (int i = 0; i < 4; ++i) {
      const int digit = hex_digit(line_[at_++]);
      if (digit < 0) return false;
      code = code << 4 | static_cast<unsigned>(digit);
    }
    return true;
  }

  // A half of a pair that stands alone becomes U+FFFD.
  bool unicode() {
    constexpr unsigned kReplacement = 0xfffd;
    unsigned code = 0;
    if (!four_digits(code)) return false;
    if (code >= 0xdc00 && code < 0xe000) code = kReplacement;
    if (code >= 0xd800 && code < 0xdc00) {
      unsigned low = 0;
      const std::size_t before = at_;
      const bool pair =
          line_.substr(at_, 2) == "\\u" && (at_ += 2, four_digits(low)) && low >= 0xdc00 && low < 0xe000;
      if (pair) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = before;
        code = kReplacement;
      }
    }
    append_utf8(unescaped_, code);
    return true;
  }

  std::string_view line_;
  std::string& unescaped_;
  std::size_t at_ = 0;
};

std::int64_t integer(std::string_view text) {
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

struct TextMember {
  std::string_view name;
  std::string_view LogRecord::*field;
};
constexpr TextMember kTexts[] = {
    {"user", &LogRecord::user},
    {"dbname", &LogRecord::database},
    {"session_id", &LogRecord::session},
    {"application_name", &LogRecord::application},
    {"error_severity", &LogRecord::severity},
    {"state_code", &LogRecord::sqlstate},
    {"message", &LogRecord::message},
    {"detail", &LogRecord::detail},
    {"hint", &LogRecord::hint},
    {"context", &LogRecord::context},
    {"statement", &LogRecord::statement},
};

}  // namespace

bool JsonLogReader::read_line(std::string_view line, LogRecord& record) {
  unescaped_.clear();
  // Views into it must stay; what is unescaped is never longer than it was.
  if (unescaped_.capacity() < line.size()) unescaped_.reserve(2 * line.size());
  FlatObject object(line, unescaped_);
  std::string_view key, value;
  bool has_time = false;
  while (true) {
    const FlatObject::Next next = object.next(key, value);
    if (next == FlatObject::Next::broken) return false;
    if (next == FlatObject::Next::end) return has_time;
    if (key == "timestamp") {
      has_time = parse_log_time(value, record);
    } else if (key == "pid") {
      record.pid = integer(value);
    } else if (key == "query_id") {
      record.query_id = integer(value);
    } else {
      for (const TextMember& member : kTexts) {
        if (member.name == key) record.*member.field = value;
      }
    }
  }
}

std::size_t JsonLogReader::read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto* const found = static_cast<const char*>(std::memchr(text.data() + at, '\n', text.size() - at));
    if (found == nullptr && more == More::follows && text.size() - at < kMaxRecordBytes) break;
    const std::size_t end = found == nullptr ? text.size() : static_cast<std::size_t>(found - text.data());
    const std::string_view line = text.substr(at, end - at);
    LogRecord record;
    record.offset = offset + at;
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) {
      if (line.size() <= kMaxRecordBytes && read_line(line, record)) {
        ++counts_.records;
        visitor.record(record);
      } else {
        counts_.reject(record.offset);
      }
    }
    at = std::min(end + 1, text.size());
  }
  return at;
}

}  // namespace signalbox::queries
