#include "core/config/config.hpp"

#include <gtest/gtest.h>

namespace signalbox::config {
namespace {

std::string message_of(std::string_view yaml) {
  const auto parsed = parse_yaml(yaml, "f.yaml");
  return parsed ? "read without an error" : parsed.error().message;
}

TEST(Yaml, EveryValueKnowsItsPlaceAndPath) {
  const auto document = parse_yaml("train:\n  gates:\n    - name: tests\n      max_age: 24h\n", "f.yaml");
  ASSERT_TRUE(document) << document.error().message;
  const Node age = (*document)["train"]["gates"].items().at(0)["max_age"];
  EXPECT_EQ(age.where(), "f.yaml:4:16");
  EXPECT_EQ(age.path(), "train.gates[0].max_age");
  EXPECT_EQ(age.duration().value(), std::chrono::hours(24));
}

TEST(Yaml, AnUnknownKeyNamesItsPlaceAndTheNearestKnownOne) {
  const auto document = parse_yaml("gates:\n  treshold: 2\n", "f.yaml");
  const auto status = (*document)["gates"].only({"threshold", "name"});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "f.yaml:2:3: gates.treshold: the key 'treshold' is not known here");
  EXPECT_EQ(status.error().hint, "did you mean 'threshold'?");
}

TEST(Yaml, AWrongTypeNamesItsPlace) {
  const auto document = parse_yaml("a: 1\nb: soon\n", "f.yaml");
  EXPECT_EQ((*document)["b"].integer().error().message, "f.yaml:2:4: b: a whole number is expected here");
}

struct Broken {
  std::string_view yaml;
  std::string_view message;
  std::string_view hint = {};
};

TEST(Yaml, BrokenDocumentsAreRefusedWithLineAndColumn) {
  const Broken table[] = {
      {"a: 1\nb:\n  c: 1\n  c: 2\n", "f.yaml:4:3: the key 'c' stands here twice", "keep one of them"},
      {"a:\n\tb: 1\n", "f.yaml:2:3: illegal map value",
       "line 2 is indented with a tab: YAML takes spaces alone"},
      {"name signalbox\nevidence: x\n", "f.yaml:2:9: illegal map value", "line 1 has no `:` after its key"},
      {"a: 1\n b: 2\n", "f.yaml:2:3: illegal map value"},
      {"a: [1, 2\n", "f.yaml:2:1: end of sequence flow not found"},
      {"a: {b: 1\n", "f.yaml:2:1: end of map flow not found"},
      {"a: 1\nb: \"open\nc: 2\n", "f.yaml:2:4: the quotes that open here are never closed"},
      {"b: 'it''s open\n", "f.yaml:1:4: the quotes that open here are never closed"},
      {"ä: \"é\" é: 3\n", "f.yaml:1:8: end of map not found"},
      {"a: &x 1\nb: *x\n", "f.yaml:1:4: anchors and aliases are not read here"},
      {"b: *x\n", "f.yaml:1:4: the referenced anchor is not defined"},
      {"a: {c: 1}\nb:\n  <<: {a: 1}\n", "f.yaml:3:3: merge keys are not read here"},
      {"a: !!binary aGk=\n", "f.yaml:1:4: tags are not read here"},
      {"? [a]\n: b\n", "f.yaml:1:3: a key has to be plain text"},
      {": b\n", "f.yaml:1:1: a key has to be plain text"},
      {"a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document begins; one is expected"},
      {"%YAML 9.9\n---\na: 1\n", "f.yaml:1:1: YAML major version too large"},
      {"a: \"\\q\"\n", "f.yaml:1:7: unknown escape character: q"},
      {"a: \"\\0\"\n", "f.yaml:1:4: a NUL character"},
      {"a: 1\nb: \xff\n", "f.yaml:2:1: this line is not UTF-8"},
      {"a: \x1b[2J\n", "f.yaml:1:4: the control character \\x1b"},
      {"a: 1\rb: 2\n", "f.yaml:1:5: a carriage return inside a line"},
      {std::string_view("a: \0b\n", 6), "f.yaml:1:4: a NUL character"},
  };
  for (const Broken& broken : table) {
    const auto parsed = parse_yaml(broken.yaml, "f.yaml");
    ASSERT_FALSE(parsed) << broken.yaml;
    EXPECT_EQ(parsed.error().kind, ErrorKind::bad_input);
    EXPECT_TRUE(std::string_view(parsed.error().message).starts_with(broken.message))
        << parsed.error().message << "\nfor " << broken.yaml;
    if (!broken.hint.empty()) {
      EXPECT_EQ(parsed.error().hint, broken.hint);
    }
  }
}

TEST(Yaml, WhatIsTooMuchIsRefused) {
  EXPECT_NE(message_of(std::string(kMaxYamlBytes + 1, ' ')).find("at most"), std::string::npos);
  std::string many = "a:\n";
  for (std::size_t i = 0; i <= kMaxYamlValues; ++i) many += "- 1\n";
  EXPECT_NE(message_of(many).find("more than 200000 values"), std::string::npos);
  // Quotes hide no depth, and a key may be the place where it begins.
  EXPECT_NE(message_of("it's: " + std::string(1000, '[') + std::string(1000, ']')).find("nested deeper"),
            std::string::npos);
  EXPECT_NE(message_of("x':\n " + std::string(1000, '[') + std::string(1000, ']')).find("nested deeper"),
            std::string::npos);
  std::string maps;
  for (int i = 0; i < 1000; ++i) maps += "? ";
  EXPECT_NE(message_of(maps).find("f.yaml:1:"), std::string::npos);
}

TEST(Yaml, AnAbsentKeyKnowsWhereItWouldBe) {
  const auto document = parse_yaml("train:\n  gates: []\n", "f.yaml");
  const Node absent = (*document)["train"]["policy"]["ref"];
  EXPECT_FALSE(absent.exists());
  EXPECT_EQ(absent.path(), "train.policy.ref");
  EXPECT_EQ(absent.text().error().message, "f.yaml:2:3: train.policy.ref: text is expected here");
  EXPECT_FALSE((*parse_yaml("a:\n", "f.yaml"))["a"].exists());
}

TEST(Yaml, WhatEditorsOnOtherSystemsWriteIsRead) {
  EXPECT_EQ((*parse_yaml("\xEF\xBB\xBF"
                         "a: 1\r\nb: x\r\n",
                         "f.yaml"))
                .to_json()
                .dump(),
            R"({"a":1,"b":"x"})");
  EXPECT_EQ((*parse_yaml("ключ: значение", "f.yaml"))["ключ"].where(), "f.yaml:1:7");
}

TEST(Yaml, DeepNestingIsRefusedBeforeTheParserRecurses) {
  EXPECT_NE(message_of(std::string(200'000, '[') + std::string(200'000, ']')).find("nested deeper than 64"),
            std::string::npos);
  EXPECT_TRUE(message_of(std::string(200'000, '[')).starts_with("f.yaml:1:"));
  EXPECT_TRUE(message_of(std::string(200'000, '{')).starts_with("f.yaml:1:"));
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_NE(message_of(dashes + "x").find("nested deeper than 64"), std::string::npos);
}

TEST(Yaml, QuotedScalarsStayText) {
  const auto document = parse_yaml("a: '1'\nb: 1\nc: true\nd: \"true\"\ne: 1.5\n", "f.yaml");
  EXPECT_EQ(document->to_json().dump(), R"({"a":"1","b":1,"c":true,"d":"true","e":1.5})");
}

TEST(Yaml, AnEmptyDocumentIsAnEmptyMap) {
  EXPECT_TRUE(parse_yaml("# nothing\n", "f.yaml")->is_map());
}

}  // namespace
}  // namespace signalbox::config
