#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/compare.hpp"
#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/analysis/value_text.hpp"
#include "instruments/profile/model/marks.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kNameColumnsMax = 100;  // of a drawn name; `data` has it whole
constexpr std::size_t kStacksDrawn = 10;
constexpr std::size_t kFramesDrawn = 4;  // the last ones of a stack

// Draws one difference.
class Draughtsman {
 public:
  Draughtsman(const Difference& difference, std::size_t rows_max)
      : difference_(difference), rows_max_(rows_max) {}

  Table movers(std::string title, const CostPair FunctionChange::*cost) const {
    std::vector<const FunctionChange*> moved;
    for (const FunctionChange& change : difference_.functions) {
      if ((change.*cost).rise() != 0) moved.push_back(&change);
    }
    std::stable_sort(moved.begin(), moved.end(), [&](const FunctionChange* a, const FunctionChange* b) {
      return std::abs((a->*cost).rise()) > std::abs((b->*cost).rise());
    });
    Table table;
    table.title = std::move(title);
    table.columns = {{"base", kRight},   {"new", kRight}, {"change", kRight}, {"%", kRight},
                     {"95 % of change"}, {"function"},    {"module"}};
    for (std::size_t i = 0; i < std::min(rows_max_, moved.size()); ++i)
      table.rows.push_back(row(moved[i]->function, moved[i]->*cost));
    if (moved.size() > rows_max_) {
      std::vector<Cell> rest(table.columns.size());
      rest[5] = Cell(fmt::format("… and {} more", moved.size() - rows_max_), Tone::quiet);
      table.rows.push_back(std::move(rest));
    }
    return table;
  }

  // Functions of one side alone, the dearest first.
  Table alone(const char* title, double CostPair::*side, bool (FunctionChange::*is_alone)() const) const {
    std::vector<const FunctionChange*> found;
    for (const FunctionChange& change : difference_.functions) {
      if ((change.*is_alone)()) found.push_back(&change);
    }
    std::stable_sort(found.begin(), found.end(), [&](const FunctionChange* a, const FunctionChange* b) {
      return a->cumulative.*side > b->cumulative.*side;
    });
    Table table;
    table.title = fmt::format("{} ({})", title, found.size());
    table.columns = {{"self", kRight}, {"cum", kRight}, {"function"}, {"module"}};
    for (std::size_t i = 0; i < std::min(rows_max_, found.size()); ++i) {
      const FunctionChange& change = *found[i];
      table.rows.push_back({{value(change.self.*side)},
                            {value(change.cumulative.*side)},
                            {cut_to_width(change.function.name, kNameColumnsMax)},
                            {change.function.module, Tone::quiet}});
    }
    if (found.size() > rows_max_) {
      std::vector<Cell> rest(table.columns.size());
      rest[2] = Cell(fmt::format("… and {} more", found.size() - rows_max_), Tone::quiet);
      table.rows.push_back(std::move(rest));
    }
    return table;
  }

  Table stacks() const {
    Table table;
    table.title =
        fmt::format("Stacks ({} new, {} vanished)", difference_.stacks_new, difference_.stacks_vanished);
    table.columns = {{"base", kRight}, {"new", kRight}, {"change", kRight}, {"stack"}};
    for (std::size_t i = 0; i < std::min(kStacksDrawn, difference_.stacks.size()); ++i) {
      const StackChange& change = difference_.stacks[i];
      table.rows.push_back({{value(change.base)},
                            {value(change.fresh)},
                            {signed_value_text(change.rise(), difference_.type.unit)},
                            {stack_text(change)}});
    }
    return table;
  }

 private:
  static constexpr auto kRight = Column::Align::right;

  std::string value(double number) const { return value_text(number, difference_.type.unit); }

  std::vector<Cell> row(const FunctionIdentity& function, const CostPair& cost) const {
    const std::string& unit = difference_.type.unit;
    const bool is_sure = cost.difference.lower > 0 || cost.difference.upper < 0;
    const Tone tone = !is_sure ? Tone::quiet : cost.rise() > 0 ? Tone::bad : Tone::good;
    const std::string relative = cost.base == 0    ? "new"
                                 : cost.fresh == 0 ? "gone"
                                                   : signed_percent_text(cost.rise() / cost.base);
    return {{value(cost.base)},
            {value(cost.fresh)},
            {signed_value_text(cost.rise(), unit), tone},
            {relative, tone},
            {fmt::format("{} … {}", signed_value_text(cost.difference.lower, unit),
                         signed_value_text(cost.difference.upper, unit)),
             Tone::quiet},
            {cut_to_width(function.name, kNameColumnsMax)},
            {function.module, Tone::quiet}};
  }

