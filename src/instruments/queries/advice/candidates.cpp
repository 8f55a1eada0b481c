#include "instruments/queries/advice/candidates.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/plan_cost.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMostColumns = 4;  // of one index: what more would find is little
constexpr std::size_t kMostIncluded = 4;
constexpr std::size_t kLongestName = 63;
constexpr double kLeastMs = 0.1;      // of one execution of a node
constexpr double kLeastShare = 0.05;  // of the plan

using Kind = ConditionTerm::Kind;
using Around = ConditionTerm::Around;

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

void add(std::vector<std::string>& all, const std::string& one) {
  if (!one.empty() && !contains(all, one)) all.push_back(one);
}

bool is_scan(const PlanNode& node) {
  return node.type == "Seq Scan" || node.type == "Index Scan" || node.type == "Bitmap Heap Scan" ||
         node.type == "Index Only Scan";
}

// "o.created DESC" → "created DESC"; what is no column of the scanned table → empty.
std::string key_of(const std::string& text, const PlanNode& scan) {
  std::string name = text, order;
  if (name.ends_with(" DESC")) {
    order = " DESC";
    name.resize(name.size() - 5);
  }
  const auto terms = terms_of("(" + name + " = 1)", scan.alias);
  if (terms.size() != 1 || terms[0].kind != Kind::equal || terms[0].around != Around::nothing) return {};
  return terms[0].column + order;
}

// What a scan is asked for.
struct Wanted {
  std::vector<std::string> equal;
  std::string range;
  std::vector<std::string> order;
  std::vector<std::string> partial;  // conditions without a value: "deleted_at IS NULL"
  std::vector<std::string> read;     // columns that it puts out or compares
};

void add_conditions(const PlanNode& node, Wanted& out) {
  for (const std::string& condition : {node.index_cond, node.recheck_cond, node.filter}) {
    for (const ConditionTerm& term : terms_of(condition, node.alias)) {
      if (term.kind == Kind::other || term.kind == Kind::pattern) continue;
      const bool may =
          term.around == Around::nothing || (term.around == Around::function && is_immutable(term.function));
      if (!may) continue;
      add(out.read, term.column);
      if (term.kind == Kind::range && out.range.empty()) out.range = term.expression;
      if (term.kind == Kind::prefix && out.range.empty()) out.range = term.expression + " text_pattern_ops";
      if (term.kind != Kind::equal) continue;
      if (term.sign.empty() && term.around == Around::nothing) {
        const bool is_null = condition.find(term.expression + " IS NULL") != std::string::npos;
        add(out.partial, is_null ? term.expression + " IS NULL" : term.expression);
      }
      add(out.equal, term.expression);
    }
  }
}

// The order that is asked of a scan: by a Sort over it, with at most an Aggregate or Limit between.
void add_order(const Plan& plan, const PlanNode& node, Wanted& out) {
  int at = node.parent;
  if (at < 0 || plan.nodes[static_cast<std::size_t>(at)].type != "Sort") return;
  for (const std::string& key : plan.nodes[static_cast<std::size_t>(at)].sort_keys) {
    const std::string column = key_of(key, node);
    if (column.empty()) return;
    out.order.push_back(column);
  }
}

// The columns by which the scan is joined: looked up by them, only the rows that fit are read.
std::vector<std::string> join_columns(const Plan& plan, const PlanNode& node) {
  std::vector<std::string> out;
  for (int at = node.parent, steps = 0; at >= 0 && steps < 3; ++steps) {
    const PlanNode& above = plan.nodes[static_cast<std::size_t>(at)];
    for (const std::string& condition : {above.hash_cond, above.merge_cond, above.join_filter}) {
      for (const ConditionTerm& term : terms_of(condition, node.alias)) {
        if (term.kind == Kind::equal && term.around == Around::nothing) add(out, term.column);
      }
    }
    if (!out.empty()) break;
    if (above.type != "Hash" && above.type != "Sort" && above.type != "Materialize") break;
    at = above.parent;
  }
  return out;
}

void add_output(const PlanNode& node, Wanted& out) {
  for (const std::string& each : node.output) {
    const std::string column = key_of(each, node);
    if (column.empty()) {
      // An expression: which columns it reads is not looked at, so that nothing can be covered.
      out.read.clear();
      return;
    }
    add(out.read, column);
  }
}

std::string without_order(const std::string& key) {
  return key.substr(0, key.find(' '));
}

// What has an index that begins with the same columns already.
bool is_there(const IndexCandidate& candidate, const PlanCatalog& catalog) {
  const CatalogTable* const table = catalog.table(candidate.schema, candidate.table);
  if (table == nullptr || !candidate.include.empty() || !candidate.where.empty()) return false;
  const std::string columns = fmt::format("{}", fmt::join(candidate.columns, ", "));
  return std::any_of(table->indexes.begin(), table->indexes.end(), [&](const std::string& each) {
    return each == columns || each.starts_with(columns + ", ");
  });
}

// The system's own tables take no index of ours.
bool is_of_catalogue(const PlanNode& node) {
  return node.schema == "pg_catalog" || node.schema == "pg_toast" ||
         (node.schema.empty() && node.relation.starts_with("pg_"));
}

class Collecting {
 public:
  explicit Collecting(const PlanCatalog& catalog) : catalog_(catalog) {}

