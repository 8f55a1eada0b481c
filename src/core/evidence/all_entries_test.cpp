#include "core/evidence/all_entries.hpp"

#include <algorithm>
#include <optional>

#include "core/evidence/ledger_fixture.hpp"

namespace signalbox::evidence {
namespace {

constexpr int kEntries = 1201;  // more than two pages, and one over
const std::string kOther(40, 'b');

class AllEntries : public LedgerFixture {
 protected:
  void SetUp() override {
    LedgerFixture::SetUp();
    if (IsSkipped()) return;
    database_ = open_store();
    ledger_.emplace(open(*database_));
    const std::string one = envelope(0), other = envelope(0, kOther);
    std::vector<std::string> envelopes(kEntries, one);
    envelopes[600] = other;
    ASSERT_TRUE(ledger_->append(envelopes));
  }

  // Index of each entry about the first commit, as it is handed over.
  std::vector<std::uint64_t> indexes(bool newest_first, std::uint64_t most, Extent wanted) {
    std::vector<std::uint64_t> out;
    Query query = about_one();
    query.newest_first = newest_first;
    const auto extent = read_entries(*ledger_, query, most, [&](const Entry& entry) -> Result<Reading> {
      out.push_back(entry.index);
      return Reading::goes_on;
    });
    EXPECT_TRUE(extent) << (extent ? "" : extent.error().message);
    EXPECT_TRUE(extent && *extent == wanted);
    return out;
  }

  static Query about_one() {
    Query query;
    query.subject = Subject{"r", {{"gitCommit", std::string(40, 'a')}}};
    query.type = "https://signalbox.dev/evidence/document/v1";
    return query;
  }

  std::unique_ptr<store::Database> database_;
  std::optional<Ledger> ledger_;
};
INSTANTIATE_TEST_SUITE_P(Engines, AllEntries,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(AllEntries, AreReadToTheLastOneInEitherOrder) {
  std::vector<std::uint64_t> wanted;
  for (std::uint64_t i = 0; i < kEntries; ++i) {
    if (i != 600) wanted.push_back(i);
  }
  EXPECT_EQ(indexes(false, kMaxEntriesRead, Extent::whole), wanted);
  std::reverse(wanted.begin(), wanted.end());
  EXPECT_EQ(indexes(true, kMaxEntriesRead, Extent::whole), wanted);
  EXPECT_EQ(indexes(true, 1200, Extent::whole), wanted);
  wanted.resize(1199);
  EXPECT_EQ(indexes(true, 1199, Extent::cut), wanted);
}

TEST_P(AllEntries, StopWhereEnoughWasSeenAndWhereTheLogEndedThen) {
  std::size_t seen = 0;
  const auto extent = read_entries(*ledger_, about_one(), 700, [&](const Entry&) -> Result<Reading> {
    return ++seen == 700 ? Reading::is_done : Reading::goes_on;
  });
  EXPECT_TRUE(extent && *extent == Extent::whole);
  EXPECT_EQ(seen, 700U);
  const auto then = Ledger::open_as_of(*database_, 602);
  const auto all = all_entries(*then, about_one());
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_EQ(all->size(), 601U);
  EXPECT_EQ(all->front().index, 601U);
}

TEST_P(AllEntries, MoreThanMayBeReadAreAnErrorThatNamesThem) {
  const auto all = all_entries(*ledger_, about_one(), 1000);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(
      all.error().message,
      "the log has more than 1000 entries of https://signalbox.dev/evidence/document/v1 about gitCommit:" +
          std::string(40, 'a') + ": not all of them were read");
}

}  // namespace
}  // namespace signalbox::evidence
