#include "instruments/queries/sql/literals.hpp"

namespace signalbox::queries {
namespace {

constexpr std::string_view kPlaceholder = "$?";

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
// Octets beyond ASCII are letters of names, as PostgreSQL's scanner has them.
bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_in_name(char c) {
  return begins_name(c) || is_digit(c) || c == '$';
}

// One pass over the text; `at_` is the first octet that was not looked at.
class Scan {
 public:
  Scan(std::string_view sql, Constants which) : sql_(sql), which_(which) { out_.reserve(sql.size()); }

  std::string run() && {
    while (at_ < sql_.size()) step();
    return std::move(out_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void step() {
    const char c = peek();
    if (is_space(c)) return skip_space();
    if (c == '-' && peek(1) == '-') return skip_line();
    if (c == '/' && peek(1) == '*') return skip_comment();
    if (c == '\'') return constant_string(0, Escapes::doubled);
    if (c == '"') return quoted_name();
    if (c == '$') return dollar();
    if (c == '.' && peek(1) == '.') {  // 1..10 of PL/pgSQL
      put("..");
      at_ += 2;
      return;
    }
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (begins_name(c)) return name();
    put(sql_.substr(at_++, 1));
  }

  void put(std::string_view token) {
    if (space_ && !out_.empty()) out_ += ' ';
    space_ = false;
    out_ += token;
  }
  void skip_space() {
    space_ = true;
    ++at_;
  }
  void skip_line() {
    const std::size_t end = sql_.find('\n', at_);
    at_ = end == std::string_view::npos ? sql_.size() : end;
    space_ = true;
  }
  void skip_comment() {
    std::size_t depth = 0;
    do {
      if (peek() == '/' && peek(1) == '*') {
        ++depth;
        at_ += 2;
      } else if (peek() == '*' && peek(1) == '/') {
        --depth;
        at_ += 2;
      } else {
        ++at_;
      }
    } while (depth > 0 && at_ < sql_.size());
    at_ = std::min(at_, sql_.size());
    space_ = true;
  }

  enum class Escapes { doubled, backslash };
  // From the quote that stands `prefix` octets ahead, to the one that ends it.
  void constant_string(std::size_t prefix, Escapes escapes) {
    at_ += prefix + 1;
    while (at_ < sql_.size()) {
      const char c = sql_[at_++];
      if (c == '\\' && escapes == Escapes::backslash) {
        ++at_;
      } else if (c == '\'') {
        if (peek() != '\'') break;
        ++at_;
      }
    }
    at_ = std::min(at_, sql_.size());
    put(kPlaceholder);
  }

  void quoted_name() {
    const std::size_t begin = at_++;
    while (at_ < sql_.size()) {
      if (sql_[at_++] != '"') continue;
      if (peek() != '"') break;
      ++at_;
    }
    put(sql_.substr(begin, at_ - begin));
  }

  // $1, $tag$…$tag$, or a dollar sign that is neither.
  void dollar() {
    std::size_t end = at_ + 1;
    if (end < sql_.size() && is_digit(sql_[end])) {
      while (end < sql_.size() && is_digit(sql_[end])) ++end;
      put(which_ == Constants::all ? kPlaceholder : sql_.substr(at_, end - at_));
      at_ = end;
      return;
    }
    while (end < sql_.size() && is_in_name(sql_[end]) && sql_[end] != '$') ++end;
    if (end >= sql_.size() || sql_[end] != '$') return put(sql_.substr(at_++, 1));
    const std::string_view tag = sql_.substr(at_, end + 1 - at_);
    const std::size_t close = sql_.find(tag, end + 1);
    at_ = close == std::string_view::npos ? sql_.size() : close + tag.size();
    put(kPlaceholder);
  }

  void number() {
    const std::size_t begin = at_;
    while (at_ < sql_.size()) {
      const char c = sql_[at_];
      const bool sign =
          (c == '+' || c == '-') && at_ > begin && (sql_[at_ - 1] == 'e' || sql_[at_ - 1] == 'E');
      if (!is_in_name(c) && c != '.' && !sign) break;
      if (c == '.' && peek(1) == '.') break;
      ++at_;
    }
    put(which_ == Constants::all ? kPlaceholder : sql_.substr(begin, at_ - begin));
  }

  void name() {
    const char c = peek();
    const char next = peek(1);
    if (next == '\'') {
      if (c == 'e' || c == 'E') return constant_string(1, Escapes::backslash);
      if (c == 'b' || c == 'B' || c == 'x' || c == 'X' || c == 'n' || c == 'N')
        return constant_string(1, Escapes::doubled);
    }
    if ((c == 'u' || c == 'U') && next == '&' && peek(2) == '\'') return constant_string(2, Escapes::doubled);
    const std::size_t begin = at_;
    while (at_ < sql_.size() && is_in_name(sql_[at_])) ++at_;
    put(sql_.substr(begin, at_ - begin));
  }

  std::string_view sql_;
  Constants which_;
  std::string out_;
  std::size_t at_ = 0;
  bool space_ = false;
};

}  // namespace

std::string without_constants(std::string_view sql, Constants which) {
  return Scan(sql, which).run();
}

}  // namespace signalbox::queries
