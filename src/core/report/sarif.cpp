// SARIF 2.1.0 (OASIS): failed checks and findings become results.
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/report/report.hpp"

namespace signalbox {
namespace {

Json message(std::string_view text) {
  return Json::object({{"text", printable(text)}});
}

Json result(const std::string& rule, std::string_view level, std::string_view text) {
  return Json::object({{"ruleId", printable(rule)}, {"level", level}, {"message", message(text)}});
}

// A path as a URI reference (RFC 3986): what is not unreserved, and no separator of folders, is
// percent-encoded.
std::string uri_of(std::string_view path) {
  std::string out = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

Json location(const Location& place) {
  Json physical = Json::object({{"artifactLocation", Json::object({{"uri", uri_of(place.file)}})}});
  if (place.line > 0) {
    Json region = Json::object({{"startLine", place.line}});
    if (place.column > 0) region.set("startColumn", place.column);
    physical.set("region", std::move(region));
  }
  return Json::object({{"physicalLocation", std::move(physical)}});
}

}  // namespace

std::string render_sarif(const Report& report) {
  Json results = Json::array();
  std::map<std::string, std::string> rules;
  for (const Check& check : report.checks) {
    if (check.verdict != Verdict::fail && check.verdict != Verdict::warn) continue;
    const std::string rule = report.instrument + "/" + check.name;
    rules.emplace(rule, check.asked.empty() ? check.name : check.asked);
    results.push_back(result(rule, check.verdict == Verdict::fail ? "error" : "warning",
                             check.answer + (check.remedy.empty() ? "" : "; " + check.remedy)));
  }
  for (const Finding& finding : report.findings) {
    rules.emplace(finding.rule, finding.rule);
    Json item = result(finding.rule, name_of(finding.severity),
                       finding.message + (finding.remedy.empty() ? "" : "; " + finding.remedy));
    if (finding.location) {
      Json places = Json::array();
      places.push_back(location(*finding.location));
      item.set("locations", std::move(places));
    }
    results.push_back(std::move(item));
  }
  Json descriptors = Json::array();
  for (const auto& [id, text] : rules)
    descriptors.push_back(Json::object({{"id", printable(id)}, {"shortDescription", message(text)}}));
  const Json driver = Json::object({{"name", "signalbox " + report.instrument},
                                    {"informationUri", "https://signalbox.dev/"},
                                    {"rules", std::move(descriptors)}});
  Json runs = Json::array();
  runs.push_back(
      Json::object({{"tool", Json::object({{"driver", driver}})}, {"results", std::move(results)}}));
  return Json::object({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                       {"version", "2.1.0"},
                       {"runs", std::move(runs)}})
             .pretty() +
         "\n";
}

}  // namespace signalbox
