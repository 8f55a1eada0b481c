#include "instruments/queries/watch/log_keeper.hpp"

#include <algorithm>
#include <charconv>

namespace signalbox::queries {
namespace {

constexpr Duration kWindow{10'000};
constexpr Duration kPlanEvery{10'000};
constexpr double kMuchSlower = 1.5;
constexpr std::size_t kMaxSeenPlans = 100'000;
constexpr const char* kLog = "log";  // in the place of a system identifier

// A log without queryids has the fingerprint's number in its place.
StatementKey key_of(const LoggedStatement& statement) {
  if (statement.query_id != 0) return {0, 0, statement.query_id, true};
  std::string_view digits = statement.fingerprint;
  if (digits.starts_with('x')) digits.remove_prefix(1);
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return {0, 0, static_cast<std::int64_t>(number), true};
}

// The end of the window that a time is in.
Time end_of_window(Time at) {
  const auto since = at.time_since_epoch();
  return Time(since - since % kWindow + kWindow);
}

}  // namespace

Result<LogKeeper> LogKeeper::open(store::Database& database, std::string_view server, std::string_view log,
                                  LogProfile& profile) {
  LogKeeper out(database, profile);
  ServerIdentity identity;
  identity.system_identifier = kLog;
  identity.address = log;
  SIGNALBOX_TRY(out.server_, out.kept_.server(server, identity));
  SIGNALBOX_TRY(out.last_, out.kept_.last(out.server_.id));
  out.kept_before_ = out.last_.at;
  return out;
}

void LogKeeper::execution(const LoggedExecution& execution) {
  const std::size_t place = profile_->add(execution);
  if (!status_) return;
  if (execution.at < kept_before_) {
    ++left_out_;
    return;
  }
  if (execution.at >= ends_) {
    status_ = write(ends_);
    ends_ = end_of_window(execution.at);
  }
  newest_ = std::max(newest_, execution.at);
  if (recent_.size() <= place) recent_.resize(place + 1);
  Recent& recent = recent_[place];
  if (recent.calls == 0) {
    touched_.push_back(place);
  } else {  // as Counters has it, where the other side is one execution
    const auto calls = static_cast<double>(recent.calls);
    const double distance = recent.total_ms / calls - execution.duration_ms;
    recent.m2_ms2 += distance * distance * calls / (calls + 1);
  }
  ++recent.calls;
  recent.total_ms += execution.duration_ms;
}

Status LogKeeper::write(Time ended) {
  if (touched_.empty()) return {};
  if (last_.is_first) {  // so that the first window is an interval, and not all since some reset
    StatementReading nothing;
    nothing.at = ended - kWindow;
    SIGNALBOX_TRY(const auto written, kept_.write(server_.id, last_, nothing, {}));
    static_cast<void>(written);
  }
  StatementReading reading;
  reading.at = ended;
  reading.stats_reset_ms = last_.stats_reset_ms;
  reading.dealloc = last_.dealloc;
  std::vector<StatementName> names;
  for (const std::size_t place : touched_) {
    const LoggedStatement& statement = profile_->statements()[place];
    const StatementKey key = key_of(statement);
    const auto known = last_.statements.find(key);
    if (known == last_.statements.end())
      names.push_back({key, statement.user, statement.database, statement.sql});
    Recent& recent = recent_[place];
    Counters counters;
    counters.calls = recent.calls;
    counters.total_exec_ms = recent.total_ms;
    counters.exec_m2_ms2 = recent.m2_ms2;
    recent = {};
    auto& sum = reading.statements[key];
    if (known != last_.statements.end() && sum.calls == 0) sum = known->second.counters;
    sum += counters;
  }
  touched_.clear();
  SIGNALBOX_TRY(const auto written, kept_.write(server_.id, last_, reading, names));
  static_cast<void>(written);
  ++windows_;
  return plans_.add(server_.id, plan_keeper_.take());
}

void LogKeeper::plan(const LoggedPlan& plan) {
  profile_->plan(plan);
  if (!status_ || plan.nested || plan.at < kept_before_) return;
  // Reading a plan costs a hundred times what its line does.
  if (seen_plans_.size() >= kMaxSeenPlans) seen_plans_.clear();
  SeenPlan& seen = seen_plans_[plan.query_id];
  const bool is_due = seen.at == Time{} || plan.at - seen.at >= kPlanEvery ||
                      plan.duration_ms > kMuchSlower * seen.slowest_ms;
  if (!is_due) return;
  seen.at = plan.at;
  seen.slowest_ms = std::max(seen.slowest_ms, plan.duration_ms);
  plan_keeper_.plan(plan);
}

Status LogKeeper::finish() {
  SIGNALBOX_CHECK(status_);
  return write(newest_ + Duration(1));
}

}  // namespace signalbox::queries
