#include "instruments/queries/kept/kept_plans.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace signalbox::queries {
namespace {

using store::Row;
using store::Value;

std::int64_t ms(Time time) {
  return time.time_since_epoch().count();
}

constexpr std::string_view kColumns = "id, query_id, fingerprint, shape, at_ms, duration_ms, source";

PlanSample sample_of(const Row& row) {
  return {row.integer(0), row.integer(1), row.text(2), row.text(3), Time(Duration(row.integer(4))),
          row.real(5),    row.text(6),    {}};
}

}  // namespace

Status KeptPlans::add(std::int64_t server, const std::vector<PlanSample>& samples) {
  if (samples.empty()) return {};
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const auto rows, database_.query("select coalesce(max(id), 0) + 1 from queries_plan"));
    std::int64_t id = rows.at(0).integer(0);
    std::vector<std::vector<Value>> values;
    for (const PlanSample& each : samples)
      values.push_back({id++, server, each.query_id, each.fingerprint, each.shape, ms(each.at),
                        each.duration_ms, each.source, each.plan});
    return database_.insert_many(
        "queries_plan",
        {"id", "server", "query_id", "fingerprint", "shape", "at_ms", "duration_ms", "source", "plan_text"},
        values);
  });
}

Result<std::vector<PlanSample>> KeptPlans::list(std::int64_t server,
                                                const std::vector<std::int64_t>& query_ids,
                                                const std::string& fingerprint, const Span& span) {
  std::vector<PlanSample> out;
  std::vector<std::int64_t> ids = query_ids;
  std::erase(ids, 0);
  const std::string of_ids = ids.empty() ? "1 = 0" : fmt::format("query_id in ({})", fmt::join(ids, ", "));
  SIGNALBOX_CHECK(
      database_.for_each(fmt::format("select {} from queries_plan where server = ? and ({} or (fingerprint "
                                     "<> '' and fingerprint = ?)) and at_ms > ? and at_ms "
                                     "<= ? order by at_ms, id",
                                     kColumns, of_ids),
                         {server, fingerprint, ms(span.since), ms(span.until)}, [&](const Row& row) {
                           out.push_back(sample_of(row));
                           return true;
                         }));
  return out;
}

Result<PlanSample> KeptPlans::find(std::int64_t server, std::int64_t id) {
  SIGNALBOX_TRY(
      const auto rows,
      database_.query(
          fmt::format("select {}, plan_text from queries_plan where server = ? and id = ?", kColumns),
          {server, id}));
  if (rows.empty()) return fail(ErrorKind::not_found, fmt::format("no plan has the number {}", id));
  PlanSample out = sample_of(rows[0]);
  out.plan = rows[0].text(7);
  return out;
}

Result<std::vector<PlanSample>> KeptPlans::newest(std::int64_t server, const Span& span) {
  std::vector<PlanSample> out;
  SIGNALBOX_CHECK(
      database_.for_each(fmt::format("select {}, plan_text from queries_plan where id in (select max(id) "
                                     "from queries_plan where server = ? and at_ms > ? and "
                                     "at_ms <= ? group by query_id, fingerprint) order by id",
                                     kColumns),
                         {server, ms(span.since), ms(span.until)}, [&](const Row& row) {
                           out.push_back(sample_of(row));
                           out.back().plan = row.text(7);
                           return true;
                         }));
  return out;
}

Status KeptPlans::forget_before(std::int64_t server, Time time) {
  SIGNALBOX_CHECK(
      database_.execute("delete from queries_plan where server = ? and at_ms < ?", {server, ms(time)}));
  return {};
}

std::vector<PlanVersion> versions_of(const std::vector<PlanSample>& samples) {
  std::vector<PlanVersion> out;
  for (const PlanSample& each : samples) {
    auto found = std::find_if(out.begin(), out.end(),
                              [&](const PlanVersion& version) { return version.shape == each.shape; });
    if (found == out.end()) {
      out.push_back({each.shape, each.at, each.at, 0, 0, -1, 0});
      found = std::prev(out.end());
    }
    found->last = each.at;
    found->mean_ms += (each.duration_ms - found->mean_ms) / static_cast<double>(++found->samples);
    if (each.duration_ms <= found->slowest_ms) continue;
    found->slowest_ms = each.duration_ms;
    found->example = each.id;
  }
  return out;
}

std::vector<PlanFlip> flips_of(const std::vector<PlanSample>& samples) {
  std::vector<PlanFlip> out;
  for (std::size_t i = 1; i < samples.size(); ++i) {
    const PlanSample &before = samples[i - 1], &after = samples[i];
    if (before.shape == after.shape || before.query_id != after.query_id) continue;
    out.push_back(
        {after.at, before.shape, after.shape, before.id, after.id, before.duration_ms, after.duration_ms});
  }
  return out;
}

}  // namespace signalbox::queries
