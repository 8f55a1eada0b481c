#include "core/base/json_place.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signalbox {
namespace {

constexpr std::size_t kMaxDepth = 1'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Goes over a JSON text (RFC 8259) value by value. Every function leaves `at` behind what it read, or at the
// octet that is wrong.
class Scanner {
 public:
  Scanner(std::string_view text, std::size_t max_depth) : text_(text), left_(max_depth) {}

  std::size_t at = 0;

  char peek() const { return at < text_.size() ? text_[at] : '\0'; }
  bool at_end() const { return at >= text_.size(); }

  void space() {
    while (!at_end() && std::string_view(" \t\r\n").find(text_[at]) != std::string_view::npos) ++at;
  }

  bool take(char wanted) {
    if (at_end() || text_[at] != wanted) return false;
    ++at;
    return true;
  }

  bool value() {
    switch (peek()) {
      case '{':
      case '[':
        return container();
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool string() {
    if (!take('"')) return false;
    for (; !at_end(); ++at) {
      const char c = text_[at];
      if (c == '"') return ++at, true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
  }

 private:
  // Stops at the last octet of the escape.
  bool escape() {
    ++at;
    if (at_end()) return false;
    if (text_[at] != 'u') return std::string_view("\"\\/bfnrt").find(text_[at]) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      ++at;
      if (at_end() || !is_hex(text_[at])) return false;
    }
    return true;
  }

  bool word(std::string_view wanted) {
    for (const char c : wanted) {
      if (!take(c)) return false;
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at;
    return true;
  }

  bool number() {
    take('-');
    if (take('0') ? is_digit(peek()) : !digits()) return false;
    if (take('.') && !digits()) return false;
    if (peek() != 'e' && peek() != 'E') return true;
    ++at;
    if (peek() == '+' || peek() == '-') ++at;
    return digits();
  }

  bool container() {
    if (left_ == 0) return false;
    --left_;
    const bool object = peek() == '{';
    ++at;
    const char close = object ? '}' : ']';
    space();
    bool done = take(close);
    while (!done) {
      if (object && !(string() && (space(), take(':')))) return false;
      space();
      if (!value()) return false;
      space();
      done = take(close);
      if (!done && !take(',')) return false;
      space();
    }
    ++left_;
    return true;
  }

  std::string_view text_;
  std::size_t left_;  // levels that may still be opened
};

// Moves from the first octet of a container to the value of its item or member; false where it has none.
bool enter(Scanner& scanner, std::string_view text, const JsonStep& step) {
  const auto* key = std::get_if<std::string>(&step);
  if (!scanner.take(key != nullptr ? '{' : '[')) return false;
  scanner.space();
  for (std::size_t index = 0; !scanner.at_end(); ++index) {
    bool found = key == nullptr && index == std::get<std::size_t>(step);
    if (key != nullptr) {
      const std::size_t begin = scanner.at;
      if (!scanner.string()) return false;
      found = text.substr(begin + 1, scanner.at - begin - 2) == *key;
      scanner.space();
      if (!scanner.take(':')) return false;
      scanner.space();
    }
    if (found) return true;
    if (!scanner.value()) return false;
    scanner.space();
    if (!scanner.take(',')) return false;
    scanner.space();
  }
  return false;
}

}  // namespace

TextPlace place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  TextPlace place;
  place.line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  for (const char c : before.substr(start)) place.column += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return place;
}

TextPlace place_in_json(std::string_view text, const std::vector<JsonStep>& steps) {
  Scanner scanner(text, kMaxDepth);
  scanner.space();
  std::size_t found = scanner.at;
  for (const JsonStep& step : steps) {
    if (!enter(scanner, text, step)) break;
    found = scanner.at;
  }
  return place_of(text, found);
}

TextPlace first_json_error(std::string_view text, std::size_t max_depth) {
  Scanner scanner(text, max_depth);
  scanner.space();
  if (scanner.value()) scanner.space();
  return place_of(text, scanner.at);
}

}  // namespace signalbox
