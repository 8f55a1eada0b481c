// Any octets as a reply of a mail server, as a subject, an address and a text: a line that a terminal does
// not obey; a mail with the headers that it should have and no others, or none.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/base/text.hpp"
#include "core/http/mail.hpp"
#include "core/http/smtp.hpp"

namespace http = signalbox::http;

namespace {

constexpr std::size_t kHeaders = 9;

bool is_control(unsigned char c) {
  return c < 0x20 || c == 0x7f;
}

void must_be_one_line(const std::string& words) {
  if (std::any_of(words.begin(), words.end(), is_control) || !signalbox::is_utf8(words)) std::abort();
}

void must_have_its_headers(const std::string& octets) {
  const std::size_t end = octets.find("\r\n\r\n");
  if (end == std::string::npos) std::abort();
  std::size_t headers = 0;
  for (const std::string_view line : signalbox::split(octets, '\n')) {
    if (line.size() > 1000 || (!line.empty() && line.back() != '\r')) std::abort();
    if (static_cast<std::size_t>(line.data() - octets.data()) > end) continue;
    headers += !line.starts_with(' ') ? 1 : 0;
  }
  if (headers != kHeaders) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  must_be_one_line(http::reply_words(octets));
  const std::size_t cut = octets.find('|');
  http::Mail mail;
  mail.from = "train@example.org";
  mail.message_id = "a@example.org";
  mail.to = {octets.substr(0, cut)};
  if (!http::is_mail_address(mail.to.front())) mail.to = {"ada@example.org"};
  mail.subject = octets.substr(0, octets.find('|'));
  if (cut != std::string::npos) mail.text = octets.substr(cut + 1);
  if (const auto written = http::write_mail(mail)) must_have_its_headers(*written);
  return 0;
}
