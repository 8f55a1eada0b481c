#include "instruments/profile/analysis/measured_runs.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/stats/samples.hpp"
#include "core/stats/student.hpp"

namespace signalbox::profile {
namespace {

// The column of each run, which all share with the first of the base.
struct Columns {
  ValueType type;
  std::vector<std::size_t> base;
  std::vector<std::size_t> fresh;
};

Result<Columns> find_columns(const CheckSide& base, const CheckSide& fresh, CheckBasis basis,
                             const std::optional<std::string>& value) {
  const NamedProfile& first = base.runs.front();
  SIGNALBOX_TRY(const SharedValue shared, shared_value(first, fresh.runs.front(), value));
  Columns out{shared.type, {}, {}};
  const auto add = [&](const CheckSide& side, std::vector<std::size_t>& columns) -> Status {
    for (const NamedProfile& run : side.runs) {
      SIGNALBOX_TRY(const SharedValue of_run, shared_value(first, run, shared.type.type));
      if (basis == CheckBasis::work) SIGNALBOX_CHECK(same_rate(first, run, shared.type));
      columns.push_back(of_run.fresh);
    }
    return {};
  };
  SIGNALBOX_CHECK(add(base, out.base));
  SIGNALBOX_CHECK(add(fresh, out.fresh));
  return out;
}

Status holds_something(const MeasuredRuns& runs, const ValueType& type) {
  const NamedProfile* empty = runs.empty_run();
  if (empty == nullptr) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("{} holds no {}", printable(empty->name), printable(type.type)),
              "an empty profile proves nothing: record longer, or look whether its target was idle");
}

std::vector<double> work_of(const CheckSide& side, CheckBasis basis) {
  return basis == CheckBasis::work ? side.work : std::vector<double>();
}

}  // namespace

void RunCosts::make_shares() {
  per_run = shares;
  pooled.scale = 1;
}

stats::Interval RunCosts::interval_of_mean() const {
  const double middle = stats::mean(per_run);
  const double n = static_cast<double>(per_run.size());
  double squares = 0;
  for (const double value : per_run) squares += (value - middle) * (value - middle);
  const double half =
      stats::student_quantile(0.5 + kConfidence / 2, n - 1) * std::sqrt(squares / (n - 1) / n);
  return {middle - half, middle + half};
}

MeasuredRuns::MeasuredRuns(std::vector<NamedProfile> runs, std::vector<std::size_t> columns,
                           std::vector<FrameGroups> groups, std::size_t function_count,
                           std::vector<double> work)
    : profiles_(std::move(runs)),
      columns_(std::move(columns)),
      groups_(std::move(groups)),
      function_count_(function_count),
      work_(std::move(work)) {
  for (std::size_t run = 0; run < profiles_.size(); ++run)
    costs_.push_back(measure_costs(*profiles_[run].profile, columns_[run], groups_[run], function_count));
}

RunCosts MeasuredRuns::joined(const std::vector<Part>& parts) const {
  RunCosts out;
  double value = 0;
  double total = 0;
  double work = 0;
  for (std::size_t run = 0; run < parts.size(); ++run) {
    const Part& part = parts[run];
    const double of_run = static_cast<double>(part.cost.value);
    const double all = static_cast<double>(part.total);
    const double share = all > 0 ? of_run / all : 0;
    out.shares.push_back(share);
    out.per_run.push_back(work_.empty() ? share : of_run / work_[run]);
    out.pooled.seen.n += part.observations / part.cost.design_effect;
    value += of_run;
    total += all;
    if (!work_.empty()) work += work_[run];
  }
  out.pooled.seen.share = total > 0 ? value / total : 0;
  out.pooled.scale = work_.empty() ? 1 : total / work;
  return out;
}

RunCosts MeasuredRuns::costs(IdentityId id, CostKind kind) const {
  std::vector<Part> parts;
  for (const Costs& run : costs_) {
    const Cost cost = kind == CostKind::self         ? run.groups[id].self
                      : kind == CostKind::cumulative ? run.groups[id].cumulative
                                                     : Cost{run.total, 1};
    parts.push_back({cost, run.total, run.observations});
  }
  return joined(parts);
}

RunCosts MeasuredRuns::costs_where(const std::vector<char>& is_meant) const {
  constexpr std::uint32_t kOthers = 0;
  constexpr std::uint32_t kMeant = 1;
  std::vector<Part> parts;
  for (std::size_t run = 0; run < profiles_.size(); ++run) {
    FrameGroups groups = groups_[run];
    for (std::uint32_t& group : groups) {
      if (group != kFolded) group = is_meant[group] ? kMeant : kOthers;
    }
    const Costs costs = measure_costs(*profiles_[run].profile, columns_[run], groups, 2);
    parts.push_back({costs.groups[kMeant].cumulative, costs.total, costs.observations});
  }
  return joined(parts);
}

MeasuredRuns MeasuredRuns::without(const std::vector<char>& is_meant) const {
  std::vector<FrameGroups> groups = groups_;
  for (FrameGroups& run : groups) {
    for (std::uint32_t& group : run) {
      if (group != kFolded && is_meant[group]) group = kCut;
    }
  }
  return MeasuredRuns(profiles_, columns_, std::move(groups), function_count_, work_);
}

bool MeasuredRuns::is_leaf(IdentityId id) const {
  return std::all_of(costs_.begin(), costs_.end(), [&](const Costs& run) {
    return run.groups[id].self.value == run.groups[id].cumulative.value;
  });
}

const NamedProfile* MeasuredRuns::empty_run() const {
  for (std::size_t run = 0; run < costs_.size(); ++run) {
    if (costs_[run].total <= 0) return &profiles_[run];
  }
  return nullptr;
}

Result<RunPair> measure_runs(const CheckSide& base, const CheckSide& fresh, CheckBasis basis,
                             const std::optional<std::string>& value) {
  SIGNALBOX_TRY(Columns columns, find_columns(base, fresh, basis, value));
  JoinedSides functions = join_functions(base.runs, fresh.runs);
  const std::size_t count = functions.table.size();
  RunPair out{columns.type, std::move(functions.table),
              MeasuredRuns(base.runs, std::move(columns.base), std::move(functions.base), count,
                           work_of(base, basis)),
              MeasuredRuns(fresh.runs, std::move(columns.fresh), std::move(functions.fresh), count,
                           work_of(fresh, basis))};
  SIGNALBOX_CHECK(holds_something(out.base, out.type));
  SIGNALBOX_CHECK(holds_something(out.fresh, out.type));
  return out;
}

}  // namespace signalbox::profile
