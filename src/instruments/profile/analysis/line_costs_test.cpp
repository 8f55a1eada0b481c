#include "instruments/profile/analysis/line_costs.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

// Frames by function, file and line.
class LineWriter {
 public:
  LineWriter() : builder_({{"samples", "count"}}) {}

  FrameId frame(std::string_view function, std::string_view file, std::int32_t line,
                std::string_view build_id = "ab") {
    Frame out;
    out.function = builder_.function({builder_.string(function), {}, builder_.string(file), 3});
    out.mapping = builder_.mapping({0, 0, 0, builder_.string("/bin/app"), builder_.string(build_id)});
    out.line = line;
    return builder_.frame(out);
  }
  void add(std::initializer_list<FrameId> frames, std::int64_t count) {
    StackId stack = 0;
    for (const FrameId frame : frames) stack = builder_.stack(stack, frame);
    Sample sample;
    sample.stack = stack;
    const std::int64_t values[] = {count};
    builder_.add(sample, values);
  }
  Profile finish() { return std::move(builder_).finish(); }

 private:
  ProfileBuilder builder_;
};

std::vector<std::tuple<std::int32_t, std::int64_t, std::int64_t>> told(const FileLines& file) {
  std::vector<std::tuple<std::int32_t, std::int64_t, std::int64_t>> out;
  for (const LineCost& line : file.lines) out.emplace_back(line.line, line.cost.self, line.cost.cumulative);
  return out;
}
using Told = decltype(told({}));

TEST(LineCosts, AreOfEachLineByItselfAndWithWhatItCalls) {
  LineWriter writer;
  const FrameId root = writer.frame("main", "a.c", 50);
  const FrameId calls = writer.frame("parse", "a.c", 5);
  const FrameId loops = writer.frame("parse", "a.c", 7);
  writer.add({root, calls, writer.frame("read", "b.c", 90)}, 10);
  writer.add({root, loops}, 20);
  writer.add({root}, 70);
  const LineCosts costs = line_costs(writer.finish(), 0, "parse").value();
  EXPECT_EQ(costs.function, "parse");
  EXPECT_EQ(costs.total, 100);
  EXPECT_EQ(costs.whole.self, 20);
  EXPECT_EQ(costs.whole.cumulative, 30);
  ASSERT_EQ(costs.files.size(), 1U);
  EXPECT_EQ(costs.files[0].file, "a.c");
  EXPECT_EQ(costs.files[0].start_line, 3);
  EXPECT_EQ(told(costs.files[0]), (Told{{5, 0, 10}, {7, 20, 20}}));
  ASSERT_EQ(costs.files[0].code.size(), 1U);
  EXPECT_EQ(costs.files[0].code[0].build_id, "ab");
  // Wilson (1927) of 30 and of 20 in 100: worked out by hand.
  EXPECT_NEAR(costs.whole.cumulative_share.interval.lower, 0.2189, 0.0001);
  EXPECT_NEAR(costs.whole.cumulative_share.interval.upper, 0.3958, 0.0001);
  EXPECT_NEAR(costs.files[0].lines[1].cost.self_share.interval.lower, 0.1334, 0.0001);
  EXPECT_NEAR(costs.files[0].lines[1].cost.self_share.interval.upper, 0.2888, 0.0001);
}

// A stack of parse:5 → parse:5 → parse:7 has each line once.
TEST(LineCosts, CountAStackOnceForEachLineThatItHas) {
  LineWriter writer;
  const FrameId outer = writer.frame("parse", "a.c", 5);
  const FrameId inner = writer.frame("parse", "a.c", 7);
  writer.add({outer, outer, inner}, 4);
  const LineCosts costs = line_costs(writer.finish(), 0, "parse").value();
  EXPECT_EQ(told(costs.files[0]), (Told{{5, 0, 4}, {7, 4, 4}}));
  EXPECT_EQ(costs.whole.cumulative, 4);
}

TEST(LineCosts, OfOneNameInSeveralFilesHaveTheCostliestFirst) {
  LineWriter writer;
  writer.add({writer.frame("init", "a.c", 1, "aa")}, 1);
  writer.add({writer.frame("init", "b.c", 2, "bb")}, 5);
  writer.add({writer.frame("init", "", 0, "cc")}, 2);
  const LineCosts costs = line_costs(writer.finish(), 0, "init").value();
  ASSERT_EQ(costs.files.size(), 3U);
  EXPECT_EQ(costs.files[0].file, "b.c");
  EXPECT_EQ(costs.files[1].file, "");
  EXPECT_EQ(told(costs.files[1]), (Told{{0, 2, 2}}));
  EXPECT_EQ(costs.files[2].code[0].build_id, "aa");
}

TEST(LineCosts, OfAPartOfAFunctionAreThoseOfTheFunction) {
  LineWriter writer;
  writer.add({writer.frame("parse", "a.c", 5)}, 1);
  writer.add({writer.frame("parse.cold", "a.c", 9)}, 2);
  const Profile profile = writer.finish();
  EXPECT_EQ(told(line_costs(profile, 0, "parse")->files[0]), (Told{{5, 1, 1}, {9, 2, 2}}));
  EXPECT_EQ(told(line_costs(profile, 0, "parse.cold")->files[0]), (Told{{5, 1, 1}, {9, 2, 2}}));
}

TEST(LineCosts, AreNoneOfAFunctionThatIsNowhere) {
  LineWriter writer;
  writer.add({writer.frame("parse", "a.c", 5)}, 1);
  const Profile profile = writer.finish();
  EXPECT_FALSE(line_costs(profile, 0, "print"));
  EXPECT_FALSE(line_costs(profile, 0, ""));
  EXPECT_FALSE(line_costs(profile, 0, "[unknown]"));
}

}  // namespace
}  // namespace signalbox::profile
