// Logs read by several threads, and the texts of records beside readers that take one octet at a time.
#include "instruments/queries/logs/log_parts.hpp"

#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "instruments/queries/logs/log_file.hpp"

namespace signalbox::queries {
namespace {

namespace fs = std::filesystem;

class Texts final : public LogVisitor {
 public:
  void record(const LogRecord& r) override {
    std::string all = std::to_string(r.offset) + "|" + to_rfc3339(r.at);
    for (const auto each : {r.session, r.user, r.severity, r.message, r.detail, r.statement})
      (all += '|') += each;
    records.push_back(std::move(all));
  }
  std::vector<std::string> records;
};

struct Read {
  std::vector<std::string> records;
  LogFileRead file;
};

Read read_by(const fs::path& path, std::size_t jobs) {
  LogFileOptions options;
  options.jobs = jobs;
  Texts texts;
  auto file = read_log_file(path, options, texts);
  EXPECT_TRUE(file.has_value()) << (file ? "" : file.error().message);
  return {std::move(texts.records), file ? *file : LogFileRead{}};
}

// Words of a message, some of whose lines look like the beginning of a record of any format.
std::string words(std::mt19937& random) {
  const char* lines[] = {"select 1",
                         "2026-03-03 09:00:00.1 UTC,\"bob\",\"shop\",17,,65a1.11,3,,,,,LOG,00000,m",
                         "2026-03-03 09:00:00.1 UTC [1] LOG:  no record",
                         "it says \"so\"",
                         "\ttabs\t",
                         ""};
  std::string out;
  for (std::size_t i = random() % 6; i < 6; ++i) (out += lines[random() % 6]) += i < 5 ? "\n" : "";
  return out + std::string(random() % 200, 'x');
}

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const bool is = text.substr(at, what.size()) == what;
    out += is ? by : text.substr(at, 1);
    at += is ? what.size() : 1;
  }
  return out;
}

// Records of one format, over five megabytes, with some lines between them that are none.
std::string log_of(LogFormat format) {
  std::mt19937 random(7);
  std::string out;
  for (int i = 0; out.size() < (std::size_t{5} << 20); ++i) {
    const std::string time =
        fmt::format("2026-03-03 09:{:02}:{:02}.{:03} UTC", i / 60'000 % 60, i / 1'000 % 60, i % 1'000);
    const std::string text = words(random);
    const int session = i % 7;
    if (format == LogFormat::jsonlog) {
      out += fmt::format(
          "{{\"timestamp\":\"{}\",\"session_id\":\"s{}\",\"error_severity\":\"LOG\",\"message\":{}}}\n", time,
          session, Json(text).dump());
    } else if (format == LogFormat::csvlog) {
      out += fmt::format("{},\"bob\",\"shop\",17,,s{},3,,,,,LOG,00000,\"{}\",,,,,,,,,\"\",\"\",,1\n", time,
                         session, replaced(text, "\"", "\"\""));
    } else {
      out += fmt::format("{} [{}] LOG:  {}\n{} [{}] DETAIL:  more\n\tof it\n", time, session,
                         replaced(text, "\n", "\n\t"), time, session);
    }
    if (i % 5'000 == 4'999) out += "no record, {\n";
  }
  return out;
}

}  // namespace

class LogParts : public ::testing::TestWithParam<LogFormat> {};

