// The tokens of a jq expression, read as jq 1.6's lexer reads them: what a condition names is known before it
// is compiled. Needs nothing but the standard library, so that the evaluator can link it too.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::gates {

inline constexpr std::size_t kMaxExpressionBytes = std::size_t{16} << 10;
inline constexpr std::size_t kMaxExpressionDepth = 200;  // brackets within brackets

struct Token {
  enum class Kind {
    word,      // a function, a keyword or a bare object key: text is its name
    field,     // `.name`: text is the name
    variable,  // `$name`: text is the name
    format,    // `@name`: text is the name
    number,    // text as written
    string,    // text is the part between the quotes or interpolations, escapes resolved
    symbol,    // one bracket, operator or punctuation mark
  } kind;
  std::string text;
  int line = 1;    // from 1
  int column = 1;  // from 1, in octets
};

// Anything that jq's lexer takes. An unfinished string, a bracket that does not fit, a control character or
// too long a text is bad_input, with `line L, column C`.
Result<std::vector<Token>> scan_expression(std::string_view expression);

// bad_input with its place and a hint, where the expression names what would make its answer depend on
// anything but its input: other inputs, files, modules, the environment, the clock, the time zone.
Status refuse_impure(const std::vector<Token>& tokens);

}  // namespace signalbox::gates
