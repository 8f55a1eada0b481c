// What a workspace allows its functions to cost: `profile: budgets:` of signalbox.yaml.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/config/config.hpp"
#include "instruments/profile/analysis/name_pattern.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kMaxBudgets = 1'000;

// At most so much of the samples may have a function on their stack whose name matches.
struct FunctionBudget {
  NamePattern functions;
  std::optional<double> max_share;      // of all, 0 to 1
  std::optional<double> max_ns_per_op;  // nanoseconds per unit of work
};

// A rise counts as a regression from here on: both must be reached.
struct EffectFloor {
  double relative = 0.05;   // of what it cost before
  double of_total = 0.005;  // of all that the base cost
};

struct Budgets {
  std::vector<FunctionBudget> functions;
  std::optional<double> total_max_ns_per_op;
  std::vector<NamePattern> allow;                           // functions whose rise is told and fails nothing
  std::vector<std::pair<NamePattern, std::string>> owners;  // the first that matches answers for a function
  EffectFloor floor;
  Json source;  // as it was written; null where there are none

  bool allows(std::string_view function) const;
  std::string owner_of(std::string_view function) const;  // empty: nobody
};

// `budgets` is absent or a map. bad_input with file:line:column where a key, an expression or a number is
// wrong.
Result<Budgets> parse_budgets(const config::Node& budgets);

}  // namespace signalbox::profile
