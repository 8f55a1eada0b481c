// The readers of logs: single cases, and one load in all three formats against the server's own counts.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "instruments/queries/logs/executions.hpp"
#include "instruments/queries/logs/log_file.hpp"
#include "instruments/queries/logs/log_profile.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;

// A record whose texts are its own.
struct Kept {
  std::uint64_t offset;
  Time at;
  std::int64_t pid, query_id;
  std::string session, user, database, application, severity, sqlstate, message, detail, statement, context;
};

class Keeper final : public LogVisitor {
 public:
  void record(const LogRecord& r) override {
    records.push_back({r.offset, r.at, r.pid, r.query_id, std::string(r.session), std::string(r.user),
                       std::string(r.database), std::string(r.application), std::string(r.severity),
                       std::string(r.sqlstate), std::string(r.message), std::string(r.detail),
                       std::string(r.statement), std::string(r.context)});
  }
  std::vector<Kept> records;
};

struct ReadText {
  std::vector<Kept> records;
  LogCounts counts;
};

// All of `text`, brought in parts of `part` octets.
ReadText read_text(LogFormat format, std::string_view text, std::size_t part = SIZE_MAX,
                   std::string_view prefix = {}) {
  const auto reader = make_log_reader(format, prefix);
  EXPECT_TRUE(reader.has_value()) << (reader ? "" : reader.error().message);
  Keeper keeper;
  std::string buffer;
  std::uint64_t offset = 0;
  std::size_t brought = 0;
  do {
    const std::size_t more = std::min(part, text.size() - brought);
    buffer += text.substr(brought, more);
    brought += more;
    const auto follows = brought < text.size() ? LogReader::More::follows : LogReader::More::none;
    const std::size_t used = (*reader)->read(buffer, offset, follows, keeper);
    buffer.erase(0, used);
    offset += used;
  } while (brought < text.size());
  EXPECT_EQ(offset, text.size());
  return {keeper.records, (*reader)->counts()};
}

const std::string kJson =
    R"({"timestamp":"2026-03-03 09:00:00.123 UTC","user":"bob","dbname":"shop","pid":17,"session_id":"65a1.11","error_severity":"ERROR","state_code":"22012","message":"division \"by\" zero\n\u00e4\ud83d\ude00","detail":"d","statement":"select 1/0","query_id":-5})"
    "\n";

}  // namespace

// Two processes whose messages are split and stand in between each other, as syslog has them.
TEST(Syslog, MessagesAreRecordsThoughOthersStandInBetween) {
  const std::string text =
      "Feb 11 13:15:40 host postgres[17]: [7-1] db=shop,user=bob LOG:  duration: 13.997 ms  statement: "
      "SELECT a,\n"
      "Feb 11 13:15:40 host postgres[18]: [9-1] db=shop,user=eve ERROR:  deadlock detected\n"
      "Feb 11 13:15:40 host postgres[17]: [7-2] #011  'b\n"
      "Feb 11 13:15:40 host sshd[3]: somebody came\n"
      "Feb 11 13:15:40 host kernel: [9-1] nobody did\n"
      "Feb 11 13:15:40 host postgres[18]: [9-2] db=shop,user=eve DETAIL:  Process 18 waits.\n"
      "Feb 11 13:15:40 host postgres[17]: [7-3]  and c' FR\n"
      "Feb 11 13:15:40 host postgres[17]: [7-4] OM t\n"
      "Feb 11 13:15:40 host postgres[18]: [9-3] #011Process 17 waits.\n"
      "2023-02-11T14:15:41.250+01:00 host postgres[17]: [8-1] db=shop,user=bob LOG:  words\n";
  for (std::size_t part = 1; part < text.size(); part += 13) {
    const ReadText read = read_text(LogFormat::syslog, text, part, "db=%d,user=%u ");
    EXPECT_EQ(read.counts.rejected, 0u);
    ASSERT_EQ(read.records.size(), 3u) << part;
    EXPECT_EQ(read.records[0].message, "duration: 13.997 ms  statement: SELECT a,\n  'b and c' FROM t");
    EXPECT_EQ(read.records[0].pid, 17);
    EXPECT_EQ(read.records[0].database, "shop");
    EXPECT_EQ(read.records[0].offset, 0u);
    EXPECT_EQ(to_rfc3339(read.records[0].at).substr(4), "-02-11T13:15:40Z");
    const auto error = std::find_if(read.records.begin(), read.records.end(),
                                    [](const auto& each) { return each.pid == 18; });
    ASSERT_NE(error, read.records.end());
    EXPECT_EQ(error->severity, "ERROR");
    EXPECT_EQ(error->detail, "Process 18 waits.\nProcess 17 waits.");
    const auto last = std::find_if(read.records.begin(), read.records.end(),
                                   [](const auto& each) { return each.message == "words"; });
    ASSERT_NE(last, read.records.end());
    EXPECT_EQ(to_rfc3339(last->at), "2023-02-11T13:15:41.250Z");
  }
  const auto detected = detect_log(text);
  ASSERT_TRUE(detected.has_value());
  EXPECT_EQ(detected->format, LogFormat::syslog);
  EXPECT_EQ(detected->prefix, "db=%d,user=%u ");
}

