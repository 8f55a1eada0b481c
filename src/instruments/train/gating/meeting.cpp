#include "instruments/train/gating/meeting.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

using std::chrono::minutes;

// A red row is worth a discussion, the rest a sentence; nobody sits longer than half an hour.
constexpr minutes kRedItem{3};
constexpr minutes kOtherItem{1};
constexpr minutes kLongest{30};

std::string owner_or_nobody(const std::string& owner) {
  return owner.empty() ? "nobody: name one" : owner;
}

const Action* action_for(const WayToGo& way, const std::string& row) {
  for (const Action& action : way.actions) {
    if (std::find(action.fixes.begin(), action.fixes.end(), row) != action.fixes.end()) return &action;
  }
  return nullptr;
}

AgendaItem item_of_red(const Check& check, const WayToGo& way) {
  AgendaItem out{check.name, "red", check.answer, owner_or_nobody(check.owner), "", "", kRedItem};
  const Action* const action = action_for(way, check.name);
  if (action == nullptr) {
    out.proposed = "NO-GO: nothing known turns it green";
  } else {
    out.command = action->command;
    out.proposed = action->kind == Action::Kind::waits ? "wait"
                   : action->kind == Action::Kind::asks_people
                       ? fmt::format("{} approves, or says what is missing", action->who)
                       : "fix it before the departure";
  }
  return out;
}

AgendaItem item_of_amber(const Check& check) {
  const bool excepted = check.reason == "excepted";
  return {check.name,
          excepted ? "excepted" : "amber",
          check.answer,
          owner_or_nobody(check.owner),
          excepted ? "leave under the exception, audit it afterwards"
                   : "leave all the same, or veto because of it",
          excepted ? "" : check.remedy,
          kOtherItem};
}

// Warnings of gates that do not block stand among the checks; items of the score that lack points do not.
void add_score_items(const Decision& decision, std::vector<AgendaItem>& out) {
  for (const Judged& judged : decision.gates) {
    const Check& check = judged.result.check;
    const bool told =
        std::any_of(out.begin(), out.end(), [&](const AgendaItem& item) { return item.what == check.name; });
    if (check.verdict == Verdict::warn && !told) out.push_back(item_of_amber(check));
  }
}

}  // namespace

Agenda make_agenda(const Decision& decision, const WayToGo& way, const std::vector<Expiry>& race) {
  Agenda out;
  for (const Check& check : decision.checks) {
    if (check.verdict == Verdict::fail) out.items.push_back(item_of_red(check, way));
  }
  for (const Check& check : decision.checks) {
    if (check.verdict == Verdict::warn) out.items.push_back(item_of_amber(check));
  }
  add_score_items(decision, out.items);
  for (const Expiry& one : race) {
    if (!one.is_lost) continue;
    out.items.push_back({one.row, "expires", "good until " + to_rfc3339(one.expires),
                         owner_or_nobody(one.owner), "renew it from " + to_rfc3339(one.renew_from) + " on",
                         one.command, kOtherItem});
  }
  for (const Finding& audit : audit_findings(decision.all_exceptions, decision.time)) {
    out.items.push_back({audit.rule == "train/audit-overdue" ? "overdue audit" : "open audit", "audit",
                         audit.message, "nobody: name one", "name an auditor", audit.remedy, kOtherItem});
  }
  minutes sum{0};
  for (const AgendaItem& item : out.items) sum += item.timebox;
  out.timebox = std::min(sum, kLongest);
  out.proposed = decision.is_go()        ? (decision.excepted().empty() ? "GO" : "GO, under exception")
                 : !way.hopeless.empty() ? "NO-GO: " + join(way.hopeless, ", ")
                                         : fmt::format("NO-GO until {} {} done", way.actions.size(),
                                                       way.actions.size() == 1 ? "thing is" : "things are");
  return out;
}

Report agenda_report(const Decision& decision, const Agenda& agenda) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Readiness of {} {} at {}", decision.plan.name, decision.plan.next.tag,
                             decision.candidate.commit.substr(0, 7));
  report.verdict = Verdict::none;
  report.summary = fmt::format("proposed: {}; {} open, {} minutes", agenda.proposed, agenda.items.size(),
                               agenda.timebox.count());
  Table table{"Open items",
              {{"what"}, {"state"}, {"found"}, {"owner"}, {"proposed"}, {"min", Column::Align::right}},
              {}};
  Json items = Json::array();
  for (const AgendaItem& item : agenda.items) {
    const Tone tone = item.state == "red" ? Tone::bad : Tone::caution;
    table.rows.push_back({printable(item.what), Cell(item.state, tone), printable(item.found),
                          printable(item.owner), printable(item.proposed),
                          std::to_string(item.timebox.count())});
    items.push_back(Json::object({{"what", item.what},
                                  {"state", item.state},
                                  {"found", printable(item.found)},
                                  {"owner", item.owner},
                                  {"proposed", item.proposed},
                                  {"command", item.command},
                                  {"minutes", item.timebox.count()}}));
    if (!item.command.empty() &&
        std::find(report.next.begin(), report.next.end(), item.command) == report.next.end())
      report.next.push_back(item.command);
  }
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  report.data = Json::object({{"proposed", agenda.proposed},
                              {"minutes", agenda.timebox.count()},
                              {"decision", decision.is_go() ? "GO" : "NO-GO"},
                              {"items", std::move(items)}});
  return report;
}

}  // namespace signalbox::train
