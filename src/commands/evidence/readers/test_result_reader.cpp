#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/readers/readers.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

// The names of one list; absent is empty.
Result<std::vector<std::string>> names_in(const Json& predicate, std::string_view list) {
  const Json* const found = predicate.find(list);
  if (found == nullptr || found->is_null()) return std::vector<std::string>();
  if (!found->is_array()) return fail(ErrorKind::bad_input, fmt::format("$.{}: a list is wanted", list));
  std::vector<std::string> out;
  for (const Json& name : found->items()) {
    if (!name.is_string())
      return fail(ErrorKind::bad_input, fmt::format("$.{}[{}]: a name is wanted", list, out.size()));
    out.emplace_back(name.as_string());
  }
  return out;
}

Result<TestResults> results_of(const Json& predicate) {
  const std::string_view result = predicate["result"].as_string();
  if (result != "PASSED" && result != "WARNED" && result != "FAILED")
    return fail(ErrorKind::bad_input,
                fmt::format("$.result: \"{}\"; PASSED, WARNED or FAILED is wanted", printable(result)));
  SIGNALBOX_TRY(const std::vector<std::string> passed, names_in(predicate, "passedTests"));
  SIGNALBOX_TRY(const std::vector<std::string> warned, names_in(predicate, "warnedTests"));
  SIGNALBOX_TRY(std::vector<std::string> failed, names_in(predicate, "failedTests"));
  if (result != "FAILED" && !failed.empty()) {
    return fail(ErrorKind::bad_input,
                fmt::format("$.result: {}, and $.failedTests names {}", result, printable(failed.front())));
  }
  TestResults out;
  out.tool = "in-toto test-result";
  const std::size_t failures = result == "FAILED" ? std::max<std::size_t>(failed.size(), 1) : 0;
  out.failures = static_cast<std::int64_t>(failures);
  out.tests = static_cast<std::int64_t>(passed.size() + warned.size() + failures);
  if (failed.size() > kMaxFailedNames) failed.resize(kMaxFailedNames);
  out.failed = std::move(failed);
  return out;
}

}  // namespace

Result<TestResultStatement> read_test_result(std::string_view json) {
  SIGNALBOX_TRY(const Json root, parse_json(json, {.max_bytes = kMaxReportBytes}));
  if (root.find("payloadType") != nullptr) {
    return fail(ErrorKind::bad_input, "a signed envelope, which counts by its own signature",
                "signalbox evidence import");
  }
  TestResultStatement out;
  const Json* const type = root.find("predicateType");
  if (type != nullptr && type->as_string() != kTestResultType) {
    return fail(ErrorKind::bad_input, fmt::format("$.predicateType: \"{}\"; {} is read",
                                                  printable(type->as_string()), kTestResultType));
  }
  if (type != nullptr) out.subjects = root["subject"];
  SIGNALBOX_TRY(out.results, results_of(type == nullptr ? root : root["predicate"]));
  return out;
}

}  // namespace signalbox::evidence_command
