// Did it get slower? Runs of the base beside runs of the candidate, function by function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/report/report.hpp"
#include "core/stats/intervals.hpp"
#include "instruments/profile/analysis/budgets.hpp"
#include "instruments/profile/analysis/comparable.hpp"
#include "instruments/profile/analysis/function_identity.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kMaxRuns = 1'000;   // of a side
inline constexpr std::size_t kRunsForWelch = 3;  // of each side; fewer are pooled into one
inline constexpr double kDetectionChance = 0.8;  // of the smallest rise that a check tells it would see

// The runs of one side, and the units of work that the program did in each, above 0.
struct CheckSide {
  std::vector<NamedProfile> runs;
  std::vector<double> work;  // as many as runs, or none: it is not known
};

struct CheckOptions {
  std::optional<std::string> value;  // the column; absent: the default one
  double q = 0.05;                   // false ones among the regressions that are told
  double share_min = 0.005;          // of either side, for a function to be tested
};

// What a test is of: samples that end in the function, that have it anywhere, or all.
enum class CostKind { self, cumulative, total };
std::string_view name_of(CostKind kind);

// What costs are compared in.
enum class CheckBasis {
  work,         // per unit of work
  composition,  // shares alone: a change of all functions alike is not seen
};

enum class CheckMethod {
  welch,   // t test on the means of runs
  pooled,  // z test on samples: what differs from run to run is not in it
};

enum class CostVerdict {
  same,  // no change that is both sure and large enough
  improved,
  allowed,  // it rose, and the allow list has it
  regressed,
};
std::string_view name_of(CostVerdict verdict);

// One function's cost on both sides, per unit of work (or as a share), and what the test says.
struct CostTest {
  FunctionIdentity function;  // of the total: no name
  CostKind kind = CostKind::self;
  double base = 0;
  double fresh = 0;
  double base_share = 0;
  double fresh_share = 0;
  stats::Interval difference;  // 95 % of fresh less base
  double p_value = 1;
  double q_value = 1;  // adjusted; of the total, which is a test of its own, the p-value
  CostVerdict verdict = CostVerdict::same;
  std::string owner;

  double rise() const { return fresh - base; }
  // In parts of what it cost before; 1 for what is new.
  double relative() const { return base > 0 ? rise() / base : 1; }
};

// A budget and what was measured of it: all samples with a matching function anywhere on their stack.
struct BudgetTest {
  std::string functions;  // the expression; empty: the total
  bool is_share = false;  // else nanoseconds per unit of work
  double limit = 0;
  double measured = 0;
  stats::Interval interval;         // 95 %
  Verdict verdict = Verdict::none;  // fail: over it for sure; warn: over it, and it may be chance
  std::string owner;
};

struct CheckResult {
  ValueType type;
  CheckBasis basis = CheckBasis::composition;
  CheckMethod method = CheckMethod::pooled;
  std::size_t base_runs = 0;
  std::size_t fresh_runs = 0;
  double q = 0;
  EffectFloor floor;
  std::optional<CostTest> total;     // absent where shares alone are compared
  std::optional<double> detectable;  // rise of the total, relative, that would be seen with kDetectionChance
  std::vector<CostTest> tests;       // every function that was tested: regressions first, then by rise
  std::vector<BudgetTest> budgets;
  Json policy;  // the budgets as written; null: none
  bool has_regressed() const;
};

// bad_input that names both where two runs did not measure the same thing, a run is empty, or a budget per
// unit of work has no work to be judged by.
Result<CheckResult> check(const CheckSide& base, const CheckSide& fresh, const Budgets& budgets,
                          const CheckOptions& options);

// `rows_max` of each table; `data` holds all tests.
Report check_report(const CheckResult& result, std::size_t rows_max);

}  // namespace signalbox::profile
