#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/top.hpp"
#include "instruments/profile/analysis/value_text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kNameColumnsMax = 120;  // of a drawn name; `data` has it whole

std::string place_of(const TopRow& row) {
  if (row.file.empty() && row.line == 0) return {};
  return fmt::format("{}:{}", std::filesystem::path(row.file).filename().string(), row.line);
}

Json values_json(const std::vector<std::int64_t>& values, const std::vector<ValueType>& types) {
  Json out = Json::object();
  for (std::size_t i = 0; i < types.size(); ++i) out.set(types[i].type, values[i]);
  return out;
}

Json row_json(const TopRow& row, const Top& top) {
  Json out = Json::object({{"function", row.function.name}, {"module", row.function.module}});
  if (row.function.is_synthetic) out.set("synthetic", true);
  if (top.by == TopBy::line) {
    out.set("file", row.file);
    out.set("line", row.line);
  }
  out.set("self", values_json(row.self, top.value_types));
  out.set("cumulative", values_json(row.cumulative, top.value_types));
  out.set("self_share", share_json(row.self_share));
  out.set("cumulative_share", share_json(row.cumulative_share));
  return out;
}

Table table_of(const Top& top, std::size_t rows_max) {
  const std::string& unit = top.value_types[top.value].unit;
  constexpr auto kRight = Column::Align::right;
  Table table;
  table.title = top.by == TopBy::line ? "Lines" : "Functions";
  table.columns = {{"self", kRight},  {"self %", kRight}, {"95 %", kRight}, {"cum", kRight},
                   {"cum %", kRight}, {"95 %", kRight},   {"function"}};
  if (top.by == TopBy::line) table.columns.push_back({"line"});
  table.columns.push_back({"module"});
  for (std::size_t i = 0; i < std::min(rows_max, top.rows.size()); ++i) {
    const TopRow& row = top.rows[i];
    const Tone tone = row.function.is_synthetic ? Tone::quiet : Tone::plain;
    std::vector<Cell> cells = {{value_text(static_cast<double>(row.self[top.value]), unit)},
                               {percent_text(row.self_share.share)},
                               {interval_text(row.self_share.interval), Tone::quiet},
                               {value_text(static_cast<double>(row.cumulative[top.value]), unit)},
                               {percent_text(row.cumulative_share.share)},
                               {interval_text(row.cumulative_share.interval), Tone::quiet},
                               {cut_to_width(row.function.name, kNameColumnsMax), tone}};
    if (top.by == TopBy::line) cells.emplace_back(place_of(row));
    cells.emplace_back(row.function.module, Tone::quiet);
    table.rows.push_back(std::move(cells));
  }
  if (top.rows.size() > rows_max) {
    std::vector<Cell> rest(table.columns.size());
    rest[6] = Cell(fmt::format("… and {} more", top.rows.size() - rows_max), Tone::quiet);
    table.rows.push_back(std::move(rest));
  }
  return table;
}

// How sure the first row is, in words.
std::string certainty_of(const Top& top) {
  if (top.rows.empty()) return {};
  const TopRow& first = top.rows.front();
  const ShareEstimate& estimate = top.order == TopOrder::self ? first.self_share : first.cumulative_share;
  return fmt::format("{} within {}; {:.1f}x longer would halve that", percent_text(estimate.share),
                     interval_text(estimate.interval), times_longer_to_halve(estimate));
}

Json data_of(const Top& top) {
  Json rows = Json::array();
  for (const TopRow& row : top.rows) rows.push_back(row_json(row, top));
  Json types = Json::array();
  for (const ValueType& type : top.value_types)
    types.push_back(Json::object({{"type", type.type}, {"unit", type.unit}}));
  return Json::object({{"values", std::move(types)},
                       {"value", top.value_types[top.value].type},
                       {"by", top.by == TopBy::line ? "line" : "function"},
                       {"order", top.order == TopOrder::self ? "self" : "cumulative"},
                       {"totals", values_json(top.totals, top.value_types)},
                       {"observations", top.observations},
                       {"blocks", top.blocks},
                       {"confidence", kConfidence},
                       {"rows", std::move(rows)}});
}

}  // namespace

Report top_report(const Top& top, std::string_view name, std::size_t rows_max) {
  const ValueType& type = top.value_types[top.value];
  Report report;
  report.instrument = "profile";
  report.title = fmt::format("Profile {}", printable(name));
  const std::string total = value_text(static_cast<double>(top.totals[top.value]), type.unit);
  report.summary = fmt::format(
      "{} of {} in {}", total, type.type,
      top.by == TopBy::line ? counted(top.rows.size(), "line") : counted(top.rows.size(), "function"));
  report.facts = {{"total " + type.type, total, ""},
                  {"independent samples", fmt::format("{:.0f}", top.observations), ""}};
  if (const std::string certainty = certainty_of(top); !certainty.empty())
    report.facts.push_back({"first row", certainty, ""});
  report.facts.push_back(
      {"intervals",
       top.blocks > 0
           ? fmt::format("95 %, with what {} blocks of time say of dependence between samples", top.blocks)
           : std::string("95 %, as of independent samples: they have no times"),
       ""});
  report.tables = {table_of(top, rows_max)};
  report.data = data_of(top);
  return report;
}

}  // namespace signalbox::profile
