// Logs that Go's sumdb wrote, followed and audited; and the same with what a server or a log may do to them.
#include "core/evidence/log_follower.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;
using Kind = Look::Kind;

// Written once for all tests of the program; nothing without Go.
class GoLogs {
 public:
  static const GoLogs& get() {
    static const GoLogs logs;
    return logs;
  }
  fs::path at(const std::string& name) const { return folder_.path() / name; }

  std::optional<PublicKey> log;

 private:
  GoLogs() {
    if (find_program("go")) write();
  }
  void write() {
    const auto program = testing::source_directory() / "src/core/evidence/testdata/static_log.go";
    const auto go = run_process(
        {"go", "run", program.string(), folder_.path().string(), "1", "5", "256", "300", "1000", "70000"},
        {.environment = {{"GO111MODULE", "off"}, {"GOPATH", "/usr/share/gocode"}},
         .deadline = std::chrono::minutes(4)});
    ASSERT_TRUE(go) << go.error().message;
    ASSERT_EQ(go->exit_code, 0) << go->errors;
    log = *parse_vkey(*read_file(at("vkey")));
  }
  TemporaryDirectory folder_;
};

class LogFollower : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang golang-golang-x-mod-dev";
    ASSERT_TRUE(GoLogs::get().log);
  }
  Watcher watcher() const { return {*GoLogs::get().log, signers_, now_, {}}; }
  static Checkpoint checkpoint(const std::string& name) {
    return *open_checkpoint(*read_file(GoLogs::get().at(name) / "checkpoint"), *GoLogs::get().log);
  }
  Look look(const fs::path& folder, const std::optional<Checkpoint>& seen) const {
    const auto source = tiles_in(folder);
    const auto found = look_at_log(*source, seen, watcher());
    EXPECT_TRUE(found) << found.error().message;
    return found.value_or(Look());
  }
  Look look(const std::string& name, const std::string& seen) const {
    return look(GoLogs::get().at(name), checkpoint(seen));
  }
  // A log of that name that may be changed.
  fs::path copy_of(const std::string& name) const {
    fs::remove_all(folder_.path() / name);
    fs::copy(GoLogs::get().at(name), folder_.path() / name, fs::copy_options::recursive);
    return folder_.path() / name;
  }
  static void flip(const fs::path& file, std::size_t at) {
    std::string octets = *read_file(file);
    octets[at] = static_cast<char>(octets[at] ^ 1);
    std::ofstream(file, std::ios::binary) << octets;
  }

  TemporaryDirectory folder_;
  std::vector<std::string> signers_;
  Time now_{Duration(1'750'000'000'000)};
};

TEST_F(LogFollower, ALogThatGrewExtendsWhatWasSeenAtAnySize) {
  EXPECT_EQ(look(GoLogs::get().at("300"), {}).kind, Kind::first);
  const std::vector<std::string> sizes = {"1", "5", "256", "300", "1000", "70000"};
  for (std::size_t from = 0; from < sizes.size(); ++from) {
    EXPECT_EQ(look(sizes[from], sizes[from]).kind, Kind::unchanged);
    for (std::size_t to = from + 1; to < sizes.size(); ++to) {
      const Look found = look(sizes[to], sizes[from]);
      EXPECT_EQ(found.kind, Kind::grew) << sizes[from] << " to " << sizes[to] << ": " << found.what;
    }
  }
}

TEST_F(LogFollower, AForkAndARollbackAreTold) {
  EXPECT_EQ(look("fork-1000", "300").kind, Kind::fork);
  EXPECT_EQ(look("fork-300", "300").kind, Kind::fork);
  EXPECT_EQ(look("fork-70000", "256").kind, Kind::fork);
  EXPECT_EQ(look("fork-1000", "5").kind, Kind::grew) << "entry 100 came later";
  EXPECT_EQ(look("256", "300").kind, Kind::rollback);
}