// Whatever year it is read in.
TEST(Syslog, TheLastDayOfALeapYearsFebruaryIsOne) {
  const ReadText read = read_text(LogFormat::syslog,
                                  "Feb 29 13:15:40 host postgres[17]: [7-1] db=shop,user=bob LOG:  m\n"
                                  "Feb 30 13:15:40 host postgres[17]: [8-1] db=shop,user=bob LOG:  m\n",
                                  SIZE_MAX, "db=%d,user=%u ");
  ASSERT_EQ(read.records.size(), 1u);
  EXPECT_EQ(to_rfc3339(read.records[0].at).substr(4), "-02-29T13:15:40Z");
  EXPECT_LT(read.records[0].at, SystemClock().now() + std::chrono::hours(48));
  EXPECT_EQ(read.counts.rejected, 1u);
}

// What waits for its further lines is held in memory, but no more than so much of it.
TEST(Syslog, MessagesThatAreTooMuchTogetherAreToldAsTheyAre) {
  const auto begins = [](int pid, std::size_t octets) {
    return "Feb 11 13:15:40 host postgres[" + std::to_string(pid) +
           "]: [7-1] db=shop,user=bob LOG:  " + std::string(octets, 'x') + "\n";
  };
  constexpr std::size_t kMany = std::size_t{65} << 20;
  const std::string end = "Feb 11 13:15:40 host postgres[17]: [7-2] #011end\n";
  const ReadText few =
      read_text(LogFormat::syslog, begins(17, 10) + begins(18, kMany) + end, SIZE_MAX, "db=%d,user=%u ");
  ASSERT_EQ(few.records.size(), 2u);
  EXPECT_EQ(few.counts.rejected, 0u);
  EXPECT_TRUE(few.records[1].message.ends_with("\nend"));
  const ReadText many =
      read_text(LogFormat::syslog, begins(17, kMany) + begins(18, 10) + end, SIZE_MAX, "db=%d,user=%u ");
  ASSERT_EQ(many.records.size(), 2u);
  EXPECT_EQ(many.counts.rejected, 1u);
  EXPECT_EQ(many.records[0].message.size(), kMany);
}

