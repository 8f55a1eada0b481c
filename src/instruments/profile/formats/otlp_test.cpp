#include "instruments/profile/formats/otlp.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/formats/format.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/formats/testing.hpp"

namespace signalbox::profile {
namespace {

TEST(Otlp, WhatWeWriteIsReadTheSameButForTimes) {
  Profile profile = testing_profile();
  ReadOptions options;
  options.format = ProfileFormat::otlp;
  const Profile again = read_profile(write_otlp(profile), options).value();
  for (Sample& sample : profile.samples) sample.time_ns = -1;
  EXPECT_EQ(words_of(again), words_of(profile));
}

// Octets worked by hand from the numbers of the fields.
TEST(Otlp, ADictionaryByHandIsRead) {
  const auto field = [](char tag, const std::string& octets) {
    return std::string{static_cast<char>(tag << 3 | 2), static_cast<char>(octets.size())} + octets;
  };
  std::string dictionary;
  for (const char* text : {"", "samples", "count", "main", "thread.name", "worker"})
    dictionary += field(5, text);
  dictionary += field(3, "") + field(3, "\x08\x03");  // function 1: name 3
  dictionary +=
      field(2, "") + field(2, "\x10\x40" + field(3, "\x08\x01\x10\x07"));  // location 1: 0x40, line 7
  dictionary += field(7, "") + field(7, field(1, "\x01"));                 // stack 1: location 1
  dictionary += field(6, "") + field(6, "\x08\x04" + field(2, field(1, "worker")));
  const std::string sample = "\x08\x01" + field(2, "\x01") + field(4, "\x05");
  const std::string profile = field(1, "\x08\x01\x10\x02") + field(2, sample);
  const std::string octets = field(1, field(2, field(2, profile))) + field(2, dictionary);
  const Profile read = read_otlp(octets).value();
  EXPECT_EQ(read.value_types, (std::vector<ValueType>{{"samples", "count"}}));
  FoldedOptions options;
  EXPECT_EQ(write_folded(read, options), "worker;main 5\n");
  const Frame& frame = read.frames[read.stacks[read.samples.at(0).stack].frame];
  EXPECT_EQ(frame.address, 0x40U);
  EXPECT_EQ(frame.line, 7);
}

TEST(Otlp, IsToldFromPprofByItsContent) {
  const Profile profile = testing_profile();
  EXPECT_EQ(detect_format(write_otlp(profile)), ProfileFormat::otlp);
  EXPECT_EQ(detect_format(write_profile(profile, ProfileFormat::otlp).value()), ProfileFormat::otlp);
  EXPECT_EQ(detect_format(write_pprof(profile, {Compression::none, SampleTimes::merged})),
            ProfileFormat::pprof);
  EXPECT_NE(detect_format(""), ProfileFormat::otlp);
  const std::string whole = write_otlp(profile);
  EXPECT_NE(detect_format(std::string_view(whole).substr(0, whole.size() - 1)), ProfileFormat::otlp);
}

TEST(Otlp, WhatIsBrokenIsRefusedWithItsOffset) {
  const std::string whole = write_otlp(testing_profile());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto profile = read_otlp(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(profile) << size;
    EXPECT_TRUE(profile.error().message.starts_with("offset ")) << profile.error().message;
  }
}

}  // namespace
}  // namespace signalbox::profile
