// A store that somebody changed behind the log's back: the audit names what, and the log refuses to sign over
// it.
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/evidence/ledger.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;
using store::Blob;
using store::Value;

class LedgerAudit : public ::testing::Test {
 protected:
  std::unique_ptr<store::Database> open_store(const std::string& name = "a.db") const {
    auto database = store::open_database("sqlite:" + (folder_.path() / name).string());
    EXPECT_TRUE(database);
    return std::move(*database);
  }
  SigningKey log_key() const { return std::move(*SigningKey::parse(log_key_text_, {})); }
  Result<Ledger> open(store::Database& database) const {
    return Ledger::open(database, clock_, log_key(), CheckpointMemory(folder_.path() / "seen"));
  }
  std::string envelope(int number, int subjects = 1) const {
    Statement statement;
    for (int i = 0; i < subjects; ++i) {
      const std::string digits = std::to_string(i);
      statement.subjects.push_back({"r", {{"gitCommit", std::string(40 - digits.size(), 'a') + digits}}});
    }
    statement.predicate_type = "https://signalbox.dev/evidence/document/v1";
    statement.predicate = Json::object({{"number", number}});
    return write_envelope(sign_envelope(kPayloadType, write_statement(statement).value_or(""), {&signer_}));
  }
  static std::vector<std::string> failures(const Ledger& ledger) {
    const auto audit = ledger.audit();
    EXPECT_TRUE(audit) << (audit ? "" : audit.error().message);
    return audit ? audit->failures : std::vector<std::string>{};
  }

  TemporaryDirectory folder_;
  const SigningKey signer_ = SigningKey::generate("builder");
  const std::string log_key_text_ = SigningKey::generate("test-log").serialize({});
  FixedClock clock_{Time(Duration(1'750'000'000'000))};
};

// A place in the store, and what the audit calls it. `step`: every so many bits are flipped.
struct Place {
  std::string table, column, where, named;
  std::size_t step = 1;
};

TEST_F(LedgerAudit, FindsEveryFlippedBitAndNamesItsLayer) {
  const auto database = open_store();
  Ledger ledger = *open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
  ASSERT_TRUE(failures(ledger).empty()) << failures(ledger).front();
  const std::vector<Place> places{{"evidence_entry", "record", "i = 1", "record 1", 5},
                                  {"evidence_entry", "leaf", "i = 1", "record 1"},
                                  {"evidence_blob", "body", "id = 1", "envelope 1", 11},
                                  {"evidence_blob", "salt", "id = 1", "envelope 1"},
                                  {"evidence_tile", "body", "l = 0", "tile 0/0"},
                                  {"evidence_head", "hashes", "one = 1", "right edge"},
                                  {"evidence_head", "checkpoint", "one = 1", "checkpoint 2"}};
  for (const Place& place : places) {
    const auto row =
        database->query("select " + place.column + " from " + place.table + " where " + place.where);
    ASSERT_TRUE(row);
    const Value value = (*row)[0][0];
    const bool text = std::holds_alternative<std::string>(value);
    const std::string octets = text ? std::get<std::string>(value) : std::get<Blob>(value).octets;
    const auto set = [&](const std::string& to) {
      return database->execute("update " + place.table + " set " + place.column + " = ? where " + place.where,
                               {text ? Value(to) : Value(Blob{to})});
    };
    for (std::size_t bit = 0; bit < octets.size() * 8; bit += place.step) {
      std::string flipped = octets;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      ASSERT_TRUE(set(flipped));
      const std::vector<std::string> found = failures(ledger);
      ASSERT_FALSE(found.empty()) << place.table << "." << place.column << " bit " << bit;
      ASSERT_NE(found.front().find(place.named), std::string::npos) << found.front();
    }
    ASSERT_TRUE(set(octets));
  }
  EXPECT_TRUE(failures(ledger).empty());
}

