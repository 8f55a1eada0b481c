// Commands on the log of a server, whose copy is what they read.
#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/ledger.hpp"
#include "core/evidence/spool.hpp"
#include "core/remote/served_fixture.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

class ServerLog : public CommandTest {
 protected:
  ServerLog() {
    ::setenv("XDG_CACHE_HOME", (folder_.path() / "cache").c_str(), 1);
    ::setenv("SIGNALBOX_TOKEN", "token", 1);
    for (int i = 0; i < 3; ++i) record("{}", kSubject);
    const auto database = store::open_database("sqlite:" + workspace_.database().string()).value();
    const ev::Ledger ledger = ev::Ledger::open_read_only(*database).value();
    remote::publish(server_, ledger);
    vkey_ = ledger.log_key().value().vkey();
    store_ = server_.origin();
  }
  ~ServerLog() override { ::unsetenv("SIGNALBOX_TOKEN"); }
  Ran ask(std::vector<std::string> words) {
    words.insert(words.end(), {"--log-key", vkey_});
    return run(words);
  }

  remote::ServedFolder server_;
  std::string vkey_;
};

TEST_F(ServerLog, StatusTellsWhatWaitsForThatServer) {
  EXPECT_EQ(ask({"log", "status"}).text.find("waiting"), std::string::npos);
  ASSERT_TRUE(ev::Spool::of(workspace_, server_.origin()).keep({"an envelope"}));
  const Ran status = ask({"log", "status"});
  EXPECT_EQ(status.code, 0) << status.text;
  EXPECT_NE(status.text.find("waiting in the spool"), std::string::npos) << status.text;
  EXPECT_NE(status.text.find("signalbox evidence log drain --store " + server_.origin()), std::string::npos)
      << status.text;
}

TEST_F(ServerLog, ACheckpointOfAnotherLogIsNoLieOfTheServer) {
  const auto stranger = ev::SigningKey::generate("stranger");
  const std::string note =
      write("note", sign_note(ev::checkpoint_text({"stranger", 2, ev::leaf_hash("x")}), stranger));
  const Ran proved = ask({"prove", "1", "--checkpoint", note});
  EXPECT_EQ(proved.code, 2) << proved.text;
  EXPECT_EQ(proved.text.find("the server is not believed"), std::string::npos) << proved.text;
  EXPECT_NE(proved.text.find("not signed by the log"), std::string::npos) << proved.text;
}

}  // namespace
}  // namespace signalbox::evidence_command
