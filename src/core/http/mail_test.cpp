// Mail as it is written, read by another implementation: the email package of Python.
#include "core/http/mail.hpp"

#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

Mail some_mail() {
  Mail mail;
  mail.from = "train@example.org";
  mail.to = {"ada@example.org", "bob@example.org"};
  mail.message_id = "planning.0.4f2a@example.org";
  mail.subject = "v1.3.0 fährt ab";
  mail.text = "Größe = 5 %\n.\nfrom here " + std::string(100, 'x') + "\ntrailing space \n";
  mail.date = Time(std::chrono::seconds(1'772'528'400));  // date -u -d 2026-03-03T09:00:00Z +%s
  return mail;
}

std::string read_by_python(const std::string& octets) {
  const char* const program =
      "import sys, email, email.policy\n"
      "m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)\n"
      "assert not m.defects, m.defects\n"
      "print(m['Subject'], m['From'], m['To'], m['Date'], m['Message-ID'], sep='\\n')\n"
      "print(m.get_content().replace('\\r\\n', '\\n'), end='')";
  ProcessOptions options;
  options.input = octets;
  const auto result = run_process({"/usr/bin/python3", "-c", program}, options);
  EXPECT_TRUE(result) << result.error().message;
  if (!result) return {};
  EXPECT_EQ(result->exit_code, 0) << result->errors;
  return result->output;
}

TEST(Mail, IsReadByOthersAsItWasMeant) {
  const auto octets = write_mail(some_mail());
  ASSERT_TRUE(octets) << octets.error().message;
  for (const std::string_view line : split(*octets, '\n')) {
    EXPECT_LE(line.size(), 79U) << line;
    EXPECT_TRUE(line.empty() || line.ends_with('\r')) << line;
  }
  EXPECT_EQ(read_by_python(*octets),
            "v1.3.0 fährt ab\ntrain@example.org\nada@example.org, bob@example.org\n"
            "Tue, 03 Mar 2026 09:00:00 +0000\n<planning.0.4f2a@example.org>\n" +
                some_mail().text);
}

TEST(Mail, SubjectsOfAnyLengthAndLetterCutNoCharacter) {
  std::string umlauts = "x";
  for (int i = 0; i < 60; ++i) umlauts += "ä";
  for (const std::string& subject :
       {umlauts, std::string(200, 'a'), std::string("=?UTF-8?B?eA==?= is text"), std::string("plain")}) {
    Mail mail = some_mail();
    mail.subject = subject;
    const auto octets = write_mail(mail);
    ASSERT_TRUE(octets);
    EXPECT_TRUE(read_by_python(*octets).starts_with(subject + "\n")) << *octets;
  }
}

TEST(Mail, WhatCannotStandInAHeaderIsRefused) {
  const auto refused = [](const auto& change) {
    Mail mail = some_mail();
    change(mail);
    const auto written = write_mail(mail);
    return !written && written.error().kind == ErrorKind::bad_input;
  };
  EXPECT_FALSE(refused([](Mail&) {}));
  EXPECT_TRUE(refused([](Mail& mail) { mail.subject = "a\r\nBcc: eve@example.org"; }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.subject = "a\nBcc: eve@example.org"; }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.subject = std::string("a\0b", 3); }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.subject = "\xff"; }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.subject = std::string(901, 'a'); }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.from = "a b@example.org"; }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.to = {"ada@example.org\r\nBcc: eve@example.org"}; }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.to.clear(); }));
  EXPECT_TRUE(refused([](Mail& mail) { mail.message_id = "x> y"; }));
}

TEST(Mail, AddressesAreThoseWithoutQuotesNamesOrBrackets) {
  for (const char* bad :
       {"", "@", "ada", "ada@", "@example.org", "ada@exa mple.org", "ada@[127.0.0.1]", "\"a b\"@example.org",
        "a@b@c", "Ada <ada@example.org>", "-oQ@example.org", "ada@example.org,eve@example.org"})
    EXPECT_FALSE(is_mail_address(bad)) << bad;
  EXPECT_FALSE(is_mail_address(std::string(250, 'a') + "@b.org"));
  EXPECT_TRUE(is_mail_address("ada+train@mail.example.org"));
}

}  // namespace
}  // namespace signalbox::http
