#include "instruments/queries/plans/redaction.hpp"

#include <algorithm>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/queries/plans/plan_document.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/sql/fingerprint.hpp"
#include "instruments/queries/sql/literals.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxPlanBytes = std::size_t{16} << 20;

// Texts that the server chose from a few words of its own, or names.
bool is_harmless(std::string_view key) {
  constexpr std::string_view kKeys[] = {
      "Node Type",    "Strategy",      "Partial Mode",    "Operation",       "Join Type",
      "Schema",       "Relation Name", "Alias",           "Index Name",      "Parent Relationship",
      "Subplan Name", "CTE Name",      "Sort Method",     "Sort Space Type", "Scan Direction",
      "Command",      "Trigger Name",  "Constraint Name", "Relation",        "Cache Mode",
      "Function Name"};
  return std::find(std::begin(kKeys), std::end(kKeys), key) != std::end(kKeys);
}

void redact(Json& value, std::string_view key) {
  if (value.is_object()) {
    for (auto& [name, member] : value.members()) redact(member, name);
  } else if (value.is_array()) {
    for (Json& each : value.items()) redact(each, key);
  } else if (value.is_string() && key == "Query Text") {
    value = Json(read_statement(value.as_string()).text);
  } else if (value.is_string() && !is_harmless(key)) {
    value = Json(without_constants(value.as_string()));
  }
}

// Of a text plan: what stands after "Key:", but where it is figures of the server.
std::string redacted_text(std::string_view plan) {
  constexpr std::string_view kFigures[] = {"Buffers",         "I/O Timings",      "WAL",
                                           "Heap Blocks",     "Heap Fetches",     "Sort Method",
                                           "Buckets",         "Batches",          "Planned Partitions",
                                           "Workers Planned", "Workers Launched", "Rows Removed by",
                                           "Planning",        "Execution",        "Timing",
                                           "Functions",       "Options",          "JIT",
                                           "Trigger",         "Worker ",          "Hits"};
  std::string out;
  for (const std::string_view line : lines(plan)) {
    const std::string_view words = trim(line);
    const std::size_t colon = line.find(": ");
    const bool figures = words.find("(cost=") != std::string_view::npos ||
                         std::any_of(std::begin(kFigures), std::end(kFigures),
                                     [&](auto each) { return words.starts_with(each); });
    if (figures || colon == std::string_view::npos) {
      out += line;
    } else {
      out += line.substr(0, colon + 2);
      out += without_constants(line.substr(colon + 2));
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string without_constants_of_plan(std::string_view plan) {
  const std::string_view whole = trim(plan);
  if (whole.starts_with('{') || whole.starts_with('[')) {
    auto json = parse_json(whole, {kMaxPlanBytes, 2 * kMaxPlanDepth + 8, false});
    if (!json) return {};
    redact(*json, {});
    return json->dump();
  }
  const PlanFormat format = format_of_plan(whole);
  if (format == PlanFormat::yaml || format == PlanFormat::xml) {
    auto document = format == PlanFormat::yaml ? read_yaml_document(whole) : read_xml_document(whole);
    if (!document) return {};
    redact(*document, {});
    return document->dump();
  }
  // The statement stands before its plan, over several lines.
  const std::size_t figures = whole.find("(cost=");
  if (figures == std::string_view::npos) return {};
  const std::size_t newline = whole.rfind('\n', figures);
  return redacted_text(newline == std::string_view::npos ? whole : whole.substr(newline + 1));
}

}  // namespace signalbox::queries
