#include "core/evidence/redaction.hpp"

#include <optional>

#include "core/evidence/bundle.hpp"
#include "core/evidence/ledger_fixture.hpp"

namespace signalbox::evidence {
namespace {

const ErasureOrder kOrder{"a customer's name", "support@example", "dpo@example", "GDPR Art. 17"};

class RedactionTest : public LedgerFixture {
 protected:
  std::string signed_order(const Entry& entry, const ErasureOrder& order = kOrder) const {
    const auto statement = erasure_statement(entry, order);
    EXPECT_TRUE(statement) << (statement ? "" : statement.error().message);
    return write_envelope(sign_envelope(kPayloadType, *write_statement(*statement), {&signer_}));
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, RedactionTest,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(RedactionTest, EnvelopeAndSaltGoRecordAndProofStay) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1), envelope(2)}));
  const Entry before = *ledger.entry(1);
  const auto receipt = erase(ledger, 1, signed_order(before));
  ASSERT_TRUE(receipt) << receipt.error().message;
  EXPECT_EQ(receipt->index, 3U);
  const Entry after = *ledger.entry(1);
  EXPECT_EQ(after.record, before.record);
  EXPECT_EQ(after.envelope, "");
  EXPECT_EQ(after.salt, "");
  const Checkpoint checkpoint = *parse_checkpoint(parse_note(*ledger.checkpoint())->text);
  EXPECT_TRUE(
      verify_inclusion(1, 4, leaf_hash(after.record), *ledger.prove_inclusion(1, 4), checkpoint.root));
  const auto erased = erasure_of(ledger, after);
  ASSERT_TRUE(erased && *erased);
  EXPECT_EQ((*erased)->statement, 3U);
  EXPECT_EQ(to_text(**erased),
            "erased on 2025-06-15T15:06:40Z by dpo@example at the request of support@example: a customer's "
            "name (entry "
            "3)");
  const auto audit = ledger.audit();
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->failures.empty()) << audit->failures.front();
  EXPECT_EQ(audit->erased, 1U);
  EXPECT_FALSE(*erasure_of(ledger, *ledger.entry(0)));
}

TEST_P(RedactionTest, OnePersonAloneCannotAndNothingIsErasedTwice) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0)}));
  const Entry entry = *ledger.entry(0);
  for (const ErasureOrder& order : {ErasureOrder{"why", "One@Example", "one@example ", ""},
                                    ErasureOrder{"", "a", "b", ""}, ErasureOrder{"why", " ", "b", ""}}) {
    const auto statement = erasure_statement(entry, order);
    ASSERT_FALSE(statement);
    EXPECT_EQ(statement.error().kind, ErrorKind::bad_input);
  }
  const std::string order = signed_order(entry);
  ASSERT_TRUE(erase(ledger, 0, order));
  const auto again = erase(ledger, 0, order);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_EQ(ledger.size(), 2U);  // the second statement was not kept either
  EXPECT_FALSE(erasure_statement(*ledger.entry(0), kOrder));
  EXPECT_FALSE(erasure_statement(*ledger.entry(1), kOrder));
  expect_whole_log(2);
}

TEST_P(RedactionTest, AnEnvelopeThatIsGoneWithoutAStatementIsFound) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
  ASSERT_TRUE(
      database->execute("update evidence_blob set salt = null, body = null, erased_at = 5 where id = 0"));
  const auto audit = ledger.audit();
  ASSERT_TRUE(audit);
  ASSERT_EQ(audit->failures.size(), 1U);
  EXPECT_EQ(audit->failures[0], "envelope 0: was erased, and no statement in the log says so");
}

TEST_P(RedactionTest, ABundleWithAnErasedEntryVerifiesAndBringsTheStatement) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
  ASSERT_TRUE(erase(ledger, 0, signed_order(*ledger.entry(0))));
  const auto bundle = make_bundle(ledger, {0});
  ASSERT_TRUE(bundle) << bundle.error().message;
  ASSERT_EQ(bundle->entries.size(), 2U);
  EXPECT_EQ(bundle->entries[1].index, 2U);
  const auto read = parse_bundle(write_bundle(*bundle));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(check_bundle(*read, {log_key().public_key()}).empty());
  const Statement statement = *parse_statement(parse_envelope(read->entries[1].envelope)->payload);
  EXPECT_EQ(erasure_in(statement, read->entries[0].record)->approver, "dpo@example");
  EXPECT_FALSE(erasure_in(statement, read->entries[1].record));
}

