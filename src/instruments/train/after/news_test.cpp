// What there is to tell of a train as it stands, and in which words.
#include "instruments/train/after/news.hpp"

#include <gtest/gtest.h>

#include "instruments/train/after/channels.hpp"
#include "instruments/train/after/fixture.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

config::Node yaml(const std::string& text) {
  auto node = config::parse_yaml(text, "signalbox.yaml");
  EXPECT_TRUE(node) << (node ? "" : node.error().message);
  return node ? *node : config::Node();
}

// A log that also holds what channels were told, and the steps of a ramp.
class NewsLog : public TestLog {
 public:
  void move(hours ahead, std::uint64_t sequence, const std::string& reason) {
    change(ScheduleEvent::Action::move, ahead, sequence, reason);
  }
  void cancel(std::uint64_t sequence, const std::string& reason) {
    change(ScheduleEvent::Action::cancel, hours(24 * 21), sequence, reason);
  }
  void tell(const std::string& message, AnnouncementEvent::What end = AnnouncementEvent::What::told) {
    AnnouncementEvent event;
    event.message = message;
    event.channel = "chat";
    event.kind = "webhook";
    event.digest = std::string(64, 'a');
    event.id = event.subject = "x";
    event.why = "broken";
    event.holder = {"box", "here", 7, 1};
    add("announcement", to_json(event));
    event.what = end;
    add("announcement", to_json(event));
  }
  // The newest attempt, with its first weight ordered.
  void ramp() {
    ramp::LeaseEvent lease;
    ramp::StepEvent begin;
    ramp::Begin begun;
    begun.service = "shop";
    begun.commit = commit_id('a');
    begun.version = "v1.1.0";
    begun.baseline = "v1.0.0";
    begun.driver = "noop";
    begin.begin = begun;
    attempt_ = std::to_string(add("step", to_json(begin)).index);
    lease.holder = {"box", "here", 7, 1};
    lease.ttl = minutes(60);
    token_ = add("lease", to_json(lease)).index;
    step(ramp::StepEvent::What::intent, "set-5");
    step(ramp::StepEvent::What::outcome, "set-5");
  }
  void step(ramp::StepEvent::What what, const std::string& id, const std::string& why = "") {
    ramp::StepEvent event;
    event.what = what;
    event.attempt = attempt_;
    event.token = token_;
    event.step = attempt_ + "." + id;
    event.call = ramp::Call::set_weight;
    event.weight = 5;
    event.why = why;
    event.reason = why.empty() ? "" : "metric";
    add("step", to_json(event));
  }
  std::vector<News> news() const {
    const Train train = fold();
    const ramp::Ramp ramp = ramp::fold(events_);
    const Passages passages = read_passages(events_);
    const Told told = fold_announcements(events_);
    EXPECT_TRUE(told.remarks.empty());
    return news_of({events_, train, ramp, passages, told, hours(1)});
  }
  std::vector<std::string> keys() const {
    std::vector<std::string> out;
    for (const News& one : news()) out.push_back(one.key);
    return out;
  }
  std::string attempt_;

 private:
  void change(ScheduleEvent::Action action, hours ahead, std::uint64_t sequence, const std::string& reason) {
    ScheduleEvent event;
    event.action = action;
    event.departs = start() + ahead;
    event.sequence = sequence;
    event.reason = reason;
    add("schedule", to_json(event));
  }
  std::uint64_t token_ = 0;
};

using Keys = std::vector<std::string>;

Words said(const News& news) {
  const auto words = Wording::built_in().say(news.moment, news.facts);
  EXPECT_TRUE(words) << (words ? "" : words.error().message);
  return words ? *words : Words();
}

TEST(News, AMoveIsAChangeOnlyWhereThePlanBeforeWasTold) {
  NewsLog log;
  log.schedule(hours(24));
  EXPECT_EQ(log.keys(), Keys{"planning.0"});
  log.move(hours(48), 1, "the bank is closed");
  EXPECT_EQ(log.keys(), Keys{"planning.1"});
  log.tell("planning.1");
  EXPECT_EQ(log.keys(), Keys{"planning.1"});
  log.move(hours(72), 2, "and again");
  ASSERT_EQ(log.keys(), Keys{"change.2"});
  const Words words = said(log.news().front());
  EXPECT_EQ(words.subject, "Train 2026-12 is moved: it departs 2025-12-04T08:00:00Z");
  EXPECT_EQ(words.text, "It was to depart 2025-12-03T08:00:00Z.\nWhy: and again\n");
  log.tell("change.2");
  EXPECT_EQ(log.keys(), Keys{"change.2"});
}

