#include "core/http/client.hpp"

#include <algorithm>
#include <cstdlib>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/http/curl_library.hpp"

namespace signalbox::http {
namespace {

using std::chrono::milliseconds;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2'000};
constexpr milliseconds kConnectTimeout{10'000};
constexpr std::size_t kMaxHeaderBytes = std::size_t{64} << 10;

// What came of one attempt: an answer, or the code and the words of libcurl.
struct Attempt {
  ClientResponse response;
  std::size_t header_bytes = 0;
  std::size_t max_body_bytes = 0;
  bool too_large = false;
  long sent_bytes = 0;  // of the request
  CURLcode code = CURLE_OK;
  std::string trouble;
};

std::size_t take_body(char* octets, std::size_t, std::size_t count, void* to) {
  Attempt& attempt = *static_cast<Attempt*>(to);
  attempt.too_large = count > attempt.max_body_bytes - attempt.response.body.size();
  if (attempt.too_large) return 0;
  attempt.response.body.append(octets, count);
  return count;
}

std::size_t take_header(char* octets, std::size_t, std::size_t count, void* to) {
  Attempt& attempt = *static_cast<Attempt*>(to);
  const std::string_view line(octets, count);
  attempt.header_bytes += count;
  attempt.too_large = attempt.header_bytes > kMaxHeaderBytes;
  if (attempt.too_large) return 0;
  if (line.starts_with("HTTP/")) attempt.response.headers.clear();  // what came before was a 1xx answer
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos)
    attempt.response.headers[to_lower(trim(line.substr(0, colon)))] = trim(line.substr(colon + 1));
  return count;
}

bool is_plain(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

Result<CurlList> header_list(const CurlLibrary& curl, const ClientRequest& request) {
  CurlList out(nullptr, {&curl});
  // No "Expect: 100-continue": a server that refuses a body by its length answers at once.
  std::vector<std::string> lines = {"Expect:", "User-Agent: signalbox"};
  for (const auto& [name, value] : request.headers) {
    if (!is_plain(name) || !is_plain(value) || name.find(':') != std::string::npos)
      return fail(ErrorKind::bad_input, fmt::format("the header {} cannot be sent", printable(name)));
    lines.push_back(name + ": " + value);
  }
  for (const std::string& line : lines) {
    if (!append_line(curl, out, line)) return fail(ErrorKind::unavailable, "no memory for a request");
  }
  return out;
}

// One handle a thread: the next call to the same server finds its connection open.
CURL* thread_handle(const CurlLibrary& curl) {
  thread_local CurlHandle handle(nullptr, {&curl});
  if (!handle) handle = CurlHandle(curl.easy_init(), {&curl});
  if (handle) curl.easy_reset(handle.get());
  return handle.get();
}

// Never through a proxy to this machine itself: the proxy's own machine would be asked instead, with our
// token.
std::string hosts_without_proxy() {
  std::string out = "localhost,127.0.0.1,::1";
  for (const char* name : {"no_proxy", "NO_PROXY"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return out + "," + value;
  }
  return out;
}

bool is_repeatable(const ClientRequest& request) {
  return request.method != "POST" && request.method != "PATCH";
}

void set_method(const CurlLibrary& curl, CURL* handle, const ClientRequest& request) {
  if (request.method == "HEAD") {
    curl.easy_setopt(handle, CURLOPT_NOBODY, 1L);
    return;
  }
  if (!request.body.empty() || request.method == "POST") {
    curl.easy_setopt(handle, CURLOPT_POST, 1L);
    curl.easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl.easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  curl.easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  // On a connection that had been kept and breaks, libcurl sends a POST a second time by itself.
  if (!is_repeatable(request)) curl.easy_setopt(handle, CURLOPT_FRESH_CONNECT, 1L);
}

void set_security(const CurlLibrary& curl, CURL* handle, const ClientRequest& request) {
  curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  curl.easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  curl.easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  curl.easy_setopt(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (request.ca_file.empty()) return;
  curl.easy_setopt(handle, CURLOPT_CAINFO, request.ca_file.c_str());
  curl.easy_setopt(handle, CURLOPT_CAPATH, nullptr);
}

Result<Attempt> attempt_once(const CurlLibrary& curl, const ClientRequest& request, milliseconds left) {
  CURL* const handle = thread_handle(curl);
  if (handle == nullptr) return fail(ErrorKind::unavailable, "no memory for a request");
  SIGNALBOX_TRY(const CurlList headers, header_list(curl, request));
  Attempt attempt;
  attempt.max_body_bytes = request.max_response_bytes;
  char words[CURL_ERROR_SIZE] = {};
  set_security(curl, handle, request);
  set_method(curl, handle, request);
  curl.easy_setopt(handle, CURLOPT_URL, request.url.c_str());
  curl.easy_setopt(handle, CURLOPT_NOPROXY, hosts_without_proxy().c_str());
  curl.easy_setopt(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl.easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl.easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(left.count(), 1)));
  curl.easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTimeout.count()));
  curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, words);
  curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, &take_body);
  curl.easy_setopt(handle, CURLOPT_WRITEDATA, &attempt);
  curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, &take_header);
  curl.easy_setopt(handle, CURLOPT_HEADERDATA, &attempt);
  attempt.code = curl.easy_perform(handle);
  if (attempt.code != CURLE_OK) attempt.trouble = *words == '\0' ? curl.easy_strerror(attempt.code) : words;
  long status = 0;
  curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  attempt.response.status = static_cast<int>(status);
  curl.easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &attempt.sent_bytes);
  // A server that refuses a body closes while it is still being sent; its answer is what counts.
  const bool refused = attempt.code == CURLE_SEND_ERROR && attempt.response.status >= 400;
  if (refused) attempt.code = CURLE_OK;
  curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, nullptr);
  return attempt;
}

