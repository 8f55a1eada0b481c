#include "instruments/queries/plans/plan_cost.hpp"

#include <algorithm>

namespace signalbox::queries {
namespace {

bool is_gather(const PlanNode& node) {
  return node.type == "Gather" || node.type == "Gather Merge";
}

// "CTE x": x. Empty where the node is no CTE.
std::string cte_of(const PlanNode& node) {
  return node.subplan_name.starts_with("CTE ") ? node.subplan_name.substr(4) : std::string();
}

// How a result of an InitPlan is named where it is used: "$0", or "(InitPlan 1)" since 17.
std::vector<std::string> names_of_result(const PlanNode& node) {
  std::vector<std::string> out;
  const std::string& name = node.subplan_name;  // "InitPlan 1 (returns $0,$1)"
  for (std::size_t at = name.find('$'); at != std::string::npos; at = name.find('$', at + 1)) {
    std::size_t end = at + 1;
    while (end < name.size() && name[end] >= '0' && name[end] <= '9') ++end;
    out.push_back(name.substr(at, end - at));
  }
  out.push_back("(" + name.substr(0, name.find(" (")) + ")");
  return out;
}

// `name` as a whole: "$1" is not in "$12".
bool names(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if (end >= text.size() || text[end] < '0' || text[end] > '9') return true;
  }
  return false;
}

bool uses(const PlanNode& node, const std::vector<std::string>& results) {
  const auto any = [&](const std::string& text) {
    return !text.empty() &&
           std::any_of(results.begin(), results.end(), [&](const auto& each) { return names(text, each); });
  };
  if (any(node.filter) || any(node.join_filter) || any(node.index_cond) || any(node.hash_cond) ||
      any(node.merge_cond) || any(node.recheck_cond))
    return true;
  return std::any_of(node.details.begin(), node.details.end(),
                     [&](const auto& each) { return any(each.second); }) ||
         std::any_of(node.output.begin(), node.output.end(), any);
}

// Of the time of a node, who has it within its own.
struct Charge {
  int to = -1;
  double part = 1;
};

class Arithmetic {
 public:
  explicit Arithmetic(const Plan& plan) : plan_(plan), costs_(plan.nodes.size()), end_(plan.nodes.size()) {
    // Nodes stand before their children, so those below one follow it.
    for (std::size_t i = 0; i < size(); ++i) end_[i] = i + 1;
    for (std::size_t i = size(); i-- > 1;) {
      std::size_t& end = end_[static_cast<std::size_t>(plan.nodes[i].parent)];
      end = std::max(end, end_[i]);
    }
  }

  std::vector<NodeCost> run() && {
    for (std::size_t i = 0; i < size(); ++i) measure(i);
    std::vector<double> left(size());
    for (std::size_t i = 0; i < size(); ++i) {
      left[i] = costs_[i].inclusive_ms;
      costs_[i].exclusive_cost = plan_.nodes[i].total_cost;
      costs_[i].buffers = plan_.nodes[i].buffers;
    }
    for (std::size_t i = 1; i < size(); ++i) {
      const auto parent = static_cast<std::size_t>(node(i).parent);
      if (is_run_once(node(i), node(parent))) costs_[parent].exclusive_cost -= node(i).total_cost;
    }
    // CTEs last: who pulled how much of one is seen from what is left then.
    for (const bool ctes : {false, true}) {
      const std::vector<double> before = left;
      for (std::size_t i = 1; i < size(); ++i) {
        const std::string cte = node(i).parent_relationship == "InitPlan" ? cte_of(node(i)) : std::string();
        if (cte.empty() == ctes) continue;
        for (const Charge& charge : ctes ? charges_of_cte(i, cte, before) : charges_of(i)) {
          const auto to = static_cast<std::size_t>(charge.to);
          left[to] -= costs_[i].inclusive_ms * charge.part;
          subtract(costs_[to].buffers, node(i).buffers, charge.part);
        }
      }
    }
    double all = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      costs_[i].exclusive_ms = std::max(0.0, left[i]);
      costs_[i].clamped_ms = std::max(0.0, -left[i]);
      costs_[i].exclusive_cost = std::max(0.0, costs_[i].exclusive_cost);
      all += costs_[i].exclusive_ms;
    }
    for (NodeCost& each : costs_) each.share = all > 0 ? each.exclusive_ms / all : 0;
    return std::move(costs_);
  }

