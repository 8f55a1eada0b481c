#include "instruments/profile/analysis/budgets.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

Result<NamePattern> parse_pattern(const config::Node& node, std::string_view text) {
  auto pattern = NamePattern::compile(text);
  if (!pattern) return node.wrong(pattern.error().message, pattern.error().hint);
  return std::move(*pattern);
}

// 0.2 or "20 %", above 0 and at most 1.
Result<double> parse_share(const config::Node& node) {
  SIGNALBOX_TRY(std::string text, node.text());
  double scale = 1;
  std::string_view number = trim(text);
  if (number.ends_with('%')) {
    scale = 0.01;
    number = trim(number.substr(0, number.size() - 1));
  }
  const std::string digits(number);
  char* end = nullptr;
  const double share = std::strtod(digits.c_str(), &end) * scale;
  if (digits.empty() || *end != '\0' || !(share > 0 && share <= 1)) {
    return node.wrong(fmt::format("`{}` is no share", printable(text)),
                      "0.2 or 20 %: more than 0, at most all");
  }
  return share;
}

Result<double> parse_ns(const config::Node& node) {
  SIGNALBOX_TRY(const double ns, node.number());
  if (!(ns > 0) || !std::isfinite(ns)) {
    return node.wrong("nanoseconds per unit of work are expected, more than 0", "max_ns_per_op: 1200");
  }
  return ns;
}

Result<FunctionBudget> parse_function(const std::string& expression, const config::Node& node) {
  constexpr std::string_view kExample = "json::parse: {max_share: 0.2} or {max_ns_per_op: 1200}";
  if (expression.empty()) return node.wrong("an empty expression matches every function", "use total");
  SIGNALBOX_TRY(NamePattern pattern, parse_pattern(node, expression));
  if (!node.is_map()) return node.wrong("a budget is expected", std::string(kExample));
  SIGNALBOX_CHECK(node.only({"max_share", "max_ns_per_op"}));
  FunctionBudget out{std::move(pattern), std::nullopt, std::nullopt};
  if (const config::Node share = node["max_share"]; share.exists()) {
    SIGNALBOX_TRY(out.max_share, parse_share(share));
  }
  if (const config::Node ns = node["max_ns_per_op"]; ns.exists()) {
    SIGNALBOX_TRY(out.max_ns_per_op, parse_ns(ns));
  }
  if (!out.max_share && !out.max_ns_per_op)
    return node.wrong("a budget without a limit", std::string(kExample));
  return out;
}

Result<std::vector<FunctionBudget>> parse_functions(const config::Node& node) {
  std::vector<FunctionBudget> out;
  if (!node.exists()) return out;
  if (!node.is_map()) return node.wrong("functions with their budgets are expected");
  for (const auto& [expression, budget] : node.members()) {
    SIGNALBOX_TRY(FunctionBudget parsed, parse_function(expression, budget));
    out.push_back(std::move(parsed));
  }
  if (out.size() > kMaxBudgets) return node.wrong(fmt::format("more than {} budgets", kMaxBudgets));
  return out;
}

Result<std::optional<double>> parse_total(const config::Node& node) {
  if (!node.exists()) return std::optional<double>();
  if (node.is_scalar()) {
    SIGNALBOX_TRY(const double ns, parse_ns(node));
    return std::optional(ns);
  }
  SIGNALBOX_CHECK(node.only({"max_ns_per_op"}));
  SIGNALBOX_TRY(const double ns, parse_ns(node["max_ns_per_op"]));
  return std::optional(ns);
}

Result<std::vector<NamePattern>> parse_allow(const config::Node& node) {
  std::vector<NamePattern> out;
  if (!node.exists()) return out;
  SIGNALBOX_TRY(const auto expressions, node.texts());
  if (expressions.size() > kMaxBudgets) return node.wrong(fmt::format("more than {} functions", kMaxBudgets));
  for (const std::string& expression : expressions) {
    SIGNALBOX_TRY(NamePattern pattern, parse_pattern(node, expression));
    out.push_back(std::move(pattern));
  }
  return out;
}

Result<std::vector<std::pair<NamePattern, std::string>>> parse_owners(const config::Node& node) {
  std::vector<std::pair<NamePattern, std::string>> out;
  if (!node.exists()) return out;
  if (!node.is_map()) return node.wrong("functions with their owners are expected", "\"^db::\": storage");
  for (const auto& [expression, owner] : node.members()) {
    SIGNALBOX_TRY(NamePattern pattern, parse_pattern(owner, expression));
    SIGNALBOX_TRY(std::string name, owner.text());
    out.emplace_back(std::move(pattern), std::move(name));
  }
  if (out.size() > kMaxBudgets) return node.wrong(fmt::format("more than {} owners", kMaxBudgets));
  return out;
}

Result<EffectFloor> parse_floor(const config::Node& node) {
  EffectFloor out;
  if (!node.exists()) return out;
  SIGNALBOX_CHECK(node.only({"relative", "of_total"}));
  if (const config::Node relative = node["relative"]; relative.exists()) {
    SIGNALBOX_TRY(out.relative, parse_share(relative));
  }
  if (const config::Node of_total = node["of_total"]; of_total.exists()) {
    SIGNALBOX_TRY(out.of_total, parse_share(of_total));
  }
  return out;
}

}  // namespace

bool Budgets::allows(std::string_view function) const {
  return std::any_of(allow.begin(), allow.end(),
                     [&](const NamePattern& pattern) { return pattern.matches(function); });
}

std::string Budgets::owner_of(std::string_view function) const {
  const auto found = std::find_if(owners.begin(), owners.end(),
                                  [&](const auto& owner) { return owner.first.matches(function); });
  return found == owners.end() ? std::string() : found->second;
}

Result<Budgets> parse_budgets(const config::Node& budgets) {
  Budgets out;
  if (!budgets.exists()) return out;
  if (!budgets.is_map())
    return budgets.wrong("budgets are expected", "functions, total, allow, owners, floor");
  SIGNALBOX_CHECK(budgets.only({"functions", "total", "allow", "owners", "floor"}));
  SIGNALBOX_TRY(out.functions, parse_functions(budgets["functions"]));
  SIGNALBOX_TRY(out.total_max_ns_per_op, parse_total(budgets["total"]));
  SIGNALBOX_TRY(out.allow, parse_allow(budgets["allow"]));
  SIGNALBOX_TRY(out.owners, parse_owners(budgets["owners"]));
  SIGNALBOX_TRY(out.floor, parse_floor(budgets["floor"]));
  out.source = budgets.to_json();
  return out;
}

}  // namespace signalbox::profile
