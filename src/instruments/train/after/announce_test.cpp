// Who is told of a train, what, and never twice.
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "instruments/train/after/feed.hpp"
#include "instruments/train/after/fixture.hpp"
#include "instruments/train/after/teller.hpp"

namespace signalbox::train::after {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using What = AnnouncementEvent::What;

constexpr Duration kPatience = minutes(10);

Json step(What what, bool may_have_arrived = false) {
  AnnouncementEvent event;
  event.what = what;
  event.message = "planning.0";
  event.channel = "chat";
  event.kind = "webhook";
  event.digest = std::string(64, 'a');
  event.id = "2026-12.planning.0.1";
  event.subject = "It departs";
  event.text = "Soon.\n";
  event.holder = {"box, process 7", "here", 7, 1};
  event.why = "broken";
  event.may_have_arrived = may_have_arrived;
  return to_json(event);
}

Telling after_steps(const std::vector<Json>& steps, Duration later = seconds(1),
                    bool is_holder_gone = false) {
  TestLog log;
  log.schedule();
  Time last = TestLog::start();
  for (const Json& one : steps) last = log.add("announcement", one).time;
  const Told told = fold_announcements(log.events_);
  EXPECT_TRUE(told.remarks.empty());
  return what_to_do(told.find("planning.0", "chat"), is_holder_gone, last + later, kPatience);
}

TEST(Announcing, WhatWasToldIsNotToldAgainAndWhatNeverArrivedIs) {
  EXPECT_EQ(after_steps({}), Telling::tell);
  EXPECT_EQ(after_steps({step(What::begun), step(What::told)}), Telling::leave);
  EXPECT_EQ(after_steps({step(What::begun), step(What::failed)}), Telling::tell);
  EXPECT_EQ(after_steps({step(What::begun), step(What::failed, true)}), Telling::doubt);
  EXPECT_EQ(after_steps({step(What::begun), step(What::failed, true), step(What::begun), step(What::told)}),
            Telling::leave);
}

TEST(Announcing, WhoIsStoppedInTheMiddleLeavesADoubt) {
  EXPECT_EQ(after_steps({step(What::begun)}), Telling::wait);
  EXPECT_EQ(after_steps({step(What::begun)}, seconds(1), true), Telling::doubt);
  EXPECT_EQ(after_steps({step(What::begun)}, kPatience + seconds(1)), Telling::doubt);
}

TEST(Announcing, WhatNobodyHadBegunDoesNotCount) {
  TestLog log;
  log.schedule();
  log.add("announcement", step(What::told));
  log.add("announcement", step(What::begun));
  Json other = step(What::told);
  other.set("digest", "sha256:" + std::string(64, 'b'));
  log.add("announcement", other);
  log.add("announcement", step(What::told));
  log.add("announcement", step(What::begun));
  Json broken = step(What::failed);
  broken.set("digest", "md5:1");
  log.add("announcement", broken);
  const Told told = fold_announcements(log.events_);
  EXPECT_EQ(told.remarks.size(), 4U);
  EXPECT_EQ(told.find("planning.0", "chat")->state, Delivery::State::told);
  EXPECT_EQ(told.find("planning.0", "chat")->tries, 1);
}

Message some_message() {
  return {Moment::planning,
          "planning.0",
          "2026-12.planning.0.4f2a",
          "2026-12",
          {"<b>It</b> departs", "- feat: *now* & <@U1> then\n-- \n1 + 1 = 2\n"},
          TestLog::start()};
}

TEST(Messages, AFileHoldsAMessageOnceAndNothingOfItIsMarkup) {
  const auto once = with_message("# News", some_message());
  ASSERT_TRUE(once);
  EXPECT_EQ(*once,
            "# News\n\n## \\<b\\>It\\</b\\> departs\n\n<!-- signalbox: 2026-12.planning.0.4f2a -->\n\n"
            "- feat: \\*now\\* \\& \\<@U1\\> then\n\\-- \n1 + 1 = 2\n");
  EXPECT_FALSE(with_message(*once, some_message()));
  Message bare = some_message();
  bare.words.text.clear();
  EXPECT_TRUE(with_message("", bare)->ends_with("-->\n"));
}

TEST(Messages, WebhooksGetTheFormOfTheirReceiver) {
  const auto of = [](WebhookChannel::Form form) { return webhook_document(form, some_message()); };
  const Json slack = of(WebhookChannel::Form::slack);
  EXPECT_EQ(slack["text"].as_string(),
            "&lt;b&gt;It&lt;/b&gt; departs\n\n- feat: *now* &amp; &lt;@U1&gt; then\n-- \n1 + 1 = 2\n");
  EXPECT_EQ(slack["mrkdwn"], Json(false));
  const Json matrix = of(WebhookChannel::Form::matrix);
  EXPECT_EQ(matrix["msgtype"].as_string(), "m.notice");
  EXPECT_TRUE(matrix["m.mentions"].is_object());
  const Json card = of(WebhookChannel::Form::teams)["attachments"].items().at(0);
  EXPECT_EQ(card["contentType"].as_string(), "application/vnd.microsoft.card.adaptive");
  EXPECT_EQ(card["content"]["body"].items().at(0)["text"].as_string(), "\\<b\\>It\\</b\\> departs");
  const Json whole = of(WebhookChannel::Form::json);
  EXPECT_EQ(whole["id"].as_string(), "2026-12.planning.0.4f2a");
  EXPECT_EQ(whole["time"].as_string(), "2025-12-01T08:00:00Z");
}

// Nobody is told by a configuration that this machine has not allowed, and it is known that nobody was.
TEST(Teller, WhatIsNotAllowedTellsNobody) {
  const TemporaryDirectory folder;
  const TellerParts parts{folder.path(), ramp::run_where_allowed({}), ramp::allowance_of({})};
  MailChannel mail;
  mail.server.url = "smtp://127.0.0.1:1";
  mail.from = "a@b";
  mail.to = {"c@d"};
  WebhookChannel hook;
  hook.webhook.url = "http://127.0.0.1:1/";
  for (const ChannelKind& kind : {ChannelKind(FileChannel{"news.md"}), ChannelKind(CommandChannel{{"true"}}),
                                  ChannelKind(mail), ChannelKind(hook)}) {
    const Outcome outcome = tell(parts, {"one", kind, {Moment::planning}}, some_message());
    EXPECT_NE(outcome.why.find("no configuration of this release"), std::string::npos) << outcome.why;
    EXPECT_FALSE(outcome.may_have_arrived);
  }
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "news.md"));
}