 private:
  std::size_t size() const { return plan_.nodes.size(); }
  const PlanNode& node(std::size_t index) const { return plan_.nodes[index]; }

  // The total cost of a node has that of its children, as the planner reckons them, once each; of the inner
  // side of a nested loop and of subplans, which run many times, it has another multiple.
  static bool is_run_once(const PlanNode& child, const PlanNode& parent) {
    return child.parent_relationship != "SubPlan" &&
           !(parent.type == "Nested Loop" && child.parent_relationship == "Inner");
  }

  void measure(std::size_t i) {
    const PlanNode& self = node(i);
    NodeCost& cost = costs_[i];
    if (self.parent >= 0) {
      const auto parent = static_cast<std::size_t>(self.parent);
      cost.processes = costs_[parent].processes;
      const PlanNode& above = node(parent);
      // An InitPlan is run by the leader alone.
      if (is_gather(above) && self.parent_relationship != "InitPlan")
        cost.processes = above.actual_loops > 0 ? std::max(1.0, self.actual_loops / above.actual_loops) : 1;
      if (is_gather(above) && self.parent_relationship == "InitPlan") cost.processes = 1;
    }
    const double ran = std::max(1.0, std::min(cost.processes, self.actual_loops));
    cost.inclusive_ms = self.actual_total_ms * self.actual_loops / ran;
    cost.rows = self.actual_rows * self.actual_loops;
    cost.rows_uncertain = self.actual_loops > 1 ? self.actual_loops / 2 : 0;
    if (self.actual_loops > 0) cost.q_error = q_error(self.plan_rows, self.actual_rows);
  }

  std::vector<Charge> charges_of(std::size_t i) const {
    const PlanNode& self = node(i);
    if (self.parent_relationship != "InitPlan") return {{self.parent, 1}};
    return {{user_of(i), 1}};
  }

  std::vector<Charge> charges_of_cte(std::size_t cte, const std::string& name,
                                     const std::vector<double>& left) const {
    std::vector<Charge> out;
    double all = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      // A CTE does not pull itself: that is a WorkTable Scan.
      if (node(i).type != "CTE Scan" || node(i).cte_name != name || is_below(i, cte)) continue;
      out.push_back({static_cast<int>(i), std::max(0.0, left[i])});
      all += out.back().part;
    }
    for (Charge& each : out) each.part = all > 0 ? each.part / all : 0;
    if (out.empty()) out.push_back({node(cte).parent, 1});  // of a statement that changes data
    return out;
  }

  bool is_below(std::size_t i, std::size_t above) const { return i >= above && i < end_[above]; }

  // The node within whose time the InitPlan was run.
  int user_of(std::size_t i) const {
    const auto results = names_of_result(node(i));
    const auto parent = static_cast<std::size_t>(node(i).parent);
    if (uses(node(parent), results)) return node(i).parent;
    for (std::size_t at = parent + 1; at < size(); ++at) {
      if (!is_below(at, parent)) break;
      // One that was never executed pulled nothing.
      if (!is_below(at, i) && node(at).actual_loops > 0 && uses(node(at), results))
        return static_cast<int>(at);
    }
    return node(i).parent;
  }

  static void subtract(PlanBuffers& from, const PlanBuffers& what, double part) {
    constexpr double PlanBuffers::*kFields[] = {
        &PlanBuffers::shared_hit,     &PlanBuffers::shared_read,   &PlanBuffers::shared_dirtied,
        &PlanBuffers::shared_written, &PlanBuffers::local_hit,     &PlanBuffers::local_read,
        &PlanBuffers::local_dirtied,  &PlanBuffers::local_written, &PlanBuffers::temp_read,
        &PlanBuffers::temp_written,   &PlanBuffers::read_ms,       &PlanBuffers::write_ms};
    for (const auto field : kFields) from.*field = std::max(0.0, from.*field - what.*field * part);
  }

  const Plan& plan_;
  std::vector<NodeCost> costs_;
  std::vector<std::size_t> end_;  // of each node: the first that is not below it
};

}  // namespace

double q_error(double estimated, double actual) {
  const double e = std::max(1.0, estimated), a = std::max(1.0, actual);
  return std::max(e / a, a / e);
}

std::vector<NodeCost> costs_of(const Plan& plan) {
  return Arithmetic(plan).run();
}

}  // namespace signalbox::queries
