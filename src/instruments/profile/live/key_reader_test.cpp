#include "instruments/profile/live/key_reader.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using Kind = Key::Kind;

std::vector<Kind> kinds(const std::vector<Key>& keys) {
  std::vector<Kind> out;
  for (const Key& key : keys) out.push_back(key.kind);
  return out;
}

TEST(KeyReader, ReadsWhatTerminalsSend) {
  KeyReader reader;
  EXPECT_EQ(kinds(reader.take("\x1b[A\x1b[B\x1bOA\r\x7f\x03\x1b[5~\x1b[6~\x1b[H\x1b[4~")),
            (std::vector<Kind>{Kind::up, Kind::down, Kind::up, Kind::enter, Kind::erase, Kind::interrupt,
                               Kind::page_up, Kind::page_down, Kind::home, Kind::end}));
  EXPECT_EQ(reader.take("q/"), (std::vector<Key>{{Kind::text, "q"}, {Kind::text, "/"}}));
}

TEST(KeyReader, ASequenceMayComeInPieces) {
  KeyReader reader;
  EXPECT_TRUE(reader.take("\x1b").empty());
  EXPECT_TRUE(reader.take("[").empty());
  EXPECT_EQ(kinds(reader.take("A")), std::vector<Kind>{Kind::up});
  EXPECT_TRUE(reader.take("\xc3").empty());
  EXPECT_EQ(reader.take("\xa4"), (std::vector<Key>{{Kind::text, "ä"}}));
}

TEST(KeyReader, AnEscapeAloneIsOneOnceNothingFollows) {
  KeyReader reader;
  EXPECT_TRUE(reader.take("\x1b").empty());
  EXPECT_EQ(kinds(reader.settle()), std::vector<Kind>{Kind::escape});
  EXPECT_TRUE(reader.settle().empty());
  EXPECT_EQ(kinds(reader.take("\x1bq")), (std::vector<Kind>{Kind::escape, Kind::text}));
}

TEST(KeyReader, WhatIsNoKeyIsLeftOut) {
  KeyReader reader;
  EXPECT_TRUE(reader.take("\x1b[1;5C\x01\x1a\xff\xfe").empty());
  EXPECT_EQ(reader.take("p").size(), 1U);
  EXPECT_TRUE(reader.take("\x1b[" + std::string(40, '1')).empty());
  EXPECT_EQ(reader.take("q").back(), (Key{Kind::text, "q"}));
}

}  // namespace
}  // namespace signalbox::profile