  void look_at(const WeighedPlan& weighed) {
    const auto costs = costs_of(*weighed.plan);
    for (std::size_t i = 0; i < weighed.plan->nodes.size(); ++i) {
      const PlanNode& node = weighed.plan->nodes[i];
      const bool weighs = costs[i].exclusive_ms >= kLeastMs && costs[i].share >= kLeastShare;
      const bool is_sorted =
          node.parent >= 0 && weighed.plan->nodes[static_cast<std::size_t>(node.parent)].type == "Sort";
      if (!is_scan(node) || node.relation.empty() || is_of_catalogue(node) || (!weighs && !is_sorted))
        continue;
      Wanted wanted;
      add_conditions(node, wanted);
      add_order(*weighed.plan, node, wanted);
      if (!node.output.empty()) add_output(node, wanted);
      propose(weighed, node, wanted, join_columns(*weighed.plan, node), costs[i].exclusive_ms);
    }
  }

  std::vector<IndexCandidate> take() && {
    std::stable_sort(all_.begin(), all_.end(),
                     [](const IndexCandidate& a, const IndexCandidate& b) { return a.scan_ms > b.scan_ms; });
    return std::move(all_);
  }

 private:
  void propose(const WeighedPlan& weighed, const PlanNode& node, const Wanted& wanted,
               const std::vector<std::string>& joined, double ms) {
    const auto put = [&](std::vector<std::string> columns, std::vector<std::string> include = {},
                         std::string where = {}) {
      if (columns.size() > kMostColumns) columns.resize(kMostColumns);
      if (columns.empty()) return;
      IndexCandidate out{
          node.schema, node.relation, std::move(columns), std::move(include), std::move(where), {}, 0};
      keep(std::move(out), weighed, ms);
    };
    std::vector<std::string> looked_up = wanted.equal;
    if (!wanted.range.empty()) add(looked_up, wanted.range);
    // An index that finds what is asked for and nothing else is there.
    const bool is_served = node.type != "Seq Scan" && node.filter.empty();
    if (!is_served) put(looked_up);
    std::vector<std::string> in_order = wanted.equal;
    for (const std::string& each : wanted.order) add(in_order, each);
    if (in_order != looked_up && !wanted.order.empty()) put(in_order);
    if (!joined.empty() && !is_served) {
      std::vector<std::string> found = wanted.equal;
      for (const std::string& each : joined) add(found, each);
      put(found);
    }
    for (const std::string& where : is_served ? std::vector<std::string>() : wanted.partial) {
      std::vector<std::string> rest;
      for (const std::string& each : looked_up) {
        if (each != without_order(where)) rest.push_back(each);
      }
      if (rest.empty()) rest = wanted.order;
      put(rest, {}, where);
    }
    std::vector<std::string> include;
    for (const std::string& column : wanted.read) {
      const bool is_key = std::any_of(looked_up.begin(), looked_up.end(),
                                      [&](const std::string& key) { return without_order(key) == column; });
      if (!is_key) include.push_back(column);
    }
    const bool covers = !node.output.empty() && !wanted.read.empty() && !include.empty();
    if (covers && include.size() <= kMostIncluded) put(looked_up, include);
  }

  void keep(IndexCandidate candidate, const WeighedPlan& weighed, double ms) {
    if (is_there(candidate, catalog_)) return;
    auto found = std::find(all_.begin(), all_.end(), candidate);
    if (found == all_.end()) {
      all_.push_back(std::move(candidate));
      found = std::prev(all_.end());
    }
    found->scan_ms += ms * weighed.calls;
    auto& statements = found->statements;
    if (std::find(statements.begin(), statements.end(), weighed.statement) == statements.end())
      statements.push_back(weighed.statement);
  }

  const PlanCatalog& catalog_;
  std::vector<IndexCandidate> all_;
};

}  // namespace

std::string IndexCandidate::name() const {
  std::string out = table;
  for (const std::string& column : columns) {
    out += '_';
    for (const char c : column) {
      const bool capital = c >= 'A' && c <= 'Z';
      const bool plain = capital || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      if (plain) out += capital ? static_cast<char>(c - 'A' + 'a') : c;
      if (!plain && out.back() != '_') out += '_';
    }
  }
  while (out.ends_with('_')) out.pop_back();
  // What tells it from one that has less is kept at the end.
  const std::string end =
      std::string(include.empty() ? "" : "_covering") + (where.empty() ? "" : "_part") + "_idx";
  return out.substr(0, kLongestName - end.size()) + end;
}

std::string IndexCandidate::create_sql(How how) const {
  std::string out =
      fmt::format("CREATE INDEX {}{} ON {} ({})", how == How::concurrently ? "CONCURRENTLY " : "",
                  sql_name(name()), sql_name(schema, table), fmt::join(columns, ", "));
  if (!include.empty()) out += fmt::format(" INCLUDE ({})", fmt::join(include, ", "));
  if (!where.empty()) out += fmt::format(" WHERE {}", where);
  return out + ";";
}

std::string IndexCandidate::drop_sql() const {
  return fmt::format("DROP INDEX CONCURRENTLY {};", sql_name(schema, name()));
}

std::vector<IndexCandidate> candidates_of(const std::vector<WeighedPlan>& plans, const PlanCatalog& catalog) {
  Collecting collecting(catalog);
  for (const WeighedPlan& each : plans) collecting.look_at(each);
  return std::move(collecting).take();
}

}  // namespace signalbox::queries
