// For tests: a database of its own on a real server, plans of which are diagnosed and remedies applied.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "instruments/queries/catalog/plan_catalog_reading.hpp"
#include "instruments/queries/plans/diagnosis.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/server/testing.hpp"

namespace signalbox::queries {

inline store::testing::PostgresServer* shared_server() {
  static const std::unique_ptr<store::testing::PostgresServer> kServer = testing::start_counting_server(
      {"jit=off", "max_parallel_workers_per_gather=0", "autovacuum=off", "shared_buffers=64MB"});
  return kServer.get();
}

// A database of its own, with a session that stays, so that SET holds.
class Diagnosing : public ::testing::Test {
 protected:
  void SetUp() override {
    if (shared_server() == nullptr) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    url_ = *shared_server()->create_database();
    client_ = std::make_unique<testing::Client>(url_);
  }
  void run(std::string_view sql) {
    // What a session changed is counted up to a second later; after ANALYZE it would count as changed since.
    if (sql.starts_with("analyze") || sql.starts_with("vacuum")) flush_counts();
    client_->run(sql);
  }
  void run_lines(std::string_view text) {
    for (const std::string_view line : lines(text)) run(line);
  }
  Plan measured(const std::string& sql) {
    const std::string text = client_->rows("explain (analyze, buffers, format json) " + sql)[0].text(0);
    auto plan = read_plan(text);
    EXPECT_TRUE(plan.has_value());
    return std::move(*plan);
  }
  static double ms_of(const Plan& plan) { return *plan.execution_ms + plan.planning_ms.value_or(0); }
  // Of three executions the fastest: others may be at work on the machine.
  Plan fastest(const std::string& sql) {
    Plan out = measured(sql);
    for (int i = 0; i < 2; ++i) {
      Plan plan = measured(sql);
      if (ms_of(plan) < ms_of(out)) out = std::move(plan);
    }
    return out;
  }
  double fastest_ms(const std::string& sql) { return ms_of(fastest(sql)); }
  PlanCatalog catalog_of(const Plan& plan) {
    flush_counts();
    ServerLink link = testing::link_to(url_);
    auto catalog = read_plan_catalog(link, plan);
    EXPECT_TRUE(catalog.has_value()) << catalog.error().message;
    return catalog.value_or(PlanCatalog{});
  }
  std::vector<Diagnosis> diagnosed(const std::string& sql) { return diagnose(measured(sql)); }
  // With what the server's catalogue says.
  std::vector<Diagnosis> fully_diagnosed(const std::string& sql) {
    const Plan plan = measured(sql);
    return diagnose(plan, catalog_of(plan));
  }
  bool is_well(const std::string& sql) {
    const Plan plan = fastest(sql);
    return diagnose(plan, catalog_of(plan)).empty();
  }
  static Diagnosis one_of(const std::vector<Diagnosis>& all, const std::string& code) {
    std::string others;
    for (const Diagnosis& each : all) {
      if (each.code == code) return each;
      others += each.code + " ";
    }
    ADD_FAILURE() << code << " is not among: " << others;
    return {};
  }
  // The one of this code, which has to be there.
  Diagnosis found(const std::string& sql, const std::string& code) { return one_of(diagnosed(sql), code); }
  // The one that is told first.
  Diagnosis first_found(const std::string& sql) {
    const auto all = fully_diagnosed(sql);
    return all.empty() ? Diagnosis{} : all.front();
  }
  bool has(const std::string& sql, const std::string& code) {
    const auto all = fully_diagnosed(sql);
    return std::any_of(all.begin(), all.end(), [&](const Diagnosis& each) { return each.code == code; });
  }
  void apply(const Diagnosis& diagnosis) {
    for (const std::string_view line : lines(diagnosis.remedy)) {
      std::string sql(line);
      // The session is the transaction here.
      if (sql.starts_with("SET LOCAL ")) sql = "SET " + sql.substr(10);
      run(sql);
    }
  }
  void flush_counts() {
    client_->rows("select pg_stat_force_next_flush()::text");
    client_->rows("select 1");
  }

  std::string url_;
  std::unique_ptr<testing::Client> client_;
};

inline constexpr const char* kOrders =
    "create table orders as select i as id, i % 5000 as customer, (i * 7919) % 1000 as total, md5(i::text) "
    "as note, "
    "now() - i * interval '1 minute' as created, case when i % 100 = 0 then 'open' else 'closed' end as "
    "status from "
    "generate_series(1, 200000) i";

}  // namespace signalbox::queries
