// A log taken from what was written down of it: the same log, or nothing.
#include "core/evidence/ledger_import.hpp"

#include <filesystem>
#include <fstream>

#include "core/base/file.hpp"
#include "core/evidence/entry_bundle.hpp"
#include "core/evidence/ledger_fixture.hpp"
#include "core/evidence/redaction.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;

class LedgerImport : public LedgerFixture {
 protected:
  // What `log export --envelopes` leaves of a log.
  fs::path exported(const Ledger& ledger, const std::string& name) const {
    const fs::path out = folder_.path() / name;
    for (const Tile& tile : tiles_of(ledger.size())) {
      EXPECT_TRUE(write_file_atomically(out / tile_path(tile), *ledger.tile(tile)));
      if (tile.level == 0)
        EXPECT_TRUE(write_file_atomically(out / entries_path(tile), *ledger.entry_bundle(tile)));
    }
    std::ofstream lines(out / kEnvelopesFile, std::ios::binary);
    for (std::uint64_t i = 0; i < ledger.size(); ++i) lines << envelope_line(*ledger.entry(i));
    EXPECT_TRUE(write_file_atomically(out / "checkpoint", *ledger.checkpoint()));
    return out;
  }
  Result<Imported> import(store::Database& database, const fs::path& folder) const {
    const auto source = tiles_in(folder);
    return import_log(database, *source, log_key().public_key(), *source->read("checkpoint"),
                      exported_envelopes(folder / kEnvelopesFile), {});
  }
  static void change(const fs::path& file, std::size_t at) {
    std::string octets = *read_file(file);
    octets.at(at) = static_cast<char>(octets.at(at) ^ 1);
    std::ofstream(file, std::ios::binary) << octets;
  }
  std::vector<std::string> envelopes(int from, int to) const {
    std::vector<std::string> out;
    for (int i = from; i < to; ++i)
      out.push_back(envelope(i, std::string(40, static_cast<char>('a' + i % 3))));
    return out;
  }
  std::string erasing(const Entry& entry) const {
    const auto statement = erasure_statement(entry, {"a name", "ada@example", "dpo@example", ""});
    return write_envelope(sign_envelope(kPayloadType, *write_statement(*statement), {&signer_}));
  }

  TemporaryDirectory folder_;
  store::testing::ScratchStore other_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(Engines, LedgerImport,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql), name_of_engine);

TEST_P(LedgerImport, GivesTheSameLogThatIsAuditedAndGoneOnWith) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 300)));
  const auto there = other_.open();
  const auto imported = import(*there, exported(ledger, "all"));
  ASSERT_TRUE(imported) << imported.error().message;
  EXPECT_EQ(imported->size, 300U);
  Ledger copy = open(*there);
  EXPECT_EQ(*copy.checkpoint(), *ledger.checkpoint());
  for (const std::uint64_t i : {0U, 1U, 255U, 256U, 299U}) {
    EXPECT_EQ(copy.entry(i)->record, ledger.entry(i)->record);
    EXPECT_EQ(copy.entry(i)->envelope, ledger.entry(i)->envelope);
    EXPECT_EQ(copy.entry(i)->time, ledger.entry(i)->time);
  }
  for (const Tile& tile : tiles_of(300)) EXPECT_EQ(*copy.tile(tile), *ledger.tile(tile));
  const auto audit = copy.audit();
  ASSERT_TRUE(audit);
  EXPECT_TRUE(audit->failures.empty()) << audit->failures.front();
  // Both go on with the same entries: the next record names what came before it in the imported ones.
  const auto next = envelopes(300, 303);
  ASSERT_TRUE(copy.append(next));
  ASSERT_TRUE(ledger.append(next));
  EXPECT_EQ((*parse_json(copy.entry(302)->record))["prev"], (*parse_json(ledger.entry(302)->record))["prev"]);
  EXPECT_TRUE(copy.audit()->failures.empty());
}

