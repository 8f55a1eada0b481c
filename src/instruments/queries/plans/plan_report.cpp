#include "instruments/queries/plans/plan_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/plans/plan_shape.hpp"
#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMisjudged = 10;
constexpr double kMuch = 0.25;
constexpr std::size_t kIndentMost = 40;

std::string indented(const PlanNode& node) {
  const std::string arrow =
      node.depth == 0
          ? ""
          : std::string(2 * std::min<std::size_t>(static_cast<std::size_t>(node.depth) - 1, kIndentMost),
                        ' ') +
                "└ ";
  const std::string label = node.subplan_name.empty() ? "" : node.subplan_name + ": ";
  return arrow + label + printable(escape_invalid_utf8(title_of(node)));
}

// "(cost 1 → 20 rows of 3)": what was expected and came, of a loop.
std::string rows_text(const PlanNode& node) {
  return node.actual_loops == 0 ? "never" : count_text(node.actual_rows * node.actual_loops);
}

Table nodes_table(const Plan& plan, const std::vector<NodeCost>& costs) {
  Table out;
  out.title = "Plan";
  const auto right = Column::Align::right;
  if (!plan.was_measured()) {
    out.columns = {{"node"}, {"cost of its own", right}, {"cost", right}, {"rows expected", right}};
    for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
      const PlanNode& node = plan.nodes[i];
      out.rows.push_back({indented(node), fmt::format("{:.1f}", costs[i].exclusive_cost),
                          fmt::format("{:.1f}", node.total_cost), count_text(node.plan_rows)});
    }
    return out;
  }
  out.columns = {{"node"},          {"its own", right}, {"share", right},           {"with below", right},
                 {"loops", right},  {"rows", right},    {"expected a loop", right}, {"came", right},
                 {"off by", right}, {"read", right}};
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const PlanNode& node = plan.nodes[i];
    const NodeCost& cost = costs[i];
    const bool misjudged = cost.q_error >= kMisjudged && std::max(node.plan_rows, node.actual_rows) >= 100;
    out.rows.push_back(
        {indented(node), Cell(text_of_ms(cost.exclusive_ms), cost.share >= kMuch ? Tone::bad : Tone::plain),
         text_of_share(cost.share), text_of_ms(cost.inclusive_ms), count_text(node.actual_loops),
         rows_text(node), count_text(node.plan_rows), count_text(node.actual_rows),
         Cell(cost.q_error < 1.5 ? "" : fmt::format("{:.0f}×", cost.q_error),
              misjudged ? Tone::caution : Tone::quiet),
         cost.buffers.shared_read > 0 ? text_of_blocks(static_cast<std::int64_t>(cost.buffers.shared_read))
                                      : ""});
  }
  return out;
}

Json texts_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& each : texts) out.push_back(escape_invalid_utf8(each));
  return out;
}

Json node_json(const PlanNode& node, const NodeCost& cost) {
  Json conditions = Json::array();
  const auto condition = [&](const char* name, const std::string& text) {
    if (!text.empty()) conditions.push_back(Json::array());
    if (!text.empty()) conditions.items().back() = Json::Array{name, escape_invalid_utf8(text)};
  };
  condition("Filter", node.filter);
  condition("Join Filter", node.join_filter);
  condition("Index Cond", node.index_cond);
  condition("Recheck Cond", node.recheck_cond);
  condition("Hash Cond", node.hash_cond);
  condition("Merge Cond", node.merge_cond);
  Json details = Json::array();
  for (const auto& [name, value] : node.details)
    details.push_back(Json::Array{escape_invalid_utf8(name), escape_invalid_utf8(value)});
  return Json::object(
      {{"title", escape_invalid_utf8(title_of(node))},
       {"type", escape_invalid_utf8(node.type)},
       {"subplan", escape_invalid_utf8(node.subplan_name)},
       {"relation", escape_invalid_utf8(node.relation)},
       {"index", escape_invalid_utf8(node.index)},
       {"parent", node.parent},
       {"depth", node.depth},
       {"exclusive_ms", cost.exclusive_ms},
       {"inclusive_ms", cost.inclusive_ms},
       {"share", cost.share},
       {"loops", node.actual_loops},
       {"processes", cost.processes},
       {"rows", cost.rows},
       {"rows_a_loop", node.actual_rows},
       {"rows_expected", node.plan_rows},
       {"q_error", cost.q_error},
       {"total_cost", node.total_cost},
       {"exclusive_cost", cost.exclusive_cost},
       {"width", node.plan_width},
       {"removed",
        (node.removed_by_filter + node.removed_by_join_filter + node.removed_by_recheck) * node.actual_loops},
       {"blocks_hit", cost.buffers.shared_hit},
       {"blocks_read", cost.buffers.shared_read},
       {"temp_blocks", cost.buffers.temp_read + cost.buffers.temp_written},
       {"read_ms", cost.buffers.read_ms},
       {"sort_keys", texts_json(node.sort_keys)},
       {"group_keys", texts_json(node.group_keys)},
       {"conditions", std::move(conditions)},
       {"details", std::move(details)}});
}