TEST(WrappedLogs, WhatIsTornIsCountedAndNothingElseIsLost) {
  struct Form {
    LogFormat format;
    std::string_view prefix;
    std::string line;  // one record
  };
  const Form forms[] = {
      {LogFormat::syslog, "%q%u@%d ", "Feb 11 13:15:40 host postgres[17]: [7-1] bob@shop LOG:  m\n"},
      {LogFormat::cloudsql, "[%p]: %u@%d ",
       "{\"severity\":\"INFO\",\"textPayload\":\"[17]: bob@shop LOG:  "
       "m\",\"timestamp\":\"2020-05-02T13:00:20.382318Z\"}\n"},
      {LogFormat::cnpg, "",
       "{\"level\":\"info\",\"logger\":\"postgres\",\"record\":{\"log_time\":\"2022-11-27 18:58:02.096 "
       "UTC\",\"process_id\":"
       "\"17\",\"error_severity\":\"LOG\",\"message\":\"m\",\"query_id\":\"-5\"},\"more\":{}}\n"},
  };
  for (const Form& each : forms) {
    const ReadText good = read_text(each.format, each.line + each.line, SIZE_MAX, each.prefix);
    ASSERT_EQ(good.records.size(), 2u) << each.line;
    EXPECT_EQ(good.records[1].message, "m");
    EXPECT_EQ(good.records[1].pid, 17);
    EXPECT_EQ(good.records[1].severity, "LOG");
    EXPECT_EQ(good.records[1].offset, each.line.size());
    EXPECT_NE(good.records[1].at, Time{});
    for (std::size_t length = 1; length + 1 < each.line.size(); ++length) {
      const std::string torn = each.line + each.line.substr(0, length) + "\n" + each.line;
      const ReadText read = read_text(each.format, torn, SIZE_MAX, each.prefix);
      ASSERT_GE(read.records.size(), 2u) << torn;  // a message may be cut and still be one
      EXPECT_LE(read.records.size() + read.counts.rejected, 3u) << torn;
      EXPECT_EQ(read.records.back().offset, torn.size() - each.line.size()) << torn;
    }
    for (const std::string_view bad :
         {"words", "{", "{}", "\xff\xfe", "\t", "{\"level\":", "Feb 31", "Feb 11 13:15:40",
          "Feb 11 13:15:40 host postgres[99999999999999999999]: [7-1] bob@shop LOG:  m"}) {
      const ReadText read =
          read_text(each.format, each.line + std::string(bad) + "\n" + each.line, SIZE_MAX, each.prefix);
      EXPECT_EQ(read.records.size(), 2u) << bad;
      EXPECT_LE(read.counts.rejected, 1u) << bad;
    }
  }
}

TEST(JsonLog, MembersAreRead) {
  const ReadText read = read_text(LogFormat::jsonlog, kJson);
  ASSERT_EQ(read.records.size(), 1u);
  const Kept& kept = read.records[0];
  EXPECT_EQ(to_rfc3339(kept.at), "2026-03-03T09:00:00.123Z");
  EXPECT_EQ(kept.user, "bob");
  EXPECT_EQ(kept.database, "shop");
  EXPECT_EQ(kept.pid, 17);
  EXPECT_EQ(kept.session, "65a1.11");
  EXPECT_EQ(kept.severity, "ERROR");
  EXPECT_EQ(kept.sqlstate, "22012");
  EXPECT_EQ(kept.message, "division \"by\" zero\nä😀");
  EXPECT_EQ(kept.query_id, -5);
  EXPECT_EQ(kept.statement, "select 1/0");
}

TEST(JsonLog, WhatIsNoRecordIsCountedWithItsPlaceAndTheRestIsRead) {
  const char* bad[] = {"{",
                       "{}",
                       "no json",
                       "{\"timestamp\":\"2026-03-03 09:00:00 UTC\"",
                       "{\"timestamp\":\"never\"}",
                       "{\"timestamp\":\"2026-03-03 09:00:00 UTC\",\"message\":\"\\x\"}",
                       "{\"timestamp\":\"2026-03-03 09:00:00 UTC\",\"message\":{\"a\":1}}",
                       "{\"timestamp\":\"2026-03-03 09:00:00 UTC\"} trailing",
                       "{\"timestamp\":\"2026-03-03 09:00:00 UTC\",\"message\":\"cut off"};
  for (const char* each : bad) {
    const std::string text = kJson + each + "\n\n" + kJson;
    const ReadText read = read_text(LogFormat::jsonlog, text);
    EXPECT_EQ(read.records.size(), 2u) << each;
    ASSERT_EQ(read.counts.rejected, 1u) << each;
    EXPECT_EQ(read.counts.rejected_at[0], kJson.size()) << each;
  }
}

TEST(JsonLog, OctetsThatAreNoTextAreKept) {
  const ReadText read =
      read_text(LogFormat::jsonlog, "{\"timestamp\":\"2026-03-03 09:00:00 UTC\",\"message\":\"\xff\xfe\"}");
  ASSERT_EQ(read.records.size(), 1u);
  EXPECT_EQ(read.records[0].message, "\xff\xfe");
}