  // The innermost functions; of a wait what waited, and the thread that ended it.
  static std::string stack_text(const StackChange& change) {
    const auto mark = std::find_if(change.functions.begin(), change.functions.end(),
                                   [](const FunctionIdentity& each) { return each.name == kWokenBy; });
    const auto count = static_cast<std::size_t>(mark - change.functions.begin());
    std::string out = count > kFramesDrawn ? "… " : "";
    for (std::size_t i = count > kFramesDrawn ? count - kFramesDrawn : 0; i < count; ++i) {
      out += cut_to_width(change.functions[i].name, kNameColumnsMax / kFramesDrawn);
      if (i + 1 < count) out += " → ";
    }
    if (change.functions.end() - mark > 1) out += fmt::format(" {} {}", kWokenBy, (mark + 1)->name);
    return out;
  }

  const Difference& difference_;
  std::size_t rows_max_;
};

Json pair_json(const CostPair& cost) {
  return Json::object({{"base", cost.base},
                       {"new", cost.fresh},
                       {"change", cost.rise()},
                       {"ci", Json(Json::Array{cost.difference.lower, cost.difference.upper})},
                       {"p_value", cost.p_value}});
}

Json data_of(const Difference& difference) {
  Json functions = Json::array();
  for (const FunctionChange& change : difference.functions) {
    Json row = Json::object({{"function", change.function.name}, {"module", change.function.module}});
    if (change.function.is_synthetic) row.set("synthetic", true);
    row.set("self", pair_json(change.self));
    row.set("cumulative", pair_json(change.cumulative));
    functions.push_back(std::move(row));
  }
  Json stacks = Json::array();
  for (const StackChange& change : difference.stacks) {
    Json names = Json::array();
    for (const FunctionIdentity& function : change.functions) names.push_back(function.name);
    stacks.push_back(
        Json::object({{"stack", std::move(names)}, {"base", change.base}, {"new", change.fresh}}));
  }
  return Json::object({{"base", difference.base_name},
                       {"new", difference.fresh_name},
                       {"value", difference.type.type},
                       {"unit", difference.type.unit},
                       {"normalization", name_of(difference.normalization)},
                       {"base_total", difference.base_total},
                       {"new_total", difference.fresh_total},
                       {"base_scale", difference.base_scale},
                       {"new_scale", difference.fresh_scale},
                       {"confidence", kConfidence},
                       {"functions", std::move(functions)},
                       {"stacks", std::move(stacks)},
                       {"stacks_new", difference.stacks_new},
                       {"stacks_vanished", difference.stacks_vanished}});
}

std::string summary_of(const Difference& difference) {
  const double base = difference.base_scale * difference.base_total;
  const double fresh = difference.fresh_scale * difference.fresh_total;
  if (difference.normalization == Normalization::samples) {
    return fmt::format("shares of {}: a change of all functions alike is not seen here",
                       difference.type.type);
  }
  return fmt::format("{}{}: {} → {}, {}", difference.type.type,
                     difference.normalization == Normalization::work ? " per unit of work" : "",
                     value_text(base, difference.type.unit), value_text(fresh, difference.type.unit),
                     signed_percent_text(fresh / base - 1));
}

}  // namespace

Report difference_report(const Difference& difference, std::size_t rows_max) {
  const Draughtsman draughtsman(difference, rows_max);
  const std::string& unit = difference.type.unit;
  Report report;
  report.instrument = "profile";
  report.title =
      fmt::format("Profile {} beside {}", printable(difference.fresh_name), printable(difference.base_name));
  report.summary = summary_of(difference);
  report.facts = {
      {"base", value_text(difference.base_total, unit), ""},
      {"new", value_text(difference.fresh_total, unit), ""},
      {"normalised by", std::string(name_of(difference.normalization)), ""},
      {"intervals", "95 %, of sampling alone; profile check judges with what differs from run to run", ""}};
  report.tables = {draughtsman.movers("Self cost", &FunctionChange::self),
                   draughtsman.movers("Cost with all that was called", &FunctionChange::cumulative),
                   draughtsman.alone("New functions", &CostPair::fresh, &FunctionChange::is_new),
                   draughtsman.alone("Vanished functions", &CostPair::base, &FunctionChange::is_vanished),
                   draughtsman.stacks()};
  std::erase_if(report.tables, [](const Table& table) { return table.rows.empty(); });
  report.data = data_of(difference);
  return report;
}

}  // namespace signalbox::profile
