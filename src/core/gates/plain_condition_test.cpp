// Plain conditions say what the jq program says with the prelude, in the same words; what is not plain is
// left to jq.
#include "core/gates/plain_condition.hpp"

#include <random>
#include <span>

#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/gates/prelude.hpp"

namespace signalbox::gates {
namespace {

const std::vector<std::string>& inputs() {
  static const std::vector<std::string> kInputs = {"{}",
                                                   "null",
                                                   "3",
                                                   "[]",
                                                   "\"text\"",
                                                   R"({"a":1,"b":2})",
                                                   R"({"a":2,"b":2})",
                                                   R"({"a":"x","b":"x"})",
                                                   R"({"a":"x","b":"y"})",
                                                   R"({"a":{"b":1,"c":null},"b":{"a":"x"}})",
                                                   R"({"a":[1,2],"b":[1,2]})",
                                                   R"({"a":[{"b":true},{"b":true}],"b":[]})",
                                                   R"({"a":[{"b":true},{"b":false}],"b":true})",
                                                   R"({"a":[{"b":1},{}],"b":false})",
                                                   R"({"a":{"x":{"b":true},"y":{"b":true}},"b":{}})",
                                                   R"({"a":{"x":{"b":1},"y":{"b":"x"}},"b":{"a":{"a":0}}})",
                                                   R"({"a":{"x":{"b":true},"y":{}},"b":null})",
                                                   R"({"a":true,"b":false})",
                                                   R"({"a":false,"b":true})",
                                                   R"({"a":-1,"b":14.4})",
                                                   R"({"a":1e300,"b":-1e300})",
                                                   R"({"a":9007199254740991,"b":9007199254740990.5})",
                                                   R"({"a":"","b":"9"})",
                                                   R"({"a":"é","b":"z"})",
                                                   R"({"a":[true,true],"b":[true,false]})",
                                                   R"({"a":["x","y"],"b":["x",null]})",
                                                   R"({"a":null,"b":0})"};
  return kInputs;
}

// Expressions by chance, none of them longer than a line.
class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  std::string condition(int depth) {
    switch (depth <= 0 ? pick(6) : pick(12)) {
      case 0:
        return one_of({"eq", "ne"}) + "(" + value(depth) + "; " + value(depth) + ")";
      case 1:
        return one_of({"lt", "le", "gt", "ge"}) + "(" + value(depth) + "; " + value(depth) + ")";
      case 2:
        return "between(" + value(depth) + "; " + literal() + "; " + value(depth) + ")";
      case 3:
        return "none(" + value(depth) + ")";
      case 4:
        return value(depth) + one_of({" == ", " != ", " < ", "<=", " > ", ">="}) + value(depth);
      case 5:
        return "bool(" + value(depth) + ")";
      case 6:
      case 7:
        return "every(" + value(depth) + "; " + condition(depth - 1) + ")";
      case 8:
        return condition(depth - 1) + " and " + condition(depth - 1) + " or " + condition(depth - 1);
      case 9:
        return "(" + condition(depth - 1) + " or " + value(depth) + ") and " + condition(depth - 1);
      case 10:
        return "(" + condition(depth - 1) + " | not)";
      default:
        return "(" + value(depth) + " | IN(\"x\", 2, -1))";
    }
  }

 private:
  std::size_t pick(std::size_t count) { return random_() % count; }
  std::string one_of(const std::vector<std::string>& list) { return list[pick(list.size())]; }
  std::string literal() {
    return one_of({"0", "1", "2", "-1", "14.4", "1e300", "9007199254740991", "\"x\"", "\"\"", "\"\\u00e9\"",
                   "true", "null", "false"});
  }
  std::string value(int depth) {
    if (depth > 0 && pick(6) == 0) return one_of({"num", "str", "arr", "obj"}) + "(" + value(depth - 1) + ")";
    if (depth > 0 && pick(12) == 0)
      return "need(.a; \"" + one_of({"number", "null", "boolean", "object"}) + "\")";
    return pick(4) == 0 ? literal()
                        : one_of({".a", ".b", ".a.b", ".b.a", ".a.c", ".", ".b.a.a", "(.a)", ".a\n.b"});
  }

