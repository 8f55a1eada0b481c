// What --subject names.
#include "commands/evidence/command_fixture.hpp"

namespace signalbox::evidence_command {
namespace {

class SubjectArgument : public CommandTest {
 protected:
  SubjectArgument() {
    before_ = std::filesystem::current_path();
    std::filesystem::current_path(folder_.path());
  }
  ~SubjectArgument() override { std::filesystem::current_path(before_); }
  std::string statement_about(const std::string& subject) {
    return made({"statement", "--type", "https://example.com/kind/v1", "--subject", subject});
  }

 private:
  std::filesystem::path before_;
};

// A checkout may hold a file that is called like the digest that is asked about.
TEST_F(SubjectArgument, ADigestIsNeverTakenForTheNameOfAFile) {
  const std::string digest = std::string(64, 'b');
  write("sha256:" + digest, "something else");
  write("gitCommit:" + digest.substr(0, 40), "something else");
  EXPECT_NE(statement_about("sha256:" + digest).find(digest), std::string::npos);
  EXPECT_NE(statement_about("gitCommit:" + digest.substr(0, 40)).find(digest.substr(0, 40)),
            std::string::npos);
}

// printf abc | sha256sum
TEST_F(SubjectArgument, AFileIsItsDigestAndItsName) {
  write("a.txt", "abc");
  const std::string statement = statement_about("a.txt");
  EXPECT_NE(statement.find("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            std::string::npos)
      << statement;
  EXPECT_NE(statement.find("\"a.txt\""), std::string::npos) << statement;
}

}  // namespace
}  // namespace signalbox::evidence_command
