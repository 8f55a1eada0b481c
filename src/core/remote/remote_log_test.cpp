#include "core/remote/remote_log.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"

namespace signalbox::remote {
namespace {

// A server that answers as its token says.
class RemoteLog : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto script = testing::source_directory() / "src/core/remote/testdata/answers.py";
    process_ = std::make_unique<Process>(Process::start({"python3", script.string()}).value());
    origin_ = "http://127.0.0.1:" + std::string(trim(process_->read().value()));
  }
  Result<std::vector<evidence::Receipt>> append(const std::string& token,
                                                const std::vector<std::string>& envelopes = {"{}"}) {
    return remote_log({origin_, token, ""})->append(envelopes, evidence::Repeats::logged);
  }
  // How many envelopes came with each request.
  std::string posts() {
    http::ClientRequest request;
    request.url = origin_;
    return http::send(request)->body;
  }
  std::unique_ptr<Process> process_;
  std::string origin_;
};

TEST_F(RemoteLog, GivesTheReceiptsOfTheServerInOrder) {
  const auto receipts = append("good", {R"({"payload":"a"})", R"({"payload":"b"})"}).value();
  ASSERT_EQ(receipts.size(), 2U);
  EXPECT_EQ(receipts[1].index, 1U);
  EXPECT_EQ(to_hex(receipts[1].leaf), std::string(64, 'b'));
  EXPECT_EQ(to_rfc3339(receipts[0].time), "2026-03-03T09:00:00Z");
}

TEST_F(RemoteLog, SendsManyInSeveralRequestsOfBoundedSize) {
  const std::vector<std::string> many(600, R"({"payload":"a"})");
  const auto receipts = append("good", many).value();
  ASSERT_EQ(receipts.size(), 600U);
  EXPECT_EQ(receipts.back().index, 599U);
  EXPECT_EQ(posts(), "[256, 256, 88]");
  const std::string large = R"({"payload":"a","x":")" + std::string(std::size_t{5} << 20, 'x') + "\"}";
  EXPECT_EQ(append("good", {large, large, large})->size(), 3U);
  EXPECT_EQ(posts(), "[256, 256, 88, 1, 1, 1]");
}

TEST_F(RemoteLog, EachRefusalSaysWhoseFaultItIs) {
  const auto kind = [&](const char* token) { return append(token).error().kind; };
  const auto message = [&](const char* token) { return append(token).error().message; };
  EXPECT_EQ(kind("401"), ErrorKind::denied);
  EXPECT_NE(message("401").find("does not know this token"), std::string::npos);
  EXPECT_EQ(kind("403"), ErrorKind::denied);
  EXPECT_NE(message("403").find("because of 403"), std::string::npos);
  EXPECT_EQ(kind("404"), ErrorKind::bad_input);
  EXPECT_EQ(kind("413"), ErrorKind::bad_input);
  EXPECT_NE(message("413").find("takes nothing that large"), std::string::npos);
  EXPECT_EQ(kind("302"), ErrorKind::bad_input);
  EXPECT_NE(message("302").find("https://elsewhere.example/"), std::string::npos);
  for (const char* token : {"500", "502", "503", "garbage", "short"})
    EXPECT_EQ(kind(token), ErrorKind::unavailable) << token;
}

// Sets a variable of the environment for the time of a test.
class With {
 public:
  With(const char* name, const std::string& value) : name_(name) { ::setenv(name, value.c_str(), 1); }
  ~With() { ::unsetenv(name_); }
  With(const With&) = delete;
  With& operator=(const With&) = delete;

 private:
  const char* name_;
};

TEST(RemoteServer, TheTokenIsThatOfTheEnvironmentOrOfAFile) {
  EXPECT_EQ(server_from("https://box.example").error().kind, ErrorKind::denied);
  const TemporaryDirectory folder;
  ASSERT_TRUE(write_file_atomically(folder.path() / "token", "  sbx_1\nmore\n"));
  ASSERT_TRUE(write_file_atomically(folder.path() / "empty", "\n"));
  {
    const With file("SIGNALBOX_TOKEN_FILE", (folder.path() / "token").string());
    EXPECT_EQ(server_from("https://box.example:8443/")->token, "sbx_1");
    const With token("SIGNALBOX_TOKEN", "sbx_2\n");
    const With authority("SIGNALBOX_CA_FILE", "ca.pem");
    EXPECT_EQ(server_from("https://box.example:8443/")->token, "sbx_2");
    EXPECT_EQ(server_from("https://box.example:8443/")->origin, "https://box.example:8443");
    EXPECT_EQ(server_from("https://box.example")->ca_file, "ca.pem");
  }
  const With file("SIGNALBOX_TOKEN_FILE", (folder.path() / "empty").string());
  EXPECT_EQ(server_from("https://box.example").error().kind, ErrorKind::denied);
}

TEST(RemoteServer, WithoutTlsOnlyThisMachineIsSpokenTo) {
  const With token("SIGNALBOX_TOKEN", "x");
  EXPECT_TRUE(server_from("http://127.0.0.1:7420"));
  EXPECT_TRUE(server_from("http://localhost:7420"));
  EXPECT_TRUE(server_from("http://[::1]:7420"));
  for (const char* store : {"http://box.example", "http://127.0.0.1.example", "http://10.0.0.1",
                            "https://box/path", "https://u:p@box", "https://"}) {
    EXPECT_EQ(server_from(store).error().kind, ErrorKind::bad_input) << store;
  }
}

}  // namespace
}  // namespace signalbox::remote