bool never_connected(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
}

bool worth_another(const ClientRequest& request, const Attempt& attempt) {
  const bool repeatable = is_repeatable(request);
  const int status = attempt.response.status;
  if (attempt.code == CURLE_OK) {
    const bool not_taken =
        (status == 429 || status == 503) && attempt.response.headers.count("retry-after") != 0;
    return not_taken || (repeatable && (status == 502 || status == 503 || status == 504));
  }
  const bool broke = attempt.code == CURLE_SEND_ERROR || attempt.code == CURLE_RECV_ERROR ||
                     attempt.code == CURLE_GOT_NOTHING || attempt.code == CURLE_PARTIAL_FILE;
  return never_connected(attempt.code) || (repeatable && broke);
}

// Full jitter: a random part of a limit that doubles, and at least what the server asked for (whole seconds).
milliseconds pause_before(int attempts_made, const ClientResponse& response) {
  thread_local std::minstd_rand random{std::random_device{}()};
  const milliseconds limit = std::min(kFirstPause * (1 << std::min(attempts_made, 8)), kLongestPause);
  const milliseconds drawn{std::uniform_int_distribution<std::int64_t>(0, limit.count())(random)};
  const auto asked = response.headers.find("retry-after");
  if (asked == response.headers.end()) return drawn;
  constexpr long long kLongestAsked_s = 3600;
  const auto seconds = parse_integer(asked->second);
  if (!seconds || *seconds < 0 || *seconds > kLongestAsked_s) return drawn;
  return std::chrono::seconds(*seconds) + drawn;
}

Error error_of(const ClientRequest& request, const Attempt& attempt, const std::string& origin) {
  if (attempt.too_large) {
    return {ErrorKind::unavailable,
            fmt::format("{} answers with more than {} octets", origin, request.max_response_bytes),
            {}};
  }
  const std::string words = printable(attempt.trouble);
  switch (attempt.code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return {ErrorKind::unavailable, fmt::format("{}: no such host", origin),
              "check the name, and that this machine has a network"};
    case CURLE_COULDNT_CONNECT:
      return {ErrorKind::unavailable, fmt::format("{}: nobody answers there", origin),
              "check the address, and that the server runs"};
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::unavailable,
              fmt::format("{}: no answer within {}", origin, to_text(request.deadline)),
              {}};
    case CURLE_SSL_CACERT_BADFILE:
      return {ErrorKind::unavailable, fmt::format("{}: no certificates can be read from it", request.ca_file),
              "SIGNALBOX_CA_FILE names a PEM file"};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {ErrorKind::unavailable, fmt::format("{}: its certificate is not trusted: {}", origin, words),
              "give the certificate of its authority in SIGNALBOX_CA_FILE"};
    case CURLE_SSL_CONNECT_ERROR:
      return {ErrorKind::unavailable, fmt::format("{}: no TLS there: {}", origin, words), {}};
    default:
      return {ErrorKind::unavailable, fmt::format("{}: the connection broke: {}", origin, words), {}};
  }
}

}  // namespace

Result<ClientResponse> send(const ClientRequest& request) {
  Reached reached = Reached::nobody;
  return send(request, reached);
}

Result<ClientResponse> send(const ClientRequest& request, Reached& reached) {
  reached = Reached::nobody;
  SIGNALBOX_TRY(const Address address, parse_address(request.url));
  if (!is_plain(request.url) || !is_plain(request.method))
    return fail(ErrorKind::bad_input, "an address of several lines");
  SIGNALBOX_TRY(const CurlLibrary* const curl, curl_library());
  const SteadyTime end = std::chrono::steady_clock::now() + request.deadline;
  for (int made = 1;; ++made) {
    const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    SIGNALBOX_TRY(Attempt attempt, attempt_once(*curl, request, left));
    if (attempt.sent_bytes > 0) reached = Reached::somebody;
    const milliseconds pause = pause_before(made, attempt.response);
    const bool again = made < request.max_attempts && worth_another(request, attempt) &&
                       std::chrono::steady_clock::now() + pause < end;
    if (!again && attempt.code == CURLE_OK) return std::move(attempt.response);
    if (!again) return fail(error_of(request, attempt, address.origin()));
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace signalbox::http
