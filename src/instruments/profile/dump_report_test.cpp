#include "instruments/profile/dump_report.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

DumpedThread thread(std::int32_t pid, std::int32_t tid, const std::string& process, const std::string& name) {
  DumpedThread out;
  out.pid = pid;
  out.tid = tid;
  out.process = process;
  out.name = name;
  out.state = 'S';
  return out;
}

StackDump dump_of(std::vector<DumpedThread> threads) {
  StackDump out;
  out.recording.pid = threads.front().pid;
  out.threads = std::move(threads);
  return out;
}

TEST(DumpReport, OfOneProcessIsNamedOnce) {
  const Report report =
      dump_report(dump_of({thread(7, 7, "shop", "shop"), thread(7, 8, "shop", "till")}), {});
  EXPECT_EQ(report.title, "Stacks of 2 threads of shop (7)");
  EXPECT_EQ(report.tables[0].title, "7 shop sleeps");
  EXPECT_EQ(report.tables[1].title, "8 till sleeps");
}

TEST(DumpReport, OfSeveralProcessesEachThreadSaysWhoseItIs) {
  DumpedThread gone = thread(5, 5, "", "");
  gone.state = '?';
  gone.why_not = "it ended";
  const Report report =
      dump_report(dump_of({gone, thread(7, 8, "shop", "worker"), thread(9, 11, "till", "worker")}), {});
  EXPECT_EQ(report.title, "Stacks of 3 threads of 3 processes");
  EXPECT_EQ(report.tables[0].title, "5 of 5 has ended: no stack, it ended");
  EXPECT_EQ(report.tables[1].title, "8 worker of shop (7) sleeps");
  EXPECT_EQ(report.tables[2].title, "11 worker of till (9) sleeps");
  EXPECT_EQ(report.data["threads"].items()[2]["process"].as_string(), "till");
}

}  // namespace
}  // namespace signalbox::profile