TEST_F(LedgerAudit, FindsWhatIsHiddenFromQueriesOrTakenAway) {
  const auto database = open_store();
  Ledger ledger = *open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1), envelope(2, 70)}));
  ASSERT_TRUE(failures(ledger).empty()) << failures(ledger).front();
  const std::vector<std::pair<std::string, std::string>> changes{
      {"delete from evidence_subject where i = 1", "index of subjects: entry 1 is missing"},
      {"delete from evidence_type where i = 2", "index of types: entry 2 is missing"},
      {"insert into evidence_subject (digest, i) values ('gitCommit:00', 1)", "index of subjects: 73 rows"},
      {"delete from evidence_blob where id = 1", "envelope 1: is missing, and was never erased"},
      {"update evidence_blob set body = x'' where id = 0", "envelope 0: is missing, and was never erased"},
      {"delete from evidence_entry where i = 1", "entry 1: missing, entry 2 follows"},
      {"delete from evidence_entry where i = 2", "the log says 3 entries, there are 2"},
      {"insert into evidence_tile (l, n, body) values (0, 1, x'00')", "tiles: 2 of 97 bytes"},
      {"update evidence_entry set t = t + 1 where i = 2", "time of entry 2"}};
  const fs::path copy = folder_.path() / "copy.db";
  ASSERT_TRUE(database->execute("vacuum into '" + copy.string() + "'"));
  for (const auto& [sql, named] : changes) {
    fs::copy_file(copy, folder_.path() / "b.db", fs::copy_options::overwrite_existing);
    const auto changed = open_store("b.db");
    ASSERT_TRUE(changed->execute(sql)) << sql;
    const std::vector<std::string> found = failures(*Ledger::open_read_only(*changed));
    const bool said = std::any_of(
        found.begin(), found.end(),
        [&, n = std::string_view(named)](const auto& f) { return f.find(n) != std::string::npos; });
    EXPECT_TRUE(said) << sql << ": " << (found.empty() ? "nothing" : found.front());
  }
}

TEST_F(LedgerAudit, AStorePutBackToAnOlderCopyRefusesToSign) {
  const fs::path copy = folder_.path() / "copy.db";
  {
    const auto database = open_store();
    Ledger ledger = *open(*database);
    ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
    ASSERT_TRUE(database->execute("vacuum into '" + copy.string() + "'"));
    ASSERT_TRUE(ledger.append({envelope(2)}));
  }
  const auto older = open_store("copy.db");
  const auto refused = open(*older);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(refused.error().message, "rollback: the log test-log has 2 entries, and 3 were seen before");
  EXPECT_NE(refused.error().hint.find("signalbox evidence log fork"), std::string::npos);
  // A log that went on differently from the older copy, by a process that knew nothing, is a fork.
  {
    Ledger unaware = *Ledger::open(*older, clock_, log_key());
    ASSERT_TRUE(unaware.append({envelope(7), envelope(8)}));
  }
  const auto forked = open(*older);
  ASSERT_FALSE(forked);
  EXPECT_NE(forked.error().message.find("fork: the first 3 entries"), std::string::npos);
  // On purpose, under another name, it goes on.
  const SigningKey other = SigningKey::generate("other-log");
  ASSERT_TRUE(Ledger::fork(*older, other));
  auto ledger = Ledger::open(*older, clock_, std::move(*SigningKey::parse(other.serialize({}), {})),
                             CheckpointMemory(folder_.path() / "seen"));
  ASSERT_TRUE(ledger) << ledger.error().message;
  ASSERT_TRUE(ledger->append({envelope(9)}));
  EXPECT_EQ(ledger->size(), 5U);
  EXPECT_TRUE(failures(*ledger).empty());
}

TEST_F(LedgerAudit, AnOlderStoreUnderAnOpenLogIsSeenAtTheNextAppend) {
  const auto database = open_store();
  Ledger ledger = *open(*database);
  ASSERT_TRUE(ledger.append({envelope(0), envelope(1)}));
  ASSERT_TRUE(database->execute("create table kept as select * from evidence_head"));
  ASSERT_TRUE(ledger.append({envelope(2)}));
  for (const std::string sql : {"delete from evidence_head", "insert into evidence_head select * from kept",
                                "delete from evidence_entry where i = 2"}) {
    ASSERT_TRUE(database->execute(sql));
  }
  const auto receipts = ledger.append({envelope(3)});
  ASSERT_FALSE(receipts);
  EXPECT_NE(receipts.error().message.find("rollback"), std::string::npos) << receipts.error().message;
}

TEST_F(LedgerAudit, AMemoryThatTheLogDidNotSignIsRefusedAndAnEmptyOneIsNone) {
  const auto database = open_store();
  ASSERT_TRUE(open(*database)->append({envelope(0)}));
  const CheckpointMemory memory(folder_.path() / "seen");
  const PublicKey key = log_key().public_key();
  ASSERT_TRUE(memory.last(key)->has_value());
  const SigningKey stranger = SigningKey::generate("test-log");
  ASSERT_TRUE(
      write_file_atomically(memory.file_of(key), sign_note(checkpoint_text({"test-log", 9, {}}), stranger)));
  EXPECT_EQ(open(*database).error().kind, ErrorKind::conflict);
  ASSERT_TRUE(write_file_atomically(memory.file_of(key), ""));
  EXPECT_TRUE(open(*database));
}

}  // namespace
}  // namespace signalbox::evidence
