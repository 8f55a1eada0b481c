#include "instruments/queries/watch/plan_keeper.hpp"

#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/plans/plan_shape.hpp"
#include "instruments/queries/plans/redaction.hpp"
#include "instruments/queries/server/server_link.hpp"
#include "instruments/queries/sql/fingerprint.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::minutes kOneIn{1};
constexpr double kMuchSlower = 1.5;
constexpr std::size_t kMaxSeen = 100'000;
constexpr std::size_t kMaxWaiting = 10'000;

}  // namespace

void PlanKeeper::plan(const LoggedPlan& logged) {
  if (logged.nested) return;
  const auto plan = read_plan(logged.plan);
  if (!plan) {
    ++broken_;
    return;
  }
  if (seen_.size() >= kMaxSeen) seen_.clear();
  const std::string shape = shape_hash(*plan);
  Seen& seen = seen_[{logged.query_id, shape}];
  const bool is_due = seen.at == Time{} || logged.at - seen.at >= kOneIn ||
                      logged.duration_ms > kMuchSlower * seen.slowest_ms;
  if (!is_due || waiting_.size() >= kMaxWaiting) return;
  std::string buffer;
  const std::string_view sql = query_text_of(logged.plan, buffer);
  if (sql.ends_with(kOwnMark)) return;
  seen.at = logged.at;
  seen.slowest_ms = std::max(seen.slowest_ms, logged.duration_ms);
  std::string& fingerprint = fingerprints_[logged.query_id];
  if (fingerprint.empty() || logged.query_id == 0) {
    fingerprint = read_statement(prepared_statement(sql)).fingerprint;
  }
  waiting_.push_back({0, logged.query_id, fingerprint, shape, logged.at, logged.duration_ms, "log",
                      without_constants_of_plan(logged.plan)});
}

}  // namespace signalbox::queries
