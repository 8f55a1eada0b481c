// A log whose keeper lies about what an entry is about: signed by its key, and whole but for that.
#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/ledger.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using store::Blob;

class VerifyRecord : public CommandTest {
 protected:
  // The only entry is now told to be about `subject`, in its record and in what is looked up.
  void misstate(const std::string& subject) {
    const auto database = store::open_database("sqlite:" + workspace_.database().string()).value();
    const ev::Ledger ledger = ev::Ledger::open_read_only(*database).value();
    std::string record = ledger.entry(0).value().record;
    for (auto at = record.find(kSubject); at != std::string::npos; at = record.find(kSubject))
      record.replace(at, kSubject.size(), subject);
    const Sha256 leaf = ev::leaf_hash(record);
    const std::string octets(as_octets(leaf));
    const ev::SigningKey key = ev::KeyStore(keys_directory()).load(ledger.log_key().value().name).value();
    const std::string note = sign_note(ev::checkpoint_text({key.public_key().name, 1, leaf}), key);
    EXPECT_TRUE(
        database->execute("update evidence_entry set record = ?, leaf = ?", {Blob{record}, Blob{octets}}));
    EXPECT_TRUE(database->execute("update evidence_tile set body = ?", {Blob{octets}}));
    EXPECT_TRUE(
        database->execute("update evidence_head set hashes = ?, checkpoint = ?", {Blob{octets}, note}));
    EXPECT_TRUE(database->execute("update evidence_subject set digest = ?", {subject}));
    std::filesystem::remove_all(keys_directory().parent_path() / "checkpoints");
  }
};

TEST_F(VerifyRecord, OneThatIsNotThatOfItsEnvelopeIsFound) {
  record("{}", kSubject);
  ASSERT_EQ(run({"verify"}).code, 0);
  misstate("gitCommit:" + std::string(40, 'b'));
  ASSERT_EQ(run({"log", "audit"}).code, 0) << "the log holds together";
  const Ran ran = run({"verify"});
  EXPECT_EQ(ran.code, 1) << ran.text;
  EXPECT_NE(ran.text.find("record 0: is not the one of its envelope"), std::string::npos) << ran.text;
}

}  // namespace
}  // namespace signalbox::evidence_command
