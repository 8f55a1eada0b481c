// Any octets as an expression: read, or refused with a place. What has no forbidden word in it is never
// refused for one, and what is let through holds none as a word of its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/gates/expression.hpp"

using signalbox::gates::Token;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto tokens = signalbox::gates::scan_expression(text);
  if (!tokens) {
    const std::string& message = tokens.error().message;
    if (!message.starts_with("line ") && !message.starts_with("the expression has ")) std::abort();
    return 0;
  }
  for (const Token& token : *tokens) {
    if (token.line < 1 || token.column < 1) std::abort();
    const bool named = token.kind == Token::Kind::word || token.kind == Token::Kind::field;
    if (named && text.find(token.text) == std::string_view::npos) std::abort();
  }
  const bool pure = signalbox::gates::refuse_impure(*tokens).has_value();
  for (const std::string_view word : {"input", "env", "now", "debug", "import", "halt"}) {
    for (const Token& token : *tokens) {
      if (pure && token.kind == Token::Kind::word && token.text == word) std::abort();
    }
  }
  return 0;
}
