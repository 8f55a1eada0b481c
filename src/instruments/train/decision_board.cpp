#include "instruments/train/decision_board.hpp"

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/git/git_process.hpp"
#include "instruments/train/gating/explain_report.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train {
namespace {

constexpr std::chrono::milliseconds kLookAgainAfter{900};
// Evidence ages and freezes begin and end without a change of log or HEAD.
constexpr std::chrono::seconds kJudgeAgainAfter{60};
constexpr std::size_t kMaxKept = 64;  // decisions, of a train each

// What a decision depends on, in one word: log size, HEAD, every reference, and the minute.
Result<std::string> state_of(const Services& services, const std::optional<evidence::Ledger>& ledger) {
  SIGNALBOX_TRY(const ProcessResult refs, git::run_git(services.workspace.root, {"show-ref", "--head"}));
  return fmt::format("{}-{}-{}-{}", ledger ? ledger->size() : 0, refs.output.substr(0, 12),
                     to_hex(sha256(refs.output)).substr(0, 8),
                     services.clock.now().time_since_epoch() / kJudgeAgainAfter);
}

// As `train check --explain` tells it.
Report explained_report(const Decision& decision) {
  Report report = decision_report(decision);
  const Time departure = decision.train ? decision.train->departs : decision.time;
  add_explanation(report, decision, find_way(decision), freshness_race(decision, departure));
  return report;
}

}  // namespace

DecisionBoard::Answer DecisionBoard::now(const std::optional<std::string>& train) {
  const std::lock_guard lock(mutex_);
  const auto moment = std::chrono::steady_clock::now();
  if (seen_.size() >= kMaxKept && seen_.count(train.value_or("")) == 0) seen_.clear();
  const auto [seen, is_new] = seen_.try_emplace(train.value_or(""), Seen{moment, {}});
  if (!is_new && moment - seen->second.looked_at < kLookAgainAfter) return seen->second.answer;
  seen->second.looked_at = moment;
  seen->second.answer = answer_to(train, seen->second.answer);
  return seen->second.answer;
}

DecisionBoard::Answer DecisionBoard::answer_to(const std::optional<std::string>& train,
                                               const Answer& before) {
  const auto ledger = open_log(*services_);
  if (!ledger) return {"", nullptr, ledger.error()};
  const Result<std::string> state = state_of(*services_, *ledger);
  if (!state) return {"", nullptr, state.error()};
  if (before.id == *state) return before;
  DepartureQuery query;
  query.train = train;
  query.commands = DepartureQuery::Commands::never;
  const Result<Decision> decision = judge_departure(services_->workspace, *ledger ? &**ledger : nullptr,
                                                    query, services_->clock.now(), evaluator_);
  if (!decision) return {*state, nullptr, decision.error()};
  return {*state, std::make_shared<const std::string>(to_json(explained_report(*decision)).dump()), {}};
}

}  // namespace signalbox::train