TEST(CsvLog, QuotesAndLinesInFieldsAreRead) {
  const std::string csv =
      "2026-03-03 10:00:00.5 CET,\"bob\",\"shop\",17,\"[local]\",65a1.11,3,\"SELECT\",2026-03-03 09:00:00 "
      "UTC,3/4,0,LOG,"
      "00000,\"duration: 1.5 ms  statement: select \"\"a\"\",\n'x'\",,,,,,,,,\"psql\",\"client "
      "backend\",,77\n";
  for (const std::size_t part : {SIZE_MAX, std::size_t{1}, std::size_t{7}}) {
    const ReadText read = read_text(LogFormat::csvlog, csv + csv, part);
    ASSERT_EQ(read.records.size(), 2u);
    EXPECT_EQ(read.records[1].message, "duration: 1.5 ms  statement: select \"a\",\n'x'");
    EXPECT_EQ(to_rfc3339(read.records[0].at), "2026-03-03T09:00:00.500Z");
    EXPECT_EQ(read.records[0].application, "psql");
    EXPECT_EQ(read.records[0].query_id, 77);
    EXPECT_EQ(read.records[1].offset, csv.size());
  }
}

TEST(CsvLog, AfterATornRecordItGoesOnAtTheNext) {
  const std::string good =
      "2026-03-03 10:00:00 UTC,\"bob\",\"shop\",17,,65a1.11,3,,,,,LOG,00000,\"m\",,,,,,,,,\"\",\"\",,1\n";
  for (const char* torn : {"2026-03-03 10:00:00 UTC,\"bob\",\"sh\n", "garbage\n",
                           "2026-03-03 10:00:00 UTC,a\n", "2026-03-03 10:00:00 UTC,\"a\"b,\n"}) {
    const ReadText read = read_text(LogFormat::csvlog, good + torn + good + good);
    EXPECT_GE(read.counts.rejected, 1u) << torn;
    EXPECT_EQ(read.counts.rejected_at[0], good.size()) << torn;
    EXPECT_GE(read.records.size(), 2u) << torn;  // of a quote that is open the next record closes it
    EXPECT_EQ(read.records.back().message, "m");
  }
  EXPECT_EQ(read_text(LogFormat::csvlog, good + good.substr(0, good.size() - 1)).records.size(), 2u);
}

TEST(StderrLog, PrefixesOfManyShapesAreRead) {
  struct Case {
    const char* prefix;
    const char* line;
    const char* user;
    const char* application;
    std::int64_t pid, id;
  };
  const Case cases[] = {
      {"%m [%p] ", "2026-03-03 09:00:00.123 UTC [17] LOG:  words", "", "", 17, 0},
      {"%m [%p] %q%u@%d ", "2026-03-03 09:00:00.123 UTC [17] bob@shop LOG:  words", "bob", "", 17, 0},
      {"%m [%p] %q%u@%d ", "2026-03-03 09:00:00.123 UTC [17] LOG:  words", "", "", 17, 0},
      {"%m [%p] %u@%d %a %Q ", "2026-03-03 09:00:00.123 UTC [17] bob@shop my own app -42 LOG:  words", "bob",
       "my own app", 17, -42},
      {"%m [%p] %u@%d %a %Q ", "2026-03-03 09:00:00.123 UTC [17] @  0 LOG:  words", "", "", 17, 0},
      {"%t:%r:%u@%d:[%p]:", "2026-03-03 09:00:00 UTC:10.0.0.1(5):bob@shop:[17]:LOG:  words", "bob", "", 17,
       0},
      {"%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
       "2026-03-03 09:00:00 UTC [17]: [3-1] user=bob,db=shop,app=psql,client=[local] LOG:  words", "bob",
       "psql", 17, 0},
      {"%m [%10p] %-8u| ", "2026-03-03 09:00:00.1 UTC [        17] bob     | LOG:  words", "bob", "", 17, 0},
      {"%n %p ", "1772528400.123 17 LOG:  words", "", "", 17, 0},
      {"%%%m [%p] %b %i %e %c %l %s %v %x ",
       "%2026-03-03 09:00:00.1 UTC [17] client backend SELECT 00000 65a1.11 4 2026-03-03 08:00:00 UTC 3/7 0 "
       "LOG:  words",
       "", "", 17, 0},
      {"<%m %p>", "<2026-03-03 09:00:00.1 +0130 17>HINWEIS:  words", "", "", 17, 0},
  };
  for (const Case& each : cases) {
    const ReadText read = read_text(LogFormat::stderr_text, each.line, SIZE_MAX, each.prefix);
    ASSERT_EQ(read.records.size(), 1u) << each.prefix;
    EXPECT_EQ(read.records[0].message, "words");
    EXPECT_EQ(read.records[0].user, each.user) << each.prefix;
    EXPECT_EQ(read.records[0].application, each.application) << each.prefix;
    EXPECT_EQ(read.records[0].pid, each.pid);
    EXPECT_EQ(read.records[0].query_id, each.id);
    EXPECT_NE(read.records[0].at, Time{}) << each.prefix;
  }
  EXPECT_FALSE(make_log_reader(LogFormat::stderr_text, "%m %z").has_value());
  EXPECT_FALSE(make_log_reader(LogFormat::stderr_text, "%u").has_value());
  EXPECT_FALSE(make_log_reader(LogFormat::stderr_text, "%m %").has_value());
}

