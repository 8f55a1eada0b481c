#include "instruments/queries/logs/log_profile.hpp"

#include <algorithm>

#include "instruments/queries/sql/fingerprint.hpp"
#include "instruments/queries/sql/literals.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxTexts = 50'000;

}  // namespace

std::size_t LogProfile::place_of(const LoggedExecution& execution) {
  const auto add = [&](const StatementText& text) {
    statements_.push_back({});
    LoggedStatement& added = statements_.back();
    added.query_id = execution.query_id;
    added.fingerprint = text.fingerprint;
    added.sql = text.text;
    added.database = execution.database;
    added.user = execution.user;
    return statements_.size() - 1;
  };
  if (execution.query_id != 0) {
    const auto found = by_id_.find(execution.query_id);
    if (found != by_id_.end()) return found->second;
    const std::size_t index = add(read_statement(execution.text));
    by_id_.emplace(execution.query_id, index);
    return index;
  }
  const std::string_view tokens = without_constants(execution.text, Constants::all, tokens_);
  if (const auto found = by_tokens_.find(tokens); found != by_tokens_.end()) return found->second;
  const StatementText text = read_statement(execution.text);
  const auto known = by_fingerprint_.find(text.fingerprint);
  const std::size_t index = known == by_fingerprint_.end() ? add(text) : known->second;
  by_fingerprint_.emplace(text.fingerprint, index);
  if (by_tokens_.size() >= kMaxTexts) by_tokens_.clear();  // what is forgotten is read anew
  by_tokens_.emplace(tokens, index);
  return index;
}

std::size_t LogProfile::add(const LoggedExecution& execution) {
  const std::size_t place = place_of(execution);
  LoggedStatement& statement = statements_[place];
  Counters& counters = statement.counters;
  const bool is_first = counters.calls == 0;
  if (!is_first) {  // as Counters has it, where the other side is one execution
    const double distance = mean_exec_ms(counters) - execution.duration_ms;
    counters.exec_m2_ms2 +=
        distance * distance * static_cast<double>(counters.calls) / static_cast<double>(counters.calls + 1);
  }
  ++counters.calls;
  counters.total_exec_ms += execution.duration_ms;
  statement.min_ms = is_first ? execution.duration_ms : std::min(statement.min_ms, execution.duration_ms);
  statement.max_ms = std::max(statement.max_ms, execution.duration_ms);
  statement.durations.add(execution.duration_ms);
  if (execution.query_id != 0) ++with_id_;
  if (first_ == Time{} || execution.at < first_) first_ = execution.at;
  last_ = std::max(last_, execution.at);
  return place;
}

void LogProfile::plan(const LoggedPlan& plan) {
  if (!plan.nested && plan.query_id != 0) ++plans_[plan.query_id];
}

std::uint64_t LogProfile::plans_of(const LoggedStatement& statement) const {
  const auto found = plans_.find(statement.query_id);
  return found == plans_.end() ? 0 : found->second;
}

}  // namespace signalbox::queries
