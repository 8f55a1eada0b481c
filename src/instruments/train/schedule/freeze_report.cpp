#include "instruments/train/schedule/freeze_report.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::schedule {
namespace {

constexpr int kFirstYear = 1971, kLastYear = 2100;

std::string words_of(const std::vector<std::string>& environments) {
  return environments.empty() ? std::string("all") : printable(join(environments, ", "));
}

Table table_of(std::string title, const std::vector<gates::FrozenSpan>& spans) {
  Table table{std::move(title), {{"freeze"}, {"from"}, {"until"}, {"environments"}, {"reason"}}, {}};
  for (const gates::FrozenSpan& span : spans) {
    table.rows.push_back({printable(span.name), to_rfc3339(span.start), to_rfc3339(span.end),
                          words_of(span.environments), printable(span.reason)});
  }
  return table;
}

Json list_of(const std::vector<gates::FrozenSpan>& spans) {
  Json out = Json::array();
  for (const gates::FrozenSpan& span : spans) out.push_back(to_json(span));
  return out;
}

Time start_of_year(int year) {
  return std::chrono::sys_days(std::chrono::year(year) / 1 / 1);
}

Cell state_of(const gates::FreezeAnswer& answer) {
  if (answer.free_from) return {"in force until " + to_rfc3339(*answer.free_from), Tone::bad};
  if (answer.next) return {"from " + to_rfc3339(answer.next->start), Tone::plain};
  return {"not within a year", Tone::quiet};
}

}  // namespace

Json to_json(const gates::FrozenSpan& span) {
  Json environments = Json::array();
  for (const std::string& one : span.environments) environments.push_back(printable(one));
  return Json::object({{"name", printable(span.name)},
                       {"start", to_rfc3339(span.start)},
                       {"end", to_rfc3339(span.end)},
                       {"reason", printable(span.reason)},
                       {"environment", printable(join(span.environments, ", "))},
                       {"environments", std::move(environments)}});
}

Json to_json(const FreezeQuestion& question, const gates::FreezeAnswer& answer) {
  return Json::object({{"at", to_rfc3339(question.at)},
                       {"environment", printable(question.environment)},
                       {"frozen", answer.free_from.has_value()},
                       {"until", answer.free_from ? Json(to_rfc3339(*answer.free_from)) : Json()},
                       {"freezes", list_of(answer.in_force)},
                       {"next", answer.next ? to_json(*answer.next) : Json()}});
}

Report freeze_report(const FreezeQuestion& question, const gates::FreezeAnswer& answer) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Freezes at {}{}", to_rfc3339(question.at),
                             question.environment.empty() ? "" : ", " + printable(question.environment));
  report.verdict = answer.free_from ? Verdict::fail : Verdict::pass;
  report.summary = "not frozen";
  if (answer.free_from) {
    report.summary = fmt::format("frozen until {}", to_rfc3339(*answer.free_from));
    for (const gates::FrozenSpan& span : answer.in_force) {
      report.findings.push_back(
          {"train/frozen", Severity::error,
           fmt::format("{} until {}{}", printable(span.name), to_rfc3339(span.end),
                       span.reason.empty() ? std::string() : ": " + printable(span.reason)),
           std::nullopt, ""});
    }
    if (!answer.following.empty())
      report.tables.push_back(table_of("That follow without a gap", answer.following));
    report.next = {fmt::format("signalbox train exception request --freeze {} --reason TEXT --key NAME",
                               shell_word(answer.in_force.front().name))};
  } else if (answer.next) {
    report.facts.push_back({"next", printable(answer.next->name), ""});
    report.facts.push_back({"from", to_rfc3339(answer.next->start), ""});
    report.facts.push_back({"until", to_rfc3339(answer.next->end), ""});
  }
  report.data = to_json(question, answer);
  return report;
}

Result<Report> freezes_report(const std::vector<gates::Freeze>& freezes, Time now) {
  Report report;
  report.instrument = "train";
  report.title = "Freezes";
  Table table{"", {{"freeze"}, {"when"}, {"environments"}, {"state"}, {"reason"}}, {}};
  Json list = Json::array();
  std::size_t in_force = 0;
  for (const gates::Freeze& freeze : freezes) {
    SIGNALBOX_TRY(const gates::FreezeAnswer answer, gates::ask_freezes({freeze}, now, ""));
    in_force += answer.free_from ? 1U : 0U;
    table.rows.push_back({printable(freeze.name), printable(gates::text_of(freeze)),
                          words_of(freeze.environments), state_of(answer), printable(freeze.reason)});
    Json one = to_json({now, ""}, answer);
    one.set("name", printable(freeze.name));
    one.set("when", printable(gates::text_of(freeze)));
    list.push_back(std::move(one));
  }
  report.summary = freezes.empty() ? std::string("there is none")
                                   : fmt::format("{} of {} in force", in_force, freezes.size());
  if (freezes.empty()) {
    report.next = {
        "signalbox train freeze add \"year's end\" --start 2026-12-19T00:00:00Z --end "
        "2027-01-04T00:00:00Z"};
  } else {
    report.tables.push_back(std::move(table));
  }
  report.data = Json::object({{"freezes", std::move(list)}});
  return report;
}

Result<Json> freezes_of_year(const std::vector<gates::Freeze>& freezes, int year) {
  if (year < kFirstYear || year > kLastYear)
    return fail(ErrorKind::bad_input, fmt::format("a year is {} to {}", kFirstYear, kLastYear));
  SIGNALBOX_TRY(const gates::FreezeTable table,
                gates::FreezeTable::compile(freezes, "", start_of_year(year), start_of_year(year + 1)));
  return Json::object({{"year", year}, {"freezes", list_of(table.spans())}});
}

}  // namespace signalbox::train::schedule
