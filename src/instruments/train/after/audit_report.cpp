#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/audit.hpp"
#include "instruments/train/after/timeline.hpp"

namespace signalbox::train::after {
namespace {

Verdict worst_of(const std::vector<Check>& checks) {
  Verdict out = Verdict::pass;
  for (const Check& check : checks) {
    if (check.verdict == Verdict::fail) return Verdict::fail;
    if (check.verdict == Verdict::warn) out = Verdict::warn;
  }
  return out;
}

Table timeline_table(const std::vector<TimelineLine>& timeline) {
  Table table{"What happened", {{"when"}, {"what"}, {"by"}, {"log", Column::Align::right}}, {}};
  for (const TimelineLine& line : timeline)
    table.rows.push_back({to_rfc3339(line.time), Cell(line.text, line.tone), printable(line.by),
                          fmt::format("#{}", line.index)});
  return table;
}

std::string short_type(std::string_view type) {
  if (type.starts_with(evidence::kPredicatePrefix)) type.remove_prefix(evidence::kPredicatePrefix.size());
  return printable(type);
}

Json entries_json(const Exhibits& exhibits) {
  Json out = Json::array();
  for (const auto& [index, exhibit] : exhibits.entries) {
    const evidence::Signer* const signer = exhibit.signer();
    const std::string digest = exhibit.envelope_digest();
    out.push_back(Json::object({{"index", index},
                                {"time", to_rfc3339(exhibit.entry.time)},
                                {"type", short_type(exhibit.record["type"].as_string())},
                                {"leaf", to_hex(exhibit.entry.leaf)},
                                {"envelope", digest.empty() ? Json() : Json(digest)},
                                {"signed_by", signer == nullptr ? Json() : Json(signer->key.name)}}));
  }
  return out;
}

}  // namespace

Report audit_report(const Exhibits& exhibits, const Audit& audit) {
  Report report;
  report.instrument = "train";
  report.title = exhibits.train.empty() ? std::string("Audit of a bundle")
                                        : fmt::format("Audit of train {}", exhibits.train);
  report.checks = audit.checks;
  report.verdict = worst_of(audit.checks);
  const auto failed = std::count_if(audit.checks.begin(), audit.checks.end(),
                                    [](const Check& check) { return check.verdict == Verdict::fail; });
  report.summary = failed == 0
                       ? fmt::format("it left by its rules, as {} show",
                                     counted(exhibits.entries.size(), "entry", "entries"))
                       : fmt::format("{} of {} questions are answered with no", failed, audit.checks.size());
  report.facts = {{"log", fmt::format("{} of {} entries", printable(exhibits.origin), exhibits.size), ""},
                  {"entries", exhibits.entries.size(), ""}};
  const std::vector<TimelineLine> timeline = timeline_of(exhibits.events);
  if (!timeline.empty()) report.tables.push_back(timeline_table(timeline));
  report.data =
      Json::object({{"train", exhibits.train},
                    {"ending", audit.ending ? Json(name_of(audit.ending->how)) : Json()},
                    {"version", audit.ending ? Json(printable(audit.ending->version)) : Json()},
                    {"commit", audit.ending ? Json(printable(audit.ending->commit)) : Json()},
                    {"decision", audit.decision ? Json(*audit.decision) : Json()},
                    {"log", Json::object({{"origin", printable(exhibits.origin)}, {"size", exhibits.size}})},
                    {"entries", entries_json(exhibits)},
                    {"timeline", to_json(timeline)}});
  return report;
}

}  // namespace signalbox::train::after
