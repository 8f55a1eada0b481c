// A log's key that was revoked does not unmake what it signed before.
#include <fmt/core.h>

#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

class VerifyLogKey : public CommandTest {
 protected:
  // A trust file in which the keys of this machine have their roles, and the log's these terms.
  std::string trust(const std::string& terms) {
    const auto keys = ev::KeyStore(keys_directory()).stored();
    std::string out = "keys:\n";
    for (const ev::StoredKey& key : keys.value()) {
      const bool is_log = key.roles == std::vector<std::string>{"log"};
      out += fmt::format("  - {{vkey: \"{}\", roles: [{}]{}}}\n", key.key.vkey(), is_log ? "log" : "builder",
                         is_log ? terms : "");
    }
    return write("trust.yaml", out);
  }
  std::string after(std::chrono::seconds time) const { return to_rfc3339(clock_.now() + time); }
};

TEST_F(VerifyLogKey, ABundleStaysVerifiableWhereItsEntriesCameBeforeTheKeyWasRevoked) {
  record("{}", kSubject);
  const std::string bundle = write("bundle", made({"bundle", "0"}));
  clock_.advance(std::chrono::hours(1));
  const std::string later = ", revoked_at: " + after(std::chrono::seconds(-60));
  const Ran old = run({"verify", bundle, "--trust", trust(later)});
  EXPECT_EQ(old.code, 0) << old.text;
  record("{}", kSubject);
  const std::string newer = write("newer", made({"bundle", "0", "1"}));
  const Ran fresh = run({"verify", newer, "--trust", trust(later)});
  EXPECT_EQ(fresh.code, 1);
  EXPECT_NE(fresh.text.find("; its newest entry is of " + after(std::chrono::seconds(0))), std::string::npos)
      << fresh.text;
  EXPECT_EQ(run({"verify", "--trust", trust(later)}).code, 1) << "the log goes on under a revoked key";
  EXPECT_EQ(run({"verify", "--trust", trust("")}).code, 0);
  const Ran stolen = run({"verify", bundle, "--trust", trust(later + ", retroactive: true")});
  EXPECT_EQ(stolen.code, 1) << "a revocation that reaches back";
}

TEST_F(VerifyLogKey, OfACheckpointAloneNothingShowsThatItIsFromBefore) {
  record("{}", kSubject);
  const std::string note = write("note", made({"log", "checkpoint"}));
  const std::string before = after(std::chrono::seconds(0));
  clock_.advance(std::chrono::hours(1));
  const std::string file = trust(", revoked_at: " + after(std::chrono::seconds(-60)));
  const Ran now = run({"verify", note, "--trust", file});
  EXPECT_EQ(now.code, 1);
  EXPECT_NE(now.text.find("when it was signed nothing shows"), std::string::npos) << now.text;
  const Ran then = run({"verify", note, "--trust", file, "--at", before});
  EXPECT_EQ(then.code, 0) << then.text;
}

}  // namespace
}  // namespace signalbox::evidence_command
