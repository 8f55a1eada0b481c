#include "instruments/queries/advice/parameters.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/plans/conditions.hpp"

namespace signalbox::queries {
namespace {

constexpr double kSampled = 20'000;  // rows of a table

// Where a parameter is compared.
struct Use {
  std::size_t parameter = 0;  // from 1
  std::string column, sign;
  bool is_list = false;  // = ANY ($1)
};
using Table = std::pair<std::string, std::string>;  // schema and name

// "$2" of "($2)::text", "ANY ($2)"; 0 where none is named, or one that the plan sets itself.
std::size_t parameter_in(std::string_view value, const Plan& plan) {
  const std::size_t at = value.find('$');
  if (at == std::string_view::npos) return 0;
  std::size_t end = at + 1;
  while (end < value.size() && value[end] >= '0' && value[end] <= '9') ++end;
  const std::string name(value.substr(at, end - at));
  const bool is_set = std::any_of(plan.nodes.begin(), plan.nodes.end(), [&](const PlanNode& node) {
    return node.subplan_name.find(name) != std::string::npos;
  });
  const auto number = parse_integer(name.substr(1));
  return is_set || !number || *number < 1 ? 0 : static_cast<std::size_t>(*number);
}

std::map<Table, std::vector<Use>> uses_of(const Plan& plan, std::size_t parameters) {
  std::map<Table, std::vector<Use>> out;
  std::vector<bool> seen(parameters + 1, false);
  for (const PlanNode& node : plan.nodes) {
    if (node.relation.empty()) continue;
    for (const std::string& condition : {node.index_cond, node.recheck_cond, node.filter}) {
      for (const ConditionTerm& term : terms_of(condition, node.alias)) {
        const std::size_t number = parameter_in(term.value, plan);
        if (number == 0 || number > parameters || seen[number] || term.column.empty()) continue;
        if (term.around != ConditionTerm::Around::nothing) continue;
        seen[number] = true;
        out[{node.schema, node.relation}].push_back(
            {number, term.column, term.sign, term.value.starts_with("ANY")});
      }
    }
  }
  return out;
}

std::string guess_of(std::string_view type) {
  if (type == "boolean") return "true";
  if (type == "date") return "current_date";
  if (type == "interval") return "'1 day'";
  if (type.starts_with("timestamp")) return "now()";
  if (type == "integer" || type == "bigint" || type == "smallint" || type == "numeric" || type == "real" ||
      type == "double precision")
    return "1";
  if (type == "text" || type.starts_with("character")) return "'x'";
  return "null";
}

std::string typed(std::string_view text, const Use& use, std::string_view type) {
  if (use.is_list) return fmt::format("array[{}]::{}", sql_literal(text), type);
  return fmt::format("{}::{}", sql_literal(text), type);
}

// How much of a column's values lies below the one that is drawn.
double quantile_of(const Use& use, const std::vector<Use>& all) {
  const bool is_lower = use.sign.starts_with('>');
  const bool is_pair = std::any_of(all.begin(), all.end(), [&](const Use& other) {
    return other.column == use.column && other.parameter != use.parameter && other.sign != "=";
  });
  return is_pair ? (is_lower ? 0.5 : 0.55) : (is_lower ? 0.95 : 0.05);
}

class Drawing {
 public:
  Drawing(Copy& copy, const PreparedStatement& statement, std::size_t sets)
      : copy_(copy), statement_(statement), known_(statement.types.size(), false) {
    std::vector<std::string> guesses;
    for (const std::string& type : statement.types) guesses.push_back(guess_of(type));
    out_.sets.assign(sets, guesses);
  }

