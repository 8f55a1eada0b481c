#include "instruments/pack/model/quantity.hpp"

#include <gtest/gtest.h>

namespace signalbox::pack {

TEST(Quantity, InchesMillimetresAndTheirFractionsAreExact) {
  EXPECT_EQ(parse_length("1in").value(), parse_length("25.4 mm").value());
  EXPECT_EQ(parse_length("12 1/8 in").value(), 2 * parse_length("6 1/16in").value());
  EXPECT_EQ(parse_length("5/32in").value() * 32, 5 * parse_length("1in").value());
  EXPECT_EQ(parse_length("0.001in").value() * 1000, parse_length("1", LengthUnit::in).value());
  EXPECT_EQ(parse_length("12.0in").value(), parse_length("1ft").value());
  EXPECT_EQ(parse_length("0.5m").value(), parse_length("50cm").value());
  EXPECT_EQ(parse_mass("16oz").value(), parse_mass("1lb").value());
  EXPECT_EQ(parse_mass("1lb").value(), parse_mass("453.59237g").value());
  EXPECT_EQ(parse_mass("0").error().kind, ErrorKind::bad_input);
  EXPECT_EQ(parse_mass("0", MassUnit::g).value(), 0);
}

TEST(Quantity, WhatIsNoLengthIsRefused) {
  for (const char* text :
       {"",      " ",        "-1mm",      "0mm",   "0.0in",     "nan",  "inf",     "1e9mm",
        "1/0in", "12 1/0in", "1 2mm",     "1,5mm", "12furlong", "1mm2", "999999m", "99999999999999999999mm",
        ".",     "1..2mm",   "1 1/2/3in", "0x10mm"})
    EXPECT_EQ(parse_length(text, LengthUnit::mm).error().kind, ErrorKind::bad_input) << text;
  EXPECT_EQ(parse_length("12").error().message, "the length '12' has no unit");
}

TEST(Quantity, TextIsWhatWasRead) {
  EXPECT_EQ(to_text(parse_length("11.1in").value(), LengthUnit::in), "11.1");
  EXPECT_EQ(to_text(parse_length("280.25mm").value(), LengthUnit::mm), "280.25");
  EXPECT_EQ(to_text(parse_length("1in").value(), LengthUnit::mm), "25.4");
  EXPECT_EQ(to_text(parse_mass("3.2lb").value(), MassUnit::lb), "3.2");
  EXPECT_EQ(to_text(parse_mass("1oz").value(), MassUnit::g), "28.349523125");
}

}  // namespace signalbox::pack
