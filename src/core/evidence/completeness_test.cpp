#include "core/evidence/completeness.hpp"

#include "core/evidence/bundle.hpp"
#include "core/evidence/entry_bundle.hpp"
#include "core/evidence/ledger_fixture.hpp"
#include "core/evidence/ledger_record.hpp"

namespace signalbox::evidence {
namespace {

const std::string kWanted = "gitCommit:" + std::string(40, 'a');
const std::string kOther(40, 'b');

class CompletenessTest : public LedgerFixture {
 protected:
  // Entries about the wanted commit at 0, 3, 6 …; others about another one.
  void fill(Ledger& ledger, int count) const {
    std::vector<std::string> all;
    for (int i = 0; i < count; ++i) all.push_back(i % 3 == 0 ? envelope(i) : envelope(i, kOther));
    const auto receipts = ledger.append(all);
    ASSERT_TRUE(receipts) << receipts.error().message;
  }
  std::string envelope_about_many() const {
    Statement statement;
    for (int i = 0; i < 70; ++i)
      statement.subjects.push_back({"f", {{"sha256", to_hex(sha256(std::to_string(i)))}}});
    statement.subjects.push_back({"r", {{"gitCommit", std::string(40, 'a')}}});
    statement.predicate_type = "https://a.example/b/v1";
    return write_envelope(sign_envelope(kPayloadType, *write_statement(statement), {&signer_}));
  }
  static Checkpoint newest(const Ledger& ledger) {
    return *parse_checkpoint(parse_note(*ledger.checkpoint())->text);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, CompletenessTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(CompletenessTest, AReplayFindsEveryEntryAboutTheSubject) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  fill(ledger, 520);
  const auto found = replay_ledger(ledger, kWanted, newest(ledger));
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->doubts.empty()) << found->doubts.front();
  EXPECT_EQ(found->size, 520U);
  ASSERT_EQ(found->indexes.size(), 174U);
  for (std::size_t i = 0; i < found->indexes.size(); ++i) EXPECT_EQ(found->indexes[i], 3 * i);
  EXPECT_TRUE(replay_ledger(ledger, "sha256:" + std::string(64, '0'), newest(ledger))->indexes.empty());
}

TEST_P(CompletenessTest, EntriesWithManySubjectsAreReadFromTheirEnvelopes) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope_about_many(), envelope(2)}));
  const auto found = replay_ledger(ledger, kWanted, newest(ledger));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->doubts.empty()) << found->doubts.front();
  EXPECT_EQ(found->indexes, (std::vector<std::uint64_t>{0, 1, 2}));
  ASSERT_TRUE(
      database->execute("update evidence_blob set salt = null, body = null, erased_at = 5 where id = 1"));
  const auto doubtful = replay_ledger(ledger, kWanted, newest(ledger));
  ASSERT_FALSE(doubtful->doubts.empty());
  EXPECT_EQ(doubtful->doubts[0], "entry 1 names 71 subjects by their root, and its envelope is not at hand");
}

TEST_P(CompletenessTest, ABundleProvesItOffline) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  fill(ledger, 300);
  std::vector<std::uint64_t> indexes;
  for (std::uint64_t i = 0; i < 300; i += 3) indexes.push_back(i);
  auto bundle = make_bundle(ledger, indexes);
  ASSERT_TRUE(bundle);
  EXPECT_FALSE(check_complete(*bundle));
  ASSERT_TRUE(add_whole_log(*bundle, ledger, kWanted));
  const auto read = parse_bundle(write_bundle(*bundle));
  ASSERT_TRUE(read) << read.error().message;
  const auto found = check_complete(*read);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_TRUE(found->doubts.empty()) << found->doubts.front();
  EXPECT_EQ(found->indexes, indexes);

  Bundle without_one = *read;
  without_one.entries.erase(without_one.entries.begin() + 7);
  EXPECT_EQ(check_complete(without_one)->doubts, (std::vector<std::string>{"entry 21 is not in the bundle"}));
  Bundle shortened = *read;
  shortened.complete->records.pop_back();
  EXPECT_FALSE(check_complete(shortened)->doubts.empty());
  Bundle flipped = *read;
  flipped.complete->records[0][100] = static_cast<char>(flipped.complete->records[0][100] ^ 1);
  const auto changed = check_complete(flipped);
  EXPECT_TRUE(!changed || !changed->doubts.empty());
}

// A log whose records lie about the chain is found by whoever replays it.
TEST(SubjectReplay, ARecordThatSkipsTheEntryBeforeItIsADoubt) {
  const SigningKey signer = SigningKey::generate("builder");
  Statement statement;
  statement.subjects = {{"r", {{"gitCommit", std::string(40, 'a')}}}};
  statement.predicate_type = "https://a.example/b/v1";
  const auto candidate =
      read_candidate(write_envelope(sign_envelope(kPayloadType, *write_statement(statement), {&signer})));
  SubjectReplay replay(kWanted, {});
  for (const std::int64_t before : {-1, 0, 0}) {
    ASSERT_TRUE(replay.add(*write_record(*candidate, Time(Duration(5)), {before})));
  }
  EXPECT_EQ(replay.indexes().size(), 3U);
  ASSERT_EQ(replay.doubts().size(), 1U);
  EXPECT_EQ(replay.doubts()[0],
            "record 2 says that the entry before it about " + kWanted + " is 0, the log has 1");
}

// An escape is another spelling of the same text.
TEST(SubjectReplay, ASubjectInAnotherSpellingIsSeen) {
  SubjectReplay replay(kWanted, {});
  const std::string record = R"({"prev":{"gitCommit:)" + std::string(40, 'a') +
                             R"(":-1},"subjects":["\u0067itCommit:)" + std::string(40, 'a') + R"("],"v":1})";
  ASSERT_TRUE(replay.add(record));
  EXPECT_EQ(replay.indexes().size(), 1U);
}

TEST(EntryBundle, IsReadBackAndRefusedWhereItIsCut) {
  std::string bundle;
  for (const std::string& record : {std::string("a"), std::string(65'535, 'x'), std::string()})
    add_to_entry_bundle(bundle, record);
  EXPECT_EQ(bundle.substr(0, 3), std::string("\0\1a", 3));
  const auto records = parse_entry_bundle(bundle);
  ASSERT_TRUE(records);
  EXPECT_EQ(records->size(), 3U);
  EXPECT_EQ((*records)[1].size(), 65'535U);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{2}, bundle.size() - 1, bundle.size() - 3})
    EXPECT_FALSE(parse_entry_bundle(std::string_view(bundle).substr(0, cut))) << cut;
  EXPECT_FALSE(parse_entry_bundle(""));
  std::string many;
  for (int i = 0; i < 257; ++i) add_to_entry_bundle(many, "r");
  EXPECT_FALSE(parse_entry_bundle(many));
}

}  // namespace
}  // namespace signalbox::evidence
