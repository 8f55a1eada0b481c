// One load, logged in three formats: calls are those that the server counted, and the formats agree to the
// last digit.
#include <cmath>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "instruments/queries/logs/log_file.hpp"
#include "instruments/queries/logs/log_profile.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPgbench = "/usr/lib/postgresql/15/bin/pgbench";

struct Profiled {
  LogProfile profile;
  ExecutionCounts counts;
  LogFileRead read;
  std::map<std::int64_t, Counters> by_id;
};

void profile_file(const fs::path& path, Profiled& out) {
  Executions executions(out.profile);
  const auto read = read_log_file(path, {}, executions);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  executions.finish();
  out.read = *read;
  out.counts = executions.counts();
  for (const LoggedStatement& each : out.profile.statements()) out.by_id[each.query_id] += each.counters;
}

// The only file of the log folder that ends so.
fs::path log_file(const fs::path& data, std::string_view ending) {
  for (const auto& entry : fs::directory_iterator(data / "log")) {
    if (entry.path().extension() == ending) return entry.path();
  }
  return {};
}

// The collector writes what it was sent some time later.
void wait_until_written(const fs::path& data, std::string_view mark) {
  for (const char* ending : {".log", ".csv", ".json"}) {
    bool is_there = false;
    for (int i = 0; i < 3'000 && !is_there; ++i) {
      const auto octets = read_file(log_file(data, ending));
      is_there = octets && octets->find(mark) != std::string::npos && octets->ends_with('\n');
      if (!is_there) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    ASSERT_TRUE(is_there) << mark << " is not in the log that ends with " << ending;
  }
}

void pgbench(const std::string& url, const std::vector<std::string>& options) {
  std::vector<std::string> command{kPgbench};
  command.insert(command.end(), options.begin(), options.end());
  command.push_back(url);
  const auto done = run_process(command);
  ASSERT_TRUE(done.has_value());
  ASSERT_EQ(done->exit_code, 0) << done->errors;
}

}  // namespace

struct Logging {
  const char* name;
  const char* min_duration;     // of auto_explain
  const char* statement;        // log_statement: with it a duration has no statement of its own
  const char* format = "json";  // of auto_explain
};
class ServerLogs : public ::testing::TestWithParam<Logging> {};

// `auto_explain` 0: each statement has a plan line beside its duration line, and is still one execution.
TEST_P(ServerLogs, CallsAreThoseOfTheServerInEachFormat) {
  const auto server = testing::start_counting_server(
      {"logging_collector=on", "log_destination=stderr,csvlog,jsonlog", "log_min_duration_statement=0",
       "log_line_prefix=%m [%p] %u@%d %a %Q ", std::string("auto_explain.log_format=") + GetParam().format,
       "auto_explain.log_analyze=on", std::string("auto_explain.log_min_duration=") + GetParam().min_duration,
       std::string("log_statement=") + GetParam().statement});
  if (server == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
  const std::string url = server->url("postgres");
  testing::Client client(url);
  client.run(
      "create function inner_work(i int) returns bigint language plpgsql as $$ declare n bigint; begin "
      "select "
      "count(*) into n from pg_class where relpages > i; return n; end $$");
  ASSERT_NO_FATAL_FAILURE(pgbench(url, {"-i", "-q", "-s", "1"}));
  client.run("select pg_stat_statements_reset() /* first mark */");
  // The counting begins in all logs where the server's did.
  const auto sizes = [&] {
    std::map<std::string, std::uintmax_t> out;
    for (const char* ending : {".log", ".csv", ".json"})
      out[ending] = fs::file_size(log_file(server->data(), ending));
    return out;
  };
  ASSERT_NO_FATAL_FAILURE(wait_until_written(server->data(), "first mark"));
  const auto before = sizes();
  ASSERT_NO_FATAL_FAILURE(pgbench(url, {"-n", "-c", "2", "-t", "60", "-M", "simple"}));
  ASSERT_NO_FATAL_FAILURE(pgbench(url, {"-n", "-c", "2", "-t", "60", "-M", "extended"}));
  ASSERT_NO_FATAL_FAILURE(pgbench(url, {"-n", "-c", "2", "-t", "60", "-M", "prepared"}));
  for (int i = 0; i < 5; ++i)
    client.run("select inner_work(3), 'a''b\n\tc', \"relname\" from pg_class limit 2");
  {
    const auto session =
        run_process({"psql", "-q", "-c", "prepare p(int) as select $1 + 1", "-c", "execute p(1)", "-c",
                     "execute p(2)", "-c", "deallocate p", "-c", "select 1/0", url});
    ASSERT_TRUE(session.has_value());
  }
  std::map<std::int64_t, std::int64_t> wanted;
  for (const store::Row& row :
       client.rows("select queryid, sum(calls)::bigint from pg_stat_statements where toplevel and "
                   "query not like '%pg_stat_statements%' group by queryid /* second mark */"))
    wanted[row.integer(0)] = row.integer(1);
  ASSERT_GE(wanted.size(), 10u);
  ASSERT_NO_FATAL_FAILURE(wait_until_written(server->data(), "second mark"));

  const TemporaryDirectory folder;
  std::map<std::string, std::map<std::int64_t, Counters>> found;
  for (const auto& [ending, size] : before) {
    const auto octets = read_file(log_file(server->data(), ending));
    ASSERT_TRUE(octets.has_value());
    const fs::path path = folder.path() / ("part" + ending);
    ASSERT_TRUE(replace_file(path, std::string_view(*octets).substr(size)).has_value());
    Profiled profiled;
    ASSERT_NO_FATAL_FAILURE(profile_file(path, profiled));
    EXPECT_EQ(profiled.read.counts.rejected, 0u) << ending;
    EXPECT_EQ(profiled.read.bytes, octets->size() - size);
    for (const auto& [id, calls] : wanted) EXPECT_EQ(profiled.by_id[id].calls, calls) << ending << " " << id;
    EXPECT_EQ(profiled.counts.plans > 0, std::string(GetParam().min_duration) == "0") << ending;
    found[ending] = profiled.by_id;
  }
  ASSERT_EQ(found[".json"].size(), found[".csv"].size());
  for (const auto& [id, counters] : found[".json"]) {
    for (const char* other : {".csv", ".log"}) {
      EXPECT_EQ(found[other][id].calls, counters.calls) << other << id;
      EXPECT_NEAR(found[other][id].total_exec_ms, counters.total_exec_ms, 1e-9 * counters.total_exec_ms)
          << other << id;
    }
  }
}
INSTANTIATE_TEST_SUITE_P(AutoExplain, ServerLogs,
                         ::testing::Values(Logging{"On", "0", "none"}, Logging{"Off", "-1", "none"},
                                           Logging{"OnAndStatements", "0", "all"},
                                           Logging{"OnAsText", "0", "none", "text"},
                                           Logging{"OnAsYaml", "0", "none", "yaml"},
                                           Logging{"OnAsXml", "0", "none", "xml"}),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace signalbox::queries