TEST_F(LogFollower, WhatAServerChangesIsNotCalledAForkOfTheLog) {
  const Checkpoint seen = checkpoint("256");
  const fs::path records = copy_of("1000");
  flip(records / "tile/entries/001", 20);
  EXPECT_EQ(look(records, seen).kind, Kind::tampered);
  const fs::path hashes = copy_of("1000");
  flip(hashes / "tile/0/000", 40);
  EXPECT_EQ(look(hashes, checkpoint("5")).kind, Kind::tampered);
  const fs::path gone = copy_of("1000");
  fs::remove(gone / "tile/entries/002");
  EXPECT_EQ(look(gone, seen).kind, Kind::tampered);
  const fs::path unsigned_note = copy_of("1000");
  flip(unsigned_note / "checkpoint", 17);
  const auto refused = look_at_log(*tiles_in(unsigned_note), seen, watcher());
  EXPECT_FALSE(refused);
}

TEST_F(LogFollower, ALogThatWasSeenAndIsAwayIsTriedAgainAndOneThatNeverWasIsNot) {
  const auto source = tiles_in(folder_.path());
  const auto away = look_at_log(*source, checkpoint("256"), watcher());
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().kind, ErrorKind::unavailable);
  const auto never = look_at_log(*source, {}, watcher());
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().kind, ErrorKind::not_found);
}

TEST_F(LogFollower, APartialTileThatIsGoneIsReadFromTheFullOne) {
  const fs::path folder = copy_of("70000");
  std::ofstream(folder / "checkpoint", std::ios::binary)
      << *read_file(GoLogs::get().at("1000") / "checkpoint");
  const Look found = look(folder, checkpoint("300"));
  EXPECT_EQ(found.kind, Kind::grew) << "1000 entries, of files of 70000: " << found.what;
}

TEST_F(LogFollower, AClockThatGoesBackATimeToComeAndAnUnknownSignerAreTold) {
  signers_ = {"0a0b0c0d"};
  const std::vector<std::string> warnings = look("1000", "256").warnings;
  ASSERT_EQ(warnings.size(), 4U) << join(warnings, "\n");
  EXPECT_NE(warnings[0].find("entry 300: the log's clock went back"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[1].find("entry 301: it is of 2096-"), std::string::npos) << warnings[1];
  EXPECT_NE(warnings[2].find("entry 302: the log's clock went back"), std::string::npos) << warnings[2];
  EXPECT_NE(warnings[3].find("entry 302: it names the key deadbeef"), std::string::npos) << warnings[3];
}

TEST_F(LogFollower, AnAuditOfServedFilesHoldsAndCountsGosTiles) {
  for (const std::string& name : {std::string("1"), std::string("256"), std::string("300"),
                                  std::string("1000"), std::string("70000")}) {
    const auto source = tiles_in(GoLogs::get().at(name));
    const auto audit = audit_served(*source, checkpoint(name), {});
    ASSERT_TRUE(audit) << audit.error().message;
    EXPECT_TRUE(audit->failures.empty()) << name << ": " << audit->failures.front();
    std::size_t files = 0;
    for (const auto& file : fs::recursive_directory_iterator(GoLogs::get().at(name) / "tile"))
      files += file.is_regular_file() && file.path().string().find("/entries/") == std::string::npos ? 1 : 0;
    EXPECT_EQ(audit->tiles, files) << name;
    EXPECT_EQ(std::to_string(audit->entries), name);
  }
}

TEST_F(LogFollower, AnAuditNamesTheTileTheRecordAndTheRootThatDoNotHold) {
  const auto failures = [](const fs::path& folder, const std::string& name) {
    const auto audit = audit_served(*tiles_in(folder), checkpoint(name), {});
    return audit ? join(audit->failures, "\n") : audit.error().message;
  };
  const fs::path upper = copy_of("1000");
  flip(upper / "tile/1/000.p/3", 64);
  EXPECT_EQ(failures(upper, "1000"), "tile 1/0: it is not that of the records");
  const fs::path partial = copy_of("1000");
  flip(partial / "tile/0/003.p/232", 0);
  EXPECT_EQ(failures(partial, "1000"), "tile 0/3: it is not that of the records");
  const fs::path record = copy_of("300");
  flip(record / "tile/entries/000", 30);
  EXPECT_NE(failures(record, "300").find("root: the records"), std::string::npos);
  const fs::path cut = copy_of("300");
  fs::resize_file(cut / "tile/entries/001.p/44", 100);
  EXPECT_NE(failures(cut, "300").find("entries 1: "), std::string::npos) << failures(cut, "300");
}

}  // namespace
}  // namespace signalbox::evidence
