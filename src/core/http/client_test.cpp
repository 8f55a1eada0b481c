#include "core/http/client.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

using std::chrono::milliseconds;

// Python's server, on a free port of its own.
class Peer {
 public:
  explicit Peer(std::vector<std::string> more = {}) {
    std::vector<std::string> argv = {
        "python3", (testing::source_directory() / "src/core/http/testdata/peer.py").string()};
    argv.insert(argv.end(), more.begin(), more.end());
    process_ = std::make_unique<Process>(Process::start(argv).value());
    port_ = std::string(trim(process_->read().value()));
  }
  std::string url(const std::string& path, const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + port_ + path;
  }
  std::string count_of(const std::string& path) const {
    ClientRequest request;
    request.url = url("/count" + path);
    return send(request).value().body;
  }
  const std::string& port() const { return port_; }

 private:
  std::unique_ptr<Process> process_;
  std::string port_;
};

ClientRequest request_to(std::string url, std::string method = "GET", std::string body = {}) {
  ClientRequest out;
  out.url = std::move(url);
  out.method = std::move(method);
  out.body = std::move(body);
  return out;
}

TEST(Client, SendsMethodHeadersAndBodyAndReadsTheAnswer) {
  const Peer peer;
  ClientRequest request = request_to(peer.url("/echo"), "POST", "two\nlines");
  request.headers = {{"Authorization", "Bearer secret"}};
  const ClientResponse response = send(request).value();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "POST Bearer secret two\nlines");
  EXPECT_EQ(response.headers.find("x-seen")->second, "Yes");
  EXPECT_EQ(send(request_to(peer.url("/echo"), "POST"))->body, "POST None ");
  EXPECT_EQ(send(request_to(peer.url("/echo"), "DELETE"))->body, "DELETE None ");
  EXPECT_EQ(send(request_to(peer.url("/echo"), "PUT", "x"))->body, "PUT None x");
  EXPECT_EQ(send(request_to(peer.url("/echo"), "HEAD"))->body, "");
}

TEST(Client, AStatusOf400OrMoreIsAValue) {
  const Peer peer;
  const ClientResponse response = send(request_to(peer.url("/nothing"))).value();
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "no");
}

TEST(Client, ARepeatableRequestIsTriedAgain) {
  const Peer peer;
  EXPECT_EQ(send(request_to(peer.url("/busy/a")))->body, "done");
  EXPECT_EQ(send(request_to(peer.url("/cut/a"), "PUT", "x"))->body, "done");
}

TEST(Client, APostIsSentOnceUnlessTheServerSaysThatItDidNotTakeIt) {
  const Peer peer;
  EXPECT_EQ(send(request_to(peer.url("/busy/b"), "POST", "x"))->status, 503);
  EXPECT_EQ(peer.count_of("/busy/b"), "1");
  const auto cut = send(request_to(peer.url("/cut/b"), "POST", "x"));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(peer.count_of("/cut/b"), "1");
  EXPECT_EQ(send(request_to(peer.url("/wait/b"), "POST", "x"))->body, "done");
  EXPECT_EQ(peer.count_of("/wait/b"), "2");
}

TEST(Client, FollowsNoRedirect) {
  const Peer peer;
  const ClientResponse response = send(request_to(peer.url("/redirect"))).value();
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.headers.find("location")->second, "file:///etc/passwd");
}

TEST(Client, AnAnswerLargerThanItsBoundIsCutOff) {
  const Peer peer;
  ClientRequest request = request_to(peer.url("/big"));
  request.max_response_bytes = 100'000;
  EXPECT_EQ(send(request)->body.size(), 100'000U);
  request.max_response_bytes = 99'999;
  const auto refused = send(request);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("more than 99999 octets"), std::string::npos);
}

TEST(Client, ASlowServerIsLeftAtTheDeadline) {
  const Peer peer;
  ClientRequest request = request_to(peer.url("/slow"));
  request.deadline = milliseconds(200);
  const auto late = send(request);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::unavailable);
  EXPECT_NE(late.error().message.find("no answer within"), std::string::npos) << late.error().message;
}

