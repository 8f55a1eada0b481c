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
  EXPECT_EQ(status.error().message, "f.yaml:2:13: gates.treshold: the key 'treshold' is not known here");
  EXPECT_EQ(status.error().hint, "did you mean 'threshold'?");
}

TEST(Yaml, AWrongTypeNamesItsPlace) {
  const auto document = parse_yaml("a: 1\nb: soon\n", "f.yaml");
  EXPECT_EQ((*document)["b"].integer().error().message, "f.yaml:2:4: b: a whole number is expected here");
}

TEST(Yaml, BrokenDocumentsAreRefusedWithLineAndColumn) {
  EXPECT_EQ(message_of("a: 1\na: 2\n"), "f.yaml:2:1: the key 'a' stands here twice");
  EXPECT_TRUE(message_of("a:\n\t- b\n").starts_with("f.yaml:2:")) << message_of("a:\n\t- b\n");
  EXPECT_TRUE(message_of("a: [1, 2\nb: 3\n").starts_with("f.yaml:")) << message_of("a: [1, 2\nb: 3\n");
  EXPECT_EQ(message_of("a: &x 1\nb: *x\n"), "f.yaml:1:4: anchors and aliases are not read here");
  EXPECT_EQ(message_of("a: 1\nb: \xff\n"), "f.yaml:2:1: this line is not UTF-8");
  EXPECT_EQ(message_of(std::string_view("a: \0b\n", 6)), "f.yaml:1:4: a NUL character");
}

TEST(Yaml, DeepNestingIsRefusedBeforeTheParserRecurses) {
  EXPECT_NE(message_of(std::string(200'000, '[')).find("nested deeper than 64"), std::string::npos);
  EXPECT_NE(message_of(std::string(200'000, '{')).find("nested deeper than 64"), std::string::npos);
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