TEST(StderrLog, FurtherLinesAndPartsBelongToTheirRecord) {
  const std::string text =
      "2026-03-03 09:00:00.1 UTC [1] ERROR:  first\n\tsecond\n\t\tthird\n"
      "2026-03-03 09:00:00.1 UTC [1] DETAIL:  why\n"
      "2026-03-03 09:00:00.1 UTC [1] CONTEXT:  where\n"
      "2026-03-03 09:00:00.1 UTC [1] STATEMENT:  select\n\t1\n"
      "what no prefix fits\n"
      "2026-03-03 09:00:00.2 UTC [2] LOG:  next\n";
  for (const std::size_t part : {SIZE_MAX, std::size_t{1}, std::size_t{13}, std::size_t{64}}) {
    const ReadText read = read_text(LogFormat::stderr_text, text, part, "%m [%p] ");
    ASSERT_EQ(read.records.size(), 2u) << part;
    EXPECT_EQ(read.records[0].message, "first\nsecond\n\tthird");
    EXPECT_EQ(read.records[0].detail, "why");
    EXPECT_EQ(read.records[0].context, "where");
    EXPECT_EQ(read.records[0].statement, "select\n1");
    EXPECT_EQ(read.records[1].message, "next");
    EXPECT_EQ(read.counts.rejected, 1u);
  }
}

