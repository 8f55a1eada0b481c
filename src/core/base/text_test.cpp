#include "core/base/text.hpp"

#include <gtest/gtest.h>

#include "core/base/process.hpp"

using namespace signalbox;

// Unicode 15, table 3-7 "Well-formed UTF-8 byte sequences": the edges of each row, and what lies just beyond.
TEST(Utf8, WellFormedIsWhatTable37Says) {
  for (const char* good : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xe0\xbf\xbf",
                           "\xec\xbf\xbf", "\xed\x80\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                           "\xf0\x90\x80\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good)) << escape_invalid_utf8(good);
  }
  for (const char* bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xe0\x9f\xbf",
                          "\xed\xa0\x80", "\xed\xbf\xbf", "\xe1\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xff", "\xfe", "a\xf0\x90\x80"}) {
    EXPECT_FALSE(is_utf8(bad)) << escape_invalid_utf8(bad);
  }
  EXPECT_EQ(escape_invalid_utf8("a\xff\xc3\xa9\xc3"), "a\\xff\xc3\xa9\\xc3");
}

TEST(Printable, ATerminalObeysNothingOfIt) {
  EXPECT_EQ(printable("a\tb\n\x1b[31mred\x07"), "a\tb\n\\x1b[31mred\\x07");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(printable("\x7f\xffé"), "\\x7f\\xffé");
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("é"), 1U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("日本"), 4U);
  EXPECT_EQ(display_width("🚆"), 2U);
  EXPECT_EQ(cut_to_width("abcdef", 4), "abc…");
  EXPECT_EQ(cut_to_width("abcd", 4), "abcd");
  EXPECT_EQ(cut_to_width("日本語", 4), "日…");
  EXPECT_EQ(cut_to_width("abc", 0), "");
}

// Distances worked by hand: an insertion, a deletion, a replacement, a transposition.
TEST(EditDistance, IsTheFewestSlips) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("train", "tarin"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);
  EXPECT_EQ(nearest("evidnece", {"train", "evidence"}), "evidence");
  EXPECT_EQ(nearest("xyz", {"train", "evidence"}), std::nullopt);
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(split("a,,b", ',').size(), 3U);
  EXPECT_EQ(split("", ',').size(), 1U);
  EXPECT_EQ(lines("a\r\nb\n"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_TRUE(lines("").empty());
  EXPECT_EQ(trim(" \t a b\n"), "a b");
}

TEST(Glob, StarsStopAtSlashesUnlessDoubled) {
  EXPECT_TRUE(glob_match("src/*.cpp", "src/a.cpp"));
  EXPECT_FALSE(glob_match("src/*.cpp", "src/b/a.cpp"));
  EXPECT_TRUE(glob_match("src/**.cpp", "src/b/a.cpp"));
  EXPECT_TRUE(glob_match("v?.?", "v1.2"));
  EXPECT_FALSE(glob_match("?", "/"));
  EXPECT_FALSE(glob_match("a", "ab"));
}

TEST(ShellWord, IsOneWordToAShell) {
  EXPECT_EQ(shell_word("v1.2/a-b@c"), "v1.2/a-b@c");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("two words"), "'two words'");
  for (const char* text : {"it's", "$(touch x)", "a\"b\\c", "*", "-n", "~", "a;b", "''"}) {
    const auto said = run_process({"/bin/sh", "-c", "printf %s " + shell_word(text)});
    ASSERT_TRUE(said);
    EXPECT_EQ(said->output, text);
  }
}

TEST(ParseInteger, IsTheWholeText) {
  EXPECT_EQ(parse_integer("-42"), -42);
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807LL);
  for (const char* wrong : {"", "-", "+1", " 1", "1 ", "0x1", "9223372036854775808"})
    EXPECT_FALSE(parse_integer(wrong).has_value()) << wrong;
}

TEST(Text, OneIsNoPlural) {
  EXPECT_EQ(counted(0, "commit"), "0 commits");
  EXPECT_EQ(counted(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(counted(2, "entry", "entries"), "2 entries");
}
