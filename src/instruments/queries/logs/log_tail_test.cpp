// A log that is written while it is followed, across the ways in which logs are rotated.
#include "instruments/queries/logs/log_tail.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;

class Messages final : public LogVisitor {
 public:
  void record(const LogRecord& record) override { all.emplace_back(record.message); }
  std::vector<std::string> all;
};

class Tail : public ::testing::Test {
 protected:
  static std::string json(const std::string& message) {
    return "{\"timestamp\":\"2026-03-03 09:00:00.123 UTC\",\"message\":\"" + message + "\"}\n";
  }
  static std::string text(const std::string& message) {
    return "2026-03-03 09:00:00.123 UTC [7] LOG:  " + message + "\n";
  }
  void append(const std::string& name, const std::string& octets) {
    std::ofstream(folder_.path() / name, std::ios::app | std::ios::binary) << octets;
  }
  // What the next poll tells.
  std::vector<std::string> poll(LogTail& tail) {
    Messages messages;
    const Status polled = tail.poll(messages);
    EXPECT_TRUE(polled.has_value()) << (polled ? "" : polled.error().message);
    return messages.all;
  }
  using List = std::vector<std::string>;

  TemporaryDirectory folder_;
};

}  // namespace

TEST_F(Tail, BeginsAtTheEndAndWaitsForTheRestOfALine) {
  append("a.json", json("old"));
  LogTail tail(folder_.path() / "a.json");
  EXPECT_EQ(poll(tail), List{});
  const std::string line = json("new");
  append("a.json", json("first") + line.substr(0, 20));
  EXPECT_EQ(poll(tail), List{"first"});
  EXPECT_EQ(poll(tail), List{});
  append("a.json", line.substr(20));
  EXPECT_EQ(poll(tail), List{"new"});
  EXPECT_EQ(tail.rejected(), 0u);
}

TEST_F(Tail, AFileThatIsRenamedIsReadToItsEndAndThenTheNewOne) {
  append("a.json", json("old"));
  LogTail tail(folder_.path() / "a.json");
  EXPECT_EQ(poll(tail), List{});
  append("a.json", json("one"));
  EXPECT_EQ(poll(tail), List{"one"});
  append("a.json", json("two"));
  fs::rename(folder_.path() / "a.json", folder_.path() / "a.json.1");
  append("a.json.1", json("three"));  // who has it open still writes there
  append("a.json", json("four"));
  EXPECT_EQ(poll(tail), (List{"two", "three", "four"}));
  append("a.json", json("five"));
  EXPECT_EQ(poll(tail), List{"five"});
}

TEST_F(Tail, WhileThereIsNoFileItIsLookedForAgain) {
  append("a.json", json("old"));
  LogTail tail(folder_.path() / "a.json");
  EXPECT_EQ(poll(tail), List{});
  fs::remove(folder_.path() / "a.json");
  Messages messages;
  const Status polled = tail.poll(messages);
  ASSERT_FALSE(polled.has_value());
  EXPECT_EQ(polled.error().kind, ErrorKind::not_found);
  append("a.json", json("back"));
  EXPECT_EQ(poll(tail), List{"back"});
}

TEST_F(Tail, AFileThatWasCutIsReadFromItsBeginning) {
  append("a.json", json("a rather long line that was there before"));
  LogTail tail(folder_.path() / "a.json");
  EXPECT_EQ(poll(tail), List{});
  fs::resize_file(folder_.path() / "a.json", 0);
  append("a.json", json("new"));
  EXPECT_EQ(poll(tail), List{"new"});
  append("a.json", json("more"));
  EXPECT_EQ(poll(tail), List{"more"});
}

// The server's own rotation: another file of the folder is the newest.
TEST_F(Tail, TheNewestFileOfAFolderIsFollowed) {
  append("1.json", json("old"));
  LogTail tail(folder_.path());
  EXPECT_EQ(poll(tail), List{});
  append("1.json", json("one"));
  append("2.json", json("two"));
  append("2.log", text("other"));
  const auto now = fs::last_write_time(folder_.path() / "1.json");
  fs::last_write_time(folder_.path() / "2.json", now + std::chrono::seconds(1));
  EXPECT_EQ(poll(tail), (List{"one", "two"}));
  append("2.json", json("three"));
  fs::last_write_time(folder_.path() / "2.json", now + std::chrono::seconds(2));
  EXPECT_EQ(poll(tail), List{"three"});
}

// On stderr a record may go on in lines that are still to come; once another file took its place, none come.
TEST_F(Tail, TheLastRecordOfAnOldFileIsTold) {
  append("a.log", text("old"));
  LogTail tail(folder_.path() / "a.log", ".log");
  EXPECT_EQ(poll(tail), List{});
  append("a.log", text("one") + text("two"));
  EXPECT_EQ(poll(tail), List{"one"});
  append("a.log", "2026-03-03 09:00:00.123 UTC [7] DETAIL:  why\n");
  fs::rename(folder_.path() / "a.log", folder_.path() / "a.log.1");
  append("a.log", text("three") + text("four"));
  EXPECT_EQ(poll(tail), (List{"two", "three"}));
}

}  // namespace signalbox::queries
