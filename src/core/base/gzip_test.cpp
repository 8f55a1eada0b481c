#include "core/base/gzip.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"

using namespace signalbox;

namespace {

constexpr std::size_t kMax = std::size_t{1} << 20;

std::string by_program(const std::string& program, const std::string& input) {
  ProcessOptions options;
  options.input = input;
  return run_process({program, program == "gzip" ? "-9nc" : "-c"}, options).value().output;
}

std::string some_text() {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i * i) + "\n";
  return text;
}

}  // namespace

TEST(Gzip, TheProgramGzipReadsOursAndWeReadIts) {
  if (!find_program("gzip")) GTEST_SKIP() << "no gzip here";
  EXPECT_EQ(by_program("zcat", gzip(some_text())), some_text());
  EXPECT_EQ(by_program("zcat", gzip("")), "");
  const std::string theirs = by_program("gzip", some_text());
  EXPECT_TRUE(is_gzip(theirs));
  EXPECT_EQ(gunzip(theirs, kMax).value(), some_text());
  EXPECT_EQ(gunzip(theirs + by_program("gzip", "and more") + by_program("gzip", ""), kMax).value(),
            some_text() + "and more");
}

TEST(Gzip, WhatIsCutOffOrChangedIsRefusedWithItsOffset) {
  const std::string whole = gzip(some_text());
  for (const std::size_t size : {std::size_t{3}, std::size_t{17}, whole.size() / 2, whole.size() - 1}) {
    const auto got = gunzip(whole.substr(0, size), kMax);
    ASSERT_FALSE(got) << size;
    EXPECT_EQ(got.error().kind, ErrorKind::bad_input);
    EXPECT_EQ(got.error().message, "offset " + std::to_string(size) + ": gzip data is cut off");
  }
  std::string changed = whole;
  changed[whole.size() - 6] ^= 1;  // of the checksum
  const auto got = gunzip(changed, kMax);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().message.find("incorrect data check"), std::string::npos) << got.error().message;
  EXPECT_FALSE(gunzip(whole + "x", kMax));
}

TEST(Gzip, NothingBecomesLongerThanAllowed) {
  const std::string zeros = gzip(std::string(kMax, '\0'));
  EXPECT_EQ(gunzip(zeros, kMax).value().size(), kMax);
  const auto more = gunzip(zeros, kMax - 1);
  ASSERT_FALSE(more);
  EXPECT_NE(more.error().message.find("expands to more than 1048575 bytes"), std::string::npos);
  // Two members, of which the size at the end tells one alone.
  EXPECT_FALSE(gunzip(zeros + gzip("a"), kMax));
  EXPECT_EQ(gunzip(zeros + gzip("a"), kMax + 1).value().size(), kMax + 1);
}
