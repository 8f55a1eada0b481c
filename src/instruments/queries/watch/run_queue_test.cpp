// Sessions that spin, more of them than there are cores: what is kept of them is what the kernel says.
#include <cmath>
#include <fstream>
#include <sstream>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "instruments/queries/kept/kept_statements.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/server/testing.hpp"
#include "instruments/queries/watch/session_sampler.hpp"

namespace signalbox::queries {
namespace {

using SteadyClock = std::chrono::steady_clock;
constexpr Span kAll{Time(Duration(0)), Time(Duration(std::int64_t{1} << 50))};

// Until they are cancelled, which they take for an end as any other.
constexpr std::string_view kSpin =
    "do $$ begin while clock_timestamp() is not null loop end loop; exception when query_canceled then null; "
    "end $$";
constexpr std::string_view kSpinning =
    "from pg_stat_activity where state = 'active' and query like 'do $$ begin while%'";

// The kernel's own figures of processes, read without any of our code.
struct Kernel {
  double ran_s = 0, queued_s = 0;  // /proc/PID/schedstat
  double used_s = 0;               // utime and stime of /proc/PID/stat
  SteadyClock::time_point at = SteadyClock::now();
};
Kernel kernel_of(const std::vector<std::int64_t>& pids) {
  Kernel out;
  for (const std::int64_t pid : pids) {
    const std::string folder = "/proc/" + std::to_string(pid);
    double ran_ns = 0, queued_ns = 0;
    std::ifstream(folder + "/schedstat") >> ran_ns >> queued_ns;
    out.ran_s += ran_ns / 1e9;
    out.queued_s += queued_ns / 1e9;
    std::string line;
    std::ifstream stat(folder + "/stat");
    std::getline(stat, line);
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    double user = 0, system = 0;
    fields >> user >> system;
    out.used_s += (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  return out;
}

double active(const std::vector<ActiveShare>& shares, std::string_view name) {
  for (const ActiveShare& each : shares) {
    if (each.name == name) return each.active;
  }
  return 0;
}

}  // namespace

TEST(RunQueue, WhatWaitsForACoreIsWhatTheKernelSays) {
  const auto server = testing::start_counting_server({"autovacuum=off"});
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const std::string url = server->url("postgres");
  testing::Client looker(url);
  ServerLink link = testing::link_to(url);
  ProcessorView view = *ProcessorView::open(link);
  if (view.why_not().find("kernel") != std::string::npos) GTEST_SKIP() << view.why_not();
  ASSERT_EQ(view.why_not(), "");
  const int cores = view.cores();
  const int spinning = 2 * cores + 1;
  ASSERT_GE(cores, 1);
  std::vector<std::thread> sessions;
  for (int i = 0; i < spinning; ++i) sessions.emplace_back([&] { testing::Client(url).run(kSpin); });
  while (looker.number("select count(*) " + std::string(kSpinning)) < spinning)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  std::vector<std::int64_t> pids;
  for (const auto& row : looker.rows("select pid::bigint " + std::string(kSpinning)))
    pids.push_back(row.integer(0));

  constexpr int kTicks = 31;
  SessionSampler sampler(link, std::chrono::milliseconds(100), std::move(view));
  EXPECT_TRUE(sampler.sample(SteadyClock::now()).has_value());
  const Kernel before = kernel_of(pids);
  for (int i = 1; i < kTicks; ++i) {
    std::this_thread::sleep_until(sampler.due());
    EXPECT_TRUE(sampler.sample(SteadyClock::now()).has_value());
  }
  const Kernel after = kernel_of(pids);
  const SessionBucket bucket = *sampler.take();
  looker.run("select pg_cancel_backend(pid) " + std::string(kSpinning));
  for (std::thread& each : sessions) each.join();

  // Each was seen in each sample, and told apart in all but the first, which has none before it.
  SessionCount seen;
  for (const auto& [key, count] : bucket.active) {
    if (key.wait_type != kOnCpu) continue;
    seen.samples += count.samples;
    seen.told += count.told;
    seen.queued += count.queued;
  }
  EXPECT_EQ(seen.samples, spinning * kTicks);
  EXPECT_EQ(seen.told, spinning * (kTicks - 1));
  const double seconds = std::chrono::duration<double>(after.at - before.at).count();
  const double ran = after.ran_s - before.ran_s, queued = after.queued_s - before.queued_s;
  const double share = seen.queued / static_cast<double>(seen.told);
  EXPECT_NEAR(share, queued / (ran + queued), 0.1);
  // So many cannot run on so few: the rest waits.
  EXPECT_GE(share * spinning, 0.9 * (spinning - cores));
  EXPECT_LE((1 - share) * spinning, 1.1 * cores);
  // What they used of processors is another account of the kernel's.
  const double used = (after.used_s - before.used_s) / seconds;
  EXPECT_NEAR((1 - share) * spinning, used, 0.1 * spinning);

  const store::testing::ScratchStore store(store::Engine::sqlite);
  const auto database = store.open();
  ASSERT_TRUE(store::migrate(*database, kept_migrations()).has_value());
  KeptStatements servers(*database);
  ASSERT_EQ(servers.server("s", link.identity())->id, 1);
  ASSERT_TRUE(servers.set_cores(1, cores).has_value());
  KeptSessions kept(*database);
  ASSERT_TRUE(kept.write(1, bucket).has_value());
  const auto shares = *kept.shares(1, kAll, SessionDimension::wait);
  EXPECT_NEAR(active(shares, "CPU") + active(shares, kRunQueue), spinning, 1e-9);
  EXPECT_NEAR(active(shares, kRunQueue), seen.queued / kTicks, 1e-9);
  const ProcessorUse use = *kept.processor(1, kAll);
  EXPECT_NEAR(use.queued, seen.queued / kTicks, 1e-9);
  EXPECT_NEAR(use.untold, static_cast<double>(spinning) / kTicks, 1e-9);
  EXPECT_NEAR(use.running + use.queued + use.untold, spinning, 1e-9);
  EXPECT_EQ(use.cores, cores);
  EXPECT_EQ(use.not_told, "");
  const auto points = *kept.timeline(1, kAll, SessionDimension::wait);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_NEAR(points[0].active.at(std::string(kRunQueue)), use.queued, 1e-9);
  const auto statements = *kept.shares(1, kAll, SessionDimension::query);
  EXPECT_NEAR(statements.at(0).active, spinning, 1e-9);
  EXPECT_NEAR(statements.at(0).queued, use.queued, 1e-9);
}

// A machine without these processes: another's, or a container's.
TEST(RunQueue, WhereTheServerIsElsewhereItIsSaidAndNothingIsToldApart) {
  const auto server = testing::start_counting_server();
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const std::string url = server->url("postgres");
  ServerLink link = testing::link_to(url);
  const std::int64_t pid = (*link.query("select pg_backend_pid()::bigint")).at(0).integer(0);
  const TemporaryDirectory other;
  const auto put = [&](const std::string& name, const std::string& text) {
    ASSERT_TRUE(write_file_atomically(other.path() / name, text).has_value());
  };
  const std::string folder = std::to_string(pid) + "/";
  constexpr std::string_view kElsewhere = "the server's processes are not among those of this machine";
  EXPECT_EQ(ProcessorView::open(link, other.path())->why_not(), kElsewhere);

  // The same number and name, and another beginning.
  const auto stat = *read_file("/proc/" + folder + "stat");
  put(folder + "cmdline", "postgres: postgres postgres [local] idle");
  put(folder + "stat", stat);
  put(folder + "schedstat", "1000 2000 3\n");
  put("stat", "cpu 1 2 3\nbtime 1000000000\n");
  EXPECT_EQ(ProcessorView::open(link, other.path())->why_not(), kElsewhere);
  for (const std::string_view broken : {"", "1", "1 (a", "1 (a) b c", "btime x", "\n\n"}) {
    put("stat", "\n" + std::string(broken) + "\nbtime " + std::string(broken));
    put(folder + "stat", std::string(broken));
    EXPECT_EQ(ProcessorView::open(link, other.path())->why_not(), kElsewhere) << broken;
  }
  put("stat", *read_file("/proc/stat"));
  put(folder + "stat", stat);
  EXPECT_EQ(ProcessorView::open(link, other.path())->why_not(), "");
  put(folder + "schedstat", "0 0 0\n");
  EXPECT_EQ(ProcessorView::open(link, other.path())->why_not(),
            "this kernel does not count in /proc/PID/schedstat");
  put(folder + "schedstat", "no numbers\n");
  ProcessorView view = *ProcessorView::open(link, other.path());
  EXPECT_EQ(view.why_not(), "/proc/PID/schedstat of the server's processes cannot be read");
  EXPECT_EQ(view.cores(), 0);

  std::thread spinning([&] { testing::Client(url).run(kSpin); });
  testing::Client looker(url);
  while (looker.number("select count(*) " + std::string(kSpinning)) < 1)
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  SessionSampler sampler(link, std::chrono::milliseconds(100), std::move(view));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(sampler.sample(SteadyClock::now()).has_value());
  const SessionBucket bucket = *sampler.take();
  looker.run("select pg_cancel_backend(pid) " + std::string(kSpinning));
  spinning.join();
  for (const auto& [key, count] : bucket.active) EXPECT_EQ(count.told, 0);
  EXPECT_EQ(bucket.not_told, "/proc/PID/schedstat of the server's processes cannot be read");
}

}  // namespace signalbox::queries
