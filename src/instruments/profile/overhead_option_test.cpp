#include "instruments/profile/overhead_option.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

TEST(OverheadOptions, AreAlwaysPerCent) {
  EXPECT_DOUBLE_EQ(overhead_share("0.5%").value(), 0.005);
  EXPECT_DOUBLE_EQ(overhead_share("0.5").value(), 0.005);
  EXPECT_DOUBLE_EQ(overhead_share(" 2 % ").value(), 0.02);
  EXPECT_DOUBLE_EQ(overhead_share("100").value(), 1);
}

TEST(OverheadOptions, WhatIsNoShareIsRefused) {
  for (const char* text : {"", "%", "0", "-1", "0%", "101%", "2%%", "2 x", "0,5", "0x1p-3", "nan", "inf"})
    EXPECT_EQ(overhead_share(text).error().kind, ErrorKind::bad_input) << text;
}

}  // namespace
}  // namespace signalbox::profile
