#include "instruments/queries/analysis/top.hpp"

#include <random>

#include <gtest/gtest.h>

#include "instruments/queries/analysis/statement_report.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

StatementSum sum_of(std::int64_t id, std::string fingerprint, std::int64_t calls, double total_ms) {
  StatementSum out;
  out.statement.id = id;
  out.statement.key = {10, 5, id * 7, true};
  out.statement.database = "db";
  out.statement.fingerprint = std::move(fingerprint);
  out.statement.sql = "select";
  out.counters.calls = calls;
  out.counters.total_exec_ms = total_ms;
  return out;
}

}  // namespace

TEST(Top, RowsAndTheOtherAddUpToAll) {
  std::mt19937 random(3);
  std::vector<StatementSum> sums;
  std::int64_t calls = 0;
  for (std::int64_t id = 1; id <= 300; ++id) {
    sums.push_back(
        sum_of(id, std::to_string(id % 40), static_cast<std::int64_t>(random() % 1000), random() % 977));
    calls += sums.back().counters.calls;
  }
  for (const TopKey key : {TopKey::queryid, TopKey::fingerprint}) {
    for (const std::string& name : top_order_names()) {
      TopOptions options{*top_order_from(name), key, 13, false};
      const Top top = top_of(sums, options);
      ASSERT_EQ(top.rows.size(), 13u);
      EXPECT_EQ(top.others, (key == TopKey::queryid ? 300u : 40u) - 13u);
      std::int64_t found = top.other.calls;
      for (const TopRow& row : top.rows) found += row.counters.calls;
      EXPECT_EQ(found, calls) << name;
      for (std::size_t i = 1; i < top.rows.size(); ++i)
        EXPECT_GE(value_of(top.rows[i - 1].counters, options.order),
                  value_of(top.rows[i].counters, options.order));
    }
  }
}

TEST(Top, WhatAWatchAsksItselfHasNoRowAndIsInTheRemainder) {
  auto own = sum_of(3, "c", 7, 1'000);
  own.statement.own = true;
  TopOptions options;
  options.rows = 1;
  const Top top = top_of({sum_of(1, "a", 1, 100), sum_of(2, "b", 2, 50), own}, options);
  ASSERT_EQ(top.rows.size(), 1u);
  EXPECT_EQ(top.rows[0].fingerprint, "a");
  EXPECT_EQ(top.own.calls, 7);
  EXPECT_EQ(top.others, 2u);
  EXPECT_EQ(top.other.calls, 9);
  EXPECT_EQ(top.rows[0].counters.total_exec_ms + top.other.total_exec_ms, top.all.total_exec_ms);
}

TEST(Top, StatementsInsideFunctionsAreNotCountedTwice) {
  auto nested = sum_of(2, "b", 5, 90);
  nested.statement.key.toplevel = false;
  const std::vector<StatementSum> sums{sum_of(1, "a", 1, 100), nested};
  EXPECT_EQ(top_of(sums, {}).all.total_exec_ms, 100);
  TopOptions with;
  with.nested = true;
  EXPECT_EQ(top_of(sums, with).rows.size(), 2u);
}

TEST(Top, OneFingerprintMayHaveSeveralIds) {
  TopOptions options;
  options.key = TopKey::fingerprint;
  const Top top = top_of({sum_of(1, "a", 1, 10), sum_of(2, "a", 2, 10), sum_of(3, "b", 1, 15)}, options);
  ASSERT_EQ(top.rows.size(), 2u);
  EXPECT_EQ(top.rows[0].fingerprint, "a");
  EXPECT_EQ(top.rows[0].queryids.size(), 2u);
  EXPECT_EQ(top.rows[0].counters.calls, 3);
}

TEST(Trend, AddsUpToTheTotalInPartsOfTheSpan) {
  TopRow row;
  row.statements = {1, 3};
  const auto at = [](std::int64_t ms) { return Time(Duration(ms)); };
  const std::vector<KeptStatements::Step> steps{{1, at(1'010), 1, 5},
                                                {2, at(1'010), 1, 100},
                                                {3, at(1'250), 1, 7},
                                                {1, at(1'251), 1, 1},
                                                {1, at(2'000), 1, 2}};
  EXPECT_EQ(trend_of(steps, row, {at(1'000), at(2'000)}, 4), (std::vector<double>{12, 1, 0, 2}));
}

TEST(Thinned, SumsStay) {
  std::vector<HistoryPoint> points(1000);
  for (std::size_t i = 0; i < points.size(); ++i) {
    points[i].began = Time(Duration(static_cast<std::int64_t>(i) * 10));
    points[i].ended = Time(Duration(static_cast<std::int64_t>(i + 1) * 10));
    points[i].counters.calls = static_cast<std::int64_t>(i);
  }
  const auto thin = thinned(points, 120);
  EXPECT_LE(thin.size(), 120u);
  std::int64_t calls = 0;
  for (std::size_t i = 0; i < thin.size(); ++i) {
    calls += thin[i].counters.calls;
    if (i > 0) {
      EXPECT_EQ(thin[i].began, thin[i - 1].ended);
    }
  }
  EXPECT_EQ(calls, 499'500);
  EXPECT_EQ(thin.back().ended, points.back().ended);
}

TEST(Units, AreAsPeopleReadThem) {
  EXPECT_EQ(text_of_ms(0), "0 ms");
  EXPECT_EQ(text_of_ms(0.0123), "0.012 ms");
  EXPECT_EQ(text_of_ms(12.345), "12.3 ms");
  EXPECT_EQ(text_of_ms(1'234), "1.23 s");
  EXPECT_EQ(text_of_ms(125'000), "2 min 5 s");
  EXPECT_EQ(text_of_ms(10'920'000), "3 h 2 min");
  EXPECT_EQ(text_of_count(1'234'567), "1,234,567");
  EXPECT_EQ(text_of_count(-1'234), "-1,234");
  EXPECT_EQ(text_of_count(12'345'678), "12.3 M");
  EXPECT_EQ(text_of_blocks(2), "16 KiB");
  EXPECT_EQ(text_of_bytes(1'288'490'189), "1.20 GiB");
  EXPECT_EQ(text_of_share(0.1234), "12.3 %");
  EXPECT_EQ(text_of_share(0.0001), "< 0.1 %");
}

}  // namespace signalbox::queries
