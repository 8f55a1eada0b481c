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

// An in-toto test result, https://in-toto.io/attestation/test-result/v0.1: its predicate alone, or a whole
// statement. Its tests are those that it names: one that names none counts none, and FAILED counts one
// failure at least. What contradicts itself is bad_input.
struct TestResultStatement {
  TestResults results;
  Json subjects;  // of a statement, as it has them; null of a predicate
};
inline constexpr std::string_view kTestResultType = "https://in-toto.io/attestation/test-result/v0.1";
Result<TestResultStatement> read_test_result(std::string_view json);

}  // namespace signalbox::evidence_command