TEST(News, WhatWasRefusedEverywhereCorrectsNothing) {
  NewsLog log;
  log.schedule(hours(24));
  log.tell("planning.0", AnnouncementEvent::What::failed);
  log.move(hours(48), 1, "the bank is closed");
  EXPECT_EQ(log.keys(), Keys{"planning.1"});
}

TEST(News, ACancellationIsToldWhereTheTrainWasAndNowhereElse) {
  NewsLog unknown;
  unknown.schedule();
  unknown.cancel(1, "nothing to carry");
  EXPECT_EQ(unknown.keys(), Keys{});
  NewsLog known;
  known.schedule();
  known.tell("planning.0");
  known.cancel(1, "nothing\n# to carry");
  ASSERT_EQ(known.keys(), Keys{"change.1"});
  const News news = known.news().front();
  EXPECT_EQ(said(news).subject, "Train 2026-12 is cancelled");
  EXPECT_TRUE(said(news).text.ends_with("Why: nothing # to carry\n")) << said(news).text;
  EXPECT_TRUE(news.is_due(TestLog::start() + hours(24)));
  EXPECT_FALSE(news.is_due(TestLog::start() + hours(24 * 8)));
}

TEST(News, PassengersAreToldEachInOneLineWithOwnerAndRisk) {
  NewsLog log;
  log.schedule();
  PassengerRecord record = complete_record("pr-1");
  record.title = "feat: pay\n- forged: low risk, eve";
  log.bring(record, SeatState::aboard);
  log.bring(complete_record("pr-2"), SeatState::approved);
  EXPECT_EQ(said(log.news().front()).text,
            "Aboard, with risk and owner:\n- feat: pay - forged: low risk, eve: low risk, ada\n");
}

TEST(News, PreCutoverComesAnHourBeforeAndGoesWithTheDeparture) {
  NewsFacts facts;
  facts.train = "2026-12";
  facts.version = "v1.3.0";
  facts.departs = "2026-12-01T10:00:00Z";
  facts.aboard = 3;
  const auto words = Wording::built_in().say(Moment::pre_cutover, facts);
  ASSERT_TRUE(words) << words.error().message;
  EXPECT_EQ(words->subject, "v1.3.0 departs 2026-12-01T10:00:00Z");
  EXPECT_EQ(words->text, "Train 2026-12, with 3 aboard. Talk of it is in #release-1.3.0.\n");
  News news;
  const Time departs = TestLog::start() + hours(24);
  news.from = departs - hours(1);
  news.until = departs;
  EXPECT_FALSE(news.is_due(departs - hours(1) - seconds(1)));
  EXPECT_TRUE(news.is_due(departs - hours(1)));
  EXPECT_FALSE(news.is_due(departs));
}

TEST(News, ATrainOnItsWayIsToldAsItGoes) {
  NewsLog log;
  log.schedule(hours(24));
  log.ramp();
  EXPECT_EQ(log.keys(), Keys{"departure." + log.attempt_});
  EXPECT_EQ(said(log.news().front()).text,
            "Traffic begins to go to it (train 2026-12). It takes the place of v1.0.0.\n");
  log.step(ramp::StepEvent::What::paused, "set-5", "the graphs are odd");
  ASSERT_EQ(log.news().size(), 2U);
  EXPECT_TRUE(log.keys()[1].starts_with("pause." + log.attempt_ + "."));
  const Words paused = said(log.news()[1]);
  EXPECT_EQ(paused.subject, "v1.1.0 stands still");
  EXPECT_NE(paused.text.find("at 5 % of the traffic"), std::string::npos) << paused.text;
  EXPECT_NE(paused.text.find("Why: the graphs are odd"), std::string::npos);
  log.step(ramp::StepEvent::What::resumed, "set-5");
  EXPECT_EQ(log.keys(), Keys{"departure." + log.attempt_});
  log.step(ramp::StepEvent::What::breached, "set-5", "errors rose");
  EXPECT_EQ(log.keys(), Keys{"rollback." + log.attempt_});
  EXPECT_EQ(said(log.news().front()).subject, "v1.1.0 is being taken back");
  log.step(ramp::StepEvent::What::stuck, "revert", "the driver fails");
  EXPECT_EQ(log.keys(), Keys{"rollback." + log.attempt_ + ".stuck"});
  EXPECT_EQ(said(log.news().front()).subject, "Taking v1.1.0 back has failed");
}

