#include "instruments/queries/advice/workload.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

// Only these can be served by an index.
bool reads_tables(std::string_view sql) {
  constexpr std::string_view kVerbs[] = {"select", "with", "update", "delete"};
  return std::any_of(std::begin(kVerbs), std::end(kVerbs),
                     [&](std::string_view verb) { return starts_with_ignoring_case(trim(sql), verb); });
}

}  // namespace

Result<Workload> read_workload(store::Database& database, std::int64_t server, const Span& span,
                               std::string_view name, std::size_t most) {
  SIGNALBOX_TRY(const auto sums, KeptStatements(database).sums(server, span));
  std::map<std::string, double> time_of;
  for (const StatementSum& each : sums) {
    if (each.statement.key.toplevel && !each.statement.own)
      time_of[each.statement.database] += each.counters.total_exec_ms;
  }
  Workload out;
  out.database = name;
  if (name.empty() && !time_of.empty()) {
    out.database = std::max_element(time_of.begin(), time_of.end(), [](const auto& a, const auto& b) {
                     return a.second < b.second;
                   })->first;
  }
  if (!time_of.contains(out.database)) {
    return fail(ErrorKind::not_found, "no statement is kept of " + (name.empty() ? "it" : printable(name)),
                "signalbox queries watch; --since TIME looks further back");
  }
  out.total_ms = time_of[out.database];
  std::map<std::string, WorkStatement> statements;  // by fingerprint: several ids may be one statement
  for (const StatementSum& each : sums) {
    const KeptStatement& statement = each.statement;
    if (!statement.key.toplevel || statement.own || statement.database != out.database) continue;
    if (statement.sql.empty()) ++out.left_out;
    if (statement.sql.empty() || !reads_tables(statement.sql)) continue;
    WorkStatement& work = statements[statement.fingerprint];
    work.fingerprint = statement.fingerprint;
    if (each.counters.total_exec_ms > work.total_ms) {
      work.sql = statement.sql;
      work.query_id = statement.key.queryid;
    }
    work.calls += each.counters.calls;
    work.total_ms += each.counters.total_exec_ms;
  }
  const Span of_plans{span.since - std::chrono::hours(24), span.until};
  SIGNALBOX_TRY(const auto plans, KeptPlans(database).newest(server, of_plans));
  for (const PlanSample& each : plans) {
    const auto found = statements.find(each.fingerprint);
    if (found == statements.end()) continue;
    if (auto plan = read_plan(each.plan)) found->second.plan = std::move(*plan);
  }
  for (auto& [key, work] : statements) out.statements.push_back(std::move(work));
  std::stable_sort(out.statements.begin(), out.statements.end(),
                   [](const WorkStatement& a, const WorkStatement& b) { return a.total_ms > b.total_ms; });
  if (out.statements.size() > most) {
    out.left_out += static_cast<std::int64_t>(out.statements.size() - most);
    out.statements.resize(most);
  }
  return out;
}

}  // namespace signalbox::queries
