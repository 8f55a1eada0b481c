// Mail given to a server by other people: aiosmtpd of Python. Without it these tests are left out.
#include "core/http/smtp.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kDeadline{10'000};

bool has_aiosmtpd() {
  const auto asked = run_process({"/usr/bin/python3", "-c", "import aiosmtpd"});
  return asked && asked->exit_code == 0;
}

Mail mail_to(std::vector<std::string> to) {
  Mail mail;
  mail.from = "train@example.org";
  mail.to = std::move(to);
  mail.message_id = "planning.0.4f2a@example.org";
  mail.subject = "v1.3.0 fährt ab";
  mail.text = "Soon.\n.\n..\nEnd\n";
  return mail;
}

class Smtp : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!has_aiosmtpd()) GTEST_SKIP() << "no aiosmtpd of Python: apt-get install python3-aiosmtpd";
    start({});
  }
  void start(const std::vector<std::string>& more) {
    std::vector<std::string> argv = {
        "/usr/bin/python3", (testing::source_directory() / "src/core/http/testdata/mail_server.py").string()};
    argv.insert(argv.end(), more.begin(), more.end());
    process_ = std::make_unique<Process>(Process::start(argv).value());
    url_ = "smtp://127.0.0.1:" + next_line();
  }
  std::string next_line() {
    while (said_.find('\n') == std::string::npos) {
      const std::string more = process_->read().value();
      if (more.empty()) return {};
      said_ += more;
    }
    const std::string line = said_.substr(0, said_.find('\n'));
    said_.erase(0, line.size() + 1);
    return line;
  }
  Json next_mail() { return parse_json(next_line()).value(); }
  MailServer server() const {
    MailServer out;
    out.url = url_;
    out.start_tls = MailServer::StartTls::where_offered;
    return out;
  }
  std::string refusal(const std::string& to, Reached& reached, milliseconds deadline = kDeadline) const {
    const Status sent = send_mail(server(), mail_to({to}), deadline, reached);
    if (sent) return {};
    EXPECT_EQ(sent.error().kind, ErrorKind::unavailable);
    return sent.error().message;
  }
  std::unique_ptr<Process> process_;
  std::string said_, url_;
};

TEST_F(Smtp, AMailArrivesAsItWasMeant) {
  Reached reached = Reached::nobody;
  const Status sent =
      send_mail(server(), mail_to({"ada@example.org", "bob@example.org"}), kDeadline, reached);
  ASSERT_TRUE(sent) << sent.error().message;
  const Json mail = next_mail();
  EXPECT_EQ(mail["from"].as_string(), "train@example.org");
  EXPECT_EQ(mail["to"].items().size(), 2U);
  EXPECT_EQ(mail["id"].as_string(), "<planning.0.4f2a@example.org>");
  EXPECT_EQ(mail["subject"].as_string(), "v1.3.0 fährt ab");
  EXPECT_EQ(mail["text"].as_string(), "Soon.\n.\n..\nEnd\n");
  EXPECT_TRUE(mail["defects"].items().empty());
}

TEST_F(Smtp, ARefusalIsToldInTheServersWordsAndNobodyHasTheMail) {
  Reached reached = Reached::somebody;
  EXPECT_EQ(refusal("gone@example.org", reached),
            url_ + " refused the mail: 550 5.1.1 nobody of that name \\x1b[31mhere");
  EXPECT_EQ(reached, Reached::nobody);
  EXPECT_EQ(refusal("full@example.org", reached), url_ + " refused the mail: 452 4.2.2 the box is full");
  EXPECT_EQ(reached, Reached::nobody);
}

TEST_F(Smtp, OneRefusedRecipientMeansThatNobodyGetsIt) {
  Reached reached = Reached::somebody;
  EXPECT_FALSE(send_mail(server(), mail_to({"ada@example.org", "gone@example.org"}), kDeadline, reached));
  EXPECT_EQ(reached, Reached::nobody);
  EXPECT_TRUE(send_mail(server(), mail_to({"last@example.org"}), kDeadline, reached));
  EXPECT_EQ(next_mail()["to"].items().at(0).as_string(), "last@example.org");
}

TEST_F(Smtp, WhereTheAnswerIsMissingItMayHaveArrived) {
  Reached reached = Reached::nobody;
  EXPECT_FALSE(refusal("cut@example.org", reached).empty());
  EXPECT_EQ(reached, Reached::somebody);
  EXPECT_EQ(next_mail()["to"].items().at(0).as_string(), "cut@example.org");
  reached = Reached::nobody;
  EXPECT_EQ(refusal("slow@example.org", reached, milliseconds(700)), url_ + ": not done within 0s");
  EXPECT_EQ(reached, Reached::somebody);
}

TEST_F(Smtp, AServerWithoutTlsGetsNothingUnlessThatIsAllowed) {
  MailServer strict = server();
  strict.start_tls = MailServer::StartTls::always;
  Reached reached = Reached::somebody;
  const Status sent = send_mail(strict, mail_to({"ada@example.org"}), kDeadline, reached);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, url_ + " offers no TLS");
  EXPECT_EQ(reached, Reached::nobody);
}