TEST(News, ASummaryTellsHowItEndedForAWeek) {
  NewsLog log;
  log.schedule(hours(24));
  const Time left = TestLog::start() + hours(24), detected = left + hours(1);
  log.add("departure", departed("v1.1.0", left, commit_id('a')));
  ASSERT_EQ(log.news().size(), 1U);
  EXPECT_EQ(said(log.news().front()).subject, "v1.1.0 has departed");
  EXPECT_TRUE(log.news().front().is_due(left + hours(24)));
  EXPECT_FALSE(log.news().front().is_due(left + kNewsFor));
  const std::string first = log.keys().front();
  log.add("rollback", taken_back("v1.1.0", detected, detected + seconds(42), commit_id('a')));
  ASSERT_EQ(log.news().size(), 1U);
  EXPECT_NE(log.keys().front(), first);
  const Words words = said(log.news().front());
  EXPECT_EQ(words.subject, "v1.1.0 was taken back");
  EXPECT_EQ(words.text,
            "All traffic is on v1.0.0 again since 2025-12-02T09:00:42Z, 42s after it was noticed (train "
            "2026-12).\nWhy: errors is above 0.25\n");
}

TEST(Wording, EveryBuiltInTemplateSaysSomethingOfNothing) {
  for (const Moment moment : kMoments) {
    NewsFacts facts;
    facts.train = "t";
    const auto words = Wording::built_in().say(moment, facts);
    if (words) continue;
    EXPECT_NE(words.error().message.find("a first line"), std::string::npos) << words.error().message;
  }
  EXPECT_EQ(talk_channel("v1.3.0"), "#release-1.3.0");
  EXPECT_EQ(talk_channel("core@1.3.0"), "#release-core-1.3.0");
  EXPECT_EQ(talk_channel(""), "");
}

TEST(Wording, TemplatesOfThePolicyAreTriedBeforeAnythingIsToldWithThem) {
  const auto wording =
      Wording::parse(yaml("planning: |\n  {{.train}} at {{.departs}}\n\n  {{.aboard}} aboard\n"));
  ASSERT_TRUE(wording) << wording.error().message;
  NewsFacts facts;
  facts.train = "2026-12";
  facts.departs = "noon\r\nBcc: eve@example.org";
  const auto words = wording->say(Moment::planning, facts);
  ASSERT_TRUE(words);
  EXPECT_EQ(words->subject, "2026-12 at noon");
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"lunch: x", "no moment that is announced"},
      {"planning: '{{.nobody}}'", "signalbox.yaml:1:"},
      {"planning: '{{if}}'", "signalbox.yaml:1:"},
      {"planning: '   '", "a first line of 1 to"},
      {"planning: " + std::string(kMaxSubjectBytes + 1, 'x'), "a first line of 1 to"},
      {"planning: \"x\\n" + std::string(kMaxMessageBytes, 'y') + "\"", "more than"},
      {"[planning]", "templates by moment are expected"}};
  for (const auto& [text, message] : bad) {
    const auto read = Wording::parse(yaml(text));
    ASSERT_FALSE(read) << text.substr(0, 60);
    EXPECT_NE(read.error().message.find(message), std::string::npos) << read.error().message;
  }
}

