// Reviews and their actions: drafts, codecs, and the fold of events.
#include <gtest/gtest.h>

#include "instruments/train/after/fixture.hpp"
#include "instruments/train/after/overdue.hpp"
#include "instruments/train/after/review_draft.hpp"
#include "instruments/train/after/review_report.hpp"
#include "instruments/train/ramp/ramp_event.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr hours kDay{24};

// 2025-12-01T08:00:00Z
Time start() {
  return TestLog::start();
}

TestLog log_of_way_back() {
  TestLog log;
  log.schedule();
  log.add("rollback", taken_back("v1.1.0", start() + seconds(60), start() + seconds(102), commit_id('b')));
  return log;
}

config::Node yaml(const std::string& text) {
  auto node = config::parse_yaml(text, "review.yaml");
  EXPECT_TRUE(node) << (node ? "" : node.error().message);
  return node ? *node : config::Node();
}

ActionItem item(const std::string& id, Time due) {
  return {id, ActionClass::detect, "alarm on errors", "ada", due};
}

Json added(const std::string& id, Time due) {
  ActionEvent event;
  event.item = item(id, due);
  return to_json(event);
}

Json done(const std::string& id) {
  ActionEvent event;
  event.what = ActionEvent::What::done;
  event.item.id = id;
  event.note = "the alarm is there";
  return to_json(event);
}

TEST(ReviewDraft, TellsWhatTheLogHolds) {
  const TestLog log = log_of_way_back();
  const std::string draft = draft_of(fold_aftermath(log.events_), timeline_of(log.events_));
  EXPECT_NE(draft.find("v1.1.0 was taken back to v1.0.0 in 42s: errors is above 0.25"), std::string::npos)
      << draft;
  EXPECT_NE(draft.find("# 2025-12-01T08:00:00Z  the train is made, to depart 2025-12-22T08:00:00Z"),
            std::string::npos)
      << draft;
}

// As it is begun it cannot be published: nobody has said what is to be done.
TEST(ReviewDraft, IsNoReviewUntilSomebodySaysWhatIsToBeDone) {
  const TestLog log = log_of_way_back();
  const Aftermath train = fold_aftermath(log.events_);
  const std::string draft = draft_of(train, timeline_of(log.events_));
  const auto unchanged = read_draft(yaml(draft), train, start());
  ASSERT_FALSE(unchanged);
  EXPECT_NE(unchanged.error().message.find("does not say why nothing is to be done"), std::string::npos);

  std::string filled = draft;
  const std::string_view none = "actions: []\n";
  filled.replace(filled.find("\nactions: []\n") + 1, none.size(),
                 "actions:\n  - {class: mitigate, title: smaller first step, owner: bob, due: 2025-12-15}\n");
  const auto review = read_draft(yaml(filled), train, start());
  ASSERT_TRUE(review) << review.error().message;
  ASSERT_EQ(review->actions.size(), 1U);
  EXPECT_EQ(review->actions[0].id, "a1");
  EXPECT_EQ(review->actions[0].action_class, ActionClass::mitigate);
  EXPECT_EQ(review->actions[0].owner, "bob");
  EXPECT_EQ(to_epoch_seconds(review->actions[0].due), 1'765'843'199);  // date -u -d 2025-12-15T23:59:59Z +%s
}

TEST(ReviewDraft, RefusalsNameThePlace) {
  const Aftermath train = fold_aftermath(log_of_way_back().events_);
  const std::string head = "train: 2026-12\nsummary: it broke\n";
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"train: other\nsummary: x\nno_actions: none\n", "review.yaml:1:8: train: it is about other"},
      {"train: 2026-12\nno_actions: none\n", "no summary"},
      {head + "actions: [{class: prevent, title: a, due: 2025-12-15}]\n", "owner"},
      {head + "actions: [{class: prevent, title: a, owner: \" \", due: 2025-12-15}]\n", "owner is empty"},
      {head + "actions: [{class: prevent, title: a, owner: ada}]\n", "due"},
      {head + "actions: [{class: prevent, title: a, owner: ada, due: 2025-11-15}]\n", "that has passed"},
      {head + "actions: [{class: prevent, title: a, owner: ada, due: soon}]\n", "soon: no date"},
      {head + "actions: [{class: blame, title: a, owner: ada, due: 2025-12-15}]\n", "no class of an action"},
      {head + "actions: [{class: prevent, title: a, owner: ada, due: 2025-12-15}]\nno_actions: none\n",
       "says why there are none"},
      {head + "actions: nothing\n", "a list is expected"},
      {head + "blame: ada\n", "blame"}};
  for (const auto& [text, message] : bad) {
    const auto review = read_draft(yaml(text), train, start());
    ASSERT_FALSE(review) << text;
    EXPECT_NE((review.error().message).find(message), std::string::npos) << text << "\n"
                                                                         << review.error().message;
  }
}