Json diagnosis_json(const Diagnosis& each) {
  Json effects = Json::array();
  for (const Diagnosis& effect : each.effects) effects.push_back(diagnosis_json(effect));
  return Json::object({{"code", each.code},
                       {"node", each.node},
                       {"impact_ms", each.impact_ms},
                       {"message", each.message},
                       {"remedy", each.remedy},
                       {"undo", each.undo},
                       {"test", each.test},
                       {"safe_now", each.is_safe_now},
                       {"effects", std::move(effects)}});
}

void add_facts(Report& report, const Plan& plan, const std::vector<NodeCost>& costs) {
  report.facts.push_back({"shape", shape_hash(plan), ""});
  report.facts.push_back({"nodes", static_cast<std::int64_t>(plan.nodes.size()), ""});
  if (plan.planning_ms) report.facts.push_back({"planning", text_of_ms(*plan.planning_ms), ""});
  if (plan.execution_ms) report.facts.push_back({"execution", text_of_ms(*plan.execution_ms), ""});
  if (!plan.execution_ms && plan.was_measured())
    report.facts.push_back({"execution", text_of_ms(costs.front().inclusive_ms), ""});
  if (plan.jit_total_ms) report.facts.push_back({"compiling", text_of_ms(*plan.jit_total_ms), ""});
}

}  // namespace

Json plan_json(const Plan& plan, const std::vector<Diagnosis>& diagnoses) {
  const auto costs = costs_of(plan);
  Json nodes = Json::array(), findings = Json::array();
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) nodes.push_back(node_json(plan.nodes[i], costs[i]));
  for (const Diagnosis& each : diagnoses) findings.push_back(diagnosis_json(each));
  return Json::object({{"shape", shape_hash(plan)},
                       {"measured", plan.was_measured()},
                       {"planning_ms", plan.planning_ms ? Json(*plan.planning_ms) : Json()},
                       {"execution_ms", plan.execution_ms ? Json(*plan.execution_ms) : Json()},
                       {"nodes", std::move(nodes)},
                       {"findings", std::move(findings)}});
}

Report plan_report(const Plan& plan, std::string title, ShowDiagnoses show) {
  return plan_report(plan, std::move(title), show, diagnose(plan));
}

Report plan_report(const Plan& plan, std::string title, ShowDiagnoses show,
                   std::vector<Diagnosis> diagnoses) {
  const auto costs = costs_of(plan);
  if (show == ShowDiagnoses::no) diagnoses.clear();
  Report report;
  report.instrument = "queries";
  report.title = std::move(title);
  report.verdict = show == ShowDiagnoses::no ? Verdict::none
                   : diagnoses.empty()       ? Verdict::pass
                                             : Verdict::warn;
  report.summary = !plan.was_measured() ? "as it was planned; EXPLAIN (ANALYZE, BUFFERS) tells what it takes"
                   : show == ShowDiagnoses::no ? "as it was executed"
                   : diagnoses.empty()
                       ? "nothing is wrong with it"
                       : counted(diagnoses.size(), "thing is", "things are") + " wrong with it";
  add_facts(report, plan, costs);
  for (const Diagnosis& each : diagnoses) report.findings.push_back(finding_of(each, plan));
  report.tables.push_back(nodes_table(plan, costs));
  report.data = plan_json(plan, diagnoses);
  return report;
}

namespace {

// Pairs the children of paired nodes: those of the same shape in their order, then what is left in order.
class Pairing {
 public:
  Pairing(const Plan& before, const Plan& after) : before_(before), after_(after) {}

  std::vector<NodePair> run() && {
    std::vector<std::pair<int, int>> stack{{0, 0}};
    while (!stack.empty()) {
      const auto [left, right] = stack.back();
      stack.pop_back();
      if (right < 0) {
        out_.push_back({left, -1, NodePair::Change::removed});
      } else if (left < 0) {
        out_.push_back({-1, right, NodePair::Change::added});
      } else {
        const bool same = shape_of(node(before_, left)) == shape_of(node(after_, right));
        out_.push_back({left, right, same ? NodePair::Change::same : NodePair::Change::changed});
      }
      auto next = children_pairs(left < 0 ? kNone : node(before_, left).children,
                                 right < 0 ? kNone : node(after_, right).children);
      for (auto pair = next.rbegin(); pair != next.rend(); ++pair) stack.push_back(*pair);
    }
    return std::move(out_);
  }

