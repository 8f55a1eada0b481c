#include "core/evidence/ledger.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "core/evidence/ledger_fixture.hpp"
#include "core/evidence/ledger_record.hpp"

namespace signalbox::evidence {
namespace {

class LedgerTest : public LedgerFixture {};
INSTANTIATE_TEST_SUITE_P(Engines, LedgerTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(LedgerTest, EveryEntryIsProvenAgainstTheSignedCheckpoint) {
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

TEST_P(LedgerTest, ProofsHoldAcrossTileBoundaries) {
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

TEST_P(LedgerTest, ARecordNamesTheEntryBeforeItAboutTheSameSubject) {
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

// The record is joined from parts; the reader and the canonical writer of JSON say the same of it.
TEST(LedgerRecord, IsCanonicalJson) {
  const SigningKey signer = SigningKey::generate("builder");
  for (const int subjects : {1, 3, 64, 65}) {
    Statement statement;
    for (int i = 0; i < subjects; ++i) {
      statement.subjects.push_back(
          {"a" + std::to_string(i), {{"sha256", to_hex(sha256(std::to_string(i)))}}});
    }
    statement.predicate_type = "https://example.com/\"é\"/v1";
    const std::string payload = *write_statement(statement);
    const auto candidate = read_candidate(write_envelope(sign_envelope(kPayloadType, payload, {&signer})));
    ASSERT_TRUE(candidate) << candidate.error().message;
    const auto record = write_record(*candidate, Time(Duration(5)), {7});
    ASSERT_TRUE(record);
    const auto json = parse_json(*record);
    ASSERT_TRUE(json) << json.error().message;
    EXPECT_EQ(json->canonical(), *record);
    EXPECT_EQ((*json)["type"].as_string(), statement.predicate_type);
    EXPECT_EQ((*json)["subjects"].size(), subjects > 64 ? 0U : static_cast<std::size_t>(subjects));
    EXPECT_EQ((*json)["prev"].size(), (*json)["subjects"].size());
    EXPECT_EQ((*json)["subjects_count"].as_integer(), subjects > 64 ? subjects : 0);
    if (subjects <= 64) {
      EXPECT_EQ((*json)["prev"][candidate->subjects[0]].as_integer(), 7);
    }
  }
}

TEST_P(LedgerTest, TimeNeverGoesBackAndARegressionIsMarked) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0)}));
  clock_.advance(std::chrono::hours(-1));
  ASSERT_TRUE(ledger.append({envelope(1)}));
  EXPECT_EQ(ledger.entry(1)->time, ledger.entry(0)->time);
  EXPECT_TRUE(ledger.entry(1)->clock_regressed);
}

TEST_P(LedgerTest, ABatchIsAllOrNothing) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  EXPECT_FALSE(ledger.append({envelope(0), "{}"}));
  EXPECT_EQ(ledger.size(), 0U);
  EXPECT_EQ(ledger.checkpoint().error().kind, ErrorKind::not_found);
}

TEST_P(LedgerTest, AnEnvelopeOverTheLimitIsRefusedWithItsSize) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  const auto receipts = ledger.append({std::string((16U << 20) + 1, ' ')});
  ASSERT_FALSE(receipts);
  EXPECT_EQ(receipts.error().message,
            "envelope 1: an envelope of 16777217 bytes; the log takes at most 16777216");
}

TEST_P(LedgerTest, AnotherConnectionsAppendsAreSeen) {
  const auto first = open_store();
  const auto second = open_store();
  Ledger a = open(*first);
  Ledger b = open(*second);
  ASSERT_TRUE(a.append({envelope(0)}));
  ASSERT_TRUE(b.append({envelope(1)}));
  EXPECT_EQ(a.size(), 2U);
  EXPECT_TRUE(a.audit()->failures.empty());
}

TEST_P(LedgerTest, AStoreWhoseEdgeWasChangedIsNeverSignedOver) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
  ASSERT_TRUE(database->execute("update evidence_head set hashes = ? where one = 1",
                                {store::Blob{std::string(32, 'x')}}));
  const auto receipts = ledger.append({envelope(2)});
  ASSERT_FALSE(receipts);
  EXPECT_EQ(receipts.error().kind, ErrorKind::conflict);
}

// Every file that an export of the log consists of, by its path.
std::map<std::string, std::string> exported(const Ledger& ledger) {
  std::map<std::string, std::string> out{{"checkpoint", *ledger.checkpoint()}};
  for (const Tile& tile : tiles_of(ledger.size())) {
    out[tile_path(tile)] = *ledger.tile(tile);
    if (tile.level == 0) out[entries_path(tile)] = *ledger.entry_bundle(tile);
  }
  return out;
}

TEST(LedgerExport, IsByteForByteTheSameFromEveryStore) {
  const SigningKey signer = SigningKey::generate("builder");
  const std::string log_key = SigningKey::generate("test-log").serialize({});
  const FixedClock clock(Time(Duration(1'750'000'000'000)));
  std::vector<Group> groups;
  for (int group = 0; group < 7; ++group) {
    std::vector<std::string> envelopes;
    for (int i = 0; i < 50; ++i) {
      Statement statement;
      statement.subjects = {{"r", {{"gitCommit", std::string(40, static_cast<char>('a' + i % 6))}}}};
      statement.predicate_type = "https://signalbox.dev/evidence/document/v1";
      statement.predicate = Json::object({{"number", 100 * group + i}});
      envelopes.push_back(
          write_envelope(sign_envelope(kPayloadType, *write_statement(statement), {&signer})));
    }
    groups.push_back({*read_candidates(std::move(envelopes)), {}});
  }
  std::vector<std::map<std::string, std::string>> exports;
  for (const store::Engine engine : {store::Engine::sqlite, store::Engine::postgresql}) {
    const store::testing::ScratchStore scratch(engine);
    if (!scratch.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    const auto database = scratch.open();
    auto ledger = Ledger::open(*database, clock, std::move(*SigningKey::parse(log_key, {})));
    ASSERT_TRUE(ledger);
    // One commit on one store, one a group on the other: the log knows no commits.
    if (engine == store::Engine::sqlite) {
      ASSERT_TRUE(ledger->append_groups(groups));
    } else {
      for (const auto& group : groups) ASSERT_TRUE(ledger->append_groups({group}));
    }
    exports.push_back(exported(*ledger));
  }
  EXPECT_EQ(exports[0].size(), 1U + 2 + 1 + 2);  // checkpoint, tiles of 350 leaves, their root, entries
  EXPECT_TRUE(exports[0] == exports[1]);
}

TEST_P(LedgerTest, AKilledWriterLeavesAWholeLogWithAllThatItAcknowledged) {
  std::vector<std::string> envelopes;
  for (int i = 0; i < 8; ++i) envelopes.push_back(envelope(i));
  { (void)open(*open_store()); }
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 60; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      auto database = store::open_database(store_.url());
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
    std::uint64_t value = 0;
    ASSERT_EQ(::read(ends[0], &value, sizeof value), static_cast<ssize_t>(sizeof value));
    acknowledged = value;
    ::usleep(static_cast<useconds_t>((round * 7919) % 30'000));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
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
