#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/report/report.hpp"

namespace signalbox {
namespace {

// Text in JSON is UTF-8; what came from outside may not be.
Json text(std::string_view octets) {
  return is_utf8(octets) ? Json(octets) : Json(escape_invalid_utf8(octets));
}

template <class T>
Json optional(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

template <class Items, class Convert>
Json list(const Items& items, Convert convert) {
  Json out = Json::array();
  for (const auto& item : items) out.push_back(convert(item));
  return out;
}

Json from(const Check& check) {
  return Json::object({{"name", text(check.name)},
                       {"verdict", signalbox::name_of(check.verdict)},
                       {"asked", text(check.asked)},
                       {"answer", text(check.answer)},
                       {"reason", text(check.reason)},
                       {"remedy", text(check.remedy)},
                       {"age_s", optional(check.age_s)},
                       {"evidence", optional(check.evidence)},
                       {"owner", text(check.owner)}});
}

Json from(const Finding& finding) {
  Json location;
  if (finding.location) {
    location = Json::object({{"file", text(finding.location->file)},
                             {"line", finding.location->line},
                             {"column", finding.location->column}});
  }
  return Json::object({{"rule", text(finding.rule)},
                       {"severity", signalbox::name_of(finding.severity)},
                       {"message", text(finding.message)},
                       {"location", location},
                       {"remedy", text(finding.remedy)}});
}

Json from(const Table& table) {
  const auto column = [](const Column& c) {
    return Json::object(
        {{"name", text(c.name)}, {"align", c.align == Column::Align::right ? "right" : "left"}});
  };
  const auto cell = [](const Cell& c) {
    return Json::object({{"text", text(c.text)}, {"tone", name_of(c.tone)}});
  };
  return Json::object(
      {{"title", text(table.title)},
       {"columns", list(table.columns, column)},
       {"rows", list(table.rows, [&](const std::vector<Cell>& row) { return list(row, cell); })}});
}

Json from(const Chart& chart) {
  const auto series = [](const Series& s) {
    const auto number = [](double value) { return Json(value); };
    return Json::object({{"name", text(s.name)}, {"x", list(s.x, number)}, {"y", list(s.y, number)}});
  };
  return Json::object({{"title", text(chart.title)},
                       {"kind", chart.kind == Chart::Kind::bar ? "bar" : "line"},
                       {"x_label", text(chart.x_label)},
                       {"y_label", text(chart.y_label)},
                       {"categories", list(chart.categories, [](const std::string& s) { return text(s); })},
                       {"series", list(chart.series, series)}});
}

}  // namespace

Json to_json(const Report& report) {
  const auto fact = [](const Fact& f) {
    return Json::object({{"name", text(f.name)}, {"value", f.value}, {"unit", text(f.unit)}});
  };
  const auto attachment = [](const Attachment& a) {
    return Json::object(
        {{"name", text(a.name)}, {"media_type", text(a.media_type)}, {"base64", to_base64(a.octets)}});
  };
  return Json::object({{"version", 1},
                       {"instrument", text(report.instrument)},
                       {"title", text(report.title)},
                       {"verdict", name_of(report.verdict)},
                       {"summary", text(report.summary)},
                       {"facts", list(report.facts, fact)},
                       {"checks", list(report.checks, [](const Check& c) { return from(c); })},
                       {"findings", list(report.findings, [](const Finding& f) { return from(f); })},
                       {"tables", list(report.tables, [](const Table& t) { return from(t); })},
                       {"charts", list(report.charts, [](const Chart& c) { return from(c); })},
                       {"attachments", list(report.attachments, attachment)},
                       {"next", list(report.next, [](const std::string& s) { return text(s); })},
                       {"data", report.data}});
}

std::string render_json(const Report& report) {
  return to_json(report).pretty() + "\n";
}

}  // namespace signalbox
