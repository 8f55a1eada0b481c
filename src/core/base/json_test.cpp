#include "core/base/json.hpp"

#include <bit>
#include <cstdint>

#include <gtest/gtest.h>

using namespace signalbox;

namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse_json(text);
  return parsed ? "accepted as " + parsed->dump() : parsed.error().message;
}

}  // namespace

// RFC 8785 appendix B, "Number serialization samples": IEEE 754 bits and their text.
TEST(JsonCanonical, NumbersAreAsThePublishedSamplesOfRfc8785) {
  struct Sample {
    std::uint64_t bits;
    const char* text;
  };
  constexpr Sample samples[] = {{0x0000000000000000, "0"},
                                {0x8000000000000000, "0"},
                                {0x0000000000000001, "5e-324"},
                                {0x8000000000000001, "-5e-324"},
                                {0x7fefffffffffffff, "1.7976931348623157e+308"},
                                {0xffefffffffffffff, "-1.7976931348623157e+308"},
                                {0x4340000000000000, "9007199254740992"},
                                {0xc340000000000000, "-9007199254740992"},
                                {0x4430000000000000, "295147905179352830000"},
                                {0x44b52d02c7e14af5, "9.999999999999997e+22"},
                                {0x44b52d02c7e14af6, "1e+23"},
                                {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
                                {0x444b1ae4d6e2ef4e, "999999999999999700000"},
                                {0x444b1ae4d6e2ef4f, "999999999999999900000"},
                                {0x444b1ae4d6e2ef50, "1e+21"},
                                {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
                                {0x3eb0c6f7a0b5ed8d, "0.000001"},
                                {0x41b3de4355555553, "333333333.3333332"},
                                {0x41b3de4355555554, "333333333.33333325"},
                                {0x41b3de4355555555, "333333333.3333333"},
                                {0x41b3de4355555556, "333333333.3333334"},
                                {0x41b3de4355555557, "333333333.33333343"},
                                {0xbecbf647612f3696, "-0.0000033333333333333333"},
                                {0x43143ff3c1cb0959, "1424953923781206.2"}};
  for (const auto& [bits, text] : samples) EXPECT_EQ(Json(std::bit_cast<double>(bits)).canonical(), text);
}

// RFC 8785 section 3.2.3: members sorted by UTF-16 code units.
TEST(JsonCanonical, MembersAreSortedAsInTheExampleOfRfc8785) {
  const auto parsed = parse_json(
      R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",)"
      R"("\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(
      parsed->canonical(),
      "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O "
      "With Diaeresis\","
      "\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

// RFC 8785 section 3.2.2: the literals and strings of its sample.
TEST(JsonCanonical, StringsAreAsInTheSampleOfRfc8785) {
  const auto parsed = parse_json(
      R"({"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->canonical(), R"({"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"})");
}

TEST(JsonReader, DuplicateKeysAreRefusedWithTheirPlace) {
  EXPECT_EQ(error_of(R"({"a":{"x":1,"x":2}})"), "ambiguous JSON at $.a.x: the key stands there twice");
  EXPECT_EQ(error_of(R"({"a":"}"} {})"), "ambiguous JSON at offset 9: something stands after the document");
  EXPECT_EQ(error_of(R"({"a":1,"\u0061":2})"), "ambiguous JSON at $.a: the key stands there twice");
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += "\"k" + std::to_string(i) + "\":0,";
  EXPECT_EQ(error_of(many + R"("k3":1})"), "ambiguous JSON at $.k3: the key stands there twice");
  EXPECT_EQ(error_of(many + R"("new":1,"new":1})"), "ambiguous JSON at $.new: the key stands there twice");
}

TEST(JsonReader, APlaceNamesItemsAndMembersOnTheWay) {
  EXPECT_EQ(error_of(R"({"a":[0,[],{"b c":{"x":1,"x":2}}]})"),
            "ambiguous JSON at $.a[2].b c.x: the key stands there twice");
  EXPECT_EQ(error_of(R"([[1],[2,9007199254740993]])"),
            "$[1][1]: the integer 9007199254740993 is beyond ±2^53");
}

// Short and long texts, good and bad ones, of several depths, one after another in one thread.
TEST(JsonReader, WhatWasReadBeforeChangesNothing) {
  const std::string deep = "[[[[[[[[[[1]]]]]]]]]]";
  const std::string large = "[\"" + std::string(100'000, 'x') + "\"]";
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(parse_json(R"({"a":"b"})")->dump(), R"({"a":"b"})");
    EXPECT_EQ(error_of("{").substr(0, 10), "not JSON: ");
    EXPECT_EQ(parse_json(deep)->dump(), deep);
    EXPECT_EQ(parse_json(deep, {.max_depth = 5}).error().message, "JSON nested deeper than 5 levels");
    EXPECT_EQ(parse_json(large)->dump(), large);
    EXPECT_EQ(parse_json(large.substr(0, 9'000) + "\"]")->dump(), large.substr(0, 9'000) + "\"]");
    EXPECT_EQ(error_of("{} x"), "ambiguous JSON at offset 2: something stands after the document");
  }
}

TEST(JsonReader, WhatIsNotJsonIsRefused) {
  for (const char* wrong :
       {"", " ", "{", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "NaN", "'a'", "nul", "[1] [2]",
        "{\"a\":1}x", "\"\t\"", "\"\xff\"", "\"\\ud800\"", "[1", "\xef\xbb\xbf{}x"}) {
    EXPECT_FALSE(parse_json(wrong)) << wrong;
  }
}

TEST(JsonReader, IntegersThatDoublesWouldChangeAreRefusedUnlessAllowed) {
  EXPECT_EQ(parse_json("9007199254740992")->as_integer(), 9007199254740992);
  EXPECT_EQ(error_of("[9007199254740993]"), "$[0]: the integer 9007199254740993 is beyond ±2^53");
  EXPECT_FALSE(parse_json("-9007199254740993"));
  EXPECT_FALSE(parse_json("18446744073709551615"));
  EXPECT_EQ(parse_json("9223372036854775807", {.exact_integers = false})->as_integer(), 9223372036854775807);
  EXPECT_EQ(parse_json("1e300")->as_number(), 1e300);
  EXPECT_EQ(parse_json("-1.5e-7")->as_number(), -1.5e-7);
}

TEST(JsonReader, SizeAndDepthAreBounded) {
  EXPECT_TRUE(parse_json(std::string(50, '[') + std::string(50, ']')));
  EXPECT_FALSE(parse_json(std::string(100, '[') + std::string(100, ']')));
  EXPECT_FALSE(parse_json("[" + std::string(100, ' ') + "]", {.max_bytes = 50}));
}

TEST(Json, EqualityIgnoresTheOrderOfMembersAndTheKindOfNumber) {
  EXPECT_EQ(parse_json(R"({"a":1,"b":[2]})").value(), parse_json(R"({"b":[2.0],"a":1.0})").value());
  EXPECT_FALSE(parse_json(R"({"a":1})").value() == parse_json(R"({"a":1,"b":null})").value());
  EXPECT_FALSE(parse_json("[1,2]").value() == parse_json("[2,1]").value());
}

TEST(Json, MembersKeepTheirOrderAndAreReplacedInPlace) {
  Json value = Json::object({{"b", 1}, {"a", 2}});
  value.set("b", "x");
  value.set("c", Json::array());
  EXPECT_EQ(value.dump(), R"({"b":"x","a":2,"c":[]})");
  EXPECT_EQ(value.pretty(), "{\n  \"b\": \"x\",\n  \"a\": 2,\n  \"c\": []\n}");
  EXPECT_TRUE(value["absent"].is_null());
  EXPECT_EQ(value["a"].as_string("other"), "other");
}
