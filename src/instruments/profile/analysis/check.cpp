#include "instruments/profile/analysis/check.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/stats/beta.hpp"
#include "core/stats/comparisons.hpp"
#include "core/stats/samples.hpp"
#include "core/stats/student.hpp"
#include "instruments/profile/analysis/cost_difference.hpp"
#include "instruments/profile/analysis/measured_runs.hpp"

namespace signalbox::profile {
namespace {

// Judges one check.
class Judge {
 public:
  Judge(const MeasuredRuns& base, const MeasuredRuns& fresh, CheckMethod method, CheckBasis basis)
      : base_(base), fresh_(fresh), method_(method), basis_(basis) {}

  CostTest test(IdentityId id, CostKind kind) const {
    CostTest out;
    out.kind = kind;
    const RunCosts of_base = base_.costs(id, kind);
    const RunCosts of_fresh = fresh_.costs(id, kind);
    out.base_share = of_base.pooled.seen.share;
    out.fresh_share = of_fresh.pooled.seen.share;
    judge(of_base, of_fresh, out);
    return out;
  }

  // The rise of the total, in parts of it, that would be seen with kDetectionChance.
  std::optional<double> detectable() const {
    const RunCosts of_base = base_.costs(kUnknownFunction, CostKind::total);
    const RunCosts of_fresh = fresh_.costs(kUnknownFunction, CostKind::total);
    const double mean = stats::mean(of_base.per_run);
    if (mean <= 0) return std::nullopt;
    if (method_ == CheckMethod::welch) {
      const stats::Welch welch = stats::welch(of_fresh.per_run, of_base.per_run);
      if (welch.standard_error > 0) {
        const double steps = stats::student_quantile(0.5 + kConfidence / 2, welch.freedom) +
                             stats::student_quantile(kDetectionChance, welch.freedom);
        return steps * welch.standard_error / mean;
      }
    }
    const double variance = of_base.pooled.scale * mean / of_base.pooled.seen.n +
                            of_fresh.pooled.scale * mean / of_fresh.pooled.seen.n;
    return (stats::normal_quantile(0.5 + kConfidence / 2) + stats::normal_quantile(kDetectionChance)) *
           std::sqrt(variance) / mean;
  }

 private:
  void judge(const RunCosts& of_base, const RunCosts& of_fresh, CostTest& out) const {
    if (method_ == CheckMethod::welch) {
      const stats::Welch welch = stats::welch(of_fresh.per_run, of_base.per_run);
      out.base = stats::mean(of_base.per_run);
      out.fresh = stats::mean(of_fresh.per_run);
      if (welch.standard_error > 0) {
        out.p_value = welch.p_value;
        out.difference = stats::interval_of(welch, kConfidence);
        return;
      }
      // Runs that agree to the last sample agree by luck: what sampling alone does to them still counts.
    } else {
      out.base = of_base.pooled.cost();
      out.fresh = of_fresh.pooled.cost();
    }
    const Totals totals = basis_ == CheckBasis::work ? Totals::measured : Totals::fixed;
    out.p_value = chance_of(of_base.pooled, of_fresh.pooled, totals);
    out.difference = difference_of(of_base.pooled, of_fresh.pooled);
  }

