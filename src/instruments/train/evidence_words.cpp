#include "instruments/train/evidence_words.hpp"

#include <algorithm>
#include <vector>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::train {
namespace {

std::uint64_t count_in(const Json& object, std::string_view name) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(object[name].as_integer(), 0));
}

EvidenceWords words_of_tests(const Json& predicate) {
  const std::int64_t tests = predicate["tests"].as_integer();
  const std::int64_t bad = predicate["failures"].as_integer() + predicate["errors"].as_integer();
  if (tests <= 0) return {"no test ran", 0};
  const double passed = static_cast<double>(tests - bad) / static_cast<double>(tests);
  if (bad <= 0) return {counted(static_cast<std::uint64_t>(tests), "test") + ", none failed", 1};
  std::string text = fmt::format("{} of {} tests failed", bad, tests);
  if (const auto& failed = predicate["failed"].items(); !failed.empty()) {
    constexpr std::size_t columns = 48;
    text += fmt::format(": {}", cut_to_width(printable(failed.front().as_string()), columns));
    if (failed.size() > 1) text += " and others";
  }
  return {std::move(text), std::clamp(passed, 0.0, 1.0)};
}

EvidenceWords words_of_findings(const Json& predicate) {
  std::vector<std::string> parts;
  for (const char* level : {"error", "warning", "note"}) {
    if (const std::uint64_t count = count_in(predicate["counts"], level); count > 0)
      parts.push_back(counted(count, level));
  }
  const bool is_clean = count_in(predicate["counts"], "error") == 0;
  return {parts.empty() ? "nothing found" : join(parts, ", "), is_clean ? 1.0 : 0.0};
}

EvidenceWords words_of_parts(const Json& predicate) {
  return {counted(count_in(predicate, "components"), "component"), 1};
}

}  // namespace

std::optional<EvidenceWords> words_of(std::string_view type, const Json& predicate) {
  if (!type.starts_with(evidence::kPredicatePrefix)) return std::nullopt;
  const std::string_view kind = type.substr(std::string_view(evidence::kPredicatePrefix).size());
  if (kind == "evidence/tests/v1") return words_of_tests(predicate);
  if (kind == "evidence/findings/v1") return words_of_findings(predicate);
  if (kind == "evidence/sbom/v1") return words_of_parts(predicate);
  return std::nullopt;
}

}  // namespace signalbox::train
