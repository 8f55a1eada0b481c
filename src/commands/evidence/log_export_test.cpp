// A log as static files, with what it commits to.
#include <algorithm>

#include "commands/evidence/command_fixture.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence_command {
namespace {

namespace fs = std::filesystem;

class LogExport : public CommandTest {
 protected:
  LogExport() {
    for (int i = 0; i < 3; ++i) record("{}", kSubject);
  }
  fs::path out_ = folder_.path() / "out";
};

TEST_F(LogExport, EnvelopesAreForTheirOwnerAlone) {
  ASSERT_EQ(run({"log", "export", out_, "--envelopes"}).code, 0);
  const auto mode = fs::status(out_ / "envelopes.jsonl").permissions();
  EXPECT_EQ(mode, fs::perms::owner_read | fs::perms::owner_write);
  const auto text = read_file(out_ / "envelopes.jsonl");
  ASSERT_TRUE(text);
  EXPECT_EQ(std::count(text->begin(), text->end(), '\n'), 3);
}

TEST_F(LogExport, WhatCannotBeExportedWholeIsNotLeftInPart) {
  {
    const auto database = store::open_database("sqlite:" + workspace_.database().string()).value();
    ASSERT_TRUE(database->execute("update evidence_blob set body = x'00' where id = 2"));
  }
  const Ran ran = run({"log", "export", out_, "--envelopes"});
  EXPECT_NE(ran.code, 0) << ran.text;
  EXPECT_NE(ran.text.find("envelope 2"), std::string::npos) << ran.text;
  for (const auto& file : fs::directory_iterator(out_))
    EXPECT_EQ(file.path().filename().string().find("envelopes"), std::string::npos) << file.path();
}

}  // namespace
}  // namespace signalbox::evidence_command
