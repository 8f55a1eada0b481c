// How risky a change is: what its owner claims, and what its diff says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::train {

enum class Risk { low, medium, high };
std::string_view name_of(Risk risk);
std::optional<Risk> risk_from(std::string_view name);  // low, medium or med, high

// One file of a diff.
struct FileChange {
  std::string path;
  std::uint64_t added = 0, deleted = 0;  // lines; 0 of a binary file
};

// What is measured of a change.
struct ChangeFacts {
  std::vector<FileChange> files;
  std::uint64_t past_reverts = 0;  // changes to the same files that were taken back before

  std::uint64_t churn() const;  // lines added and deleted
};

// Paths that make a change riskier; globs.
struct RiskPaths {
  std::vector<std::string> migrations = {"**/migrations/**", "migrations/**", "**/migrate/**",
                                         "migrate/**",       "**/*.sql",      "*.sql"};
  std::vector<std::string> sensitive;
};

struct Estimate {
  Risk risk = Risk::low;
  std::uint64_t points = 0;
  std::vector<std::string> reasons;  // "812 lines changed (2)"
  std::uint64_t files = 0, churn = 0, migrations = 0, past_reverts = 0;
};

// Points for lines changed (50: 1, 300: 2, 1,000: 3), files (4: 1, 16: 2, 51: 3), a migration (3), a
// sensitive path (2), past reverts (one: 1, more: 2). From 3 points on medium, from 6 on high.
Estimate estimate_risk(const ChangeFacts& facts, const RiskPaths& paths);

Json to_json(const Estimate& estimate);
Result<Estimate> read_estimate(const Json& json);

}  // namespace signalbox::train
