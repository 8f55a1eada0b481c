#include "instruments/queries/sql/literals.hpp"

#include <array>
#include <cstring>

namespace signalbox::queries {
namespace {

constexpr std::string_view kPlaceholder = "$?";

enum class Kind : unsigned char { other, space, digit, name, string, quoted_name, dollar, minus, slash, dot };

constexpr bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
// Octets beyond ASCII are letters of names, as PostgreSQL's scanner has them.
constexpr bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::array<Kind, 256> kinds() {
  std::array<Kind, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char c = static_cast<char>(i);
    out[i] = is_space(c)      ? Kind::space
             : is_digit(c)    ? Kind::digit
             : begins_name(c) ? Kind::name
             : c == '\''      ? Kind::string
             : c == '"'       ? Kind::quoted_name
             : c == '$'       ? Kind::dollar
             : c == '-'       ? Kind::minus
             : c == '/'       ? Kind::slash
             : c == '.'       ? Kind::dot
                              : Kind::other;
  }
  return out;
}
constexpr std::array<Kind, 256> kKinds = kinds();
Kind kind_of(char c) {
  return kKinds[static_cast<unsigned char>(c)];
}
bool is_in_name(char c) {
  constexpr unsigned kKindsInName = 1u << static_cast<int>(Kind::name) | 1u << static_cast<int>(Kind::digit) |
                                    1u << static_cast<int>(Kind::dollar);
  return (kKindsInName >> static_cast<int>(kind_of(c)) & 1) != 0;
}

// One pass over the text; `at_` is the first octet that was not looked at.
class Scan {
 public:
  // `to` has room for twice the length of the text, which one constant after another may need.
  Scan(std::string_view sql, Constants which, char* to) : sql_(sql), which_(which), begin_(to), to_(to) {}

  std::string_view run() && {
    while (at_ < sql_.size()) step();
    return {begin_, static_cast<std::size_t>(to_ - begin_)};
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0'; }

  void step() {
    switch (kind_of(sql_[at_])) {
      case Kind::space:
        return skip_space();
      case Kind::name:
        return name();
      case Kind::digit:
        return number();
      case Kind::string:
        return constant_string(0, Escapes::doubled);
      case Kind::quoted_name:
        return quoted_name();
      case Kind::dollar:
        return dollar();
      case Kind::minus:
        if (peek(1) == '-') return skip_line();
        break;
      case Kind::slash:
        if (peek(1) == '*') return skip_comment();
        break;
      case Kind::dot:
        if (peek(1) == '.') {  // 1..10 of PL/pgSQL
          put("..");
          at_ += 2;
          return;
        }
        if (is_digit(peek(1))) return number();
        break;
      case Kind::other:
        break;
    }
    before_token();
    *to_++ = sql_[at_++];
  }

  void before_token() {
    if (space_ && to_ != begin_) *to_++ = ' ';
    space_ = false;
  }
  void put(std::string_view token) {
    before_token();
    std::memcpy(to_, token.data(), token.size());
    to_ += token.size();
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
    before_token();
    // By values of its own: what is written might be a member, for all that the compiler knows.
    char* to = to_;
    const char* from = sql_.data() + at_;
    const char* const end = sql_.data() + sql_.size();
    while (from < end && is_in_name(*from)) *to++ = *from++;
    at_ = static_cast<std::size_t>(from - sql_.data());
    to_ = to;
  }

  std::string_view sql_;
  Constants which_;
  char* begin_;
  char* to_;
  std::size_t at_ = 0;
  bool space_ = false;
};

}  // namespace

std::string_view without_constants(std::string_view sql, Constants which, std::string& buffer) {
  const std::size_t room = kPlaceholder.size() * sql.size();
  if (buffer.size() < room) buffer.resize(room);
  return Scan(sql, which, buffer.data()).run();
}

std::string without_constants(std::string_view sql, Constants which) {
  std::string buffer;
  return std::string(without_constants(sql, which, buffer));
}

}  // namespace signalbox::queries