TEST_P(LedgerImport, GoesOnWhereItEndedAndChangesNothingTwice) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  const auto there = other_.open();
  int sent = 0;
  for (const int size : {1, 255, 256, 257, 600}) {
    ASSERT_TRUE(ledger.append(envelopes(sent, size)));
    const auto imported = import(*there, exported(ledger, std::to_string(size)));
    ASSERT_TRUE(imported) << size << ": " << imported.error().message;
    EXPECT_EQ(imported->before, static_cast<std::uint64_t>(sent));
    const auto audit = Ledger::open_read_only(*there)->audit();
    EXPECT_TRUE(audit->failures.empty()) << size << ": " << audit->failures.front();
    sent = size;
  }
  EXPECT_EQ(import(*there, folder_.path() / "600")->before, 600U);
  const auto older = import(*there, folder_.path() / "257");
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().kind, ErrorKind::conflict);
  EXPECT_NE(older.error().message.find("rollback"), std::string::npos);
}

TEST_P(LedgerImport, WhatWasChangedIsRefusedAndNothingIsWritten) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 10)));
  const auto there = other_.open();
  const auto refused = [&](const std::string& name, const auto& damage) {
    const fs::path folder = exported(ledger, name);
    damage(folder);
    const auto imported = import(*there, folder);
    EXPECT_FALSE(imported) << name;
    const auto head = there->query("select count(*) from evidence_entry");
    EXPECT_TRUE(head && (*head)[0].integer(0) == 0) << name;
    return imported ? std::string() : imported.error().message;
  };
  const std::string records = entries_path(Tile{0, 0, 10});
  EXPECT_NE(refused("record", [&](const fs::path& in) { change(in / records, 300); }), "");
  EXPECT_NE(refused("envelope", [&](const fs::path& in) { change(in / kEnvelopesFile, 40); }), "");
  EXPECT_NE(refused("cut", [&](const fs::path& in) { fs::resize_file(in / kEnvelopesFile, 900); }), "");
  EXPECT_NE(refused("note", [&](const fs::path& in) { change(in / "checkpoint", 12); }), "");
  EXPECT_NE(refused("gone", [&](const fs::path& in) { fs::remove(in / records); }), "");
  EXPECT_NE(refused("bare", [&](const fs::path& in) { fs::remove(in / kEnvelopesFile); })
                .find("the envelope of entry 0 is missing, and no entry says that it was erased"),
            std::string::npos);
  EXPECT_TRUE(import(*there, exported(ledger, "sound")));
}

// Another story under the same key, and another log.
TEST_P(LedgerImport, AForkAndAnotherLogAreRefused) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 5)));
  const auto there = other_.open();
  ASSERT_TRUE(import(*there, exported(ledger, "five")));
  store::testing::ScratchStore third(GetParam());
  const auto forked = third.open();
  Ledger fork = open(*forked);
  ASSERT_TRUE(fork.append(envelopes(100, 110)));
  const auto refused = import(*there, exported(fork, "fork"));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("or it was forked"), std::string::npos) << refused.error().message;
  const SigningKey other = SigningKey::generate("other-log");
  const auto source = tiles_in(folder_.path() / "five");
  const auto stranger = import_log(*there, *source, other.public_key(),
                                   sign_note(checkpoint_text({"other-log", 0, empty_root()}), other), {}, {});
  ASSERT_FALSE(stranger);
  EXPECT_EQ(stranger.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(Ledger::open_read_only(*there)->size(), 5U);
}

TEST_P(LedgerImport, WhatWasErasedStaysErasedAlsoWhereItWasTakenBefore) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 5)));
  const auto there = other_.open();
  ASSERT_TRUE(import(*there, exported(ledger, "before")));
  EXPECT_NE(Ledger::open_read_only(*there)->entry(2)->envelope, "");
  ASSERT_TRUE(erase(ledger, 2, erasing(*ledger.entry(2))));
  ASSERT_TRUE(import(*there, exported(ledger, "after")));
  const Ledger copy = *Ledger::open_read_only(*there);
  EXPECT_EQ(copy.entry(2)->envelope, "");
  EXPECT_EQ(copy.entry(2)->salt, "");
  EXPECT_NE(copy.entry(1)->envelope, "");
  EXPECT_TRUE(copy.audit()->failures.empty());
  store::testing::ScratchStore third(GetParam());
  const auto fresh = third.open();
  EXPECT_EQ(import(*fresh, folder_.path() / "after")->erased, 1U);
  EXPECT_TRUE(Ledger::open_read_only(*fresh)->audit()->failures.empty());
}

