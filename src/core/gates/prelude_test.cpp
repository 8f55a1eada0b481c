// The prelude in the real jq 1.6 and in the evaluator: the same answer to every function on every kind of
// value; and never yes where something is missing, null, NaN or of another type.
#include "core/gates/prelude.hpp"

#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::gates {
namespace {

const std::vector<std::string>& inputs() {
  static const std::vector<std::string> kInputs = [] {
    std::vector<std::string> out = {"{}",
                                    "null",
                                    "[]",
                                    "3",
                                    "\"text\"",
                                    "{\"a\":{\"b\":1}}",
                                    "{\"a\":1,\"b\":2}",
                                    "{\"a\":2,\"b\":2}",
                                    "{\"a\":\"x\",\"b\":\"x\"}",
                                    "{\"a\":\"x\",\"b\":\"y\"}",
                                    "{\"a\":[{\"ok\":true},{\"ok\":true}],\"b\":[]}",
                                    "{\"a\":{\"x\":{\"ok\":true},\"y\":{\"ok\":false}},\"b\":{}}",
                                    "{\"a\":[{\"ok\":true},{}],\"b\":null}"};
    for (const char* value : {"null", "true", "false", "0", "1", "14.4", "-1", "1e300", "9007199254740992",
                              "\"\"", "\"9\"", "[]", "[0]", "[true]", "{}"})
      out.push_back(std::string("{\"a\":") + value + ",\"b\":1}");
    return out;
  }();
  return kInputs;
}

const std::vector<std::string>& expressions() {
  static const std::vector<std::string> kExpressions = {"num(.a) == 1",
                                                        "str(.a) == \"x\"",
                                                        "bool(.a)",
                                                        "arr(.a) == []",
                                                        "obj(.a) == {}",
                                                        "need(.a; \"number\") > 0",
                                                        "need(.a; \"boolean\")",
                                                        "eq(.a; 1)",
                                                        "eq(.a; .b)",
                                                        "eq(.b; .a)",
                                                        "eq(.a; null)",
                                                        "ne(.a; 1)",
                                                        "ne(.a; .b)",
                                                        "ne(.a; \"\")",
                                                        "eq(.a; [])",
                                                        "lt(.a; 14.4)",
                                                        "le(.a; 14.4)",
                                                        "gt(.a; 0)",
                                                        "ge(.a; 0)",
                                                        "lt(.a; .b)",
                                                        "lt(nan; 1)",
                                                        "ge(.a; nan)",
                                                        "between(.a; 0; 14.4)",
                                                        "between(.a; .b; 20)",
                                                        "none(.a)",
                                                        "none(.b)",
                                                        "every(.a; .ok)",
                                                        "every(.a; true)",
                                                        "every(.b; true)",
                                                        "every(.a; eq(.ok; true))",
                                                        "every(.a; .)",
                                                        "every(.a; empty)",
                                                        "every(.a; true, true)",
                                                        "num(.a, .b) > 0",
                                                        "num(empty) > 0",
                                                        "eq(.a, .b; 1)",
                                                        "eq(.a; 1, 2)",
                                                        "eq(.a + 0; 1)",
                                                        "gt(.a | length; 0)",
                                                        "num(.a.b) == 1",
                                                        "eq(.a.b.c; 1)",
                                                        "(num(.a)? // 5) == 5",
                                                        "[num(.a)?] == []",
                                                        "(try num(.a) catch 5) == 5",
                                                        "eq(.a; 1) or eq(.b; 1)",
                                                        "eq(.a; 1) and eq(.b; 1)",
                                                        "null < 14.4",
                                                        ".a < 14.4",
                                                        "[.a[]?] | all(. > 1)",
                                                        "true, false",
                                                        "empty",
                                                        "."};
  return kExpressions;
}

// By the jq on this machine: for each input an array that holds, for each expression, all that it gave, or
// "error". One run: jq takes long to start.
std::vector<Json> by_jq() {
  std::vector<std::string> parts;
  for (const std::string& expression : expressions())
    parts.push_back("(try [" + expression + "] catch \"error\")");
  ProcessOptions options;
  options.input = join(inputs(), "\n");
  const auto ran = run_process({"jq", "-c", std::string(prelude()) + "[" + join(parts, ", ") + "]"}, options);
  std::vector<Json> out;
  EXPECT_TRUE(ran && ran->exit_code == 0) << (ran ? ran->errors : ran.error().message);
  if (!ran) return out;
  for (const std::string_view line : lines(ran->output)) out.push_back(*parse_json(line));
  return out;
}

std::string shown(const Answer& answer) {
  switch (answer.kind) {
    case Answer::Kind::yes:
      return "[true]";
    case Answer::Kind::no:
      return "[false]";
    case Answer::Kind::error:
      return "\"error\"";
    case Answer::Kind::not_boolean:
      return "not boolean";
    default:
      return std::string(name_of(answer.kind)) + ": " + answer.message;
  }
}

TEST(Prelude, AnswersAsTheRealJqDoes) {
  Evaluator evaluator({.deadline = std::chrono::milliseconds(2000)});
  std::vector<Json> values;
  for (const std::string& input : inputs()) values.push_back(*parse_json(input));
  const std::vector<Json> wanted = by_jq();
  ASSERT_EQ(wanted.size(), inputs().size());
  std::size_t compared = 0;
  for (std::size_t e = 0; e < expressions().size(); ++e) {
    const auto answers = evaluator.evaluate_all(expressions()[e], values);
    ASSERT_TRUE(answers);
    for (std::size_t i = 0; i < wanted.size(); ++i, ++compared) {
      const std::string gave = wanted[i].items().at(e).dump();
      const bool boolean = gave == "[true]" || gave == "[false]" || gave == "\"error\"";
      EXPECT_EQ(shown((*answers)[i]), boolean ? gave : "not boolean")
          << expressions()[e] << " of " << inputs()[i];
    }
  }
  EXPECT_GT(compared, 1000U);
}

TEST(Prelude, NeverSaysYesOfWhatIsNotThere) {
  Evaluator evaluator({.deadline = std::chrono::milliseconds(2000)});
  for (const char* absent : {"{}", "{\"a\":null}", "{\"b\":1}"}) {
    for (const char* expression : {"eq(.a; 1)", "ne(.a; 1)", "lt(.a; 14.4)", "le(.a; 14.4)", "gt(.a; -1)",
                                   "ge(.a; -1)", "between(.a; -1; 1)", "none(.a)", "every(.a; true)",
                                   "num(.a) == 0", "eq(.a; .c)", "ne(.a; .c)", "bool(.a)"}) {
      const auto answer = evaluator.evaluate(expression, *parse_json(absent));
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->kind, Answer::Kind::error) << expression << " of " << absent;
      EXPECT_EQ(answer->message, ".a: missing or null") << expression << " of " << absent;
    }
  }
}

TEST(Prelude, SaysWhereAndWhat) {
  Evaluator evaluator({.deadline = std::chrono::milliseconds(2000)});
  const Json input = *parse_json(R"({"a":{"b":[{"c":"9"}]},"list":[1,2]})");
  const auto message = [&](const char* expression) { return evaluator.evaluate(expression, input)->message; };
  EXPECT_EQ(message("lt(.a.b[0].c; 14.4)"), ".a.b[0].c: string where number is needed");
  EXPECT_EQ(message("eq(.a.b[0].c; 9)"), ".a.b[0].c: string compared with number");
  EXPECT_EQ(message("num(.list[]) > 0"), "a value: 2 values where one is needed");
  EXPECT_EQ(message("every(.list; .)"), "a value: number where boolean is needed");
}

}  // namespace
}  // namespace signalbox::gates
