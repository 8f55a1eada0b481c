#include "instruments/train/after/review_report.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/overdue.hpp"
#include "instruments/train/plan_report.hpp"

namespace signalbox::train::after {
namespace {

Cell state_cell(const TrackedAction& action, Time now) {
  if (action.done) return {"done", Tone::good};
  return action.is_overdue(now) ? Cell("overdue", Tone::bad) : Cell("open", Tone::caution);
}

std::string state_of(const TrackedAction& action, Time now) {
  return state_cell(action, now).text;
}

Json action_json(const TrackedAction& action, Time now) {
  Json out = Json::object({{"train", action.train},
                           {"id", action.item.id},
                           {"class", name_of(action.item.action_class)},
                           {"title", printable(action.item.title)},
                           {"owner", printable(action.item.owner)},
                           {"due", to_rfc3339(action.item.due)},
                           {"state", state_of(action, now)},
                           {"changes", action.changes},
                           {"evidence", action.index}});
  if (action.first_due) out.set("first_due", to_rfc3339(*action.first_due));
  if (action.done) {
    Json done = Json::object({{"time", to_rfc3339(action.done->time)},
                              {"by", action.done->by},
                              {"note", printable(action.done->note)},
                              {"evidence", action.done->index}});
    if (action.done->evidence) done.set("shown_by", *action.done->evidence);
    out.set("done", std::move(done));
  }
  return out;
}

Json actions_json(const std::vector<const TrackedAction*>& actions, Time now) {
  Json out = Json::array();
  for (const TrackedAction* action : actions) out.push_back(action_json(*action, now));
  return out;
}

std::string due_text(const TrackedAction& action) {
  std::string out = to_rfc3339(action.item.due);
  if (action.first_due && *action.first_due != action.item.due)
    out += fmt::format(" (first {})", to_rfc3339(*action.first_due));
  return out;
}

enum class Columns { of_one_train, of_all };
Table actions_table(const std::vector<const TrackedAction*>& actions, Columns columns, Time now) {
  Table table{"Actions", {{"action"}, {"state"}, {"class"}, {"what"}, {"owner"}, {"due"}}, {}};
  if (columns == Columns::of_all) table.columns.insert(table.columns.begin(), Column{"train"});
  for (const TrackedAction* action : actions) {
    std::vector<Cell> row = {printable(action->item.id),
                             state_cell(*action, now),
                             std::string(name_of(action->item.action_class)),
                             printable(action->item.title),
                             printable(action->item.owner),
                             due_text(*action)};
    if (columns == Columns::of_all) row.insert(row.begin(), Cell(action->train));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table timeline_table(const std::vector<TimelineLine>& timeline) {
  Table table{"Timeline", {{"when"}, {"what"}, {"by"}, {"log", Column::Align::right}}, {}};
  for (const TimelineLine& line : timeline)
    table.rows.push_back({to_rfc3339(line.time), Cell(line.text, line.tone), printable(line.by),
                          fmt::format("#{}", line.index)});
  return table;
}

Table paragraphs_table(const char* title, const std::vector<std::string>& texts) {
  Table table{title, {{""}}, {}};
  for (const std::string& text : texts) table.rows.push_back({printable(text)});
  return table;
}

std::string way_text(const Aftermath& train) {
  const auto ending = ending_of(train.passages);
  if (!ending) return "it has neither left nor been taken back";
  return fmt::format("{} {} {}", ending->version,
                     ending->how == Ending::How::departed ? "departed" : "was taken back",
                     to_rfc3339(ending->time));
}

// "published", "due in 3d", "overdue by 2d", "not asked for".
Cell standing_of(const Aftermath& train, const ReviewRules& rules, Time now) {
  if (train.review) return {"published", Tone::good};
  const auto due = train.review_due(rules);
  if (!due) return {"not asked for", Tone::quiet};
  if (*due < now) return {fmt::format("overdue by {}", to_text(now - *due)), Tone::bad};
  return {fmt::format("due in {}", to_text(*due - now)), Tone::caution};
}

std::size_t count_open(const Aftermath& train) {
  return static_cast<std::size_t>(std::count_if(train.actions.begin(), train.actions.end(),
                                                [](const TrackedAction& one) { return one.is_open(); }));
}

std::vector<const TrackedAction*> pointers_to(const std::vector<TrackedAction>& actions) {
  std::vector<const TrackedAction*> out;
  for (const TrackedAction& action : actions) out.push_back(&action);
  return out;
}

Json standing_json(const Aftermath& train, const ReviewRules& rules, Time now) {
  Json out = Json::object({{"train", train.train}, {"review", standing_of(train, rules, now).text}});
  const auto ending = ending_of(train.passages);
  out.set("ending", ending ? Json(name_of(ending->how)) : Json());
  out.set("version", ending ? Json(ending->version) : Json());
  out.set("ended", ending ? Json(to_rfc3339(ending->time)) : Json());
  const auto due = train.review_due(rules);
  out.set("due", due ? Json(to_rfc3339(*due)) : Json());
  out.set("overdue", train.is_review_overdue(rules, now));
  out.set("published", train.review ? Json(to_rfc3339(train.review->time)) : Json());
  out.set("open_actions", count_open(train));
  return out;
}

Json texts_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(printable(text));
  return out;
}

Json words_json(const PublishedReview& published) {
  const Review& review = published.review;
  return Json::object({{"evidence", published.index},
                       {"by", published.by},
                       {"time", to_rfc3339(published.time)},
                       {"summary", printable(review.summary)},
                       {"impact", printable(review.impact)},
                       {"causes", texts_json(review.causes)},
                       {"went_well", texts_json(review.went_well)},
                       {"went_badly", texts_json(review.went_badly)},
                       {"no_actions", printable(review.no_actions)}});
}

void tell_words(const PublishedReview& published, Report& report) {
  const Review& review = published.review;
  report.facts.push_back({"summary", printable(review.summary), ""});
  if (!review.impact.empty()) report.facts.push_back({"impact", printable(review.impact), ""});
  if (!review.no_actions.empty()) report.facts.push_back({"nothing to do", printable(review.no_actions), ""});
  for (const auto& [title, texts] : {std::pair{"What let it happen", &review.causes},
                                     {"What went well", &review.went_well},
                                     {"What went badly", &review.went_badly}}) {
    if (!texts->empty()) report.tables.push_back(paragraphs_table(title, *texts));
  }
}

}  // namespace

Report review_report(const Aftermath& train, const std::vector<TimelineLine>& timeline,
                     const ReviewRules& rules, Time now) {
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Review of train {}", train.train);
  const std::vector<Overdue> overdue = overdue_of({train}, rules, now);
  const std::size_t open = count_open(train);
  report.summary = fmt::format("{}; its review is {}, {} open", way_text(train),
                               standing_of(train, rules, now).text, counted(open, "action"));
  report.verdict = !overdue.empty()            ? Verdict::warn
                   : train.review && open == 0 ? Verdict::pass
                                               : Verdict::none;
  if (train.review) {
    report.facts.push_back({"published",
                            fmt::format("{} by {}, log #{}", to_rfc3339(train.review->time),
                                        printable(train.review->by), train.review->index),
                            ""});
    tell_words(*train.review, report);
  }
  if (!train.actions.empty())
    report.tables.push_back(actions_table(pointers_to(train.actions), Columns::of_one_train, now));
  if (!timeline.empty()) report.tables.push_back(timeline_table(timeline));
  report.findings = findings_of(overdue, now);
  for (const Finding& finding : train::findings_of(train.remarks)) report.findings.push_back(finding);
  if (!train.review && ending_of(train.passages))
    report.next.push_back(fmt::format("signalbox train review new {} -o review.yaml", train.train));
  report.data = standing_json(train, rules, now);
  if (train.review) report.data.set("words", words_json(*train.review));
  report.data.set("actions", actions_json(pointers_to(train.actions), now));
  report.data.set("timeline", to_json(timeline));
  return report;
}

Report reviews_report(const std::vector<Aftermath>& trains, const ReviewRules& rules, Time now) {
  Report report;
  report.instrument = "train";
  report.title = "Reviews";
  Table table{"", {{"train"}, {"way"}, {"review"}, {"open actions", Column::Align::right}}, {}};
  Json all = Json::array();
  for (const Aftermath& train : trains) {
    table.rows.push_back({train.train, printable(way_text(train)), standing_of(train, rules, now),
                          std::to_string(count_open(train))});
    all.push_back(standing_json(train, rules, now));
  }
  const std::vector<Overdue> overdue = overdue_of(trains, rules, now);
  report.findings = findings_of(overdue, now);
  report.verdict = overdue.empty() ? Verdict::none : Verdict::warn;
  report.summary = trains.empty()
                       ? "no train has left yet"
                       : fmt::format("{}; {} overdue", counted(trains.size(), "train"),
                                     overdue.empty() ? "nothing is" : counted(overdue.size(), "thing"));
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  report.data = Json::object({{"reviews", std::move(all)}});
  return report;
}

Report actions_report(const std::vector<Aftermath>& trains, Shown shown, Time now) {
  std::vector<const TrackedAction*> listed;
  std::size_t open = 0, overdue = 0;
  for (const Aftermath& train : trains) {
    for (const TrackedAction& action : train.actions) {
      open += action.is_open() ? 1 : 0;
      overdue += action.is_overdue(now) ? 1 : 0;
      const bool is_listed =
          shown == Shown::all || (shown == Shown::open && action.is_open()) || action.is_overdue(now);
      if (is_listed) listed.push_back(&action);
    }
  }
  std::stable_sort(listed.begin(), listed.end(), [](const TrackedAction* a, const TrackedAction* b) {
    if (a->is_open() != b->is_open()) return a->is_open();
    return a->item.due < b->item.due;
  });
  Report report;
  report.instrument = "train";
  report.title = "Actions of reviews";
  report.summary = fmt::format("{} open, {} overdue", open, overdue);
  report.verdict = overdue > 0 ? Verdict::warn : Verdict::none;
  if (!listed.empty()) report.tables.push_back(actions_table(listed, Columns::of_all, now));
  report.data = Json::object({{"open", open}, {"overdue", overdue}, {"actions", actions_json(listed, now)}});
  return report;
}

}  // namespace signalbox::train::after
