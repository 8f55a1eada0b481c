#include "core/gates/expression.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "core/base/utf8.hpp"

namespace signalbox::gates {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool continues_name(char c) {
  return starts_name(c) || is_digit(c);
}

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    if (text_.size() > kMaxExpressionBytes) {
      return fail(ErrorKind::bad_input, "the expression has " + std::to_string(text_.size()) +
                                            " bytes; at most " + std::to_string(kMaxExpressionBytes));
    }
    while (at_ < text_.size()) SIGNALBOX_CHECK(step());
    if (!open_.empty()) {
      return wrong(open_.back() == kInterpolation ? "a string that does not end"
                                                  : std::string("`") + open_.back() + "` is not closed");
    }
    return std::move(tokens_);
  }

 private:
  static constexpr char kInterpolation = '"';  // in open_: a `\(` inside a string

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void advance(std::size_t count) {
    for (; count > 0; --count, ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        column_ = 0;
      }
      ++column_;
    }
  }

  tl::unexpected<Error> wrong(const std::string& what) const {
    return fail(ErrorKind::bad_input,
                "line " + std::to_string(line_) + ", column " + std::to_string(column_) + ": " + what);
  }

  void add(Token::Kind kind, std::string text, std::size_t consumed) {
    tokens_.push_back({kind, std::move(text), line_, column_});
    advance(consumed);
  }

  std::size_t name_length(std::size_t from) const {
    std::size_t length = 0;
    if (!starts_name(peek(from))) return 0;
    while (continues_name(peek(from + length))) ++length;
    return length;
  }

  // The number at this place as jq's lexer takes it: `1.`, `.5`, `1e9`, but of `1env` only the 1.
  std::size_t number_length() const {
    std::size_t length = 0;
    const auto digits = [&] {
      const std::size_t before = length;
      while (is_digit(peek(length))) ++length;
      return length > before;
    };
    const bool whole = digits();
    if (peek(length) == '.' && (whole || is_digit(peek(length + 1)))) {
      ++length;
      digits();
    }
    if (length == 0) return 0;
    if (peek(length) == 'e' || peek(length) == 'E') {
      const std::size_t before = length++;
      if (peek(length) == '+' || peek(length) == '-') ++length;
      if (!digits()) length = before;
    }
    return length;
  }

  Status step() {
    const char c = peek();
    const auto octet = static_cast<unsigned char>(c);
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return advance(1), Status();
    if (octet < 0x20 || octet == 0x7f) return wrong("a control character");
    if (c == '#') return skip_comment();
    if (c == '"') return advance(1), string_part();
    if (const std::size_t length = number_length(); length > 0) {
      return add(Token::Kind::number, std::string(text_.substr(at_, length)), length), Status();
    }
    if (c == '.' && peek(1) == '.') return add(Token::Kind::symbol, "..", 2), Status();
    if (const std::size_t length = name_length(c == '.' || c == '@' ? 1 : 0); length > 0) {
      return add_name(c, length), Status();
    }
    if (c == '$') return add_variable();
    return add_symbol(c);
  }

  Status skip_comment() {
    while (at_ < text_.size() && peek() != '\n') {
      if (peek() == '\0') return wrong("a control character");
      advance(1);
    }
    return {};
  }

  void add_name(char first, std::size_t length) {
    const bool marked = first == '.' || first == '@';
    const std::size_t skip = marked ? 1 : 0;
    const Token::Kind kind = first == '.'   ? Token::Kind::field
                             : first == '@' ? Token::Kind::format
                                            : Token::Kind::word;
    add(kind, std::string(text_.substr(at_ + skip, length)), skip + length);
  }

  // jq reads `$` and the name as two tokens: white space and comments may stand between them.
  Status add_variable() {
    const int line = line_;
    const int column = column_;
    advance(1);
    while (at_ < text_.size()) {
      if (peek() == '#') {
        SIGNALBOX_CHECK(skip_comment());
      } else if (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') {
        advance(1);
      } else {
        break;
      }
    }
    const std::size_t length = name_length(0);
    tokens_.push_back({Token::Kind::variable, std::string(text_.substr(at_, length)), line, column});
    advance(length);
    return {};
  }

  Status add_symbol(char c) {
    if (c == '(' || c == '[' || c == '{') {
      if (open_.size() >= kMaxExpressionDepth)
        return wrong("more than " + std::to_string(kMaxExpressionDepth) + " brackets within each other");
      open_ += c;
    }
    if (c == ')' || c == ']' || c == '}') {
      const char wanted = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (c == ')' && !open_.empty() && open_.back() == kInterpolation) {
        open_.pop_back();
        add(Token::Kind::symbol, ")", 1);
        return string_part();
      }
      if (open_.empty() || open_.back() != wanted)
        return wrong(std::string("`") + c + "` closes nothing that is open");
      open_.pop_back();
    }
    add(Token::Kind::symbol, std::string(1, c), 1);
    return {};
  }

  // From inside a string to its end or to the next `\(`.
  Status string_part() {
    Token token{Token::Kind::string, {}, line_, column_};
    for (;;) {
      if (at_ >= text_.size()) return wrong("a string that does not end");
      const char c = peek();
      if (c == '\0') return wrong("a control character");
      if (c == '"') {
        advance(1);
        tokens_.push_back(std::move(token));
        return {};
      }
      if (c == '\\' && peek(1) == '(') {
        if (open_.size() >= kMaxExpressionDepth) return wrong("too deep an interpolation");
        tokens_.push_back(std::move(token));
        open_ += kInterpolation;
        advance(1);
        add(Token::Kind::symbol, "(", 1);
        return {};
      }
      if (c == '\\') {
        SIGNALBOX_CHECK(escape(token.text));
      } else {
        token.text += c;
        advance(1);
      }
    }
  }

  Status escape(std::string& out) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
    const char c = peek(1);
    if (c == 'u') {
      unsigned code = 0;
      for (std::size_t i = 2; i < 6; ++i) {
        const int digit = hex_value(peek(i));
        if (digit < 0) return wrong("`\\u` wants four hexadecimal digits");
        code = code * 16 + static_cast<unsigned>(digit);
      }
      append_utf8(out, code);
      return advance(6), Status();
    }
    const std::size_t which = c == '\0' ? std::string_view::npos : kLetters.find(c);
    if (which == std::string_view::npos) return wrong("an escape that JSON does not know");
    out += kMeaning[which];
    return advance(2), Status();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
  std::string open_;  // the brackets that are open
  std::vector<Token> tokens_;
};

