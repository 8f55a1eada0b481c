#include "core/http/webhook.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

// A port of this machine that only root may open: nobody listens there.
constexpr const char* kNobody = "http://127.0.0.1:1/services/T0/B0/hidden-part";

WebhookCall some_call() {
  WebhookCall call;
  call.id = "2026-12.planning.0";
  call.body = Json::object({{"text", "It departs"}});
  call.deadline = std::chrono::milliseconds(500);
  return call;
}

Webhook hook_at(std::string url) {
  Webhook out;
  out.url = std::move(url);
  return out;
}

// The first is the example of Svix' documentation, who wrote the specification; the second is what
// `openssl dgst -sha256 -mac HMAC -macopt hexkey:… -binary | base64` says.
TEST(Webhook, IsSignedAsStandardWebhooksSays) {
  const auto svix = signature_headers("whsec_plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf",
                                      Time(std::chrono::seconds(1'731'705'121)),
                                      R"({"event_type":"ping","data":{"success":true}})");
  ASSERT_TRUE(svix) << svix.error().message;
  const std::vector<std::pair<std::string, std::string>> wanted = {
      {"webhook-id", "msg_loFOjxBNrRLzqYUf"},
      {"webhook-timestamp", "1731705121"},
      {"webhook-signature", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="}};
  EXPECT_EQ(*svix, wanted);
  const auto other =
      signature_headers("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLgHu", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        Time(std::chrono::seconds(1'614'265'330)), R"({"test": 2432232314})");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->back().second, "v1,Nm75LttlBB93YlNR1qeLZV0ZEPKGYgepSPIsZc8f9k4=");
}

TEST(Webhook, AKeyThatIsNoneIsRefusedWithoutBeingTold) {
  for (const char* bad : {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLgHu",
                          "whsec_c2hvcnQ=", "whsec_not base64 at all, however long it is"}) {
    const auto headers = signature_headers(bad, "a", Time(), "{}");
    ASSERT_FALSE(headers) << bad;
    EXPECT_EQ(headers.error().message, "the key of the webhook is not whsec_ and 16 to 64 octets in base64");
  }
}

TEST(Webhook, WithoutItsTokenNothingIsSent) {
  ::unsetenv("SIGNALBOX_TEST_HOOK_TOKEN");
  Webhook webhook = hook_at(kNobody);
  webhook.token.env = "SIGNALBOX_TEST_HOOK_TOKEN";
  Reached reached = Reached::somebody;
  const auto response = call_webhook(webhook, some_call(), reached);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(response.error().message,
            "the token of the webhook is not there: $SIGNALBOX_TEST_HOOK_TOKEN is empty");
  EXPECT_EQ(reached, Reached::nobody);
}

TEST(Webhook, WhereNobodyAnswersNobodyWasReachedAndTheAddressIsNotToldWhole) {
  const TemporaryDirectory folder;
  Webhook webhook;
  webhook.whole_url.file = folder.path() / "url";
  ASSERT_TRUE(write_file_atomically(webhook.whole_url.file, std::string(kNobody) + "\n", 0600));
  Reached reached = Reached::somebody;
  const auto response = call_webhook(webhook, some_call(), reached);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().message, "http://127.0.0.1:1: nobody answers there");
  EXPECT_EQ(reached, Reached::nobody);
  ASSERT_TRUE(write_file_atomically(webhook.whole_url.file, "ftp://hidden-part", 0600));
  EXPECT_EQ(call_webhook(webhook, some_call(), reached).error().message,
            "the address of the webhook is no http or https address");
}

// Python's server answers with what it was sent, the token too.
TEST(Webhook, WhatAServerAnswersIsKeptWithoutTheToken) {
  Process peer =
      Process::start({"python3", (testing::source_directory() / "src/core/http/testdata/peer.py").string()})
          .value();
  const std::string origin = "http://127.0.0.1:" + std::string(trim(peer.read().value()));
  ::setenv("SIGNALBOX_TEST_HOOK_TOKEN", "correct-horse", 1);
  Webhook webhook = hook_at(origin + "/echo");
  webhook.token.env = "SIGNALBOX_TEST_HOOK_TOKEN";
  Reached reached = Reached::nobody;
  WebhookCall call = some_call();
  const auto response = call_webhook(webhook, call, reached);
  ::unsetenv("SIGNALBOX_TEST_HOOK_TOKEN");
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "POST Bearer (secret) {\"text\":\"It departs\"}");
  EXPECT_EQ(reached, Reached::somebody);
  call.method = WebhookCall::Method::put;
  call.below = "/x";
  EXPECT_EQ(call_webhook(hook_at(origin + "/echo"), call, reached)->body,
            "PUT None {\"text\":\"It departs\"}");
  reached = Reached::nobody;
  EXPECT_FALSE(call_webhook(hook_at(origin + "/slow"), some_call(), reached));
  EXPECT_EQ(reached, Reached::somebody);
}

TEST(Secret, IsOneLineFromAVariableOrAFile) {
  const TemporaryDirectory folder;
  const std::string path = folder.path() / "token";
  const auto read = [&](const std::string& octets) {
    EXPECT_TRUE(write_file_atomically(path, octets, 0600));
    return read_secret({"", path}, "token");
  };
  EXPECT_EQ(*read("abc\n"), "abc");
  EXPECT_FALSE(read("\n"));
  EXPECT_EQ(read("one-part\ntwo-part\n").error().message,
            "the token in " + path + " is no single line of text");
  EXPECT_FALSE(read(std::string(kMaxSecretBytes + 1, 'a')));
  const auto absent = read_secret({"", path + ".none"}, "token");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::unavailable);
}

TEST(Secret, IsTakenOutWhereverItStands) {
  EXPECT_EQ(without_secret("a correct-horse b correct-horse", "correct-horse"), "a (secret) b (secret)");
  EXPECT_EQ(without_secret("the cat", "cat"), "the cat");
  EXPECT_EQ(without_secret("(secret)(secret)", "(secret)"), "(secret)(secret)");
}

}  // namespace
}  // namespace signalbox::http
