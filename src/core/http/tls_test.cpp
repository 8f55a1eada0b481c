// TLS, as OpenSSL's own client and libcurl see it.
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/http/client.hpp"
#include "core/http/raw_client.hpp"

namespace signalbox::http {
namespace {

using testing::RawClient;
using testing::route_for;
using testing::RunningServer;
using namespace std::chrono_literals;

// A certificate for localhost and its key, in a folder of their own.
class Certificate {
 public:
  Certificate()
      : folder_(std::filesystem::temp_directory_path() / ("tls_test." + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    const auto made = run_process({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                   "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                                   "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                                   "-keyout", files().key.string(), "-out", files().certificate.string()});
    EXPECT_TRUE(made && made->exit_code == 0) << (made ? made->errors : made.error().message);
  }
  ~Certificate() { std::filesystem::remove_all(folder_); }
  TlsFiles files() const { return {folder_ / "certificate.pem", folder_ / "key.pem"}; }

 private:
  std::filesystem::path folder_;
};

std::vector<Route> routes() {
  return {route_for(Method::get, "/hello",
                    [](const Request&) {
                      Response response;
                      response.body = "hello";
                      return response;
                    }),
          route_for(Method::post, "/echo", [](const Request& request) {
            Response response;
            response.body = request.body;
            return response;
          })};
}

// What `openssl s_client` says of the server when it is sent one request.
std::string s_client(const RunningServer& server, const TlsFiles& files,
                     const std::vector<std::string>& more) {
  std::vector<std::string> command{"openssl",  "s_client",
                                   "-connect", "127.0.0.1:" + std::to_string(server.port()),
                                   "-CAfile",  files.certificate.string(),
                                   "-ign_eof"};
  command.insert(command.end(), more.begin(), more.end());
  ProcessOptions options;
  options.input = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  options.deadline = 10s;
  const auto ran = run_process(command, options);
  return ran ? ran->output + ran->errors : ran.error().message;
}

TEST(Tls, SpeaksOneTwoAndOneThreeAndNothingOlder) {
  const Certificate certificate;
  ServerOptions options;
  options.tls = certificate.files();
  const RunningServer server(routes(), options);
  const std::string newest = s_client(server, *options.tls, {"-tls1_3", "-alpn", "h2,http/1.1"});
  EXPECT_NE(newest.find("TLSv1.3"), std::string::npos) << newest;
  EXPECT_NE(newest.find("Verification: OK"), std::string::npos) << newest;
  EXPECT_NE(newest.find("ALPN protocol: http/1.1"), std::string::npos) << newest;
  EXPECT_NE(newest.find("\r\n\r\nhello"), std::string::npos) << newest;
  const std::string older = s_client(server, *options.tls, {"-tls1_2"});
  EXPECT_NE(older.find("ECDHE-ECDSA-"), std::string::npos) << older;
  EXPECT_NE(older.find("\r\n\r\nhello"), std::string::npos) << older;
  const std::string oldest = s_client(server, *options.tls, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  EXPECT_EQ(oldest.find("\r\n\r\nhello"), std::string::npos) << oldest;
  EXPECT_NE(oldest.find("protocol version"), std::string::npos) << oldest;
}

TEST(Tls, LargeBodiesGoBothWays) {
  const Certificate certificate;
  ServerOptions options;
  options.tls = certificate.files();
  const RunningServer server(routes(), options);
  ClientRequest request;
  request.method = "POST";
  request.url = "https://localhost:" + std::to_string(server.port()) + "/echo";
  request.ca_file = certificate.files().certificate.string();
  request.body = std::string(3 << 20, 'x') + "end";
  const auto answer = send(request);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, request.body);
}

TEST(Tls, AHandshakeThatStallsOrIsNoneIsCutOff) {
  const Certificate certificate;
  ServerOptions options;
  options.tls = certificate.files();
  options.limits.read_timeout = 500ms;
  const RunningServer server(routes(), options);
  RawClient silent = server.connect();
  RawClient stalling = server.connect();
  stalling.send("\x16\x03\x01\x02");
  RawClient plain = server.connect();
  plain.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(plain.is_closed_within(2s));
  EXPECT_TRUE(stalling.is_closed_within(2s));
  EXPECT_TRUE(silent.is_closed_within(2s));
  EXPECT_NE(s_client(server, *options.tls, {}).find("hello"), std::string::npos);
}

TEST(Tls, AStopDoesNotWaitForIdleConnections) {
  const Certificate certificate;
  ServerOptions options;
  options.tls = certificate.files();
  RunningServer server(routes(), options);
  EXPECT_NE(s_client(server, *options.tls, {}).find("hello"), std::string::npos);
  const RawClient silent = server.connect();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(server.stop());
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
}

TEST(Tls, FilesThatAreNoCertificateAreNamed) {
  const Certificate certificate;
  ServerOptions options;
  options.tls = TlsFiles{certificate.files().key, certificate.files().key};
  const auto wrong = Server::create(options, routes(), testing::trusting());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::bad_input);
  EXPECT_NE(wrong.error().message.find("key.pem"), std::string::npos) << wrong.error().message;
  options.tls = TlsFiles{certificate.files().certificate, "/nowhere/key.pem"};
  const auto absent = Server::create(options, routes(), testing::trusting());
  ASSERT_FALSE(absent);
  EXPECT_NE(absent.error().message.find("/nowhere/key.pem"), std::string::npos) << absent.error().message;
}

}  // namespace
}  // namespace signalbox::http