TEST(StderrLog, AHostilePrefixLineEndsInTime) {
  const std::string line = "2026-03-03 09:00:00.1 UTC [1] " + std::string(100'000, 'a') + "\n";
  const ReadText read =
      read_text(LogFormat::stderr_text, line + line, SIZE_MAX, "%m [%p] %a%u%d%r%h%i%v%a%u%d x ");
  EXPECT_EQ(read.counts.rejected, 2u);
}

TEST(LogTime, ZonesAreReadOrSaidToBeGuessed) {
  const auto read = [](const char* text) {
    LogRecord record;
    EXPECT_TRUE(parse_log_time(text, record)) << text;
    return to_rfc3339(record.at) + (record.zone_guessed ? "?" : "");
  };
  EXPECT_EQ(read("2026-03-03 09:00:00 UTC"), "2026-03-03T09:00:00Z");
  EXPECT_EQ(read("2026-03-03 09:00:00.25"), "2026-03-03T09:00:00.250Z");
  EXPECT_EQ(read("2026-03-03 09:00:00 CEST"), "2026-03-03T07:00:00Z");
  EXPECT_EQ(read("2026-03-03 09:00:00 -03:30"), "2026-03-03T12:30:00Z");
  EXPECT_EQ(read("2026-03-03 09:00:00 +05"), "2026-03-03T04:00:00Z");
  EXPECT_EQ(read("2026-03-03 09:00:00 XYZ"), "2026-03-03T09:00:00Z?");
  LogRecord record;
  for (const char* each : {"", "2026-03-03", "2026-13-03 09:00:00", "2026-02-30 09:00:00",
                           "2026-03-03 24:00:00", "2026-03-03 09:00:00."})
    EXPECT_FALSE(parse_log_time(each, record)) << each;
}

TEST(DurationSketch, QuantilesAreWithinOnePerCent) {
  DurationSketch all, half;
  std::vector<double> values;
  for (int i = 1; i <= 5000; ++i) values.push_back(std::exp(i % 1700 / 100.0) / 1000);
  for (std::size_t i = 0; i < values.size(); ++i) (i % 2 == 0 ? all : half).add(values[i]);
  all.merge(half);
  std::sort(values.begin(), values.end());
  for (const double q : {0.0, 0.5, 0.9, 0.95, 0.99, 1.0}) {
    const double wanted = values[static_cast<std::size_t>(q * 4999)];
    EXPECT_NEAR(all.quantile(q), wanted, 0.0101 * wanted) << q;
  }
  EXPECT_EQ(DurationSketch().quantile(0.5), 0);
}

namespace {

// Of one session: the ids of its lines, and what they say.
using SessionLines = std::vector<std::pair<std::int64_t, std::string>>;
struct Told final : ExecutionVisitor {
  explicit Told(const SessionLines& lines) {
    Executions executions(*this);
    for (const auto& [id, message] : lines) {
      LogRecord record;
      record.session = "s";
      record.severity = "LOG";
      record.query_id = id;
      record.message = message;
      executions.record(record);
    }
    executions.finish();
  }
  void execution(const LoggedExecution& each) override { texts.emplace_back(each.text); }
  void plan(const LoggedPlan& each) override { ids.push_back(each.query_id); }
  std::vector<std::string> texts;
  std::vector<std::int64_t> ids;
};
const std::string kFirst = "SELECT abalance FROM accounts WHERE aid = $1;",
                  kSecond = "UPDATE tellers SET x = $1;";
std::string executed(const char* ms, const std::string& text) {
  return std::string("duration: ") + ms + " ms  execute <unnamed>: " + text;
}
std::string plan_of(const std::string& text, const char* ms) {
  return std::string("duration: ") + ms + " ms  plan:\n{\n  \"Query Text\": \"" + text + "\"\n}";
}

}  // namespace

// A portal whose end took longer than its execution: its plan comes under the id of the statement after it.
TEST(Executions, APlanThatIsLongerThanItsExecutionIsNoneOfItsOwn) {
  const Told told({{1, executed("0.006", kFirst)},
                   {2, "duration: 0.017 ms  parse <unnamed>: " + kSecond},
                   {2, plan_of(kFirst, "0.008")},
                   {2, "duration: 0.055 ms  bind <unnamed>: " + kSecond},
                   {2, plan_of(kSecond, "0.012")},
                   {2, executed("0.040", kSecond)},
                   {1, executed("0.006", kFirst)},
                   {3, plan_of(kFirst, "0.009")},
                   {3, executed("0.020", "END;")},
                   {1, executed("0.006", kFirst)},
                   {3, plan_of(kFirst, "0.007")}});
  EXPECT_EQ(told.texts, (std::vector<std::string>{kFirst, kSecond, kFirst, "END;", kFirst}));
  EXPECT_EQ(told.ids, (std::vector<std::int64_t>{1, 2, 1, 1}));
}

// The plan before it was of another execution: its own comes all the same, and is none of its own.
TEST(Executions, APlanMayComeAfterThatOfAnother) {
  const Told told({{1, executed("0.006", kFirst)},
                   {1, plan_of(kFirst, "0.008")},
                   {1, executed("0.007", kFirst)},
                   {3, plan_of(kFirst, "0.005")},
                   {3, executed("0.003", "END;")}});
  EXPECT_EQ(told.texts, (std::vector<std::string>{kFirst, kFirst, "END;"}));
  EXPECT_EQ(told.ids, (std::vector<std::int64_t>{1, 1}));
}

// A portal with a name stays open while others come and go; what is fetched of it later makes its plan
// longer.
TEST(Executions, APortalWithANameIsOneExecutionWhenItIsClosed) {
  const Told told({{1, "duration: 0.006 ms  execute S_1/C_2: " + kFirst},
                   {2, executed("0.020", "SELECT 1")},
                   {1, "duration: 0.900 ms  execute fetch from S_1/C_2: " + kFirst},
                   {1, plan_of(kFirst, "0.800")},
                   {3, plan_of("SELECT 1", "0.010")},
                   {3, executed("1.000", "COMMIT")}});
  EXPECT_EQ(told.texts, (std::vector<std::string>{kFirst, "SELECT 1", "COMMIT"}));
  EXPECT_EQ(told.ids, (std::vector<std::int64_t>{1, 2}));
}

// As those of servers before PostgreSQL 14, and of a prefix without %Q.
TEST(Executions, WithoutIdsAPlanIsOfItsOwnStatementAlone) {
  const Told told({{0, plan_of(kSecond, "0.300")},
                   {0, executed("1.500", kFirst)},
                   {0, plan_of(kFirst, "1.400")},
                   {0, plan_of("PREPARE p AS SELECT 2", "0.100")},
                   {0, executed("0.200", "SELECT 2")}});
  EXPECT_EQ(told.texts, (std::vector<std::string>{kSecond, kFirst, "SELECT 2"}));
}

TEST(QueryText, IsReadInEachFormatOfAutoExplain) {
  const std::string sql = "select 'a\tb' as \"c\"\n  where 1 < 2 & 3 > 2 and '&lt;' <> ''";
  const std::string quoted = R"("select 'a\tb' as \"c\"\n  where 1 < 2 & 3 > 2 and '&lt;' <> ''")";
  std::string buffer;
  for (const std::string& plan :
       {"Query Text: " + sql + "\nResult  (cost=0.00..0.01 rows=1 width=4)",
        "{\n  \"Query Text\": " + quoted + ",\n  \"Plan\": {}\n}",
        "Query Text: " + quoted + "\nPlan: \n  Node Type: \"Result\"",
        "<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query-Text>select 'a\tb' as \"c\"\n"
        "  where 1 &lt; 2 &amp; 3 &gt; 2 and '&amp;lt;' &lt;&gt; ''</Query-Text>\n  <Plan>" +
            std::string()})
    EXPECT_EQ(query_text_of(plan, buffer), sql) << plan;
  for (const char* plan : {"", "Query Text: \"", "Query Text: \"select\\", "{\"Query Text\": 1}",
                           "<explain><Query-Text>select", "<explain></explain>"})
    EXPECT_EQ(query_text_of(plan, buffer), "") << plan;
  EXPECT_EQ(query_text_of("<Query-Text>a &</Query-Text>", buffer), "a &");
}

