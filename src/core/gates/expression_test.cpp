// The token scan against the words that a condition may not say, however they are dressed up.
#include "core/gates/expression.hpp"

#include <gtest/gtest.h>

namespace signalbox::gates {
namespace {

// Why the expression is refused; empty where it is not.
std::string refusal(std::string_view expression) {
  const auto tokens = scan_expression(expression);
  const Status pure = tokens ? refuse_impure(*tokens) : Status(fail(tokens.error()));
  return pure ? std::string() : pure.error().message;
}

std::string place(std::string_view expression) {
  const std::string message = refusal(expression);
  return message.substr(0, message.find(':'));
}

TEST(Expression, ImpureWordsAreRefusedWithTheirPlace) {
  EXPECT_EQ(place("input"), "line 1, column 1");
  EXPECT_EQ(place("true and\n  (now > 5)"), "line 2, column 4");
  EXPECT_EQ(place("1 as $x | $ENV.PATH"), "line 1, column 11");
  EXPECT_EQ(place("$ # comment\n ENV"), "line 1, column 1");
  EXPECT_EQ(place("\"a \\(input) b\""), "line 1, column 6");
  EXPECT_EQ(place("\"\\(\"\\(env)\")\""), "line 1, column 7");
  EXPECT_EQ(place("@json \"\\(now)\""), "line 1, column 10");
  EXPECT_EQ(place("1input"), "line 1, column 2");
  EXPECT_EQ(place("1.input"), "line 1, column 3");
  EXPECT_EQ(place("1e5env"), "line 1, column 4");
  EXPECT_EQ(place("1env"), "line 1, column 2");
  EXPECT_EQ(place("..|env"), "line 1, column 4");
  EXPECT_EQ(place(".a|inputs"), "line 1, column 4");
  EXPECT_EQ(place("# a comment\ndebug"), "line 2, column 1");
  for (const char* word :
       {"import \"a\" as a; true", "include \"a\"; true", "modulemeta", "input_filename", "input_line_number",
        "stderr", "halt", "halt_error(\"x\")", "localtime", "strflocaltime(\"%Z\")", "get_search_list",
        "def f: input; true", "def f(input): true; true", "{now: 1} == {}", "$__prog_args"})
    EXPECT_EQ(place(word).substr(0, 6), "line 1") << word;
}

TEST(Expression, WhatOnlyLooksLikeThemIsNot) {
  for (const char* expression :
       {".now > 5", ".predicate.input == 1", "\"input\" == .x", "# now\ntrue", "\"# \\\" now\" == .x",
        "{\"now\": 1} == .x", "now_and_then", "inputs2", "$now", "@text", ".env.debug", "\"\\\\(now)\" == .x",
        ".[\"input\"]", "...input", "1 as $input | $input", "gmtime", "error(\"halt\")"})
    EXPECT_EQ(refusal(expression), "") << expression;
}

TEST(Expression, WhatJqCannotReadIsRefused) {
  EXPECT_EQ(refusal("(true"), "line 1, column 6: `(` is not closed");
  EXPECT_EQ(refusal("true)"), "line 1, column 5: `)` closes nothing that is open");
  EXPECT_EQ(refusal("[1}"), "line 1, column 3: `}` closes nothing that is open");
  EXPECT_EQ(refusal("\"abc"), "line 1, column 5: a string that does not end");
  EXPECT_EQ(refusal("\"\\("), "line 1, column 4: a string that does not end");
  EXPECT_EQ(refusal("\"\\x\""), "line 1, column 2: an escape that JSON does not know");
  EXPECT_EQ(refusal(std::string_view("true\0input", 10)), "line 1, column 5: a control character");
  EXPECT_EQ(refusal(std::string_view("# \0\ninput", 9)), "line 1, column 3: a control character");
  EXPECT_NE(refusal(std::string(kMaxExpressionBytes + 1, ' ')), "");
  EXPECT_NE(refusal(std::string(kMaxExpressionDepth + 1, '(')), "");
  EXPECT_EQ(refusal(std::string(kMaxExpressionBytes, ' ')), "");
}

TEST(Expression, TokensAreThoseOfJq) {
  const auto tokens = scan_expression("eq(.a.b; -1.5e3) and $x == @base64 \"q\\u00e9\\n\"");
  ASSERT_TRUE(tokens);
  std::string read;
  for (const Token& token : *tokens) read += std::to_string(static_cast<int>(token.kind)) + token.text + "|";
  EXPECT_EQ(read, "0eq|6(|1a|1b|6;|6-|41.5e3|6)|0and|2x|6=|6=|3base64|5qé\n|");
}

}  // namespace
}  // namespace signalbox::gates
