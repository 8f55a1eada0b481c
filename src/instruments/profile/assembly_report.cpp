#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/assembly_listing.hpp"
#include "instruments/profile/cost_cells.hpp"
#include "instruments/profile/draw/shown_name.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kContext = 6;       // instructions around those that cost, in a table
constexpr std::size_t kGapMin = 3;        // fewer that are left out are shown instead
constexpr std::size_t kMaxTold = 50'000;  // instructions, in JSON

bool costs(const AssemblyLine& line) {
  return line.cost.self != 0 || line.cost.cumulative != 0;
}

Json instruction_json(const AssemblyLine& line) {
  Json out = cost_json(line.cost);
  out.set("address", fmt::format("{:#x}", line.instruction.vaddr));
  out.set("size", static_cast<std::uint64_t>(line.instruction.size));
  out.set("text", plain_text(line.instruction.text));
  out.set("file", text_or_null(line.place.file));
  out.set("line", static_cast<std::int64_t>(line.place.line));
  out.set("inlined", text_or_null(line.place.inlined));
  return out;
}

Json part_json(const AssemblyPart& part, std::size_t& room) {
  Json instructions = Json::array();
  const std::size_t told = std::min(room, part.lines.size());
  for (std::size_t i = 0; i < told; ++i) instructions.push_back(instruction_json(part.lines[i]));
  room -= told;
  return Json::object({{"symbol", plain_text(part.symbol)},
                       {"path", plain_text(part.code.path)},
                       {"build_id", text_or_null(part.code.build_id)},
                       {"start", fmt::format("{:#x}", part.start)},
                       {"limit", fmt::format("{:#x}", part.limit)},
                       {"whole", cost_json(part.whole)},
                       {"instructions", std::move(instructions)},
                       {"left_out", static_cast<std::uint64_t>(part.lines.size() - told)}});
}

Json texts_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(plain_text(text));
  return out;
}

// Which instructions a table shows: those that cost, what is around them, and gaps that are hardly any.
std::vector<bool> shown_of(const AssemblyPart& part) {
  const std::size_t count = part.lines.size();
  std::vector<bool> out(count, false);
  for (std::size_t i = 0; i < count; ++i) {
    if (!costs(part.lines[i])) continue;
    const std::size_t first = i - std::min(i, kContext);
    const std::size_t last = std::min(count - 1, i + kContext);
    for (std::size_t at = first; at <= last; ++at) out[at] = true;
  }
  for (std::size_t i = 0; i < count;) {
    std::size_t end = i;
    while (end < count && !out[end]) ++end;
    if (end - i < kGapMin)
      for (std::size_t at = i; at < end; ++at) out[at] = true;
    i = std::max(end, i + 1);
  }
  return out;
}

std::string place_text(const AssemblyListing& listing, const SourcePlace& place) {
  std::string out =
      fmt::format("{}:{}", printable(std::filesystem::path(place.file).filename().string()), place.line);
  if (!place.inlined.empty()) out += fmt::format(" ({})", short_name(printable(place.inlined)));
  const auto file = listing.sources.find(place.file);
  if (file == listing.sources.end()) return out;
  const auto line = file->second.find(place.line);
  return line == file->second.end() ? out : out + "  " + std::string(trim(line->second));
}

Table table_of(const AssemblyListing& listing, const AssemblyPart& part) {
  Table table;
  table.title = fmt::format("{} in {}", printable(part.symbol), printable(part.code.path));
  table.columns = cost_columns();
  table.columns.push_back({"address", Column::Align::right});
  table.columns.push_back({"code"});
  const auto add = [&](std::vector<Cell> cells, Cell address, Cell code) {
    cells.push_back(std::move(address));
    cells.push_back(std::move(code));
    table.rows.push_back(std::move(cells));
  };
  const std::vector<bool> shown = shown_of(part);
  SourcePlace last;
  for (std::size_t i = 0; i < part.lines.size(); ++i) {
    if (!shown[i]) {
      std::size_t end = i;
      while (end < part.lines.size() && !shown[end]) ++end;
      add(std::vector<Cell>(6), {}, Cell(fmt::format("… {}", counted(end - i, "instruction")), Tone::quiet));
      last = {};
      i = end - 1;
      continue;
    }
    const AssemblyLine& line = part.lines[i];
    if (line.place.line > 0 && line.place != last)
      add(std::vector<Cell>(6), {}, Cell(place_text(listing, line.place), Tone::good));
    last = line.place;
    add(cost_cells(&line.cost, listing.value.unit),
        Cell(fmt::format("{:x}", line.instruction.vaddr), Tone::quiet),
        Cell("  " + printable(line.instruction.text), costs(line) ? Tone::plain : Tone::quiet));
  }
  return table;
}

}  // namespace

Json to_json(const AssemblyListing& listing) {
  std::size_t room = kMaxTold;
  Json parts = Json::array();
  for (const AssemblyPart& part : listing.parts) parts.push_back(part_json(part, room));
  Json sources = Json::array();
  for (const auto& [file, lines] : listing.sources)
    for (const auto& [line, text] : lines)
      sources.push_back(Json::object(
          {{"file", plain_text(file)}, {"line", static_cast<std::int64_t>(line)}, {"text", text}}));
  return Json::object({{"version", 1},
                       {"function", plain_text(listing.function)},
                       {"value", Json::object({{"type", plain_text(listing.value.type)},
                                               {"unit", plain_text(listing.value.unit)}})},
                       {"total", listing.total},
                       {"whole", cost_json(listing.whole)},
                       {"parts", std::move(parts)},
                       {"sources", std::move(sources)},
                       {"inlined_into", texts_json(listing.inlined_into)},
                       {"missing", texts_json(listing.missing)},
                       {"notes", texts_json(listing.notes)}});
}

Report assembly_report(const AssemblyListing& listing) {
  Report report;
  report.instrument = "profile";
  report.title = fmt::format("Machine code of {}", printable(listing.function));
  report.summary = listing.parts.empty() ? std::string("none of its machine code is here")
                                         : cost_summary(listing.whole, listing.total, listing.value);
  for (const AssemblyPart& part : listing.parts)
    report.facts.push_back({printable(part.symbol),
                            fmt::format("{} at {:#x} in {}{}", counted(part.lines.size(), "instruction"),
                                        part.start, printable(part.code.path),
                                        part.code.build_id.empty()
                                            ? std::string()
                                            : fmt::format(" (build id {})", printable(part.code.build_id))),
                            ""});
  for (const std::string& missing : listing.missing) report.facts.push_back({"missing", missing, ""});
  for (const std::string& note : listing.notes) report.facts.push_back({"note", note, ""});
  if (!listing.inlined_into.empty()) {
    std::vector<std::string> hosts;
    for (const std::string& host : listing.inlined_into) hosts.push_back(printable(host));
    report.facts.push_back({"inlined into, and counted there", join(hosts, ", "), ""});
  }
  for (const AssemblyPart& part : listing.parts) report.tables.push_back(table_of(listing, part));
  report.data = to_json(listing);
  return report;
}

}  // namespace signalbox::profile
