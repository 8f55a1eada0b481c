#include "core/evidence/ledger.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/file.hpp"

namespace signalbox::evidence {
namespace {

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest()
      : signer_(SigningKey::generate("builder")),
        log_key_text_(SigningKey::generate("test-log").serialize({})) {}

  std::unique_ptr<store::Database> open_store() {
    auto database = store::open_database("sqlite:" + (folder_.path() / "a.db").string());
    EXPECT_TRUE(database);
    return std::move(*database);
  }
  SigningKey log_key() const { return std::move(*SigningKey::parse(log_key_text_, {})); }
  Ledger open(store::Database& database) {
    auto ledger = Ledger::open(database, clock_, log_key());
    EXPECT_TRUE(ledger) << (ledger ? "" : ledger.error().message);
    return std::move(*ledger);
  }
  std::string envelope(int number, const std::string& commit = std::string(40, 'a')) const {
    Statement statement;
    statement.subjects = {{"r", {{"gitCommit", commit}}}};
    statement.predicate_type = "https://signalbox.dev/evidence/document/v1";
    statement.predicate = Json::object({{"number", number}});
    const auto payload = write_statement(statement);
    EXPECT_TRUE(payload);
    return write_envelope(sign_envelope(kPayloadType, *payload, {&signer_}));
  }

  TemporaryDirectory folder_;
  SigningKey signer_;
  std::string log_key_text_;
  FixedClock clock_{Time(Duration(1'750'000'000'000))};
};

TEST_F(LedgerTest, EveryEntryIsProvenAgainstTheSignedCheckpoint) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(ledger.append({envelope(2 * i), envelope(2 * i + 1)}));
  ASSERT_EQ(ledger.size(), 10U);
  const auto note = parse_note(*ledger.checkpoint());
  ASSERT_EQ(verify_note(*note, {*ledger.log_key()})->size(), 1U);
  const Checkpoint checkpoint = *parse_checkpoint(note->text);
  for (std::uint64_t i = 0; i < 10; ++i) {
    const Entry entry = *ledger.entry(i);
    EXPECT_EQ(entry.envelope, envelope(static_cast<int>(i)));
    const auto status =
        verify_inclusion(i, 10, leaf_hash(entry.record), *ledger.prove_inclusion(i, 10), checkpoint.root);
    EXPECT_TRUE(status) << i;
  }
}

TEST_F(LedgerTest, ProofsHoldAcrossTileBoundaries) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  std::vector<std::string> many;
  for (int i = 0; i < 300; ++i) many.push_back(envelope(i));
  ASSERT_TRUE(ledger.append(std::vector<std::string>(many.begin(), many.begin() + 100)));
  const Checkpoint old = *parse_checkpoint(parse_note(*ledger.checkpoint())->text);
  ASSERT_TRUE(ledger.append(std::vector<std::string>(many.begin() + 100, many.end())));
  const Checkpoint now = *parse_checkpoint(parse_note(*ledger.checkpoint())->text);
  EXPECT_TRUE(verify_consistency(100, 300, *ledger.prove_consistency(100, 300), old.root, now.root));
  for (const std::uint64_t i : {0U, 99U, 255U, 256U, 299U}) {
    EXPECT_TRUE(verify_inclusion(i, 300, ledger.entry(i)->leaf, *ledger.prove_inclusion(i, 300), now.root))
        << i;
  }
  EXPECT_EQ(ledger.tile({0, 0, 256})->size(), 8192U);
  EXPECT_EQ(ledger.tile({1, 0, 1})->size(), 32U);
  EXPECT_FALSE(ledger.tile({0, 1, 45}));
  const auto audit = ledger.audit();
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->failures.empty()) << audit->failures.front();
}

TEST_F(LedgerTest, ARecordNamesTheEntryBeforeItAboutTheSameSubject) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  const std::string other(40, 'b');
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1, other), envelope(2)}));
  const std::string subject = "gitCommit:" + std::string(40, 'a');
  EXPECT_EQ((*parse_json(ledger.entry(0)->record))["prev"][subject].as_integer(), -1);
  EXPECT_EQ((*parse_json(ledger.entry(2)->record))["prev"][subject].as_integer(), 0);
  Query query;
  query.subject = *subject_from_text("gitCommit:" + other);
  EXPECT_EQ(ledger.query(query)->size(), 1U);
}

TEST_F(LedgerTest, TimeNeverGoesBackAndARegressionIsMarked) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0)}));
  clock_.advance(std::chrono::hours(-1));
  ASSERT_TRUE(ledger.append({envelope(1)}));
  EXPECT_EQ(ledger.entry(1)->time, ledger.entry(0)->time);
  EXPECT_TRUE(ledger.entry(1)->clock_regressed);
}

TEST_F(LedgerTest, ABatchIsAllOrNothing) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  EXPECT_FALSE(ledger.append({envelope(0), "{}"}));
  EXPECT_EQ(ledger.size(), 0U);
  EXPECT_EQ(ledger.checkpoint().error().kind, ErrorKind::not_found);
}

TEST_F(LedgerTest, AnEnvelopeOverTheLimitIsRefusedWithItsSize) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  const auto receipts = ledger.append({std::string((16U << 20) + 1, ' ')});
  ASSERT_FALSE(receipts);
  EXPECT_EQ(receipts.error().message,
            "envelope 1: an envelope of 16777217 bytes; the log takes at most 16777216");
}

TEST_F(LedgerTest, AnotherConnectionsAppendsAreSeen) {
  const auto first = open_store();
  const auto second = open_store();
  Ledger a = open(*first);
  Ledger b = open(*second);
  ASSERT_TRUE(a.append({envelope(0)}));
  ASSERT_TRUE(b.append({envelope(1)}));
  EXPECT_EQ(a.size(), 2U);
  EXPECT_TRUE(a.audit()->failures.empty());
}

TEST_F(LedgerTest, AStoreWhoseEdgeWasChangedIsNeverSignedOver) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
  ASSERT_TRUE(database->execute("update evidence_head set hashes = ? where one = 1",
                                {store::Blob{std::string(32, 'x')}}));
  const auto receipts = ledger.append({envelope(2)});
  ASSERT_FALSE(receipts);
  EXPECT_EQ(receipts.error().kind, ErrorKind::conflict);
}

TEST_F(LedgerTest, AKilledWriterLeavesAWholeLogWithAllThatItAcknowledged) {
  std::vector<std::string> envelopes;
  for (int i = 0; i < 8; ++i) envelopes.push_back(envelope(i));
  { (void)open(*open_store()); }
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 60; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto database = store::open_database("sqlite:" + (folder_.path() / "a.db").string());
      if (!database) ::_exit(1);
      auto ledger = Ledger::open(**database, clock_, log_key());
      if (!ledger) ::_exit(2);
      for (;;) {
        const auto receipts = ledger->append(envelopes);
        if (!receipts) ::_exit(3);
        const std::uint64_t size = receipts->back().index + 1;
        if (::write(ends[1], &size, sizeof size) != sizeof size) ::_exit(4);
      }
    }
    ::close(ends[1]);
    ::usleep(static_cast<useconds_t>(5'000 + (round * 7919) % 30'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    std::uint64_t value = 0;
    while (::read(ends[0], &value, sizeof value) == sizeof value) acknowledged = value;
    ::close(ends[0]);
  }
  const auto database = open_store();
  const Ledger ledger = open(*database);
  EXPECT_GE(ledger.size(), acknowledged);
  EXPECT_GT(acknowledged, 60U);
  const auto audit = ledger.audit();
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->failures.empty()) << audit->failures.front();
}

}  // namespace
}  // namespace signalbox::evidence
