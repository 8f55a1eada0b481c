#include "instruments/train/judges/series_reader.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace signalbox::train::judges {
namespace {

SeriesTable table_of(std::string_view octets) {
  auto table = read_series(octets, "f");
  EXPECT_TRUE(table) << table.error().message;
  return table ? std::move(*table) : SeriesTable{};
}

std::string refused(std::string_view octets) {
  const auto table = read_series(octets, "f");
  if (table) return "accepted";
  EXPECT_EQ(table.error().kind, ErrorKind::bad_input);
  return table.error().message;
}

TEST(SeriesCsv, ReadsTimesValuesAndWhatIsAbsent) {
  const SeriesTable table = table_of(
      "\xEF\xBB\xBFtime, \"latency, \"\"p95\"\"\" "
      ",errors_bad\r\n2026-03-03T09:00:00Z,1.5,\r\n\n1772528460.25,NaN,-2e3\n");
  ASSERT_EQ(table.times.size(), 2U);
  EXPECT_EQ(to_rfc3339(table.times[0]), "2026-03-03T09:00:00Z");
  EXPECT_EQ(to_rfc3339(table.times[1]), "2026-03-03T09:01:00.250Z");
  ASSERT_EQ(table.columns.size(), 2U);
  EXPECT_EQ(table.columns[0].name, "latency, \"p95\"");
  EXPECT_EQ(table.columns[0].values[0], 1.5);
  EXPECT_TRUE(std::isnan(table.columns[0].values[1]));
  EXPECT_TRUE(std::isnan(table.columns[1].values[0]));
  EXPECT_EQ(table.find("errors_bad")->values[1], -2000);
  EXPECT_EQ(table.find("errors"), nullptr);
}

TEST(SeriesCsv, WhatIsWrongIsSaidWithLineAndColumn) {
  EXPECT_EQ(refused(""), "f:1:1: it has no rows");
  EXPECT_EQ(refused("when,x\n1,2\n"), "f:1:1: the first column must be `time`");
  EXPECT_EQ(refused("time,x\n"), "f:2:1: it has no rows");
  EXPECT_EQ(refused("time\n1\n"), "f:1:1: it has no column but the time");
  EXPECT_EQ(refused("time,x,x\n1,2,3\n"), "f:1:8: the column `x` is there already");
  EXPECT_EQ(refused("time,x,\n1,2,3\n"), "f:1:8: a column without a name");
  EXPECT_EQ(refused("time,x\n1,2\n\n2,two\n"), "f:4:3: `two` is no number");
  EXPECT_EQ(refused("time,x\n1,2,3\n"), "f:2:5: 3 fields; the first line has 2");
  EXPECT_EQ(refused("time,x\n1\n"), "f:2:1: 1 fields; the first line has 2");
  EXPECT_EQ(refused("time,x\n2,1\n2,1\n"), "f:3:1: the times do not rise");
  EXPECT_EQ(refused("time,x\nsoon,1\n"), "f:2:1: no time: RFC 3339, or seconds since 1970");
  EXPECT_EQ(refused("time,x\n-1,1\n"), "f:2:1: no time: RFC 3339, or seconds since 1970");
  EXPECT_EQ(refused("time,\"x\n1,2\n"), "f:1:6: a quoted field does not end on its line");
  EXPECT_EQ(refused("time,\"x\"y\n1,2\n"), "f:1:6: something stands after the closing quote");
}

TEST(SeriesJson, ReadsRows) {
  const SeriesTable table = table_of(
      R"([{"time": "2026-03-03T10:00:00+01:00", "a": 1, "b": null}, {"time": 1772528460, "b": 2.5, "c": "NaN"}])");
  ASSERT_EQ(table.times.size(), 2U);
  EXPECT_EQ(table.times[1] - table.times[0], std::chrono::minutes(1));
  ASSERT_EQ(table.columns.size(), 3U);
  EXPECT_TRUE(std::isnan(table.find("a")->values[1]));
  EXPECT_TRUE(std::isnan(table.find("b")->values[0]));
  EXPECT_EQ(table.find("b")->values[1], 2.5);
  EXPECT_TRUE(std::isnan(table.find("c")->values[1]));
}

TEST(SeriesJson, WhatIsWrongIsSaidWithLineAndColumn) {
  EXPECT_EQ(refused("[{\"time\": 1, \"a\": 1},\n {\"time\": 2, \"a\": \"x\"}]"),
            "f:2:19: a value is a number or null");
  EXPECT_EQ(refused("[{\"time\": 1, \"a\": 1},\n {\"time\": 1, \"a\": 2}]"), "f:2:11: the times do not rise");
  EXPECT_EQ(refused("[{\"a\": 1}]"), "f:1:2: no time: RFC 3339, or seconds since 1970");
  EXPECT_EQ(refused("[{\"time\": 1, \"a\": 1}, 3]"), "f:1:23: a row is an object with a `time`");
  EXPECT_EQ(refused("[{\"time\": 1,\n \"a\": }]").substr(0, 7), "f:2:7: ");
  EXPECT_EQ(refused("[]"), "f:1:3: it has no rows");
  EXPECT_EQ(refused("[{\"time\": 1}]"), "f:1:1: it has no column but the time");
}

TEST(SeriesOfPrometheus, AreColumnsNamedByTheirLabels) {
  const SeriesTable table = table_of(R"({"status":"success","data":{"resultType":"matrix","result":[)"
                                     R"({"metric":{"__name__":"up","job":"a"},"values":[[10,"1"],[20,"0"]]},)"
                                     R"({"metric":{"metric":"errors_bad"},"values":[[20,"3"],[30,"NaN"]]},)"
                                     R"({"metric":{"job":"b","zone":"c"},"values":[[30,"5"]]},)"
                                     R"({"metric":{},"values":[[10,"7"]]}]}})");
  ASSERT_EQ(table.times.size(), 3U);
  EXPECT_EQ(table.find("up")->values[1], 0);
  EXPECT_TRUE(std::isnan(table.find("up")->values[2]));
  EXPECT_EQ(table.find("errors_bad")->values[1], 3);
  EXPECT_EQ(table.find("job=\"b\",zone=\"c\"")->values[2], 5);
  EXPECT_EQ(table.find("value")->values[0], 7);
}

TEST(SeriesOfPrometheus, WhatIsWrongIsSaid) {
  EXPECT_EQ(refused("{\"a\": 1}").substr(0, 6), "f:1:1:");
  EXPECT_NE(
      refused(
          R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"job":"a","__name__":"up"},)"
          R"("values":[[1,"1"]]},{"metric":{"__name__":"up"},"values":[[1,"1"]]}]}})")
          .find("the column `up` is there already"),
      std::string::npos);
  EXPECT_EQ(refused(R"({"status":"success","data":{"resultType":"matrix","result":[]}})").substr(0, 4),
            "f:1:");
}

}  // namespace
}  // namespace signalbox::train::judges
