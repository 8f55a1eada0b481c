#include "instruments/profile/formats/callgrind.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "instruments/profile/formats/testing.hpp"

namespace signalbox::profile {
namespace {

TEST(Callgrind, EventsAreTheColumnsTheDefaultOneFirst) {
  const std::string text = write_callgrind(testing_profile());
  EXPECT_NE(text.find("events: cpu_nanoseconds samples\nsummary: 60606060 6\n"), std::string::npos) << text;
  EXPECT_NE(text.find("fn=(1) "), std::string::npos);
}

TEST(Callgrind, CallgrindAnnotateSumsAsWeDo) {
  if (!find_program("callgrind_annotate")) GTEST_SKIP() << "no callgrind_annotate here";
  const TemporaryDirectory folder;
  ASSERT_TRUE(replace_file(folder.path() / "callgrind.out.1", write_callgrind(testing_profile())));
  const auto annotate = [&](const char* option) {
    ProcessOptions options;
    options.directory = folder.path();
    return run_process({"callgrind_annotate", option, "--threshold=100", "callgrind.out.1"}, options)->output;
  };
  const std::string self = annotate("--inclusive=no");
  EXPECT_NE(self.find("60,606,060 (100.0%) 6 (100.0%)  PROGRAM TOTALS"), std::string::npos) << self;
  EXPECT_NE(self.find("30,303,030 (50.00%) 3 (50.00%)  hot.h:hot(int) [/usr/bin/app]"), std::string::npos)
      << self;
  const std::string inclusive = annotate("--inclusive=yes");
  EXPECT_NE(inclusive.find("40,404,040 (66.67%) 4 (66.67%)  main.cpp:main [/usr/bin/app]"), std::string::npos)
      << inclusive;
}

}  // namespace
}  // namespace signalbox::profile
