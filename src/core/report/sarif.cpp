// SARIF 2.1.0 (OASIS): failed checks and findings become results.
#include <algorithm>
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

// GitHub's code scanning takes no result without a place and a line. What has no file of its own is about the
// configuration that asked.
Json places(const std::optional<Location>& place) {
  const Location shown = place.value_or(Location{"signalbox.yaml", 1, 0});
  Json region = Json::object({{"startLine", std::max(1, shown.line)}});
  if (shown.line > 0 && shown.column > 0) region.set("startColumn", shown.column);
  const Json physical = Json::object(
      {{"artifactLocation", Json::object({{"uri", uri_of(shown.file)}})}, {"region", std::move(region)}});
  Json out = Json::array();
  out.push_back(Json::object({{"physicalLocation", physical}}));
  return out;
}

// What a reader is told of a rule beside its results.
struct Rule {
  std::string about;  // one line
  std::string help;   // what to do
};

// The last part of a rule's id as words: "train/unknown-type" is about an "unknown type".
std::string words_of(std::string_view rule) {
  std::string out(rule.substr(rule.rfind('/') + 1));
  std::replace(out.begin(), out.end(), '-', ' ');
  return out;
}

Json descriptor(const std::string& id, const Rule& rule) {
  return Json::object({{"id", printable(id)},
                       {"shortDescription", message(rule.about)},
                       {"fullDescription", message(rule.about + ".")},
                       {"help", message(rule.help.empty() ? rule.about : rule.help)}});
}

}  // namespace

std::string render_sarif(const Report& report) {
  Json results = Json::array();
  std::map<std::string, Rule> rules;
  for (const Check& check : report.checks) {
    if (check.verdict != Verdict::fail && check.verdict != Verdict::warn) continue;
    const std::string rule = report.instrument + "/" + check.name;
    rules.emplace(rule, Rule{check.asked.empty() ? check.name : check.asked, check.remedy});
    Json item = result(rule, check.verdict == Verdict::fail ? "error" : "warning",
                       check.answer + (check.remedy.empty() ? "" : "; " + check.remedy));
    item.set("locations", places({}));
    results.push_back(std::move(item));
  }
  for (const Finding& finding : report.findings) {
    rules.emplace(finding.rule, Rule{words_of(finding.rule), finding.remedy});
    Json item = result(finding.rule, name_of(finding.severity),
                       finding.message + (finding.remedy.empty() ? "" : "; " + finding.remedy));
    item.set("locations", places(finding.location));
    results.push_back(std::move(item));
  }
  Json descriptors = Json::array();
  for (const auto& [id, rule] : rules) descriptors.push_back(descriptor(id, rule));
  const Json driver = Json::object({{"name", "signalbox " + report.instrument},
                                    {"semanticVersion", SIGNALBOX_VERSION},
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
