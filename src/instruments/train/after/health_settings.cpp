#include "instruments/train/after/health_settings.hpp"

#include <cmath>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

using config::Node;

constexpr std::size_t kMaxQueryBytes = 4'000;

Status read_bound(const Node& node, std::optional<double>& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(const double bound, node.number());
  if (!std::isfinite(bound)) return node.wrong("a finite number is expected");
  out = bound;
  return {};
}

Result<HealthMeasure> parse_measure(const Node& node) {
  SIGNALBOX_CHECK(node.only({"name", "query", "unit", "at_least", "at_most"}));
  HealthMeasure out;
  SIGNALBOX_TRY(out.name, node["name"].text());
  if (out.name.empty() || printable(out.name) != out.name) return node["name"].wrong("a name is expected");
  SIGNALBOX_TRY(out.query, node["query"].text());
  if (out.query.empty() || out.query.size() > kMaxQueryBytes)
    return node["query"].wrong(fmt::format("a query of 1 to {} bytes is expected", kMaxQueryBytes));
  if (node["unit"].exists()) {
    SIGNALBOX_TRY(out.unit, node["unit"].text());
  }
  SIGNALBOX_CHECK(read_bound(node["at_least"], out.at_least));
  SIGNALBOX_CHECK(read_bound(node["at_most"], out.at_most));
  if (out.at_least && out.at_most && *out.at_least > *out.at_most)
    return node["at_most"].wrong("nothing is at least the one and at most the other");
  return out;
}

}  // namespace

Result<HealthSettings> parse_health(const Node& health) {
  HealthSettings out;
  if (!health.exists()) return out;
  SIGNALBOX_CHECK(health.only({"after", "measures"}));
  if (health["after"].exists()) {
    SIGNALBOX_TRY(out.after, health["after"].duration());
  }
  const Node list = health["measures"];
  if (list.exists() && !list.is_list()) return list.wrong("a list is expected here", "- {name: …, query: …}");
  if (list.items().size() > kMaxHealthMeasures)
    return list.wrong(fmt::format("more than {} of them", kMaxHealthMeasures));
  std::set<std::string> names;
  for (const Node& node : list.items()) {
    SIGNALBOX_TRY(HealthMeasure measure, parse_measure(node));
    if (!names.insert(measure.name).second)
      return node["name"].wrong(fmt::format("a second measure of the name {}", measure.name));
    out.measures.push_back(std::move(measure));
  }
  return out;
}

}  // namespace signalbox::train::after
