#include <fmt/core.h>

#include "commands/evidence/readers/readers.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

constexpr std::size_t kMaxSarifDepth = 128;

// SARIF 2.1.0 section 3.27.10: without a level a result is a warning, unless its kind says that it is no
// failure (3.27.9).
void count(const Json& result, Findings& findings) {
  for (const Json& suppression : result["suppressions"].items()) {
    if (suppression["status"].as_string("accepted") == "accepted") {
      ++findings.suppressed;
      return;
    }
  }
  const std::string_view kind = result["kind"].as_string("fail");
  const std::string_view level = result["level"].as_string(kind == "fail" ? "warning" : "none");
  if (level == "error") ++findings.errors;
  if (level == "warning") ++findings.warnings;
  if (level == "note") ++findings.notes;
}

}  // namespace

Result<Findings> read_sarif(std::string_view json) {
  SIGNALBOX_TRY(
      const Json root,
      parse_json(json, {.max_bytes = kMaxReportBytes, .max_depth = kMaxSarifDepth, .exact_integers = false}));
  if (root["version"].as_string() != "2.1.0") {
    return fail(ErrorKind::bad_input, fmt::format("$.version: \"{}\"; SARIF 2.1.0 is read",
                                                  printable(root["version"].as_string())));
  }
  const Json& runs = root["runs"];
  if (!runs.is_array() || runs.items().empty())
    return fail(ErrorKind::bad_input, "$.runs: there is none, so nothing was looked for");
  Findings findings;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Json& run = runs.items()[i];
    const std::string_view tool = run["tool"]["driver"]["name"].as_string();
    if (tool.empty())
      return fail(ErrorKind::bad_input, fmt::format("$.runs[{}].tool.driver.name: there is none", i));
    if (run.find("results") == nullptr) {
      return fail(ErrorKind::bad_input,
                  fmt::format("$.runs[{}].results: there is none: the run did not look", i));
    }
    for (const Json& invocation : run["invocations"].items()) {
      if (!invocation["executionSuccessful"].as_bool(true)) {
        return fail(ErrorKind::bad_input,
                    fmt::format("$.runs[{}].invocations: the tool says it did not succeed", i));
      }
    }
    findings.tool += (findings.tool.empty() ? "" : ", ") + std::string(tool);
    for (const Json& result : run["results"].items()) count(result, findings);
  }
  return findings;
}

}  // namespace signalbox::evidence_command
