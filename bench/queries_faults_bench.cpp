// Faults are planted in PostgreSQL 15 at three sizes; each plan is diagnosed, the first remedy is applied,
// and the statement is measured again: the server is the judge. Of plans that are well nothing may be said.
// With a name as argument: those faults alone whose name or code has it, and what was found of each.
#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/queries/catalog/plan_catalog_reading.hpp"
#include "instruments/queries/plans/diagnosis.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/server/testing.hpp"
#include "queries_faults.hpp"

namespace {

using faults::Fault;
using signalbox::Json;
using namespace signalbox::queries;

constexpr int kSizes[] = {30'000, 100'000, 300'000};
constexpr int kRuns = 3;  // the one in the middle counts

std::string sized(std::string text, int rows) {
  for (std::size_t at = text.find("{n}"); at != std::string::npos; at = text.find("{n}", at))
    text.replace(at, 3, std::to_string(rows));
  return text;
}

struct Judged {
  std::vector<Diagnosis> found;
  double before_ms = 0, after_ms = 0;
  bool is_gone = false;  // after the remedy
};

class Bench {
 public:
  explicit Bench(signalbox::store::testing::PostgresServer& server) : server_(server) {}

  Judged run(const Fault& fault, int rows) {
    const std::string url = *server_.create_database();
    client_ = std::make_unique<testing::Client>(url);
    run_lines(sized(fault.plant, rows));
    link_ = std::make_unique<ServerLink>(testing::link_to(url));
    Judged out;
    const std::string statement = sized(fault.statement, rows);
    const Plan before = measured(statement);
    out.before_ms = time_of(before);
    out.found = diagnosed(before);
    if (out.found.empty() || fault.code.empty()) return out;
    const std::string remedied = fault.rewritten.empty() ? statement : sized(fault.rewritten, rows);
    run_lines(sized(fault.prepare, rows));
    if (fault.rewritten.empty()) apply(out.found.front().remedy);
    const Plan after = measured(remedied);
    out.after_ms = time_of(after);
    const auto left = diagnosed(after);
    out.is_gone = std::none_of(left.begin(), left.end(),
                               [&](const Diagnosis& each) { return each.code == out.found.front().code; });
    return out;
  }

 private:
  void run_lines(const std::string& text) {
    for (const std::string_view line : signalbox::lines(text)) {
      // What was written before is counted before the statistics are new.
      if (line.find("analyze") != std::string_view::npos)
        client_->rows("select pg_stat_force_next_flush()::text");
      if (!line.empty()) client_->run(line);
    }
  }
  void apply(const std::string& remedy) {
    for (const std::string_view line : signalbox::lines(remedy)) {
      std::string sql(line);
      // The session is the transaction here.
      if (sql.starts_with("SET LOCAL ")) sql = "SET " + sql.substr(10);
      const std::string verb = sql.substr(0, sql.find(' '));
      constexpr std::string_view kVerbs[] = {"SET", "CREATE", "ANALYZE", "VACUUM", "SELECT", "ALTER"};
      if (std::find(std::begin(kVerbs), std::end(kVerbs), verb) != std::end(kVerbs)) client_->run(sql);
    }
  }
  static double time_of(const Plan& plan) { return *plan.execution_ms + plan.planning_ms.value_or(0); }

  // Of several, the one in the middle by time. What it writes is rolled back.
  Plan measured(const std::string& sql) {
    std::vector<Plan> plans;
    for (int i = 0; i < kRuns; ++i) {
      client_->run("begin");
      const std::string text = client_->rows("explain (analyze, buffers, format json) " + sql).at(0).text(0);
      client_->run("rollback");
      auto plan = read_plan(text);
      if (!plan) std::abort();
      plans.push_back(std::move(*plan));
    }
    std::sort(plans.begin(), plans.end(),
              [](const Plan& a, const Plan& b) { return time_of(a) < time_of(b); });
    return std::move(plans[kRuns / 2]);
  }
  std::vector<Diagnosis> diagnosed(const Plan& plan) {
    client_->rows("select pg_stat_force_next_flush()::text");
    client_->rows("select 1");
    auto catalog = read_plan_catalog(*link_, plan);
    if (!catalog) {
      std::fprintf(stderr, "%s\n", catalog.error().message.c_str());
      std::abort();
    }
    return diagnose(plan, *catalog);
  }

  signalbox::store::testing::PostgresServer& server_;
  std::unique_ptr<testing::Client> client_;
  std::unique_ptr<ServerLink> link_;
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print_row(const char* what, double ours, const char* unit, Json floor, Json goal, const char* better) {
  fmt::print("{}\n", Json::object({{"bench", "queries_faults"},
                                   {"what", what},
                                   {"ours", ours},
                                   {"unit", unit},
                                   {"floor", std::move(floor)},
                                   {"goal", std::move(goal)},
                                   {"judged", "ours"},
                                   {"better", better},
                                   {"command", "bench/run queries_faults"}})
                         .dump());
}

struct Totals {
  int faults = 0, right = 0, gone = 0, healthy = 0, alarms = 0, index = 0, index_tenfold = 0;
  int later = 0, later_right = 0;                    // of the second set
  std::map<std::string, std::vector<double>> gains;  // by code
};

bool is_index(const std::string& code) {
  constexpr std::string_view kCodes[] = {"seqscan_discard", "inefficient_index", "order_limit_index",
                                         "leading_wildcard", "missing_fk_index"};
  return std::find(std::begin(kCodes), std::end(kCodes), code) != std::end(kCodes);
}

void judge_fault(Bench& bench, const Fault& fault, int rows, Totals& totals) {
  const Judged judged = bench.run(fault, rows);
  const std::string first = judged.found.empty() ? "nothing" : judged.found.front().code;
  const bool right = first == fault.code;
  const double gain = judged.after_ms > 0 ? judged.before_ms / judged.after_ms : 0;
  ++totals.faults;
  totals.right += right ? 1 : 0;
  std::string others;
  for (std::size_t i = 1; i < judged.found.size(); ++i) others += " " + judged.found[i].code;
  fmt::print("{} {:>6} {}: {}{}; {:.2f} → {:.2f} ms, {:.1f} times{}{}\n", right ? "right" : "WRONG", rows,
             fault.name, first, right ? "" : " for " + fault.code, judged.before_ms, judged.after_ms, gain,
             judged.is_gone ? "" : ", STILL THERE", others.empty() ? "" : "; also" + others);
  std::fflush(stdout);
  if (!right) return;
  totals.gone += judged.is_gone ? 1 : 0;
  totals.gains[fault.code].push_back(gain);
  if (is_index(fault.code)) {
    ++totals.index;
    totals.index_tenfold += gain >= 10 ? 1 : 0;
  }
}

double percent(int part, int whole) {
  return whole == 0 ? 0 : 100.0 * part / whole;
}

void print_rows(const Totals& totals) {
  print_row("planted faults whose cause is told first", percent(totals.right, totals.faults), "%", 90, 95,
            "higher");
  print_row("the same of faults that were written after the rules, and not fitted to them",
            percent(totals.later_right, totals.later), "%", nullptr, 90, "higher");
  print_row("statements that are well of which something is said", percent(totals.alarms, totals.healthy),
            "%", 0, 0, "lower");
  print_row("of those told, remedies after which the finding is gone", percent(totals.gone, totals.right),
            "%", nullptr, nullptr, "higher");
  print_row("remedies that are indexes and make it ten times faster",
            percent(totals.index_tenfold, totals.index), "%", nullptr, 90, "higher");
  for (const auto& [code, gains] : totals.gains) {
    print_row(fmt::format("{}: times faster by its remedy, median of {}", code, gains.size()).c_str(),
              median(gains), "times", nullptr, nullptr, "higher");
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string wanted = argc > 1 ? argv[1] : "";
  const auto server =
      testing::start_counting_server({"jit=off", "max_parallel_workers_per_gather=0", "autovacuum=off",
                                      "shared_buffers=256MB", "max_wal_size=4GB"});
  if (server == nullptr) {
    std::puts("left out: PostgreSQL 15 is not installed");
    return 0;
  }
  Bench bench(*server);
  Totals totals;
  for (const Fault& fault : faults::planted()) {
    if (!wanted.empty() && fault.name.find(wanted) == std::string::npos && fault.code != wanted) continue;
    for (const int rows : kSizes) judge_fault(bench, fault, rows, totals);
  }
  for (const Fault& fault : faults::healthy()) {
    if (!wanted.empty() && wanted != "healthy") continue;
    const Judged judged = bench.run(fault, kSizes[1]);
    ++totals.healthy;
    totals.alarms += judged.found.empty() ? 0 : 1;
    for (const Diagnosis& each : judged.found)
      fmt::print("ALARM {}: {}: {}\n", fault.name, each.code, each.message);
  }
  for (const Fault& fault : faults::written_after()) {
    if (!wanted.empty() && wanted != "after" && fault.code != wanted) continue;
    Totals second;
    for (const int rows : kSizes) judge_fault(bench, fault, rows, second);
    totals.later += second.faults;
    totals.later_right += second.right;
  }
  if (wanted.empty()) print_rows(totals);
  return 0;
}