// A table of PostgreSQL: its files are read where the server keeps them.
class ScrubbedTable : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!store_.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    database_ = store_.open();
    ledger_.emplace(*Ledger::open(*database_, clock_, SigningKey::generate("log")));
  }

  void log_and_erase(std::uint64_t index) {
    Statement statement;
    statement.subjects = {{"r", {{"gitCommit", std::string(40, 'a')}}}};
    statement.predicate_type = "https://a.example/b/v1";
    Json envelope = *parse_json(signed_by_us(statement));
    envelope.set("note", secret_);
    ASSERT_TRUE(ledger_->append({envelope.dump()}));
    ASSERT_TRUE(is_in_the_tables_file());
    const auto order = erasure_statement(*ledger_->entry(index), kOrder);
    ASSERT_TRUE(order) << order.error().message;
    ASSERT_TRUE(erase(*ledger_, index, signed_by_us(*order)));
  }

  std::string signed_by_us(const Statement& statement) const {
    return write_envelope(sign_envelope(kPayloadType, write_statement(statement).value(), {&signer_}));
  }

  bool is_in_the_tables_file() const {
    EXPECT_TRUE(database_->execute("checkpoint"));
    const auto rows = database_->query(
        "select current_setting('data_directory') || '/' || pg_relation_filepath('evidence_blob')");
    EXPECT_TRUE(rows) << rows.error().message;
    const auto octets = read_file(rows->at(0).text(0), std::size_t{64} << 20);
    EXPECT_TRUE(octets) << octets.error().message;
    return octets && octets->find(secret_) != std::string::npos;
  }

  const std::string secret_ = "Augusta-Ada-King-Noel-" + to_hex(sha256("x"));
  const SigningKey signer_ = SigningKey::generate("builder");
  store::testing::ScratchStore store_{store::Engine::postgresql};
  FixedClock clock_{Time(Duration(1'750'000'000'000))};
  std::unique_ptr<store::Database> database_;
  std::optional<Ledger> ledger_;
};

TEST_F(ScrubbedTable, HoldsNothingOfWhatWasErased) {
  log_and_erase(0);
  EXPECT_TRUE(is_in_the_tables_file()) << "the old row is still in its page";
  const auto scrubbed = scrub(*database_);
  ASSERT_TRUE(scrubbed) << scrubbed.error().message;
  EXPECT_TRUE(*scrubbed);
  EXPECT_FALSE(is_in_the_tables_file());
  EXPECT_TRUE(ledger_->audit()->failures.empty());
}

TEST_F(ScrubbedTable, IsNotSaidToBeCleanWhileAnOlderTransactionSeesTheRow) {
  const auto reader = store_.open();
  ASSERT_TRUE(reader->transaction(store::Database::Access::read, [&]() -> Status {
    SIGNALBOX_CHECK(reader->query("select count(*) from evidence_entry"));  // its snapshot is taken
    log_and_erase(0);
    const auto scrubbed = scrub(*database_);
    EXPECT_TRUE(scrubbed) << scrubbed.error().message;
    EXPECT_FALSE(*scrubbed);
    return {};
  }));
  EXPECT_TRUE(is_in_the_tables_file());
  EXPECT_TRUE(*scrub(*database_)) << "the reader is done";
  EXPECT_FALSE(is_in_the_tables_file());
}

// What was erased is in no file of the store any more.
TEST(Redaction, LeavesNoCopyInTheStoresFiles) {
  const TemporaryDirectory folder;
  const std::string path = (folder.path() / "store.db").string();
  FixedClock clock(Time(Duration(1'750'000'000'000)));
  const SigningKey signer = SigningKey::generate("builder");
  const std::string secret = "Augusta-Ada-King-Noel-" + to_hex(sha256("x"));
  const auto holds_secret = [&] {
    bool found = false;
    for (const auto& file : std::filesystem::directory_iterator(folder.path()))
      found = found || read_file(file.path())->find(secret) != std::string::npos;
    return found;
  };
  const auto database = store::open_database("sqlite:" + path);
  ASSERT_TRUE(database);
  auto ledger = Ledger::open(**database, clock, SigningKey::generate("log"));
  ASSERT_TRUE(ledger);
  Envelope envelope{std::string(kPayloadType), {}, {}};
  Statement statement;
  statement.subjects = {{"r", {{"gitCommit", std::string(40, 'a')}}}};
  statement.predicate_type = "https://a.example/b/v1";
  statement.predicate = Json::object({{"name", secret}});
  envelope = sign_envelope(kPayloadType, *write_statement(statement), {&signer});
  // The payload is base64 in the envelope; as a text it would not be found anyway.
  const std::string octets = write_envelope(envelope) + std::string(1, ' ');
  Json with_note = *parse_json(octets);
  with_note.set("note", secret);
  ASSERT_TRUE(ledger->append({with_note.dump()}));
  ASSERT_TRUE(holds_secret());
  const auto order = erasure_statement(*ledger->entry(0), kOrder);
  ASSERT_TRUE(order);
  ASSERT_TRUE(
      erase(*ledger, 0, write_envelope(sign_envelope(kPayloadType, *write_statement(*order), {&signer}))));
  EXPECT_TRUE(*scrub(**database));
  EXPECT_FALSE(holds_secret());
}

}  // namespace
}  // namespace signalbox::evidence
