#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence_command {
namespace {

class TrustChangeCommand : public CommandTest {
 protected:
  // A root key of this machine: its verifier key.
  std::string root(const std::string& name) {
    EXPECT_EQ(run({"key", "new", name, "--role", "root", "--no-password"}).code, 0);
    return evidence::KeyStore(keys_directory()).find(name)->key.vkey();
  }
  void trust(const std::vector<std::string>& roots, int wanted) {
    std::string text = "trust:\n  roots: " + std::to_string(wanted) + "\n  keys:\n";
    for (const std::string& vkey : roots) text += "    - {vkey: \"" + vkey + "\", roles: [root]}\n";
    text += "    - {vkey: \"" + log_ + "\", roles: [log]}\n    - {vkey: \"" + builder_ +
            "\", roles: [builder]}\n";
    workspace_.file = workspace_.root / "signalbox.yaml";
    std::ofstream(*workspace_.file) << text;
  }
  void say(const std::vector<std::string>& words, const std::string& by) {
    const std::string statement = write("change.json", made(words));
    const Ran ran = run({"sign", statement, "--key", by, "--append"});
    ASSERT_EQ(ran.code, 0) << ran.text;
  }
  void begin() {
    record("{}", "sha256:" + std::string(64, 'a'));
    const auto stored = evidence::KeyStore(keys_directory()).stored();
    ASSERT_TRUE(stored);
    for (const evidence::StoredKey& one : *stored) {
      const bool is_log = !one.roles.empty() && one.roles.front() == "log";
      (is_log ? log_ : builder_) = one.key.vkey();
    }
  }

  std::string log_, builder_;
};

TEST_F(TrustChangeCommand, VerifyNamesWhoBroughtTheTrustFileIntoForceAndWhatNobodySaid) {
  begin();
  const std::string ada = root("ada"), bob = root("bob"), eve = root("eve");
  trust({ada, bob}, 2);
  Ran ran = run({"verify"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.text.find("not enough root keys have said so"), std::string::npos) << ran.text;
  say({"trust-change"}, "ada");
  EXPECT_EQ(run({"verify"}).code, 1);
  say({"trust-change"}, "bob");
  ran = run({"verify"});
  EXPECT_NE(ran.text.find("since entry 2"), std::string::npos) << ran.text;
  EXPECT_NE(ran.text.find("by ada, bob"), std::string::npos) << ran.text;

  const std::string old = write("old.yaml", read_file(workspace_.root / "signalbox.yaml").value());
  trust({ada, eve}, 1);
  say({"trust-change", "--from", old}, "eve");
  ran = run({"verify"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_NE(ran.text.find("another one is in force since entry 2"), std::string::npos) << ran.text;
  say({"trust-change", "--from", old}, "ada");
  say({"trust-change", "--from", old}, "bob");
  EXPECT_NE(run({"verify"}).text.find("since entry 5"), std::string::npos);
}

TEST_F(TrustChangeCommand, IsRefusedWhereTheFileAsksForNoRootKeysOrNothingChanges) {
  begin();
  const std::string ada = root("ada");
  trust({ada}, 0);
  EXPECT_EQ(run({"trust-change"}).code, 2);
  trust({ada}, 1);
  const std::string same = write("same.yaml", read_file(workspace_.root / "signalbox.yaml").value());
  EXPECT_EQ(run({"trust-change", "--from", same}).code, 2);
  EXPECT_EQ(run({"trust-change", "--from", path("nowhere.yaml")}).code, 2);
  trust({ada}, 2);
  EXPECT_NE(run({"trust-change"}).text.find("2 root keys are wanted, and 1 are trusted"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::evidence_command
