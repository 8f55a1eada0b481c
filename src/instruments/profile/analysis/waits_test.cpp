#include "instruments/profile/analysis/waits.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"
#include "instruments/profile/analysis/top.hpp"

namespace signalbox::profile {
namespace {

// The columns of the fixture, as those of waits.
Profile of_waits(fixture::StackWriter& writer) {
  Profile out = writer.finish();
  out.value_types[1].type = "offcpu";
  return out;
}

TEST(WaitsOfPlaces, AreOfTheProgramsOwnFunctionAndOfWhoEndedThem) {
  fixture::StackWriter writer;
  writer
      .add(
          "main@app;read_request@app;read@libc.so.6;ksys_read%;pipe_read%;[woken by];client;wake_up%;ksys_"
          "write%;write@libc.so.6;send@app;main@app",
          3)
      .add("main@app;nap@app;nanosleep@libc.so.6;do_nanosleep%;[woken by];[interrupt];hrtimer%", 4)
      .add("main@app;work@app;irq%;[waits for a processor]", 2)
      .add("clone3@libc.so.6;start_thread@libc.so.6;futex%", 1)
      .add("main@app;save@app;fsync@libc.so.6;bit_wait_io%;[uninterruptible];[woken by];kworker;end_io%", 5);
  const std::vector<WaitsOfPlace> waits = waits_of(of_waits(writer));
  ASSERT_EQ(waits.size(), 5U);
  EXPECT_EQ(waits[0].function.name, "save");
  EXPECT_EQ(waits[0].in, "bit_wait_io [uninterruptible]");
  EXPECT_EQ(waits[0].woken_by, "kworker");
  EXPECT_EQ(waits[0].waited_ns, 5 * fixture::kPeriod_ns);
  EXPECT_EQ(waits[0].count, 5);
  EXPECT_EQ(waits[1].function.name, "nap");
  EXPECT_EQ(waits[1].woken_by, "[interrupt]");
  EXPECT_EQ(waits[2].function.name, "read_request");
  EXPECT_EQ(waits[2].function.module, "app");
  EXPECT_EQ(waits[2].in, "pipe_read");
  EXPECT_EQ(waits[2].woken_by, "client: send");
  EXPECT_EQ(waits[3].function.name, "work");
  EXPECT_EQ(waits[3].in, "[waits for a processor]");
  EXPECT_EQ(waits[3].woken_by, "");
  EXPECT_EQ(waits[4].function.name, "start_thread");
}

TEST(WaitsOfPlaces, OfAnInterpreterAreOfTheFunctionThatItRuns) {
  constexpr std::string_view kLock = "PyThread_acquire_lock_timed@python3.11;futex@libc.so.6;futex_wait%";
  fixture::StackWriter writer;
  writer.add("@python3.11;main!;get!;@python3.11;" + std::string(kLock), 6)
      .add("@libpython3.11.so.1.0;main!;nap!;@libpython3.11.so.1.0;clock_nanosleep@libc.so.6;hrtimer%", 5)
      .add("main!;receive!;@python3.11;@_socket.cpython-311-x86_64-linux-gnu.so;recv@libc.so.6;recv%", 4)
      .add("main!;query!;@python3.11;ask_server@libpq.so.5;poll@libc.so.6;do_poll%", 3)
      .add("_start@python3.11;@python3.11;waits_for_threads@python3.11;futex@libc.so.6;futex_wait%", 2)
      .add(
          "main@shop;@shop;read@libc.so.6;pipe_read%;[woken "
          "by];worker;write@libc.so.6;@python3.11;put!;main!",
          1);
  const std::vector<WaitsOfPlace> waits = waits_of(of_waits(writer));
  ASSERT_EQ(waits.size(), 6U);
  EXPECT_EQ(waits[0].function.name, "get");
  EXPECT_EQ(waits[0].in, "futex_wait");
  EXPECT_EQ(waits[1].function.name, "nap");
  EXPECT_EQ(waits[2].function.name, "receive");
  EXPECT_EQ(waits[3].function.name, "ask_server");  // it has a name of its own
  EXPECT_EQ(waits[4].function.name, "waits_for_threads");
  EXPECT_EQ(waits[5].function.name, "[shop]");
  EXPECT_EQ(waits[5].woken_by, "worker: put");
}

TEST(WaitsOfPlaces, ThoseOfOnePlaceAreOneRow) {
  fixture::StackWriter writer;
  writer.add("main@app;a@app;wait@app;futex%", 1).add("main@app;b@app;wait@app;futex%", 2).add("[lost]", 1);
  const std::vector<WaitsOfPlace> waits = waits_of(of_waits(writer));
  ASSERT_EQ(waits.size(), 2U);
  EXPECT_EQ(waits[0].function.name, "wait");
  EXPECT_EQ(waits[0].count, 3);
  EXPECT_EQ(waits[1].in, "[lost]");
}

TEST(WaitsOfPlaces, StandFirstInAReportOfWaitsAndNotInOthers) {
  fixture::StackWriter writer;
  writer.add("main@app;nap@app;do_nanosleep%", 4).add("main@app;wait@app;futex%", 1);
  const Profile profile = of_waits(writer);
  Report report = top_report(top(profile, {.value = 1}), "", 10);
  add_waits(report, profile, 1, 1);
  ASSERT_EQ(report.tables.size(), 2U);
  EXPECT_EQ(report.tables[0].title, "Waits");
  ASSERT_EQ(report.tables[0].rows.size(), 2U);
  EXPECT_EQ(report.tables[0].rows[0][0].text, "40.0 ms");
  EXPECT_EQ(report.tables[0].rows[0][1].text, "80.0 %");
  EXPECT_EQ(report.tables[0].rows[0][3].text, "nap");
  EXPECT_EQ(report.tables[0].rows[1][3].text, "… and 1 more");
  EXPECT_EQ(report.data["waits"].size(), 2U);
  Report counts = top_report(top(profile, {.value = 0}), "", 10);
  add_waits(counts, profile, 0, 1);
  EXPECT_EQ(counts.tables.size(), 1U);
  fixture::StackWriter of_processor_time;
  of_processor_time.add("main@app", 1);
  EXPECT_TRUE(waits_of(of_processor_time.finish()).empty());
}

}  // namespace
}  // namespace signalbox::profile