// Whoever may append can write such a statement; the envelope is gone where the log's keeper erased it.
TEST_P(LedgerImport, AStatementAloneErasesNothing) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 5)));
  const auto there = other_.open();
  ASSERT_TRUE(import(*there, exported(ledger, "before")));
  ASSERT_TRUE(ledger.append({erasing(*ledger.entry(2)), erasing(*ledger.entry(0))}));
  const auto imported = import(*there, exported(ledger, "claimed"));
  ASSERT_TRUE(imported) << imported.error().message;
  const Ledger copy = *Ledger::open_read_only(*there);
  EXPECT_EQ(copy.entry(2)->envelope, ledger.entry(2)->envelope);
  EXPECT_EQ(copy.entry(0)->envelope, ledger.entry(0)->envelope);
}

// What names an envelope and is no order to erase it excuses nobody who holds it back.
TEST_P(LedgerImport, AnEnvelopeHeldBackIsNotExcusedByAStatementThatIsNoOrder) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 3)));
  Statement said = *erasure_statement(*ledger.entry(1), {"a name", "ada@example", "dpo@example", ""});
  said.predicate.set("requester", "dpo@example");
  ASSERT_TRUE(
      ledger.append({write_envelope(sign_envelope(kPayloadType, *write_statement(said), {&signer_}))}));
  const fs::path folder = exported(ledger, "held-back");
  {
    std::ofstream lines(folder / kEnvelopesFile, std::ios::binary);
    for (std::uint64_t i = 0; i < ledger.size(); ++i)
      lines << (i == 1 ? "null\n" : envelope_line(*ledger.entry(i)));
  }
  const auto there = other_.open();
  const auto refused = import(*there, folder);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("the envelope of entry 1 is missing"), std::string::npos)
      << refused.error().message;
}

// A log that hides an entry: its record says that it is about another subject than its envelope does.
TEST_P(LedgerImport, ARecordThatIsNotThatOfItsEnvelopeIsRefused) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 1)));
  const Entry entry = *ledger.entry(0);
  const fs::path folder = exported(ledger, "lying");
  std::string record = entry.record;
  for (std::size_t at = record.find("aaaa"); at != std::string::npos; at = record.find("aaaa"))
    record.replace(at, 4, "bbbb");
  ASSERT_NE(record, entry.record);
  const SigningKey key = log_key();
  std::string bundle;
  add_to_entry_bundle(bundle, record);
  const Sha256 leaf = leaf_hash(record);
  ASSERT_TRUE(write_file_atomically(folder / entries_path(Tile{0, 0, 1}), bundle));
  ASSERT_TRUE(write_file_atomically(folder / tile_path(Tile{0, 0, 1}), as_octets(leaf)));
  ASSERT_TRUE(write_file_atomically(folder / "checkpoint",
                                    sign_note(checkpoint_text({key.public_key().name, 1, leaf}), key)));
  const auto there = other_.open();
  const auto refused = import(*there, folder);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_EQ(refused.error().message, "entry 0: record 0: is not the one of its envelope");
}

TEST_P(LedgerImport, ALineLongerThanAnyEnvelopeAndAFileThatCannotBeReadAreToldAsSuch) {
  const auto database = open_store();
  Ledger ledger = open(*database);
  ASSERT_TRUE(ledger.append(envelopes(0, 2)));
  const fs::path folder = exported(ledger, "odd");
  const auto there = other_.open();
  const auto why = [&] {
    const auto imported = import(*there, folder);
    return imported ? "imported"
                    : fmt::format("{}: {}", name_of(imported.error().kind), imported.error().message);
  };
  const fs::path file = folder / kEnvelopesFile;
  fs::resize_file(file, 0);
  fs::resize_file(file, std::uintmax_t{1} << 40);  // one line of zeros, and no octet of it on the disk
  EXPECT_EQ(why(), "bad_input: envelopes.jsonl: line 1: it is longer than any envelope");
  fs::remove(file);
  fs::create_directory(file);
  EXPECT_EQ(why(), "unavailable: envelopes.jsonl: line 1: it cannot be read: Is a directory");
}

}  // namespace
}  // namespace signalbox::evidence