// A word that a condition may not say, and what it may say instead.
struct Impure {
  std::string_view word;
  std::string_view why;
};

constexpr std::array kImpureWords = {
    Impure{"import", "modules are files"},
    Impure{"include", "modules are files"},
    Impure{"modulemeta", "modules are files"},
    Impure{"get_search_list", "modules are files"},
    Impure{"get_prog_origin", "modules are files"},
    Impure{"get_jq_origin", "modules are files"},
    Impure{"input", "a condition has one input"},
    Impure{"inputs", "a condition has one input"},
    Impure{"input_filename", "a condition has one input"},
    Impure{"input_line_number", "a condition has one input"},
    Impure{"debug", "a condition prints nothing"},
    Impure{"stderr", "a condition prints nothing"},
    Impure{"env", "a condition does not see the environment"},
    Impure{"halt", "a condition gives one boolean"},
    Impure{"halt_error", "a condition gives one boolean"},
    Impure{"now", "write .now: the time of the decision in Unix seconds"},
    Impure{"localtime", "times are UTC: write gmtime"},
    Impure{"strflocaltime", "times are UTC: write strftime"},
};

constexpr std::array kImpureVariables = {
    Impure{"ENV", "a condition does not see the environment"},
    Impure{"__prog_args", "a condition has one input"},
};

template <class Table>
const Impure* find_in(const Table& table, std::string_view word) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Impure& impure) { return impure.word == word; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<Token>> scan_expression(std::string_view expression) {
  return Scanner(expression).run();
}

Status refuse_impure(const std::vector<Token>& tokens) {
  for (const Token& token : tokens) {
    const Impure* impure = nullptr;
    if (token.kind == Token::Kind::word) impure = find_in(kImpureWords, token.text);
    if (token.kind == Token::Kind::variable) impure = find_in(kImpureVariables, token.text);
    if (impure == nullptr) continue;
    const std::string shown = (token.kind == Token::Kind::variable ? "$" : "") + token.text;
    return fail(ErrorKind::bad_input,
                "line " + std::to_string(token.line) + ", column " + std::to_string(token.column) + ": `" +
                    shown + "` is refused: " + std::string(impure->why),
                "an object key of that name is written in quotes");
  }
  return {};
}

}  // namespace signalbox::gates
