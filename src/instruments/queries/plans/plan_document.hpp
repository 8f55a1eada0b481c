// EXPLAIN's formats with members, read to one document: the values that FORMAT JSON has, by its names.
#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "instruments/queries/plans/plan.hpp"

namespace signalbox::queries {

// Of YAML and XML, two for each node below another: a document goes by recursion, which takes stack.
inline constexpr std::size_t kMaxDocumentDepth = 2'100;

enum class PlanFormat { json, yaml, xml, text };
// By how the text begins, without the white space and frames around it.
PlanFormat format_of_plan(std::string_view text);

// Of FORMAT YAML and XML, of EXPLAIN and of auto_explain: what explain.c of PostgreSQL 15 writes, not all
// that these languages have. kMaxDocumentDepth deep at most. Errors: bad_input with the
// line.
Result<Json> read_yaml_document(std::string_view text);
Result<Json> read_xml_document(std::string_view text);

// A document as a plan. bad_input where it has none.
Result<Plan> plan_of_document(const Json& document);

}  // namespace signalbox::queries
