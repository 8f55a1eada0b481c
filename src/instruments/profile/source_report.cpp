#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/cost_cells.hpp"
#include "instruments/profile/draw/shown_name.hpp"
#include "instruments/profile/source_listing.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kVersion = 1;
constexpr std::size_t kNamedFiles = 5;  // of machine code, in a report

Json code_json(const std::vector<CodeFile>& code) {
  Json out = Json::array();
  for (const CodeFile& each : code)
    out.push_back(Json::object({{"path", plain_text(each.path)}, {"build_id", text_or_null(each.build_id)}}));
  return out;
}

Json source_json(const SourceListing& listing) {
  if (!listing.source) return {};
  const SourceFile& source = *listing.source;
  Json lines = Json::array();
  for (const std::string& line : listing.lines) lines.push_back(line);
  return Json::object({{"from", name_of(source.origin)},
                       {"path", plain_text(source.path)},
                       {"commit", text_or_null(source.commit)},
                       {"note", text_or_null(source.note)},
                       {"file_lines", static_cast<std::uint64_t>(listing.file_lines)},
                       {"first_line", static_cast<std::uint64_t>(listing.first_line)},
                       {"lines", std::move(lines)}});
}

std::string code_text(const FileLines& file) {
  std::vector<std::string> out;
  for (const CodeFile& code : file.code) {
    if (out.size() == kNamedFiles) {
      out.push_back(fmt::format("{} more", file.code.size() - kNamedFiles));
      break;
    }
    out.push_back(code.build_id.empty()
                      ? printable(code.path)
                      : fmt::format("{} (build id {})", printable(code.path), printable(code.build_id)));
  }
  return join(out, ", ");
}

Table table_of(const SourceListing& listing) {
  const FileLines& file = listing.chosen();
  const std::string& unit = listing.costs.value.unit;
  Table table;
  table.title = listing.source ? fmt::format("Lines of {}", printable(listing.source->path)) : "Lines";
  table.columns = cost_columns();
  table.columns.push_back({"line", Column::Align::right});
  table.columns.push_back({"source"});
  std::map<std::size_t, const MeasuredCost*> costs;
  for (const LineCost& line : file.lines)
    costs[static_cast<std::size_t>(std::max(line.line, 0))] = &line.cost;
  const auto add = [&](std::size_t line, const std::string& text) {
    const auto found = costs.find(line);
    const MeasuredCost* const cost = found == costs.end() ? nullptr : found->second;
    std::vector<Cell> cells = cost_cells(cost, unit);
    cells.emplace_back(line == 0 ? "?" : std::to_string(line), Tone::quiet);
    cells.emplace_back(text, cost == nullptr ? Tone::quiet : Tone::plain);
    table.rows.push_back(std::move(cells));
  };
  if (costs.contains(0)) add(0, "(the profile does not say which line)");
  if (listing.source) {
    for (std::size_t i = 0; i < listing.lines.size(); ++i) add(listing.first_line + i, listing.lines[i]);
  } else {
    for (const auto& [line, cost] : costs)
      if (line > 0) add(line, "");
  }
  return table;
}

}  // namespace

Json to_json(const SourceListing& listing) {
  const LineCosts& costs = listing.costs;
  const FileLines& file = listing.chosen();
  Json files = Json::array();
  for (const FileLines& each : costs.files) files.push_back(plain_text(each.file));
  Json lines = Json::array();
  for (const LineCost& line : file.lines) {
    Json json = cost_json(line.cost);
    json.set("line", static_cast<std::int64_t>(line.line));
    lines.push_back(std::move(json));
  }
  return Json::object({{"version", static_cast<std::uint64_t>(kVersion)},
                       {"function", plain_text(costs.function)},
                       {"value", Json::object({{"type", plain_text(costs.value.type)},
                                               {"unit", plain_text(costs.value.unit)}})},
                       {"total", costs.total},
                       {"whole", cost_json(costs.whole)},
                       {"files", std::move(files)},
                       {"file", plain_text(file.file)},
                       {"start_line", file.start_line},
                       {"code", code_json(file.code)},
                       {"costs", std::move(lines)},
                       {"costs_left_out", static_cast<std::uint64_t>(file.lines_left_out)},
                       {"source", source_json(listing)},
                       {"missing", text_or_null(listing.missing)}});
}

Report source_report(const SourceListing& listing) {
  const LineCosts& costs = listing.costs;
  const FileLines& file = listing.chosen();
  Report report;
  report.instrument = "profile";
  report.title = fmt::format("Source of {}", printable(costs.function));
  report.summary = cost_summary(costs.whole, costs.total, costs.value);
  report.facts = {{"file", file.file.empty() ? "unknown" : printable(file.file), ""}};
  if (!file.code.empty()) report.facts.push_back({"in", code_text(file), ""});
  if (listing.source) {
    const SourceFile& source = *listing.source;
    report.facts.push_back({"source",
                            source.commit.empty() ? std::string(name_of(source.origin))
                                                  : fmt::format("commit {}", source.commit.substr(0, 12)),
                            ""});
    if (!source.note.empty()) report.facts.push_back({"note", source.note, ""});
  } else {
    report.facts.push_back({"source", listing.missing, ""});
  }
  if (file.lines_left_out > 0)
    report.facts.push_back(
        {"lines that cost less, left out", static_cast<std::uint64_t>(file.lines_left_out), ""});
  if (costs.files.size() > 1) {
    std::vector<std::string> others;
    for (const FileLines& each : costs.files)
      if (&each != &file) others.push_back(each.file.empty() ? "unknown files" : printable(each.file));
    report.facts.push_back({"also in", join(others, ", "), ""});
  }
  report.tables = {table_of(listing)};
  report.data = to_json(listing);
  return report;
}

}  // namespace signalbox::profile
