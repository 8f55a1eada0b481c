// What CI already writes, read into the predicates of evidence/tests/v1 and evidence/findings/v1.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence_command {

inline constexpr std::size_t kMaxReportBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxFailedNames = 100;

// A JUnit XML report, added up over its test cases.
struct TestResults {
  std::string tool;
  std::int64_t tests = 0, failures = 0, errors = 0, skipped = 0;
  std::int64_t duration_ms = 0;
  std::vector<std::string> failed;  // "class.name", at most kMaxFailedNames
};
// The widely read form of https://github.com/testmoapp/junitxml. Document type declarations, deep nesting and
// more than kMaxReportBytes are bad_input, with line and column.
Result<TestResults> read_junit(std::string_view xml);

// A SARIF 2.1.0 log, counted over its runs by level.
struct Findings {
  std::string tool;
  std::int64_t errors = 0, warnings = 0, notes = 0;
  std::int64_t suppressed = 0;  // counted here and nowhere else
};
Result<Findings> read_sarif(std::string_view json);

}  // namespace signalbox::evidence_command
