// The product of `sign` is the envelope, whatever becomes of it.
#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/recorder.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

class Sign : public CommandTest {};

TEST_F(Sign, AnEnvelopeThatIsAppendedIsPrintedLikeAnyOther) {
  record("{}", kSubject);
  const std::string statement = write("statement", made({"statement", "--type", "https://example.com/kind/v1",
                                                         "--subject", "x=sha256:" + std::string(64, 'b')}));
  const std::string signed_alone = made({"sign", statement, "--key", ev::machine_key_name()});
  EXPECT_EQ(said_.find("appended"), std::string::npos) << said_;
  const std::string appended = made({"sign", statement, "--append"});
  EXPECT_TRUE(ev::parse_envelope(appended)) << appended;
  EXPECT_EQ(appended, signed_alone);
  EXPECT_NE(said_.find("appended as entry 1, leaf "), std::string::npos) << said_;
  EXPECT_NE(made({"show", "1"}).find("kind/v1"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::evidence_command
