#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/announcer.hpp"

namespace signalbox::train::after {
namespace {

using State = AnnounceRow::State;

constexpr std::array<std::string_view, 6> kStates = {"told",      "told already",     "would be told",
                                                     "under way", "may have arrived", "not told"};

Tone tone_of(State state) {
  switch (state) {
    case State::told:
      return Tone::good;
    case State::was_told:
    case State::would_be_told:
      return Tone::plain;
    case State::under_way:
      return Tone::caution;
    case State::unknown:
    case State::failed:
      return Tone::bad;
  }
  return Tone::plain;
}

Json to_json(const AnnounceRow& row) {
  return Json::object({{"train", row.train},
                       {"moment", name_of(row.moment)},
                       {"message", row.key},
                       {"subject", row.words.subject},
                       {"text", row.words.text},
                       {"channel", row.channel},
                       {"kind", row.kind},
                       {"state", name_of(row.state)},
                       {"why", row.why},
                       {"tries", row.tries}});
}

std::optional<Finding> finding_of(const AnnounceRow& row) {
  const std::string place = fmt::format("{} of train {} in {}", row.key, row.train, row.channel);
  if (row.state == State::failed) {
    return Finding{"train/announcement-failed", Severity::error, fmt::format("{}: {}", place, row.why),
                   std::nullopt, "signalbox train announce " + row.train};
  }
  if (row.state == State::unknown) {
    return Finding{"train/announcement-unknown", Severity::error,
                   fmt::format("{} may have arrived, look there first: {}", place, row.why), std::nullopt,
                   fmt::format("signalbox train announce {} --again {}", row.train, row.channel)};
  }
  return std::nullopt;
}

// The messages that would be told, each once.
Table words_table(const std::vector<AnnounceRow>& rows) {
  Table table{"Messages", {{"message"}, {"subject"}, {"text"}}, {}};
  std::string last;
  for (const AnnounceRow& row : rows) {
    const std::string message = row.train + " " + row.key;
    if (row.state != State::would_be_told || message == last) continue;
    last = message;
    table.rows.push_back({message, row.words.subject, row.words.text});
  }
  return table;
}

}  // namespace

std::string_view name_of(AnnounceRow::State state) {
  return kStates[static_cast<std::size_t>(state)];
}

Report announce_report(const std::vector<AnnounceRow>& rows, const std::string& of) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Announcements of {}", of);
  Table table{"", {{"train"}, {"message"}, {"channel"}, {"state"}, {"why"}}, {}};
  Json all = Json::array();
  std::size_t told = 0, would = 0, not_told = 0;
  for (const AnnounceRow& row : rows) {
    table.rows.push_back({row.train, row.key, row.channel,
                          Cell(std::string(name_of(row.state)), tone_of(row.state)), row.why});
    all.push_back(to_json(row));
    if (auto finding = finding_of(row)) report.findings.push_back(std::move(*finding));
    told += row.state == State::told ? 1 : 0;
    would += row.state == State::would_be_told ? 1 : 0;
    not_told += tone_of(row.state) == Tone::bad ? 1 : 0;
  }
  report.verdict = not_told > 0 ? Verdict::fail : Verdict::pass;
  report.summary =
      would > 0 ? fmt::format("{} would be told", would) : fmt::format("{} told, {} not", told, not_told);
  if (rows.empty()) report.summary = "there is nothing to tell";
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  if (Table words = words_table(rows); !words.rows.empty()) report.tables.push_back(std::move(words));
  report.data = Json::object({{"announcements", std::move(all)}});
  return report;
}

Report deliveries_report(const Told& told) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Who was told of train {}", told.train);
  Table table{"", {{"message"}, {"channel"}, {"state"}, {"when"}, {"by"}, {"why"}}, {}};
  Json all = Json::array();
  std::size_t open = 0;
  for (const auto& [place, delivery] : told.deliveries) {
    const bool is_told = delivery.state == Delivery::State::told;
    open += is_told ? 0 : 1;
    table.rows.push_back({printable(place.first), printable(place.second),
                          Cell(std::string(name_of(delivery.state)), is_told ? Tone::good : Tone::bad),
                          to_rfc3339(delivery.since), printable(delivery.by), printable(delivery.why)});
    all.push_back(Json::object({{"message", place.first},
                                {"channel", place.second},
                                {"kind", delivery.kind},
                                {"subject", delivery.subject},
                                {"state", name_of(delivery.state)},
                                {"since", to_rfc3339(delivery.since)},
                                {"by", delivery.by},
                                {"why", delivery.why},
                                {"tries", delivery.tries},
                                {"evidence", delivery.index}}));
  }
  report.summary = fmt::format("{}, {} not told", counted(told.deliveries.size(), "message"), open);
  report.verdict = open > 0 ? Verdict::warn : Verdict::none;
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  for (const Remark& remark : told.remarks)
    report.findings.push_back({remark.rule, remark.severity, remark.message, std::nullopt, remark.remedy});
  report.data = Json::object({{"train", told.train}, {"announcements", std::move(all)}});
  return report;
}

}  // namespace signalbox::train::after