TEST(PreparedStatement, IsWhatFollowsAs) {
  EXPECT_EQ(prepared_statement("PREPARE p AS SELECT 1"), "SELECT 1");
  EXPECT_EQ(prepared_statement("prepare as_1 (int, text)as\nselect $1 as x"), "select $1 as x");
  EXPECT_EQ(prepared_statement("select 1 as x"), "select 1 as x");
}

TEST(LogFile, IsReadThroughItsPacker) {
  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "a.json";
  std::ofstream(path) << kJson << kJson;
  for (const std::vector<std::string>& packer :
       {std::vector<std::string>{"gzip", "-k"}, {"xz", "-k"}, {"bzip2", "-k"}, {"zstd", "-q"}}) {
    auto command = packer;
    command.push_back(path.string());
    const auto packed = run_process(command);
    if (!packed || packed->exit_code != 0) continue;
    const std::string extension = packer[0] == "gzip"    ? ".gz"
                                  : packer[0] == "bzip2" ? ".bz2"
                                  : packer[0] == "xz"    ? ".xz"
                                                         : ".zst";
    Keeper keeper;
    const auto read = read_log_file(path.string() + extension, {}, keeper);
    ASSERT_TRUE(read.has_value()) << read.error().message;
    EXPECT_EQ(keeper.records.size(), 2u);
    std::ofstream(path.string() + extension, std::ios::trunc) << "not packed";
    EXPECT_FALSE(read_log_file(path.string() + extension, {}, keeper).has_value());
  }
  Keeper keeper;
  EXPECT_EQ(read_log_file(folder.path() / "none", {}, keeper).error().kind, ErrorKind::not_found);
  std::ofstream(folder.path() / "empty") << "";
  EXPECT_EQ(read_log_file(folder.path() / "empty", {}, keeper).error().kind, ErrorKind::bad_input);
}

}  // namespace signalbox::queries
