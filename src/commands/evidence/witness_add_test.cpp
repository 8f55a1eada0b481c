// Whose log is cosigned, and who is asked.
#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence_command {
namespace {

class WitnessAdd : public CommandTest {};

// A checkout may hold a file that is called like the key.
TEST_F(WitnessAdd, AKeyIsNeverTakenForTheNameOfAFile) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  const std::string key = evidence::SigningKey::generate("log@example").public_key().vkey();
  ASSERT_TRUE(
      write_file_atomically(key, evidence::SigningKey::generate("thief@example").public_key().vkey()));
  const Ran added = run({"witness", "add", key});
  std::filesystem::current_path(before);
  EXPECT_EQ(added.code, 0) << added.text;
  EXPECT_NE(added.text.find("log@example"), std::string::npos) << added.text;
  EXPECT_EQ(added.text.find("thief@example"), std::string::npos) << added.text;
}

}  // namespace
}  // namespace signalbox::evidence_command