 private:
  static const PlanNode& node(const Plan& plan, int index) {
    return plan.nodes[static_cast<std::size_t>(index)];
  }

  std::vector<std::pair<int, int>> children_pairs(const std::vector<int>& left,
                                                  const std::vector<int>& right) const {
    std::vector<std::pair<int, int>> out;
    std::vector<bool> taken(right.size(), false);
    std::vector<int> match(left.size(), -1);
    const auto pair_where = [&](auto is_pair) {
      for (std::size_t l = 0; l < left.size(); ++l) {
        for (std::size_t r = 0; r < right.size() && match[l] < 0; ++r) {
          if (taken[r] || !is_pair(node(before_, left[l]), node(after_, right[r]))) continue;
          match[l] = right[r];
          taken[r] = true;
        }
      }
    };
    pair_where([](const PlanNode& a, const PlanNode& b) { return shape_of(a) == shape_of(b); });
    pair_where(
        [](const PlanNode& a, const PlanNode& b) { return !a.relation.empty() && a.relation == b.relation; });
    pair_where(
        [](const PlanNode& a, const PlanNode& b) { return a.parent_relationship == b.parent_relationship; });
    for (std::size_t l = 0; l < left.size(); ++l) out.emplace_back(left[l], match[l]);
    for (std::size_t r = 0; r < right.size(); ++r) {
      if (!taken[r]) out.emplace_back(-1, right[r]);
    }
    return out;
  }

  inline static const std::vector<int> kNone;
  const Plan& before_;
  const Plan& after_;
  std::vector<NodePair> out_;
};

std::string change_text(NodePair::Change change) {
  constexpr const char* kNames[] = {"", "changed", "new", "gone"};
  return kNames[static_cast<int>(change)];
}

std::string times_text(const std::vector<NodeCost>& costs, int index, bool measured) {
  if (index < 0) return "";
  const NodeCost& cost = costs[static_cast<std::size_t>(index)];
  return measured ? text_of_ms(cost.exclusive_ms) : fmt::format("{:.1f}", cost.exclusive_cost);
}

}  // namespace

std::vector<NodePair> pair_nodes(const Plan& before, const Plan& after) {
  return Pairing(before, after).run();
}

Report plan_diff_report(const Plan& before, const Plan& after) {
  const auto costs_before = costs_of(before), costs_after = costs_of(after);
  const auto pairs = pair_nodes(before, after);
  const std::string shape_before = shape_hash(before), shape_after = shape_hash(after);
  const bool same = shape_before == shape_after;
  Report report;
  report.instrument = "queries";
  report.title = "Two plans";
  report.summary = same ? "the plan is the same" : "the plan is another one";
  report.facts = {{"shape before", shape_before, ""}, {"shape after", shape_after, ""}};
  const bool measured = before.was_measured() && after.was_measured();
  if (measured) {
    report.facts.push_back({"execution before", text_of_ms(costs_before.front().inclusive_ms), ""});
    report.facts.push_back({"execution after", text_of_ms(costs_after.front().inclusive_ms), ""});
  }
  Table table;
  table.title = measured ? "Time of each node itself" : "Cost of each node itself";
  const auto right = Column::Align::right;
  table.columns = {
      {"node"}, {"before", right}, {"after", right}, {"rows before", right}, {"rows after", right}, {""}};
  Json list = Json::array();
  const auto rows = [&](const Plan& plan, int index) {
    if (index < 0) return std::string();
    const PlanNode& node = plan.nodes[static_cast<std::size_t>(index)];
    return measured ? count_text(node.actual_rows * node.actual_loops) : count_text(node.plan_rows);
  };
  for (const NodePair& pair : pairs) {
    const Tone tone = pair.change == NodePair::Change::same ? Tone::plain : Tone::caution;
    std::string name = pair.after >= 0 ? indented(after.nodes[static_cast<std::size_t>(pair.after)])
                                       : indented(before.nodes[static_cast<std::size_t>(pair.before)]);
    if (pair.change == NodePair::Change::changed)
      name += "  ← " + title_of(before.nodes[static_cast<std::size_t>(pair.before)]);
    table.rows.push_back({Cell(name, tone), times_text(costs_before, pair.before, measured),
                          times_text(costs_after, pair.after, measured), rows(before, pair.before),
                          rows(after, pair.after), Cell(change_text(pair.change), tone)});
    list.push_back(Json::object(
        {{"before", pair.before},
         {"after", pair.after},
         {"change", pair.change == NodePair::Change::same ? "same" : change_text(pair.change)}}));
  }
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"same", same},
                              {"before", plan_json(before, {})},
                              {"after", plan_json(after, {})},
                              {"pairs", std::move(list)}});
  return report;
}

}  // namespace signalbox::queries
