// The costs of every function in each run of both sides of a check.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/profile/analysis/check.hpp"
#include "instruments/profile/analysis/cost_difference.hpp"
#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/analysis/joined_stacks.hpp"

namespace signalbox::profile {

// One cost in all runs of a side.
struct RunCosts {
  std::vector<double> per_run;  // per unit of work, or as a share
  std::vector<double> shares;   // of each run's total
  SideCost pooled;              // all runs as one

  void make_shares();                        // of costs per unit of work
  stats::Interval interval_of_mean() const;  // 95 %, Student's; at least two runs
};

// The runs of one side, measured. The profiles must outlive it.
class MeasuredRuns {
 public:
  // `columns` and `groups`: of each run, the groups being identities below `function_count`. `work`: units of
  // each run; none: costs are shares.
  MeasuredRuns(std::vector<NamedProfile> runs, std::vector<std::size_t> columns,
               std::vector<FrameGroups> groups, std::size_t function_count, std::vector<double> work);

  RunCosts costs(IdentityId id, CostKind kind) const;
  // Of all samples that have a function anywhere on their stack whose identity `is_meant`.
  RunCosts costs_where(const std::vector<char>& is_meant) const;
  // The same runs without the samples that have such a function.
  MeasuredRuns without(const std::vector<char>& is_meant) const;
  bool is_leaf(IdentityId id) const;      // calls nothing in any run: both kinds of its cost are one
  const NamedProfile* empty_run() const;  // one without any cost; null: there is none

 private:
  // One run's cost, and what it is a share of.
  struct Part {
    Cost cost;
    std::int64_t total = 0;
    double observations = 0;
  };
  RunCosts joined(const std::vector<Part>& parts) const;

  std::vector<NamedProfile> profiles_;
  std::vector<std::size_t> columns_;
  std::vector<FrameGroups> groups_;
  std::size_t function_count_;
  std::vector<double> work_;
  std::vector<Costs> costs_;
};

struct RunPair {
  ValueType type;
  IdentityTable table;
  MeasuredRuns base;
  MeasuredRuns fresh;
};

// bad_input that names both where two runs did not measure the same thing, or one is empty.
Result<RunPair> measure_runs(const CheckSide& base, const CheckSide& fresh, CheckBasis basis,
                             const std::optional<std::string>& value);

}  // namespace signalbox::profile