TEST(Channels, AreReadFromTheSection) {
  const auto read = parse_announcing(yaml(R"(
announcements: {before: 2h}
channels:
  - {name: file, markdown: docs/announcements.md, moments: [planning, summary]}
  - {name: script, run: [./announce.sh, now], timeout: 5s}
  - {name: chat, webhook: {url_env: CHAT_URL, form: slack}, unsure: tell-again}
  - {name: mail, mail: {server: "smtp://127.0.0.1:25", from: a@example.org, to: b@example.org, start_tls: where-offered}}
  - {name: room, webhook: {url: "https://example.org/m.room.message", form: matrix, token_file: t, key_env: K}}
  - {name: feed, atom: Releases of the shop}
)"));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->channels.size(), 6U);
  EXPECT_EQ(read->before, hours(2));
  EXPECT_EQ(read->channels[0].moments, (std::vector<Moment>{Moment::planning, Moment::summary}));
  EXPECT_EQ(read->channels[0].unsure, Channel::Unsure::tell_again);
  EXPECT_EQ(std::get<CommandChannel>(read->channels[1].kind).words.back(), "now");
  EXPECT_EQ(read->channels[1].timeout, seconds(5));
  EXPECT_EQ(read->channels[1].unsure, Channel::Unsure::ask_person);
  EXPECT_EQ(read->channels[1].moments.size(), kMoments.size());
  EXPECT_EQ(std::get<WebhookChannel>(read->channels[2].kind).form, WebhookChannel::Form::slack);
  EXPECT_EQ(read->channels[2].unsure, Channel::Unsure::tell_again);
  EXPECT_EQ(std::get<MailChannel>(read->channels[3].kind).to, std::vector<std::string>{"b@example.org"});
  EXPECT_EQ(read->channels[4].unsure, Channel::Unsure::tell_again);
  EXPECT_EQ(std::get<WebhookChannel>(read->channels[4].kind).webhook.token.file, "t");
  EXPECT_EQ(feed_title(*read), "Releases of the shop");
}

TEST(Channels, WhatIsWrongIsNamedWithItsPlace) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"channels: {name: a}", "a list is expected here"},
      {"channels: [{name: a}]", "one of markdown, run, webhook, mail and atom"},
      {"channels: [{name: a, markdown: x.md, run: [b]}]", "one of markdown, run, webhook, mail and atom"},
      {"channels: [{name: A, markdown: x.md}]", "no name of a channel"},
      {"channels: [{name: a, markdown: /etc/passwd}]", "no file below the workspace"},
      {"channels: [{name: a, markdown: x/../../y}]", "no file below the workspace"},
      {"channels: [{name: a, markdown: x.md}, {name: a, markdown: y.md}]", "a second channel"},
      {"channels: [{name: a, webhook: {form: json}}]", "one of url, url_env and url_file"},
      {"channels: [{name: a, webhook: {url: \"http://x\", url_env: X}}]", "one of url, url_env and url_file"},
      {"channels: [{name: a, webhook: {url: \"ftp://x\"}}]", "signalbox.yaml:1:"},
      {"channels: [{name: a, webhook: {url: \"https://u:p@x\"}}]", "signalbox.yaml:1:"},
      {"channels: [{name: a, webhook: {url_env: X, token_env: A, token_file: B}}]", "one of token_env and"},
      {"channels: [{name: a, webhook: {url_env: X, token: secret}}]", "token"},
      {"channels: [{name: a, webhook: {url_env: X, form: irc}}]", "neither json, slack"},
      {"channels: [{name: a, run: []}]", "signalbox.yaml:1:"},
      {"channels: [{name: a, markdown: x.md, moments: [lunch]}]", "no moment"},
      {"channels: [{name: a, markdown: x.md, moments: []}]", "told of nothing"},
      {"channels: [{name: a, markdown: x.md, timeout: 6m}]", "at most 5m"},
      {"channels: [{name: a, markdown: x.md, unsure: maybe}]", "neither ask nor tell-again"},
      {"channels: [{name: a, atom: \"a\\nb\"}]", "one line"},
      {"channels: [{name: a, mail: {server: \"smtp://x\", from: nobody, to: b@x}}]", "no mail address"},
      {"channels: [{name: a, mail: {server: \"smtp://x\", from: a@x, to: []}}]", "1 to 100 addresses"},
      {"channels: [{name: a, mail: {server: x, from: a@x, to: b@x}}]", "no mail server"},
      {"channels: [{name: a, mail: {server: \"smtp://x\", from: a@x, to: b@x, user: U}}]", "goes with"},
      {"channels: [{name: a, mail: {server: \"smtp://x\", from: a@x, to: b@x, user: U, password_env: P, "
       "start_tls: where-offered}}]",
       "in clear"},
      {"announcements: {after: 1h}", "after"}};
  for (const auto& [text, message] : bad) {
    const auto read = parse_announcing(yaml(text));
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().message.find(message), std::string::npos) << text << "\n" << read.error().message;
    EXPECT_NE(read.error().message.find("signalbox.yaml:1:"), std::string::npos) << read.error().message;
  }
  EXPECT_FALSE(parse_contacts(yaml("{on-call: ada}")));
  EXPECT_FALSE(parse_contacts(yaml("[{role: on-call, name: ada}]")));
  EXPECT_FALSE(parse_contacts(yaml("[{role: on-call, name: ada, reach: \"a\\nb\"}]")));
  EXPECT_EQ(parse_contacts(yaml("[{role: on-call, name: ada, reach: \"+49 30\"}]"))->at(0).reach, "+49 30");
}

}  // namespace
}  // namespace signalbox::train::after
