// Recordings of other projects: what must hold of any profile holds of theirs.
#include <filesystem>
#include <numeric>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "instruments/profile/analysis/check.hpp"
#include "instruments/profile/analysis/compare.hpp"
#include "instruments/profile/analysis/filter.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/formats/format.hpp"

namespace signalbox::profile {
namespace {

struct CorpusProfile {
  std::string name;
  Profile profile;
};

std::vector<CorpusProfile> recordings() {
  std::vector<CorpusProfile> out;
  const auto corpus = testing::corpus_directory();
  if (!corpus) return out;
  for (const char* folder : {"profile/flamegraph", "profile/speedscope", "profile/pprof/internal.driver"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(*corpus / folder, error)) {
      if (!entry.is_regular_file()) continue;
      const auto octets = read_file(entry.path());
      if (!octets) continue;
      if (auto profile = read_profile(*octets); profile && profile->total(profile->default_value) > 0)
        out.push_back({entry.path().filename().string(), std::move(*profile)});
    }
  }
  return out;
}

TEST(RealProfiles, RowsOfTheTableAddUpAndNoneCostsMoreThanAll) {
  const auto all = recordings();
  if (all.empty()) GTEST_SKIP() << "no corpus";
  EXPECT_GE(all.size(), 10U);
  for (const CorpusProfile& recording : all) {
    const std::size_t value = recording.profile.default_value;
    const Top table = top(recording.profile, {.value = value});
    std::int64_t self = 0;
    for (const TopRow& row : table.rows) {
      self += row.self[value];
      EXPECT_GE(row.cumulative[value], row.self[value]) << recording.name << " " << row.function.name;
      EXPECT_LE(row.cumulative[value], table.totals[value]) << recording.name << " " << row.function.name;
      EXPECT_LE(row.self_share.interval.lower, row.self_share.share) << recording.name;
      EXPECT_GE(row.self_share.interval.upper, row.self_share.share) << recording.name;
    }
    EXPECT_EQ(self, recording.profile.total(value)) << recording.name;
    EXPECT_EQ(table.totals[value], recording.profile.total(value)) << recording.name;
  }
}

TEST(RealProfiles, DoNotDifferFromThemselvesAndHaveNotRegressed) {
  for (const CorpusProfile& recording : recordings()) {
    const NamedProfile named{recording.name, &recording.profile};
    const Difference difference = compare(named, named, {}).value();
    EXPECT_EQ(difference.stacks_new + difference.stacks_vanished, 0U) << recording.name;
    EXPECT_TRUE(difference.stacks.empty()) << recording.name;
    for (const FunctionChange& change : difference.functions) {
      EXPECT_EQ(change.self.rise(), 0) << recording.name;
      EXPECT_FALSE(change.is_new()) << recording.name;
    }
    EXPECT_FALSE(check({{named}, {}}, {{named}, {}}, {}, {}).value().has_regressed()) << recording.name;
  }
}

// Focus and ignore of one expression part the samples that have a stack.
TEST(RealProfiles, FocusAndIgnorePartTheSamples) {
  const NamePattern pattern = NamePattern::compile("read|alloc|main|call").value();
  for (const CorpusProfile& recording : recordings()) {
    const Profile& profile = recording.profile;
    std::int64_t without_stack = 0;
    for (std::size_t i = 0; i < profile.samples.size(); ++i) {
      if (profile.samples[i].stack == 0) without_stack += profile.values_of(i)[0];
    }
    const std::int64_t with = filtered(profile, {.focus = pattern}).total(0);
    const std::int64_t rest = filtered(profile, {.ignore = pattern}).total(0);
    EXPECT_GE(with + rest, profile.total(0) - without_stack) << recording.name;
    EXPECT_LE(with + rest, profile.total(0)) << recording.name;
  }
}

}  // namespace
}  // namespace signalbox::profile
