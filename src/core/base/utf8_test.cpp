#include "core/base/utf8.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace signalbox {
namespace {

std::string utf8(std::uint32_t code) {
  std::string out;
  append_utf8(out, code);
  return out;
}

// The first and last of each length: RFC 3629, section 3.
TEST(Utf8, HasAsManyOctetsAsACharacterNeeds) {
  EXPECT_EQ(utf8(0), std::string(1, '\0'));
  EXPECT_EQ(utf8(0x7f), "\x7f");
  EXPECT_EQ(utf8(0x80), "\xc2\x80");
  EXPECT_EQ(utf8(0x7ff), "\xdf\xbf");
  EXPECT_EQ(utf8(0x800), "\xe0\xa0\x80");
  EXPECT_EQ(utf8(0xffff), "\xef\xbf\xbf");
  EXPECT_EQ(utf8(0x10000), "\xf0\x90\x80\x80");
  EXPECT_EQ(utf8(0x10ffff), "\xf4\x8f\xbf\xbf");
  EXPECT_EQ(utf8('a') + utf8(0xe9) + utf8(0x20ac) + utf8(0x1d11e), "a\u00e9\u20ac\U0001d11e");
}

TEST(Utf8, OfCharactersIsWellFormedAndOfOthersNot) {
  for (std::uint32_t code = 0; code < 0x110000; code += code < 0x1100 ? 1 : 0x7f)
    ASSERT_EQ(is_utf8(utf8(code)), is_character(code)) << code;
  for (const std::uint32_t code : {0xd800U, 0xdbffU, 0xdc00U, 0xdfffU, 0x110000U, 0x1fffffU, UINT32_MAX}) {
    EXPECT_FALSE(is_character(code)) << code;
    EXPECT_FALSE(is_utf8(utf8(code))) << code;
  }
  EXPECT_TRUE(is_character(kReplacementCharacter));
}

}  // namespace
}  // namespace signalbox
