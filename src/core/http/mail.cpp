#include "core/http/mail.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

constexpr std::size_t kMaxAddressBytes = 254;  // RFC 5321 section 4.5.3.1.3, without the brackets
constexpr std::size_t kMaxSubjectBytes = 900;
constexpr std::size_t kMaxHeaderLineBytes = 78;  // RFC 5322 section 2.1.1
constexpr std::size_t kEncodedWordOctets = 45;   // of a subject in one encoded word, which may have 75
constexpr std::size_t kMaxLineColumns = 76;      // of quoted-printable (RFC 2045 section 6.7)

bool is_of(char c, std::string_view others) {
  const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return is_letter || others.find(c) != std::string_view::npos;
}

// "Tue, 03 Mar 2026 09:00:00 +0000"
std::string date_text(Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  constexpr std::array<const char*, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000",
                     days.at(static_cast<std::size_t>(parts.tm_wday)), parts.tm_mday,
                     months.at(static_cast<std::size_t>(parts.tm_mon)), parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

// Encoded words of RFC 2047 where the subject is no short line of ASCII, or might be taken for one; no
// character of UTF-8 is cut.
std::string encoded_subject(std::string_view subject) {
  constexpr std::string_view kName = "Subject: ";
  const bool is_ascii =
      std::all_of(subject.begin(), subject.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  const bool is_short = kName.size() + subject.size() <= kMaxHeaderLineBytes;
  if (is_ascii && is_short && subject.find("=?") == std::string_view::npos) return std::string(subject);
  std::string out;
  while (!subject.empty()) {
    std::size_t length = std::min(subject.size(), kEncodedWordOctets);
    while (length < subject.size() && (subject[length] & 0xc0) == 0x80) --length;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + to_base64(subject.substr(0, length)) + "?=";
    subject.remove_prefix(length);
  }
  return out;
}

// One line of text, with soft line breaks.
std::string quoted_printable_line(std::string_view line) {
  std::string out;
  std::size_t columns = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto c = static_cast<unsigned char>(line[i]);
    const bool is_last = i + 1 == line.size();
    const bool is_plain = (c > 0x20 && c < 0x7f && c != '=') || ((c == ' ' || c == '\t') && !is_last);
    const std::string piece = is_plain ? std::string(1, line[i]) : fmt::format("={:02X}", c);
    if (columns + piece.size() >= kMaxLineColumns) {
      out += "=\r\n";
      columns = 0;
    }
    out += piece;
    columns += piece.size();
  }
  return out + "\r\n";
}

Status check_address(std::string_view text) {
  if (is_mail_address(text)) return {};
  return fail(ErrorKind::bad_input, fmt::format("{} is no mail address", printable(text)),
              "ada@example.org, without a name and brackets");
}

Status check_headers(const Mail& mail) {
  SIGNALBOX_CHECK(check_address(mail.from));
  if (mail.to.empty()) return fail(ErrorKind::bad_input, "a mail to nobody");
  for (const std::string& address : mail.to) SIGNALBOX_CHECK(check_address(address));
  if (!is_mail_address(mail.message_id))
    return fail(ErrorKind::bad_input, fmt::format("{} is no id of a message", printable(mail.message_id)));
  const bool is_line = std::none_of(mail.subject.begin(), mail.subject.end(),
                                    [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (is_line && mail.subject.size() <= kMaxSubjectBytes && is_utf8(mail.subject)) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("the subject is no line of at most {} bytes of text", kMaxSubjectBytes));
}

}  // namespace

bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  if (text.size() > kMaxAddressBytes || at == 0 || at == std::string_view::npos || at + 1 == text.size())
    return false;
  const std::string_view local = text.substr(0, at), domain = text.substr(at + 1);
  const bool is_local =
      std::all_of(local.begin(), local.end(), [](char c) { return is_of(c, ".!#$%&'*+-/=?^_`{|}~"); });
  const bool is_domain = std::all_of(domain.begin(), domain.end(), [](char c) { return is_of(c, ".-"); });
  return is_local && is_domain && local.front() != '-';  // no program that gets it takes it for an option
}

Result<std::string> write_mail(const Mail& mail) {
  SIGNALBOX_CHECK(check_headers(mail));
  std::string out = fmt::format(
      "From: {}\r\nTo: {}\r\nDate: {}\r\nMessage-ID: <{}>\r\nSubject: {}\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
      "Auto-Submitted: auto-generated\r\n\r\n",
      mail.from, join(mail.to, ",\r\n "), date_text(mail.date), mail.message_id,
      encoded_subject(mail.subject));
  for (const std::string_view line : lines(mail.text)) out += quoted_printable_line(line);
  return out;
}

}  // namespace signalbox::http