  const MeasuredRuns& base_;
  const MeasuredRuns& fresh_;
  CheckMethod method_;
  CheckBasis basis_;
};

// What one function is tested for: nothing, its self cost, its cumulative cost where that is another.
void add_tests(const Judge& judge, const RunPair& runs, IdentityId id, double share_min,
               std::vector<CostTest>& out) {
  const auto is_large = [&](const CostTest& test) {
    return std::max(test.base_share, test.fresh_share) >= share_min;
  };
  CostTest cumulative = judge.test(id, CostKind::cumulative);
  if (!is_large(cumulative)) return;
  const FunctionIdentity& function = runs.table[id];
  if (CostTest self = judge.test(id, CostKind::self); is_large(self)) {
    self.function = function;
    out.push_back(std::move(self));
  }
  if (runs.base.is_leaf(id) && runs.fresh.is_leaf(id)) return;
  cumulative.function = function;
  out.push_back(std::move(cumulative));
}

CostVerdict verdict_of(const CostTest& test, double q, const EffectFloor& floor, double base_total) {
  const double size = std::abs(test.rise());
  const bool is_sure = test.q_value <= q;
  const bool is_large = size >= floor.relative * test.base && size >= floor.of_total * base_total;
  if (!is_sure || !is_large || test.rise() == 0) return CostVerdict::same;
  return test.rise() > 0 ? CostVerdict::regressed : CostVerdict::improved;
}

// Regressions first, the cause before its callers; then by how much they rose.
void order(std::vector<CostTest>& tests) {
  const auto rank = [](const CostTest& test) {
    return test.verdict != CostVerdict::regressed ? 2 : test.kind == CostKind::self ? 0 : 1;
  };
  std::sort(tests.begin(), tests.end(), [&](const CostTest& a, const CostTest& b) {
    if (rank(a) != rank(b)) return rank(a) < rank(b);
    if (a.rise() != b.rise()) return a.rise() > b.rise();
    return std::tie(a.function, a.kind) < std::tie(b.function, b.kind);
  });
}

double total_of(const CheckResult& result) {
  return result.total ? result.total->base : 1;
}

void settle(CheckResult& result, const Budgets& budgets) {
  std::vector<double> p_values;
  for (const CostTest& test : result.tests) p_values.push_back(test.p_value);
  const std::vector<double> q_values = stats::benjamini_hochberg(p_values);
  for (std::size_t i = 0; i < result.tests.size(); ++i) {
    CostTest& test = result.tests[i];
    test.q_value = q_values[i];
    test.owner = budgets.owner_of(test.function.name);
    test.verdict = verdict_of(test, result.q, result.floor, total_of(result));
    if (test.verdict == CostVerdict::regressed && budgets.allows(test.function.name))
      test.verdict = CostVerdict::allowed;
  }
  if (!result.total) return;
  result.total->q_value = result.total->p_value;
  result.total->verdict = verdict_of(*result.total, result.q, result.floor, total_of(result));
}

// What rose because an allowed function did that it calls is allowed too: it stays a regression only where it
// rose without the samples of those functions.
void excuse_callers(const RunPair& runs, const Budgets& budgets, CheckResult& result) {
  std::vector<char> is_allowed;
  for (IdentityId id = 0; id < runs.table.size(); ++id)
    is_allowed.push_back(!runs.table[id].is_synthetic && budgets.allows(runs.table[id].name));
  const MeasuredRuns base = runs.base.without(is_allowed);
  const MeasuredRuns fresh = runs.fresh.without(is_allowed);
  const Judge judge(base, fresh, result.method, result.basis);
  const auto excuse = [&](IdentityId id, CostTest& test) {
    if (test.verdict != CostVerdict::regressed || test.kind == CostKind::self) return;
    CostTest without = judge.test(id, test.kind);
    without.q_value = without.p_value;
    if (verdict_of(without, result.q, result.floor, total_of(result)) != CostVerdict::regressed)
      test.verdict = CostVerdict::allowed;
  };
  std::map<FunctionIdentity, IdentityId> numbers;
  for (IdentityId id = 0; id < runs.table.size(); ++id) numbers[runs.table[id]] = id;
  for (CostTest& test : result.tests) excuse(numbers[test.function], test);
  if (result.total) excuse(kUnknownFunction, *result.total);
}

// What a budget is judged by.
struct BudgetCase {
  std::string functions;  // the expression; empty: the total
  RunCosts costs;
  double limit = 0;
};

// 95 % of what was measured. A total is a count: it varies as counts do.
stats::Interval interval_of(const RunCosts& costs, CheckMethod method, bool is_total) {
  if (method == CheckMethod::welch) return costs.interval_of_mean();
  const double n = std::max(1.0, costs.pooled.seen.n);
  const double scale = costs.pooled.scale;
  if (is_total) {
    const double half = stats::normal_quantile(0.5 + kConfidence / 2) * scale / std::sqrt(n);
    return {scale - half, scale + half};
  }
  const stats::Interval shares = stats::wilson(costs.pooled.seen.share * n, n, kConfidence);
  return {scale * shares.lower, scale * shares.upper};
}

BudgetTest judge_budget(const BudgetCase& budget, CheckMethod method) {
  BudgetTest out;
  out.functions = budget.functions;
  out.limit = budget.limit;
  out.measured =
      method == CheckMethod::welch ? stats::mean(budget.costs.per_run) : budget.costs.pooled.cost();
  out.interval = interval_of(budget.costs, method, budget.functions.empty());
  out.verdict = out.measured <= out.limit        ? Verdict::pass
                : out.interval.lower > out.limit ? Verdict::fail
                                                 : Verdict::warn;
  return out;
}

void judge_function(const RunPair& runs, const FunctionBudget& budget, CheckResult& result) {
  std::vector<char> is_meant;
  for (IdentityId id = 0; id < runs.table.size(); ++id)
    is_meant.push_back(!runs.table[id].is_synthetic && budget.functions.matches(runs.table[id].name));
  BudgetCase about{budget.functions.text(), runs.fresh.costs_where(is_meant), 0};
  if (budget.max_ns_per_op) {
    about.limit = *budget.max_ns_per_op;
    result.budgets.push_back(judge_budget(about, result.method));
  }
  if (budget.max_share) {
    about.limit = *budget.max_share;
    about.costs.make_shares();
    result.budgets.push_back(judge_budget(about, result.method));
    result.budgets.back().is_share = true;
  }
}

Status judge_budgets(const RunPair& runs, const Budgets& budgets, CheckResult& result) {
  const bool asks_for_work =
      budgets.total_max_ns_per_op ||
      std::any_of(budgets.functions.begin(), budgets.functions.end(),
                  [](const FunctionBudget& budget) { return budget.max_ns_per_op.has_value(); });
  if (asks_for_work && (result.basis != CheckBasis::work || result.type.unit != "nanoseconds")) {
    return fail(ErrorKind::bad_input,
                "a budget is in nanoseconds per unit of work, and the runs tell no work or no nanoseconds",
                "--work N says how many units each run did");
  }
  for (const FunctionBudget& budget : budgets.functions) judge_function(runs, budget, result);
  for (BudgetTest& test : result.budgets) test.owner = budgets.owner_of(test.functions);
  if (budgets.total_max_ns_per_op) {
    const BudgetCase about{"", runs.fresh.costs(kUnknownFunction, CostKind::total),
                           *budgets.total_max_ns_per_op};
    result.budgets.push_back(judge_budget(about, result.method));
  }
  return {};
}

Status count_runs(const CheckSide& side, std::string_view name) {
  if (side.runs.empty())
    return fail(ErrorKind::bad_input, fmt::format("no runs of the {}", name), "profile check BASE… -- NEW…");
  if (side.runs.size() > kMaxRuns)
    return fail(ErrorKind::bad_input,
                fmt::format("{} runs of the {}; at most {}", side.runs.size(), name, kMaxRuns));
  if (!side.work.empty() && side.work.size() != side.runs.size())
    return fail(ErrorKind::bad_input, fmt::format("the work of the {} is not told of every run", name));
  for (const double work : side.work) {
    if (!(work > 0 && std::isfinite(work)))
      return fail(ErrorKind::bad_input, fmt::format("the work of the {} is not above 0", name));
  }
  return {};
}

}  // namespace

std::string_view name_of(CostKind kind) {
  switch (kind) {
    case CostKind::self:
      return "self";
    case CostKind::cumulative:
      return "cumulative";
    case CostKind::total:
      return "total";
  }
  return "self";
}

std::string_view name_of(CostVerdict verdict) {
  switch (verdict) {
    case CostVerdict::same:
      return "same";
    case CostVerdict::improved:
      return "improved";
    case CostVerdict::allowed:
      return "allowed";
    case CostVerdict::regressed:
      return "regressed";
  }
  return "same";
}

bool CheckResult::has_regressed() const {
  const auto regressed = [](const CostTest& test) { return test.verdict == CostVerdict::regressed; };
  const auto over = [](const BudgetTest& test) { return test.verdict == Verdict::fail; };
  return (total && regressed(*total)) || std::any_of(tests.begin(), tests.end(), regressed) ||
         std::any_of(budgets.begin(), budgets.end(), over);
}

Result<CheckResult> check(const CheckSide& base, const CheckSide& fresh, const Budgets& budgets,
                          const CheckOptions& options) {
  SIGNALBOX_CHECK(count_runs(base, "base"));
  SIGNALBOX_CHECK(count_runs(fresh, "candidate"));
  CheckResult result;
  result.basis = !base.work.empty() && !fresh.work.empty() ? CheckBasis::work : CheckBasis::composition;
  result.base_runs = base.runs.size();
  result.fresh_runs = fresh.runs.size();
  result.method = std::min(result.base_runs, result.fresh_runs) >= kRunsForWelch ? CheckMethod::welch
                                                                                 : CheckMethod::pooled;
  result.q = options.q;
  result.floor = budgets.floor;
  result.policy = budgets.source;
  SIGNALBOX_TRY(const RunPair runs, measure_runs(base, fresh, result.basis, options.value));
  result.type = runs.type;
  const Judge judge(runs.base, runs.fresh, result.method, result.basis);
  for (IdentityId id = 0; id < runs.table.size(); ++id) {
    if (!runs.table[id].is_synthetic) add_tests(judge, runs, id, options.share_min, result.tests);
  }
  if (result.basis == CheckBasis::work) {
    result.total = judge.test(kUnknownFunction, CostKind::total);
    result.detectable = judge.detectable();
  }
  settle(result, budgets);
  if (!budgets.allow.empty()) excuse_callers(runs, budgets, result);
  order(result.tests);
  SIGNALBOX_CHECK(judge_budgets(runs, budgets, result));
  return result;
}

}  // namespace signalbox::profile