// What a condition on train/review/v1 reads: owner and due date of each action, the date as a number.
TEST(ReviewStatement, HoldsWhatConditionsRead) {
  const TestLog log = log_of_way_back();
  Review review;
  review.summary = "it broke";
  review.actions = {item("a1", Time(seconds(1'765'843'199)))};
  const Json predicate =
      review_predicate(review, fold_aftermath(log.events_).passages, timeline_of(log.events_));
  const Json& action = predicate["actions"].items().at(0);
  EXPECT_EQ(action["owner"].as_string(), "ada");
  EXPECT_TRUE(action["due"].is_integer());
  EXPECT_EQ(action["due"].as_integer(), 1'765'843'199);
  EXPECT_EQ(action["state"].as_string(), "open");
  EXPECT_EQ(predicate["ending"].as_string(), "taken-back");
  EXPECT_DOUBLE_EQ(predicate["rollbacks"].items().at(0)["duration_s"].as_number(), 42);
  const auto again = read_review(predicate);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->actions.at(0).title, "alarm on errors");
}

TEST(Aftermath, ActionsOpenChangeAndEnd) {
  TestLog log = log_of_way_back();
  log.add("action", added("a1", start() + kDay));
  log.add("action", added("a2", start() + 2 * kDay));
  ActionEvent later;
  later.what = ActionEvent::What::change;
  later.item.id = "a2";
  later.new_owner = "bob";
  later.due = start() + 5 * kDay;
  later.note = "holidays";
  log.add("action", to_json(later));
  log.add("action", done("a1"), "bob");
  const Aftermath train = fold_aftermath(log.events_);
  EXPECT_TRUE(train.remarks.empty());
  ASSERT_EQ(train.actions.size(), 2U);
  EXPECT_FALSE(train.actions[0].is_open());
  EXPECT_EQ(train.actions[0].done->by, "bob");
  EXPECT_FALSE(train.actions[0].is_overdue(start() + 3 * kDay));
  EXPECT_EQ(train.actions[1].item.owner, "bob");
  EXPECT_EQ(train.actions[1].first_due, start() + 2 * kDay);
  EXPECT_FALSE(train.actions[1].is_overdue(start() + 3 * kDay));
  EXPECT_FALSE(train.actions[1].is_overdue(start() + 5 * kDay));
  EXPECT_TRUE(train.actions[1].is_overdue(start() + 5 * kDay + seconds(1)));
  EXPECT_EQ(train.next_action_id(), "a3");
}

TEST(Aftermath, WhatContradictsWhatCameBeforeDoesNotCount) {
  TestLog log = log_of_way_back();
  log.add("action", done("a1"));                       // never added
  log.add("action", added("a1", start() + kDay));      // counts
  log.add("action", added("a1", start() + 9 * kDay));  // the name is taken
  log.add("action", done("a1"));                       // counts
  log.add("action", done("a1"));                       // is done
  Json nobodys = added("a2", start() + kDay);
  nobodys.set("owner", "");
  log.add("action", nobodys);
  Json never = added("a2", start() + kDay);
  never.set("due", 0);
  log.add("action", never);
  Json text = added("a2", start() + kDay);
  text.set("due", "2026-01-01");
  log.add("action", text);
  const Aftermath train = fold_aftermath(log.events_);
  ASSERT_EQ(train.actions.size(), 1U);
  EXPECT_EQ(train.actions[0].item.due, start() + kDay);
  EXPECT_EQ(train.remarks.size(), 6U);
}

TEST(Aftermath, OneReviewOfATrainCounts) {
  TestLog log = log_of_way_back();
  Review review;
  review.summary = "the first";
  review.no_actions = "the cause is gone";
  log.add("review", review_predicate(review, {}, {}));
  review.summary = "the second";
  log.add("review", review_predicate(review, {}, {}));
  Json empty = review_predicate(review, {}, {});
  empty.set("no_actions", "");
  TestLog other = log_of_way_back();
  other.add("review", empty);
  const Aftermath train = fold_aftermath(log.events_);
  ASSERT_TRUE(train.review);
  EXPECT_EQ(train.review->review.summary, "the first");
  EXPECT_EQ(train.remarks.size(), 1U);
  EXPECT_FALSE(fold_aftermath(other.events_).review);
}

// Those of its review and those that came by themselves, together.
TEST(Aftermath, HasSoManyActionsAtMost) {
  TestLog log = log_of_way_back();
  for (std::size_t i = 1; i < kMaxActions; ++i)
    log.add("action", added("b" + std::to_string(i), start() + kDay));
  Review review;
  review.summary = "it broke";
  review.actions = {item("a1", start() + kDay), item("a2", start() + kDay)};
  log.add("review", review_predicate(review, {}, {}));
  const Aftermath train = fold_aftermath(log.events_);
  EXPECT_EQ(train.actions.size(), kMaxActions - 1);
  EXPECT_FALSE(train.review);
  const std::string one = "  - {class: prevent, title: a, owner: ada, due: 2025-12-15}\n";
  const std::string head = "train: 2026-12\nsummary: it broke\nactions:\n";
  EXPECT_TRUE(read_draft(yaml(head + one), train, start()));
  const auto two = read_draft(yaml(head + one + one), train, start());
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().message.find("more than 200 actions"), std::string::npos) << two.error().message;
  review.actions.pop_back();
  log.add("review", review_predicate(review, {}, {}));
  EXPECT_EQ(fold_aftermath(log.events_).actions.size(), kMaxActions);
}

TEST(Overdue, ReviewsAreAskedForWhereATrainWasTakenBack) {
  const Aftermath back = fold_aftermath(log_of_way_back().events_);
  TestLog good("2026-13");
  good.schedule();
  good.add("departure", departed("v1.1.0", start(), commit_id('a')));
  const Aftermath left = fold_aftermath(good.events_);
  const Time restored = start() + seconds(102);
  ReviewRules rules;
  EXPECT_TRUE(overdue_of({back, left}, rules, restored + 7 * kDay).empty());
  const auto late = overdue_of({back, left}, rules, restored + 7 * kDay + seconds(1));
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].train, "2026-12");
  EXPECT_EQ(findings_of(late, restored + 8 * kDay).at(0).message,
            "the review of train 2026-12 is 1d overdue");
  rules.of = ReviewRules::Of::every_train;
  EXPECT_EQ(overdue_of({back, left}, rules, restored + 8 * kDay).size(), 2U);
}

TEST(Overdue, TheLongestComesFirst) {
  TestLog log;
  log.schedule();
  log.add("action", added("a1", start() + 3 * kDay));
  log.add("action", added("a2", start() + 1 * kDay));
  const auto late = overdue_of({fold_aftermath(log.events_)}, {}, start() + 4 * kDay);
  ASSERT_EQ(late.size(), 2U);
  EXPECT_EQ(late[0].action, "a2");
  const Check row = check_of(late, start() + 4 * kDay);
  EXPECT_EQ(row.verdict, Verdict::fail);
  EXPECT_EQ(row.answer, "action a2 of train 2026-12 is 3d overdue: alarm on errors (ada), and 1 other");
  EXPECT_EQ(row.owner, "ada");
  EXPECT_EQ(check_of({}, start()).verdict, Verdict::pass);
}

// The decision is an entry about the commit; the train's own events name it.
TEST(Timeline, TellsTheDecisionByWhichADepartureBegan) {
  TestLog log;
  log.schedule();
  ramp::StepEvent step;
  step.begin = ramp::Begin{};
  step.begin->service = "shop";
  step.begin->commit = commit_id('b');
  step.begin->version = "v1.1.0";
  step.begin->driver = "noop";
  step.begin->depart_at = start();
  step.begin->decision = 7;
  log.add("step", ramp::to_json(step));
  const std::vector<TimelineLine> timeline = timeline_of(log.events_);
  ASSERT_EQ(timeline.size(), 3U);
  EXPECT_EQ(timeline[1].index, 7U);
  EXPECT_EQ(timeline[1].text, "decided: GO");
  EXPECT_EQ(timeline[1].kind, "decision");
  EXPECT_EQ(timeline[2].text, "v1.1.0 begins its way, moved by noop");
}

TEST(ReviewReport, SaysWhatIsOpenAndWhatIsLate) {
  TestLog log = log_of_way_back();
  log.add("action", added("a1", start() + kDay));
  const Aftermath train = fold_aftermath(log.events_);
  const Report soon = review_report(train, timeline_of(log.events_), {}, start() + hours(2));
  EXPECT_EQ(soon.verdict, Verdict::none);
  EXPECT_NE(soon.summary.find("v1.1.0 was taken back 2025-12-01T08:01:42Z"), std::string::npos);
  EXPECT_NE(soon.summary.find("1 action open"), std::string::npos);
  const Report late = review_report(train, timeline_of(log.events_), {}, start() + 2 * kDay);
  EXPECT_EQ(late.verdict, Verdict::warn);
  EXPECT_EQ(late.findings.at(0).rule, "train/action-overdue");
  const Report all = actions_report({train}, Shown::overdue, start() + hours(2));
  EXPECT_EQ(all.data["actions"].size(), 0U);
  EXPECT_EQ(all.data["open"].as_integer(), 1);
}

TEST(ReviewRules, AreReadFromTheSection) {
  const auto rules = parse_review_rules(yaml("{of: every-train, due_after: 3d, overdue: block}"));
  ASSERT_TRUE(rules);
  EXPECT_EQ(rules->of, ReviewRules::Of::every_train);
  EXPECT_EQ(rules->due_after, 3 * kDay);
  EXPECT_EQ(rules->overdue, ReviewRules::Overdue::block);
  EXPECT_FALSE(parse_review_rules(yaml("{of: none}")));
  EXPECT_FALSE(parse_review_rules(yaml("{overdue: shrug}")));
  EXPECT_FALSE(parse_review_rules(yaml("{due: 3d}")));
}

}  // namespace
}  // namespace signalbox::train::after