class AllowedTeller : public ::testing::Test {
 protected:
  Outcome run(std::vector<std::string> words, Duration timeout = seconds(10)) const {
    Channel channel{"one", CommandChannel{std::move(words)}, {Moment::planning}};
    channel.timeout = timeout;
    return tell(parts_, channel, some_message());
  }
  TemporaryDirectory folder_;
  TellerParts parts_{folder_.path(),
                     [this](const ramp::Words& words, ProcessOptions options) {
                       options.directory = folder_.path();
                       return run_process(words, options);
                     },
                     [] { return Status(); }};
};

TEST_F(AllowedTeller, AProgramGetsTheMessageAndItsId) {
  EXPECT_TRUE(
      run({"sh", "-c", "cat >said; echo \"$SIGNALBOX_MOMENT $SIGNALBOX_MESSAGE_ID\" >>said"}).is_told());
  EXPECT_EQ(
      read_file(folder_.path() / "said").value(),
      "<b>It</b> departs\n\n- feat: *now* & <@U1> then\n-- \n1 + 1 = 2\nplanning 2026-12.planning.0.4f2a\n");
}

TEST_F(AllowedTeller, OnlyAProgramThatWasStoppedMayHaveToldIt) {
  const Outcome refused = run({"sh", "-c", "echo no such room >&2; exit 1"});
  EXPECT_EQ(refused.why, "it ended with exit code 1: no such room");
  EXPECT_FALSE(refused.may_have_arrived);
  EXPECT_FALSE(run({"./there-is-no-such-program"}).may_have_arrived);
  EXPECT_TRUE(run({"sh", "-c", "kill -9 $$"}).may_have_arrived);
  EXPECT_TRUE(run({"sleep", "60"}, std::chrono::milliseconds(200)).may_have_arrived);
}

TEST_F(AllowedTeller, AFileThatCannotBeWrittenIsSaid) {
  const Channel channel{"one", FileChannel{"news/a.md"}, {Moment::planning}};
  EXPECT_TRUE(tell(parts_, channel, some_message()).is_told());
  EXPECT_TRUE(tell(parts_, channel, some_message()).is_told());
  EXPECT_EQ(read_file(folder_.path() / "news/a.md").value(), *with_message("", some_message()));
  const Outcome blocked = tell(parts_, {"one", FileChannel{"news"}, {Moment::planning}}, some_message());
  EXPECT_FALSE(blocked.is_told());
  EXPECT_FALSE(blocked.may_have_arrived);
}

// Read by Python's XML parser; what an entry needs by RFC 4287 section 4.1.2.
TEST(Feed, IsAtomAndTextOfOthersStaysText) {
  AnnouncementFeed feed{"Releases of A & B", "4f2a", {}};
  feed.entries.push_back({"2026-12.planning.0.1", TestLog::start(), "builder", "<b>It</b> departs",
                          "- feat: \x01 & ]]> <script>\n"});
  ProcessOptions options;
  options.input = to_atom(feed);
  const auto read = run_process(
      {"/usr/bin/python3", "-c",
       "import sys, xml.etree.ElementTree as e\n"
       "a = '{http://www.w3.org/2005/Atom}'\n"
       "f = e.fromstring(sys.stdin.buffer.read())\n"
       "assert f.tag == a + 'feed', f.tag\n"
       "print(f.findtext(a + 'id'), f.findtext(a + 'title'), f.findtext(a + 'updated'))\n"
       "x, = f.findall(a + 'entry')\n"
       "print(x.findtext(a + 'id'), x.findtext(a + 'updated'), x.find(a + 'author').findtext(a + 'name'))\n"
       "print(x.findtext(a + 'title'))\n"
       "print(x.find(a + 'content').get('type'), repr(x.findtext(a + 'content')))\n"},
      options);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->output,
            "tag:signalbox.dev,2026:announcements/4f2a Releases of A & B 2025-12-01T08:00:00Z\n"
            "tag:signalbox.dev,2026:announcement/2026-12.planning.0.1 2025-12-01T08:00:00Z builder\n"
            "<b>It</b> departs\ntext '- feat: \\\\x01 & ]]> <script>\\n'\n")
      << read->errors;
}

}  // namespace
}  // namespace signalbox::train::after