  Status draw(const Table& table, const std::vector<Use>& uses) {
    const std::string name = sql_name(table.first, table.second);
    SIGNALBOX_TRY(const auto size,
                  copy_.query("select greatest(reltuples, 1)::float8 from pg_class where oid = "
                              "to_regclass($1)",
                              {name}));
    const double rows = size.empty() ? 1 : size.front().real(0);
    const double percent = std::min(100.0, 100 * kSampled / rows);
    const std::string sample = fmt::format("{} tablesample bernoulli ({:.6f}) repeatable (7)", name, percent);
    SIGNALBOX_CHECK(draw_equal(sample, uses));
    return draw_ranges(sample, uses);
  }
  void set_all(std::size_t parameter, const std::string& value) {
    if (parameter == 0 || parameter > known_.size()) return;
    for (auto& set : out_.sets) set[parameter - 1] = value;
    known_[parameter - 1] = true;
  }
  DrawnValues take() && {
    out_.guessed = static_cast<std::size_t>(std::count(known_.begin(), known_.end(), false));
    return std::move(out_);
  }

 private:
  void set(std::size_t set, const Use& use, const std::string& text) {
    out_.sets[set][use.parameter - 1] = typed(text, use, statement_.types[use.parameter - 1]);
    known_[use.parameter - 1] = true;
  }

  // All of one row, so that they go together.
  Status draw_equal(const std::string& sample, const std::vector<Use>& uses) {
    std::vector<Use> equal;
    std::vector<std::string> columns, there;
    for (const Use& use : uses) {
      if (use.sign != "=") continue;
      equal.push_back(use);
      columns.push_back(use.column + "::text");
      there.push_back(use.column + " is not null");
    }
    if (equal.empty()) return {};
    SIGNALBOX_TRY(
        const auto rows,
        copy_.query(fmt::format("select {} from (select * from {} where {}) s order by md5({}) limit {}",
                                fmt::join(columns, ", "), sample, fmt::join(there, " and "), columns[0],
                                out_.sets.size())));
    for (std::size_t i = 0; i < out_.sets.size() && !rows.empty(); ++i) {
      for (std::size_t c = 0; c < equal.size(); ++c) set(i, equal[c], rows[i % rows.size()].text(c));
    }
    return {};
  }

  Status draw_ranges(const std::string& sample, const std::vector<Use>& uses) {
    for (const Use& use : uses) {
      if (use.sign == "=") continue;
      SIGNALBOX_TRY(
          const auto rows,
          copy_.query(fmt::format("select (percentile_disc({}) within group (order by {}))::text from {}",
                                  quantile_of(use, uses), use.column, sample)));
      if (rows.empty() || rows.front().is_null(0)) continue;
      for (std::size_t i = 0; i < out_.sets.size(); ++i) set(i, use, rows.front().text(0));
    }
    return {};
  }

  Copy& copy_;
  const PreparedStatement& statement_;
  std::vector<bool> known_;
  DrawnValues out_;
};

}  // namespace

std::size_t parameter_after(std::string_view sql, std::string_view word) {
  const std::string text = to_lower(sql);
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    std::size_t end = at + word.size();
    while (end < text.size() && text[end] == ' ') ++end;
    if (end >= text.size() || text[end] != '$') continue;
    std::size_t last = end + 1;
    while (last < text.size() && text[last] >= '0' && text[last] <= '9') ++last;
    if (const auto number = parse_integer(text.substr(end + 1, last - end - 1)); number && *number > 0)
      return static_cast<std::size_t>(*number);
  }
  return 0;
}

Result<DrawnValues> draw_values(Copy& copy, const PreparedStatement& statement, std::string_view sql,
                                std::size_t sets) {
  Drawing drawing(copy, statement, statement.types.empty() ? 1 : sets);
  if (statement.types.empty()) return std::move(drawing).take();
  SIGNALBOX_TRY(const Plan plan, copy.explain(statement, Copy::Values::any, {}));
  for (const auto& [table, uses] : uses_of(plan, statement.types.size()))
    SIGNALBOX_CHECK(drawing.draw(table, uses));
  drawing.set_all(parameter_after(sql, "limit"), "10");
  drawing.set_all(parameter_after(sql, "offset"), "0");
  return std::move(drawing).take();
}

}  // namespace signalbox::queries
