#include "core/base/json_place.hpp"

#include <gtest/gtest.h>

#include "core/base/json.hpp"

namespace signalbox {
namespace {

std::string at(const TextPlace& place) {
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string error_at(std::string_view text) {
  return at(first_json_error(text, 64));
}

TEST(JsonPlace, CountsLinesAndCharacters) {
  EXPECT_EQ(at(place_of("", 0)), "1:1");
  EXPECT_EQ(at(place_of("ab\ncd", 3)), "2:1");
  EXPECT_EQ(at(place_of("ab\ncd", 99)), "2:3");
  EXPECT_EQ(at(place_of("\n\xC3\xA4\xE2\x82\xAC.", 6)), "2:3");  // after ä and €
}

TEST(JsonPlace, FindsMembersAndItems) {
  const std::string_view text = "{\n  \"a\": [1, {\"b\": 2}],\n  \"c\": {\"d\": [ ]}\n}";
  EXPECT_EQ(at(place_in_json(text, {})), "1:1");
  EXPECT_EQ(at(place_in_json(text, {std::string("a")})), "2:8");
  EXPECT_EQ(at(place_in_json(text, {std::string("a"), std::size_t{1}, std::string("b")})), "2:18");
  EXPECT_EQ(at(place_in_json(text, {std::string("c"), std::string("d")})), "3:14");
  EXPECT_EQ(at(place_in_json(text, {std::string("c"), std::string("e")})), "3:8");  // the last there is
  EXPECT_EQ(at(place_in_json(text, {std::string("c"), std::size_t{0}})), "3:8");
  EXPECT_EQ(at(place_in_json("[", {std::size_t{7}})), "1:1");
}

TEST(JsonPlace, FindsTheFirstOctetThatIsWrong) {
  EXPECT_EQ(error_at("{\"a\": 1,\n \"b\": x}"), "2:7");
  EXPECT_EQ(error_at("[1, 2"), "1:6");
  EXPECT_EQ(error_at("[1 2]"), "1:4");
  EXPECT_EQ(error_at("[1,]"), "1:4");
  EXPECT_EQ(error_at("{\"a\" 1}"), "1:6");
  EXPECT_EQ(error_at("[01]"), "1:3");
  EXPECT_EQ(error_at("[1.]"), "1:4");
  EXPECT_EQ(error_at("[\"\\x\"]"), "1:4");
  EXPECT_EQ(error_at("[\"\\u12g4\"]"), "1:7");
  EXPECT_EQ(error_at("[\"a\tb\"]"), "1:4");
  EXPECT_EQ(error_at("[tru]"), "1:5");
  EXPECT_EQ(error_at(" \n"), "2:1");
  EXPECT_EQ(error_at("{} {}"), "1:4");
  EXPECT_EQ(at(first_json_error("[[[[1]]]]", 3)), "1:4");
}

TEST(JsonPlace, GoesToTheEndOfWhatTheReaderAccepts) {
  for (const std::string_view text :
       {"{}", "[]", " [1, -0.5e+3, \"\\u00e4\\n\", true, false, null, {\"a\": {}}] ", "3", "\"x\""}) {
    ASSERT_TRUE(parse_json(text)) << text;
    EXPECT_EQ(error_at(text), at(place_of(text, text.size()))) << text;
  }
}

}  // namespace
}  // namespace signalbox
