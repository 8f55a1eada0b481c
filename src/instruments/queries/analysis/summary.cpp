#include "instruments/queries/analysis/summary.hpp"

#include "instruments/queries/analysis/statement_report.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxPoints = 240;

Json json_of(const HistoryPoint& point) {
  const Counters& sum = point.counters;
  const double seconds = std::chrono::duration<double>(point.ended - point.began).count();
  const double each = seconds > 0 ? 1 / seconds : 0;
  const std::int64_t touched = sum.shared_blks_hit + sum.shared_blks_read;
  return Json::object({
      {"began", to_rfc3339(point.began)},
      {"ended", to_rfc3339(point.ended)},
      {"calls_per_s", static_cast<double>(sum.calls) * each},
      {"rows_per_s", static_cast<double>(sum.rows) * each},
      {"active", (sum.total_exec_ms + sum.total_plan_ms) / 1000 * each},
      {"reading", sum.blk_read_ms / 1000 * each},
      {"mean_exec_ms", mean_exec_ms(sum)},
      {"p95_bound_ms", quantile_bound_ms(sum, 0.95)},
      {"blocks_read_per_s", static_cast<double>(sum.shared_blks_read) * each},
      {"hit_ratio",
       touched == 0 ? Json() : Json(static_cast<double>(sum.shared_blks_hit) / static_cast<double>(touched))},
      {"temp_blocks_per_s", static_cast<double>(sum.temp_blks_read + sum.temp_blks_written) * each},
      {"wal_bytes_per_s", static_cast<double>(sum.wal_bytes) * each},
  });
}

Json json_of(const InstancePoint& point) {
  return Json::object({{"at", to_rfc3339(point.at)},
                       {"connections", point.connections},
                       {"active", point.active},
                       {"idle_in_transaction", point.idle_in_transaction},
                       {"max_connections", point.max_connections},
                       {"locks", point.locks},
                       {"waiting", point.waiting},
                       {"longest_transaction_s", point.longest_transaction_s}});
}

}  // namespace

Json summary_json(const KeptServer& server, const SpanTotals& span, const std::vector<HistoryPoint>& points,
                  const std::vector<InstancePoint>& instance) {
  Json list = Json::array();
  for (const HistoryPoint& point : thinned(points, kMaxPoints)) list.push_back(json_of(point));
  Json moments = Json::array();
  const std::size_t every = instance.size() / kMaxPoints + 1;
  for (std::size_t i = 0; i < instance.size(); i += every) moments.push_back(json_of(instance[i]));
  return Json::object({{"server", server.name},
                       {"address", server.address},
                       {"version", server.version},
                       {"seen", to_rfc3339(server.seen)},
                       {"began", to_rfc3339(span.began)},
                       {"ended", to_rfc3339(span.ended)},
                       {"covered_ms", static_cast<std::int64_t>(span.covered.count())},
                       {"since_reset", span.since_reset},
                       {"windows", span.windows},
                       {"points", std::move(list)},
                       {"instance", std::move(moments)}});
}

}  // namespace signalbox::queries