  std::mt19937 random_;
};

std::vector<std::string> expressions() {
  std::vector<std::string> out = {"eq(.a; 1)and eq(.b; 2) # both",
                                  "bool(.a)|not|not",
                                  "every(.a; every(.; bool(.b)))",
                                  "every(.a; (str(.b) | IN(\"x\")) or .b)",
                                  "gt(.a;.b)==true",
                                  "num(num(.a)) == .a",
                                  "eq(eq(.a; 1); true)",
                                  ".a.b.c == eq(.b; 1)",
                                  "eq(.a; 1.) or eq(.a; .5)"};
  Writer writer(7);
  while (out.size() < 400) out.push_back(writer.condition(2));
  return out;
}

// What jq says of each input, an array with, for each expression, what it gave or {"error": …}.
std::vector<Json> by_jq(std::span<const std::string> asked) {
  std::vector<std::string> parts;
  for (const std::string& one : asked) parts.push_back("(try [\n" + one + "\n] catch {error: .})");
  ProcessOptions options;
  options.input = join(inputs(), "\n");
  const auto ran = run_process({"jq", "-c", std::string(prelude()) + "[" + join(parts, ", ") + "]"}, options);
  EXPECT_TRUE(ran && ran->exit_code == 0) << (ran ? ran->errors : ran.error().message);
  std::vector<Json> out;
  if (!ran) return out;
  for (const std::string_view line : lines(ran->output))
    out.push_back(*parse_json(line, {.exact_integers = false}));
  return out;
}

std::string in_jqs_form(const Answer& answer) {
  if (answer.kind == Answer::Kind::yes) return "[true]";
  if (answer.kind == Answer::Kind::no) return "[false]";
  if (answer.kind == Answer::Kind::error) return Json::object({{"error", answer.message}}).dump();
  return "no boolean";
}

TEST(PlainCondition, SaysWhatJqSays) {
  const std::vector<std::string> all = expressions();
  std::size_t compared = 0;
  std::size_t left_to_jq = 0;
  constexpr std::size_t kAtOnce = 50;
  for (std::size_t from = 0; from < all.size(); from += kAtOnce) {
    const std::span<const std::string> some =
        std::span(all).subspan(from, std::min(kAtOnce, all.size() - from));
    const std::vector<Json> wanted = by_jq(some);
    ASSERT_EQ(wanted.size(), inputs().size());
    for (std::size_t e = 0; e < some.size(); ++e) {
      const auto plain = PlainCondition::parse(some[e]);
      if (!plain) {
        ++left_to_jq;
        continue;
      }
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto answer = plain->evaluate(*parse_json(inputs()[i]));
        if (!answer) continue;
        std::string gave = wanted[i].items().at(e).dump();
        const bool told = gave == "[true]" || gave == "[false]" || gave.starts_with("{\"error\"");
        EXPECT_EQ(in_jqs_form(*answer), told ? gave : "no boolean") << some[e] << " of " << inputs()[i];
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 9000U);
  EXPECT_LT(left_to_jq, 60U);  // those that call no function of the prelude
}

TEST(PlainCondition, WhatIsMoreIsLeftToJq) {
  for (const char* expression : {"",
                                 "true",
                                 ".a == 1",
                                 "eq(.a; 1",
                                 "eq(.a; 1))",
                                 "eq(.a)",
                                 "eq(.a; 1; 2)",
                                 "eq(.a, .b; 1)",
                                 "eq(.a[]; 1)",
                                 "eq(.a[0]; 1)",
                                 "eq(.a?; 1)",
                                 "eq(.a // 0; 1)",
                                 "eq(.a | length; 1)",
                                 "eq(.a + 1; 2)",
                                 "eq(-.a; 1)",
                                 "eq(.[\"a\"]; 1)",
                                 "eq(.\"a\"; 1)",
                                 "eq(.a; \"\\(.b)\")",
                                 "eq(.a; \"x\\(.b)y\")",
                                 "eq(..; 1)",
                                 "eq(. .a; 1)",
                                 "eq(num(.a).b; 1)",
                                 "eq(.a; $x)",
                                 "eq(@text; 1)",
                                 "eq(.a; nan)",
                                 "eq(.a; 1e999)",
                                 "eq(.a; 1) | .",
                                 "eq(.a; 1) |= 2",
                                 "eq(.a; 1) | not and true",
                                 "eq(.a; 1) | IN(true)",
                                 "eq(.a; 1) | IN(.b)",
                                 "eq(.a; 1) == 1 == 1",
                                 "eq(.a; 1) = 1",
                                 "eq(.a; 1) > = 1",
                                 "eq(.a; 1) = = true",
                                 "def eq(p; v): true; eq(.a; 1)",
                                 "if eq(.a; 1) then true else false end",
                                 "need(.a; .b)",
                                 "every(.a)",
                                 "Eq(.a; 1)",
                                 "eq (.a; 1) or x::eq(1; 1)",
                                 "eq(.a; 1) \"x\"",
                                 "eq(.a; 1) as $x | $x",
                                 "not(eq(.a; 1))"})
    EXPECT_FALSE(PlainCondition::parse(expression)) << expression;
}

TEST(PlainCondition, ListsAndObjectsAreComparedByJq) {
  const auto equal = PlainCondition::parse("eq(.a; .b)");
  ASSERT_TRUE(equal);
  EXPECT_FALSE(equal->evaluate(*parse_json(R"({"a":[1],"b":[1]})")));
  EXPECT_FALSE(equal->evaluate(*parse_json(R"({"a":{},"b":{}})")));
  EXPECT_EQ(equal->evaluate(*parse_json(R"({"a":[1],"b":{}})"))->message, ".a: array compared with object");
  Evaluator evaluator({.deadline = std::chrono::milliseconds(2000)});
  EXPECT_EQ(evaluator.evaluate("eq(.a; .b)", *parse_json(R"({"a":[1],"b":[1]})"))->kind, Answer::Kind::yes);
  EXPECT_EQ(evaluator.evaluate("eq(.a; .b)", *parse_json(R"({"a":[1],"b":[2]})"))->kind, Answer::Kind::no);
}

TEST(PlainCondition, SaysWhatItLookedAt) {
  const Json input = *parse_json(R"({"a":[{"b":1,"c":2},{"b":1}],"d":{"e":3},"f":4})");
  const auto plain = PlainCondition::parse("every(.a; eq(.b; 1)) and (eq(.d.e; 3) or eq(.f; 4))");
  ASSERT_TRUE(plain);
  std::vector<const Json*> read;
  ASSERT_TRUE(plain->evaluate(input, &read));
  const auto has = [&](const Json& value) {
    return std::find(read.begin(), read.end(), &value) != read.end();
  };
  for (const Json* value :
       {&input["a"], &input["a"].items()[1], &input["a"].items()[0]["b"], &input["d"]["e"]})
    EXPECT_TRUE(has(*value)) << value->dump();
  EXPECT_FALSE(has(input["a"].items()[0]["c"]));
  EXPECT_FALSE(has(input["f"]));
}

TEST(PlainCondition, AVariantIsPutBack) {
  Json input = *parse_json(R"({"a":{"b":1,"c":[1,2]},"d":1})");
  const std::string before = input.dump();
  const auto plain = PlainCondition::parse("eq(.a.b; 1) and eq(.d; 1)");
  ASSERT_TRUE(plain);
  const Json b = *parse_json(R"(["a","b"])");
  const Json d = *parse_json(R"(["d"])");
  EXPECT_EQ(evaluate_variant(*plain, input, {{b}, Json(2)})->kind, Answer::Kind::no);
  EXPECT_EQ(evaluate_variant(*plain, input, {{b, d}, std::nullopt})->message, ".a.b: missing or null");
  EXPECT_EQ(evaluate_variant(*plain, input, {{d}, std::nullopt})->message, ".d: missing or null");
  EXPECT_EQ(evaluate_variant(*plain, input, {{*parse_json(R"(["a","c",1])")}, Json()})->kind,
            Answer::Kind::yes);
  EXPECT_EQ(evaluate_variant(*plain, input, {{Json::array()}, Json(3)})->message,
            "Cannot index number with string \"a\"");
  EXPECT_FALSE(evaluate_variant(*plain, input, {{*parse_json(R"(["x","y"])")}, Json()}))
      << "jq makes the place";
  EXPECT_EQ(input.dump(), before);
}

}  // namespace
}  // namespace signalbox::gates