TEST(Client, NobodyThereIsUnavailableAfterSeveralTries) {
  std::string url;
  {
    const Peer gone;
    url = gone.url("/");
  }
  const auto refused = send(request_to(url, "POST", "x"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_NE(refused.error().message.find("nobody answers there"), std::string::npos);
}

TEST(Client, AHeaderCannotBringAnother) {
  ClientRequest request = request_to("http://127.0.0.1:1/");
  request.headers = {{"Authorization", "Bearer x\r\nX-Other: y"}};
  EXPECT_EQ(send(request).error().kind, ErrorKind::bad_input);
}

TEST(Client, OnlyHttpAndHttpsAreAddresses) {
  for (const char* url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "127.0.0.1:80", "", "http://", "gopher://x/", "http://a b/",
        "http://x:99999/", "http://x:0/", "http://[::1/", "https://u:p@host/"}) {
    EXPECT_EQ(send(request_to(url)).error().kind, ErrorKind::bad_input) << url;
  }
}

TEST(Address, IsTakenApart) {
  const Address whole = parse_address("HTTPS://Box.Example:8443/a/b?c#d").value();
  EXPECT_EQ(whole.origin(), "https://box.example:8443");
  EXPECT_EQ(whole.path, "/a/b");
  EXPECT_EQ(parse_address("https://box.example")->origin(), "https://box.example");
  EXPECT_EQ(parse_address("https://box.example")->port, "443");
  EXPECT_EQ(parse_address("http://[::1]:80/")->origin(), "http://[::1]");
  EXPECT_EQ(parse_address("http://[::1]:80/")->host, "::1");
}

TEST(Address, LoopbackIsItsNamesAndNumbersAlone) {
  for (const char* name : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.8.7", "::1"})
    EXPECT_TRUE(is_loopback_name(name)) << name;
  for (const char* name : {"", "localhost.example", "127.0.0.1.example", "128.0.0.1", "0.0.0.0", "::", "1"})
    EXPECT_FALSE(is_loopback_name(name)) << name;
}

// An authority of its own and a certificate of 127.0.0.1 by it, made by OpenSSL's program.
class ClientTls : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto openssl = [&](std::vector<std::string> words) {
      words.insert(words.begin(), "openssl");
      ProcessOptions options;
      options.directory = folder_.path();
      ASSERT_EQ(run_process(words, options)->exit_code, 0);
    };
    openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority", "-days", "2"});
    openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "own.key",
             "-out", "own.csr", "-subj", "/CN=peer"});
    ASSERT_TRUE(write_file_atomically(folder_.path() / "ext", "subjectAltName=IP:127.0.0.1\n"));
    openssl({"x509", "-req", "-in", "own.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
             "own.pem", "-days", "2", "-extfile", "ext"});
  }
  std::string file(const char* name) const { return (folder_.path() / name).string(); }
  TemporaryDirectory folder_;
};

TEST_F(ClientTls, AnAuthorityOfOnesOwnIsTrustedWhenNamed) {
  const Peer peer({file("own.pem"), file("own.key")});
  ClientRequest request = request_to(peer.url("/echo", "https"));
  request.ca_file = file("ca.pem");
  const auto answered = send(request);
  ASSERT_TRUE(answered) << answered.error().message;
  EXPECT_EQ(answered->status, 200);
}

TEST_F(ClientTls, ACertificateOfAnUnknownAuthorityOrAnotherNameIsRefused) {
  const Peer peer({file("own.pem"), file("own.key")});
  const auto unknown = send(request_to(peer.url("/echo", "https")));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, ErrorKind::unavailable);
  EXPECT_NE(unknown.error().message.find("is not trusted"), std::string::npos) << unknown.error().message;
  EXPECT_NE(unknown.error().hint.find("SIGNALBOX_CA_FILE"), std::string::npos);
  ClientRequest other = request_to("https://localhost:" + peer.port() + "/echo");
  other.ca_file = file("ca.pem");
  EXPECT_NE(send(other).error().message.find("is not trusted"), std::string::npos);
  other.ca_file = file("ext");
  EXPECT_NE(send(other).error().message.find("no certificates can be read"), std::string::npos)
      << send(other).error().message;
}

TEST_F(ClientTls, AServerWithoutTlsIsSaidToHaveNone) {
  const Peer peer;
  const auto plain = send(request_to(peer.url("/echo", "https")));
  ASSERT_FALSE(plain);
  EXPECT_NE(plain.error().message.find("no TLS there"), std::string::npos) << plain.error().message;
}

}  // namespace
}  // namespace signalbox::http
