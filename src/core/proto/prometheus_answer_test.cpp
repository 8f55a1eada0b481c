#include "core/proto/prometheus_answer.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace signalbox::proto {
namespace {

// The examples of Prometheus' documentation of its HTTP API.
TEST(PrometheusAnswer, ReadsTheDocumentedInstantQuery) {
  const auto series = read_prometheus_answer(R"({
   "status" : "success",
   "data" : {
      "resultType" : "vector",
      "result" : [
         {
            "metric" : {"__name__" : "up", "job" : "prometheus", "instance" : "localhost:9090"},
            "value": [ 1435781451.781, "1" ]
         },
         {
            "metric" : {"__name__" : "up", "job" : "node", "instance" : "localhost:9100"},
            "value" : [ 1435781451.781, "0" ]
         }
      ]
   }
})");
  ASSERT_TRUE(series) << series.error().message;
  ASSERT_EQ(series->size(), 2U);
  EXPECT_EQ((*series)[0].labels.at("job"), "prometheus");
  EXPECT_EQ((*series)[0].samples[0].value, 1);
  EXPECT_EQ(to_rfc3339((*series)[1].samples[0].time), "2015-07-01T20:10:51.781Z");
}

TEST(PrometheusAnswer, ReadsTheDocumentedRangeQuery) {
  const auto series = read_prometheus_answer(
      R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up"},)"
      R"("values":[[1435781430.781,"1"],[1435781445.781,"NaN"],[1435781460.781,"+Inf"],[1435781475,"-1.5e-3"]]},)"
      R"({"metric":{"le":"0.1"},"values":[]}]}})");
  ASSERT_TRUE(series) << series.error().message;
  ASSERT_EQ(series->size(), 1U);
  ASSERT_EQ((*series)[0].samples.size(), 4U);
  EXPECT_TRUE(std::isnan((*series)[0].samples[1].value));
  EXPECT_TRUE(std::isinf((*series)[0].samples[2].value));
  EXPECT_EQ((*series)[0].samples[3].value, -0.0015);
}

TEST(PrometheusAnswer, ReadsAScalar) {
  const auto series =
      read_prometheus_answer(R"({"status":"success","data":{"resultType":"scalar","result":[12.5,"3"]}})");
  ASSERT_TRUE(series);
  EXPECT_EQ((*series)[0].samples[0].value, 3);
}

std::string refused(std::string_view octets, ErrorKind kind = ErrorKind::bad_input) {
  const auto series = read_prometheus_answer(octets);
  if (series) return "accepted";
  EXPECT_EQ(series.error().kind, kind) << series.error().message;
  return series.error().message;
}

TEST(PrometheusAnswer, TellsWrongQueriesFromServersThatCannotAnswer) {
  EXPECT_EQ(
      refused(R"({"status":"error","errorType":"bad_data","error":"1:3: parse error: unexpected end"})"),
      "Prometheus refuses the query (bad_data): 1:3: parse error: unexpected end");
  EXPECT_EQ(refused(R"({"status":"error","errorType":"timeout","error":"query timed out"})",
                    ErrorKind::unavailable),
            "Prometheus refuses the query (timeout): query timed out");
}

TEST(PrometheusAnswer, RefusesAllElseWithLineAndColumn) {
  EXPECT_EQ(refused("").substr(0, 4), "1:1:");
  EXPECT_EQ(refused("{\n\"status\": succ}").substr(0, 5), "2:11:");
  EXPECT_EQ(refused("[]").substr(0, 4), "1:1:");
  EXPECT_EQ(refused("{\"data\":\n{\"resultType\": \"string\"}}").substr(0, 5), "2:16:");
  const std::string front = R"({"data":{"resultType":"matrix","result":)";
  EXPECT_EQ(refused(front + "3}}").substr(0, 5), "1:41:");
  EXPECT_NE(refused(front + "[{\"values\":\n[[1,\"1\"],\n[1,\"2\"]]}]}}")
                .find("3:1: the times of a series do not rise"),
            std::string::npos);
  EXPECT_NE(refused(front + "[{\"values\":[[1,\"one\"]]}]}}").find("1:53: the value is no number"),
            std::string::npos);
  EXPECT_NE(refused(front + "[{\"values\":[[1,2]]}]}}").find("in quotes"), std::string::npos);
  EXPECT_NE(refused(front + "[{\"values\":[[-1,\"2\"]]}]}}").find("out of its range"), std::string::npos);
  EXPECT_NE(refused(front + "[{\"values\":[[1,\"1e999\"]]}]}}").find("no number"), std::string::npos);
  EXPECT_NE(refused(front + "[{\"metric\":{\"a\":1},\"values\":[]}]}}").find("label"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::proto
