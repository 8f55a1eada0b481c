// What changed between two profiles: functions and stacks by how much more or less they cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.hpp"
#include "core/stats/intervals.hpp"
#include "instruments/profile/analysis/comparable.hpp"
#include "instruments/profile/analysis/function_identity.hpp"

namespace signalbox::profile {

// What makes two profiles of different length comparable.
enum class Normalization {
  none,     // nothing: values as they are
  samples,  // the new one counts as if its total were the base's: a uniform slowdown is invisible
  work,     // both by their units of work
};
std::string_view name_of(Normalization normalization);  // "none" …

struct CompareOptions {
  std::optional<std::string> value;  // the column; absent: the default one
  Normalization normalization = Normalization::samples;
  double base_work = 1;  // units of work that each profile's program did; above 0
  double fresh_work = 1;
  std::size_t stacks_max = 30;  // stacks told of each kind
};

// One cost, normalised.
struct CostPair {
  double base = 0;
  double fresh = 0;
  stats::Interval difference;  // 95 % of fresh less base: of sampling, not of what differs from run to run
  double p_value = 1;          // two-sided, not adjusted for how many functions there are
  double rise() const { return fresh - base; }
};

struct FunctionChange {
  FunctionIdentity function;
  CostPair self;
  CostPair cumulative;
  bool is_new() const { return cumulative.base == 0; }
  bool is_vanished() const { return cumulative.fresh == 0; }
};

// A stack by its functions, root first; only samples that end in it count.
struct StackChange {
  std::vector<FunctionIdentity> functions;
  double base = 0;
  double fresh = 0;
  double rise() const { return fresh - base; }
};

struct Difference {
  std::string base_name;
  std::string fresh_name;
  ValueType type;
  Normalization normalization = Normalization::samples;
  double base_total = 0;  // as measured
  double fresh_total = 0;
  double base_scale = 1;  // what a value of each side is multiplied with
  double fresh_scale = 1;
  std::vector<FunctionChange> functions;  // largest change of self cost first
  std::vector<StackChange> stacks;        // the largest changes
  std::size_t stacks_new = 0;             // all there are of a side alone
  std::size_t stacks_vanished = 0;
};

// bad_input that names both where they did not measure the same thing.
Result<Difference> compare(const NamedProfile& base, const NamedProfile& fresh,
                           const CompareOptions& options);

// `rows_max` of each table; `data` holds all functions.
Report difference_report(const Difference& difference, std::size_t rows_max);

}  // namespace signalbox::profile
