#include "instruments/train/labels/pull_request.hpp"

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

TEST(PullRequests, AreReadAsThreeForgesWriteThem) {
  const auto cli = parse_pull_requests(
      R"([{"number":7,"title":"Add a","labels":[{"id":"L","name":"Bug"}],"author":{"login":"app/renovate","is_bot":true},"url":"https://github.com/o/r/pull/7"}])");
  ASSERT_TRUE(cli) << cli.error().message;
  EXPECT_EQ(cli->at(7).labels, std::vector<std::string>{"Bug"});
  EXPECT_EQ(cli->at(7).author, "renovate");
  EXPECT_EQ(cli->at(7).url, "https://github.com/o/r/pull/7");
  const auto api = parse_pull_requests(
      R"({"items":[{"number":8,"title":"b","labels":[],"user":{"login":"dependabot[bot]"},"html_url":"https://x/8","url":"https://api/8"}]})");
  ASSERT_TRUE(api) << api.error().message;
  EXPECT_EQ(api->at(8).author, "dependabot");
  EXPECT_EQ(api->at(8).url, "https://x/8");
  const auto gitlab = parse_pull_requests(
      R"([{"id":900,"iid":9,"title":"c","labels":["bug","ui"],"author":{"username":"Ada"},"web_url":"https://g/9"}])");
  ASSERT_TRUE(gitlab) << gitlab.error().message;
  EXPECT_EQ(gitlab->at(9).labels, (std::vector<std::string>{"bug", "ui"}));
  EXPECT_EQ(gitlab->at(9).author, "ada");
}

TEST(PullRequests, WhatIsNoneIsRefusedWithItsPlace) {
  const auto message = [](const char* text) {
    const auto parsed = parse_pull_requests(text);
    return parsed ? std::string("read") : parsed.error().message;
  };
  EXPECT_EQ(message(R"([{"number":1,"title":"a"},{"title":"b"}])"), "$[1]: no `number` (or `iid`) above 0");
  EXPECT_EQ(message(R"([{"number":-1,"title":"b"}])"), "$[0]: no `number` (or `iid`) above 0");
  EXPECT_EQ(message(R"([{"number":1}])"), "$[0]: no `title`");
  EXPECT_EQ(message(R"([{"number":1,"title":"a"},{"number":1,"title":"b"}])"),
            "$[1]: number 1 stands there twice");
  EXPECT_EQ(message(R"([{"number":1,"title":"a","labels":[{}]}])"), "$[0]: a label without a name");
  EXPECT_EQ(message("7"), "an array of pull requests is expected");
  EXPECT_NE(message("[{"), "read");
}

TEST(PullRequests, AnAddressThatCouldOpenMarkdownIsLeftOut) {
  const auto read = parse_pull_requests(
      R"([{"number":1,"title":"a\nb\u001b[31m","url":"https://x/)[y"},{"number":2,"title":"b","url":"javascript:x"}])");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->at(1).url, "");
  EXPECT_EQ(read->at(2).url, "");
  EXPECT_EQ(read->at(1).title, "a b\\x1b[31m");
}

}  // namespace
}  // namespace signalbox::train
