// A proof under the checkpoint that somebody kept.
#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence_command {
namespace {

class Prove : public CommandTest {};

TEST_F(Prove, UnderAnOlderCheckpointIsOneThatHoldsThere) {
  for (int i = 0; i < 3; ++i) record("{}", kSubject);
  const std::string kept = write("kept.note", made({"log", "checkpoint"}));
  for (int i = 0; i < 4; ++i) record("{}", kSubject);
  const auto stored = evidence::KeyStore(keys_directory()).stored();
  ASSERT_TRUE(stored);
  std::string keys;
  for (const evidence::StoredKey& key : *stored) keys += key.key.vkey() + "\n";
  const std::string record_file = write("record", made({"prove", "1", "--format", "record"}));
  const std::string proof = made({"prove", "1", "--checkpoint", kept, "--size", "3"});
  EXPECT_NE(proof.find("\n3\n"), std::string::npos) << proof;
  const Ran verified =
      run({"verify", write("proof", proof), "--record-file", record_file, "--key", write("keys", keys)});
  EXPECT_EQ(verified.code, 0) << verified.text;
  EXPECT_NE(verified.text.find("as entry 1 of 3"), std::string::npos) << verified.text;
  EXPECT_NE(made({"prove", "1", "--size", "7"}).find("\n7\n"), std::string::npos);
  const Ran unkept = run({"prove", "1", "--size", "3"});
  EXPECT_EQ(unkept.code, 2);
  EXPECT_NE(unkept.text.find("--checkpoint FILE"), std::string::npos) << unkept.text;
  EXPECT_EQ(run({"prove", "5", "--checkpoint", kept}).code, 2) << "it is younger than that";
}

TEST_F(Prove, UnderACheckpointOfAnotherLogOrStoryIsRefused) {
  for (int i = 0; i < 3; ++i) record("{}", kSubject);
  const auto stranger = evidence::SigningKey::generate("stranger");
  const std::string note =
      sign_note(evidence::checkpoint_text({"stranger", 2, evidence::leaf_hash("x")}), stranger);
  EXPECT_EQ(run({"prove", "1", "--checkpoint", write("note", note)}).code, 2);
}

}  // namespace
}  // namespace signalbox::evidence_command
