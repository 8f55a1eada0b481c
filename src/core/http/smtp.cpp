#include "core/http/smtp.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/http/curl_library.hpp"

namespace signalbox::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kConnectTimeout{10'000};
constexpr std::size_t kMaxReplyColumns = 200;

// What libcurl takes from us piece by piece, and what the server said last, its farewell left out.
struct Exchange {
  std::string_view left;
  bool was_finished = false;  // all of it was sent, and its end with it
  std::string said;
  // Replies of 400 and more refuse, for now or for good (RFC 5321 section 4.2.1).
  bool was_refused() const { return said.starts_with('4') || said.starts_with('5'); }
};

std::size_t give(char* to, std::size_t, std::size_t room, void* from) {
  Exchange& exchange = *static_cast<Exchange*>(from);
  const std::size_t count = std::min(room, exchange.left.size());
  std::memcpy(to, exchange.left.data(), count);
  exchange.left.remove_prefix(count);
  if (count == 0) exchange.was_finished = true;
  return count;
}

std::size_t hear(char* octets, std::size_t, std::size_t count, void* to) {
  std::string said = reply_words({octets, count});
  const bool is_farewell = said.starts_with("221");
  if (!is_farewell) static_cast<Exchange*>(to)->said = std::move(said);
  return count;
}

Result<CurlList> recipients_of(const CurlLibrary& curl, const Mail& mail) {
  CurlList out(nullptr, {&curl});
  for (const std::string& address : mail.to) {
    if (!append_line(curl, out, address)) return fail(ErrorKind::unavailable, "no memory for a mail");
  }
  return out;
}

// "smtp://mail.example.org:587", whatever stands after it.
std::string origin_of(const MailServer& server) {
  return server.url.substr(0, server.url.find('/', server.url.find("://") + 3));
}

Error error_of(CURLcode code, const Exchange& exchange, std::string_view words, const MailServer& server,
               milliseconds deadline) {
  const std::string origin = origin_of(server);
  if (code == CURLE_LOGIN_DENIED) {
    return {ErrorKind::unavailable,
            fmt::format("{} does not let {} in: {}", origin, server.user, exchange.said),
            "check the user and the password"};
  }
  if (code == CURLE_USE_SSL_FAILED) {
    return {ErrorKind::unavailable, fmt::format("{} offers no TLS", origin),
            "use smtps://, or for a server on this machine `start_tls: where-offered`"};
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return {ErrorKind::unavailable, fmt::format("{}: not done within {}", origin, to_text(deadline)), {}};
  }
  if (exchange.was_refused())
    return {ErrorKind::unavailable, fmt::format("{} refused the mail: {}", origin, exchange.said), {}};
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST) {
    return {ErrorKind::unavailable, fmt::format("{}: nobody answers there", origin),
            "check the address, and that the server runs"};
  }
  if (code == CURLE_PEER_FAILED_VERIFICATION) {
    return {ErrorKind::unavailable,
            fmt::format("{}: its certificate is not trusted: {}", origin, printable(words)),
            "name the certificate of its authority in ca_file"};
  }
  return {ErrorKind::unavailable, fmt::format("{}: {}", origin, printable(words)), {}};
}

}  // namespace

std::string reply_words(std::string_view line) {
  std::string_view text = trim(line);
  text = text.substr(0, text.find_first_of(std::string_view("\0\r\n", 3)));
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool is_reply = text.size() >= 3 && std::all_of(text.begin(), text.begin() + 3, is_digit) &&
                        (text.size() == 3 || text[3] == ' ' || text[3] == '-');
  if (!is_reply) return {};
  std::string code(text.substr(0, 3));
  if (text.size() <= 4) return code;
  std::string words = printable(trim(text.substr(4)));
  std::replace(words.begin(), words.end(), '\t', ' ');
  return cut_to_width(fmt::format("{} {}", code, words), kMaxReplyColumns);
}

Status check_mail_server(const MailServer& server) {
  const bool is_secure = server.url.starts_with("smtps://");
  const bool is_scheme = is_secure || server.url.starts_with("smtp://");
  const std::size_t host = server.url.find("://") + 3;
  const bool is_plain = std::all_of(server.url.begin(), server.url.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '@' && c != '?' && c != '#' && c != '%' && c != '\\';
  });
  if (!is_scheme || !is_plain || host >= server.url.size() || server.url[host] == '/') {
    return fail(ErrorKind::bad_input, fmt::format("{} is no mail server", printable(server.url)),
                "smtp://mail.example.org:587 or smtps://mail.example.org:465, without a user name");
  }
  const bool may_be_in_clear = !is_secure && server.start_tls == MailServer::StartTls::where_offered;
  if (!server.user.empty() && may_be_in_clear) {
    return fail(ErrorKind::bad_input, "a password over a connection that may be in clear",
                "start_tls: always, or smtps://");
  }
  return {};
}

Status send_mail(const MailServer& server, const Mail& mail, milliseconds deadline, Reached& reached) {
  reached = Reached::nobody;
  SIGNALBOX_CHECK(check_mail_server(server));
  SIGNALBOX_TRY(const std::string octets, write_mail(mail));
  std::string password;
  if (!server.user.empty()) {
    SIGNALBOX_TRY(password, read_secret(server.password, "password of the mail server"));
  }
  SIGNALBOX_TRY(const CurlLibrary* const curl, curl_library());
  const CurlHandle handle(curl->easy_init(), {curl});
  if (!handle) return fail(ErrorKind::unavailable, "no memory for a mail");
  SIGNALBOX_TRY(const CurlList recipients, recipients_of(*curl, mail));
  Exchange exchange{octets, false, {}};
  char words[CURL_ERROR_SIZE] = {};
  const bool is_lenient = server.start_tls == MailServer::StartTls::where_offered;
  const auto set = [&](CURLoption option, auto value) { curl->easy_setopt(handle.get(), option, value); };
  set(CURLOPT_URL, server.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_PROXY, "");
  set(CURLOPT_USE_SSL, static_cast<long>(is_lenient ? CURLUSESSL_TRY : CURLUSESSL_ALL));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!server.ca_file.empty()) {
    set(CURLOPT_CAINFO, server.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!server.user.empty()) {
    set(CURLOPT_USERNAME, server.user.c_str());
    set(CURLOPT_PASSWORD, password.c_str());
  }
  set(CURLOPT_MAIL_FROM, mail.from.c_str());
  set(CURLOPT_MAIL_RCPT, recipients.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &give);
  set(CURLOPT_READDATA, &exchange);
  set(CURLOPT_HEADERFUNCTION, &hear);
  set(CURLOPT_HEADERDATA, &exchange);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTimeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(deadline.count(), 1)));
  set(CURLOPT_ERRORBUFFER, words);
  const CURLcode code = curl->easy_perform(handle.get());
  if (code == CURLE_OK) return {};
  // Once all of it was sent the server may have taken it, unless it said that it did not.
  if (exchange.was_finished && !exchange.was_refused()) reached = Reached::somebody;
  exchange.said = without_secret(std::move(exchange.said), password);
  return fail(error_of(code, exchange, *words == '\0' ? curl->easy_strerror(code) : words, server, deadline));
}

}  // namespace signalbox::http