// A certificate of 127.0.0.1, and a server that asks for the password.
class SmtpTls : public Smtp {
 protected:
  void SetUp() override {
    if (!has_aiosmtpd()) GTEST_SKIP() << "no aiosmtpd of Python: apt-get install python3-aiosmtpd";
    const auto made =
        run_process({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                     "-nodes", "-keyout", path("own.key"), "-out", path("own.pem"), "-subj", "/CN=peer",
                     "-days", "2", "-addext", "subjectAltName=IP:127.0.0.1"});
    ASSERT_EQ(made->exit_code, 0) << made->errors;
    start({path("own.pem"), path("own.key"), "ada", "correct-horse"});
  }
  std::string path(const char* name) const { return (folder_.path() / name).string(); }
  MailServer secure(const std::string& password) const {
    EXPECT_TRUE(write_file_atomically(folder_.path() / "password", password + "\n", 0600));
    MailServer out;
    out.url = url_;
    out.user = "ada";
    out.password.file = path("password");
    out.ca_file = path("own.pem");
    return out;
  }
  TemporaryDirectory folder_;
};

TEST_F(SmtpTls, SignsInOverTlsWithAPasswordFromAFile) {
  Reached reached = Reached::nobody;
  const Status sent = send_mail(secure("correct-horse"), mail_to({"ada@example.org"}), kDeadline, reached);
  ASSERT_TRUE(sent) << sent.error().message;
  const Json mail = next_mail();
  EXPECT_TRUE(mail["tls"].as_bool());
  EXPECT_EQ(mail["user"].as_string(), "ada");
}

TEST_F(SmtpTls, TheWordsOfAFailureNeverHoldThePassword) {
  Reached reached = Reached::somebody;
  const Status wrong = send_mail(secure("battery-staple"), mail_to({"ada@example.org"}), kDeadline, reached);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message, url_ + " does not let ada in: 535 5.7.8 wrong");
  EXPECT_EQ(reached, Reached::nobody);
  const Status echoed = send_mail(secure("correct-horse"), mail_to({"echo@example.org"}), kDeadline, reached);
  ASSERT_FALSE(echoed);
  EXPECT_EQ(echoed.error().message, url_ + " refused the mail: 550 5.7.1 (secret) does not help");
}

TEST_F(SmtpTls, AnUntrustedCertificateGetsNeitherMailNorPassword) {
  MailServer server = secure("correct-horse");
  server.ca_file.clear();
  Reached reached = Reached::somebody;
  const Status sent = send_mail(server, mail_to({"ada@example.org"}), kDeadline, reached);
  ASSERT_FALSE(sent);
  EXPECT_NE(sent.error().message.find("certificate is not trusted"), std::string::npos)
      << sent.error().message;
  EXPECT_EQ(reached, Reached::nobody);
}

TEST(SmtpServer, OnlyMailServersWithoutNamesInThemAreAsked) {
  for (const char* bad :
       {"http://127.0.0.1:25", "smtp://ada:secret@127.0.0.1:25", "127.0.0.1", "smtp://", "smtp:///x", "",
        "smtp://a b", "smtp://a\r\nQUIT", "smtp://host?x", "smtp://host/%0d%0aQUIT"}) {
    MailServer server;
    server.url = bad;
    const Status fits = check_mail_server(server);
    ASSERT_FALSE(fits) << bad;
    EXPECT_EQ(fits.error().kind, ErrorKind::bad_input) << bad;
  }
  MailServer clear;
  clear.url = "smtp://127.0.0.1";
  clear.start_tls = MailServer::StartTls::where_offered;
  EXPECT_TRUE(check_mail_server(clear));
  clear.user = "ada";
  EXPECT_FALSE(check_mail_server(clear));
  clear.url = "smtps://127.0.0.1";
  EXPECT_TRUE(check_mail_server(clear));
}

TEST(SmtpServer, WhereNobodyAnswersNobodyWasReached) {
  MailServer server;
  server.url = "smtp://127.0.0.1:1";  // a port that only root may open: nobody listens there
  server.start_tls = MailServer::StartTls::where_offered;
  Reached reached = Reached::somebody;
  const Status sent = send_mail(server, mail_to({"ada@example.org"}), kDeadline, reached);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "smtp://127.0.0.1:1: nobody answers there");
  EXPECT_EQ(reached, Reached::nobody);
}

TEST(SmtpReply, IsShownAsOneLineThatATerminalDoesNotObey) {
  EXPECT_EQ(reply_words("550 5.1.1 nobody\r\n"), "550 5.1.1 nobody");
  EXPECT_EQ(reply_words("250-PIPELINING\r\n"), "250 PIPELINING");
  EXPECT_EQ(reply_words("354\r\n"), "354");
  EXPECT_EQ(reply_words("550 \x1b[31mred"), "550 \\x1b[31mred");
  EXPECT_EQ(reply_words("550 no\r\n250 yes\r\n"), "550 no");
  EXPECT_EQ(reply_words("550 a\ttab"), "550 a tab");
  EXPECT_EQ(reply_words("55 no"), "");
  EXPECT_EQ(reply_words("5505 no"), "");
  EXPECT_EQ(reply_words(""), "");
  EXPECT_EQ(reply_words("550 " + std::string(10'000, 'x')).size(), 199U + std::string("…").size());
}

}  // namespace
}  // namespace signalbox::http