TEST_P(LogParts, RecordsAreTheSameHoweverManyThreadsRead) {
  const TemporaryDirectory folder;
  const fs::path path = folder.path() / "log";
  std::ofstream(path, std::ios::binary) << log_of(GetParam());
  const Read one = read_by(path, 1);
  ASSERT_EQ(one.file.detected.format, GetParam());
  ASSERT_GT(one.records.size(), 5'000u);
  EXPECT_GT(one.file.counts.rejected, 0u);
  EXPECT_EQ(one.file.bytes, fs::file_size(path));
  for (const std::size_t jobs : {2, 3, 8}) {
    const Read several = read_by(path, jobs);
    ASSERT_EQ(several.records.size(), one.records.size()) << jobs;
    for (std::size_t i = 0; i < one.records.size(); ++i)
      ASSERT_EQ(several.records[i], one.records[i]) << jobs;
    EXPECT_EQ(several.file.counts.records, one.file.counts.records);
    EXPECT_EQ(several.file.counts.rejected, one.file.counts.rejected);
    EXPECT_EQ(several.file.counts.rejected_at, one.file.counts.rejected_at);
    EXPECT_EQ(several.file.bytes, one.file.bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, LogParts,
                         ::testing::Values(LogFormat::jsonlog, LogFormat::csvlog, LogFormat::stderr_text),
                         [](const auto& info) { return std::string(name_of(info.param)); });

// A message of three megabytes is longer than a part.
TEST(LogParts, ARecordLongerThanAPartIsRead) {
  const TemporaryDirectory folder;
  const std::string begin = "{\"timestamp\":\"2026-03-03 09:00:00 UTC\",\"message\":\"";
  std::string text;
  for (int i = 0; i < 4; ++i)
    text += begin + std::string(std::size_t{3} << 20, 'a' + static_cast<char>(i)) + "\"}\n";
  std::ofstream(folder.path() / "log", std::ios::binary) << text;
  EXPECT_EQ(read_by(folder.path() / "log", 4).records, read_by(folder.path() / "log", 1).records);
  EXPECT_EQ(read_by(folder.path() / "log", 4).records.size(), 4u);
}

// An escape at every place of a string of every length, beside a JSON library.
TEST(JsonLog, EscapesAreReadAsAJsonLibraryReadsThem) {
  const char* escapes[] = {"\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00", "\\/", "\\\\\\\""};
  const auto reader = make_log_reader(LogFormat::jsonlog);
  for (std::size_t length = 0; length < 200; ++length) {
    for (const char* escape : escapes) {
      const std::size_t at = length * 7 % (length + 1);
      const std::string quoted =
          "\"" + std::string(at, 'a') + escape + std::string(length - at, 'b') + escape + escape + "\"";
      const auto wanted = parse_json(quoted);
      ASSERT_TRUE(wanted.has_value());
      Texts texts;
      // What stands behind it in the line decides how it is read.
      for (const std::size_t behind : {0, 100}) {
        const std::string line = "{\"timestamp\":\"2026-03-03 09:00:00 UTC\",\"message\":" + quoted +
                                 std::string(behind, ' ') + "}\n";
        static_cast<void>((*reader)->read(line, 0, LogReader::More::none, texts));
      }
      ASSERT_EQ(texts.records.size(), 2u) << quoted;
      const std::string text = fmt::format("0|2026-03-03T09:00:00Z||||{}||", wanted->as_string());
      EXPECT_EQ(texts.records[0], text);
      EXPECT_EQ(texts.records[1], text);
    }
  }
}

TEST(StderrLog, TabsOfFurtherLinesGoWhereverTheyStand) {
  const auto reader = make_log_reader(LogFormat::stderr_text, "%m [%p] ");
  std::mt19937 random(3);
  for (int round = 0; round < 2'000; ++round) {
    std::string wanted;
    for (std::size_t i = random() % 12; i < 12; ++i)
      wanted += std::string(random() % 70, 'x') + (i % 3 == 0 ? "\n" : i % 3 == 1 ? "\n\t" : "\ty");
    wanted += "z";
    Texts texts;
    const std::string text = "2026-03-03 09:00:00 UTC [1] LOG:  " + replaced(wanted, "\n", "\n\t") + "\n";
    static_cast<void>((*reader)->read(text + text, 0, LogReader::More::none, texts));
    ASSERT_EQ(texts.records.size(), 2u) << wanted;
    EXPECT_EQ(texts.records[0], "0|2026-03-03T09:00:00Z|1||LOG|" + wanted + "||");
  }
}

TEST(LogTimes, ManyAreReadAsEachAlone) {
  LogTimes times;
  const char* texts[] = {
      "2026-03-03 09:00:00.123 UTC",  "2026-03-03 09:00:01.124 UTC", "2026-03-03 09:01:00.123 UTC",
      "2026-03-03 09:01:00.123 CET",  "2026-03-03 09:01:00.999 XYZ", "2026-03-03 09:01:59.000 XYZ",
      "2026-03-03 09:01:00.1234 UTC", "2026-03-03 09:01:60.123 UTC", "2026-03-03 09:01:00 UTC",
      "2026-03-03 09:01:00.123",      "2026-03-03 09:01:00.1x3 UTC", "2026-03-03T09:01:02.123 UTC",
      "2026-03-03 09:01:02.123Z",     "2026-03-03 09:01:02.123 +02"};
  for (int round = 0; round < 2; ++round) {
    for (const char* text : texts) {
      LogRecord wanted, found;
      EXPECT_EQ(times.read(text, found), parse_log_time(text, wanted)) << text;
      EXPECT_EQ(found.at, wanted.at) << text;
      EXPECT_EQ(found.zone_guessed, wanted.zone_guessed) << text;
    }
  }
}

}  // namespace signalbox::queries
