#include "core/remote/remote_log.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"

namespace signalbox::remote {
namespace {

using evidence::Receipt;

constexpr std::size_t kMaxEnvelopesARequest = 256;               // what one commit of the log takes well
constexpr std::size_t kMaxBytesARequest = std::size_t{8} << 20;  // but for a single larger one
constexpr std::size_t kMaxTokenFileBytes = 4096;
constexpr std::size_t kMaxAnswerBytes = std::size_t{4} << 20;
constexpr std::chrono::milliseconds kRequestDeadline{30'000};
constexpr std::string_view kTokenHint =
    "an admin there makes one: signalbox serve token add ci --role operator";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(trim(value));
}

Result<std::string> token_for(const std::string& origin) {
  std::string token = environment("SIGNALBOX_TOKEN");
  if (const std::string file = environment("SIGNALBOX_TOKEN_FILE"); token.empty() && !file.empty()) {
    SIGNALBOX_TRY(const std::string text, read_file(file, kMaxTokenFileBytes));
    token = trim(std::string_view(text).substr(0, text.find('\n')));
    if (token.empty()) return fail(ErrorKind::denied, fmt::format("{}: holds no token", file));
  }
  if (!token.empty()) return token;
  return fail(
      ErrorKind::denied, fmt::format("{} speaks of evidence with a token only", origin),
      fmt::format("set SIGNALBOX_TOKEN, or SIGNALBOX_TOKEN_FILE to a file that holds it; {}", kTokenHint));
}

// What the server says is wrong, in its own words where it speaks problem+json.
std::string detail_of(const http::ClientResponse& response) {
  const auto body = parse_json(response.body);
  const std::string detail(body ? (*body)["detail"].as_string() : std::string_view{});
  return detail.empty() ? fmt::format("status {}", response.status) : printable(detail);
}

Error error_of(const http::ClientResponse& response, const std::string& origin) {
  const std::string detail = detail_of(response);
  switch (response.status) {
    case 401:
      return {ErrorKind::denied,
              fmt::format("{} does not know this token: unknown, expired or revoked", origin),
              std::string(kTokenHint)};
    case 403:
      return {ErrorKind::denied, fmt::format("{} refuses: {}", origin, detail),
              "appending evidence needs a token of the role operator"};
    case 404:
    case 405:
      return {ErrorKind::bad_input, fmt::format("{} is no Signalbox server", origin), "check --store"};
    case 413:
      return {ErrorKind::bad_input, fmt::format("{} takes nothing that large: {}", origin, detail), {}};
    case 400:
    case 409:
    case 422:
      return {ErrorKind::bad_input, fmt::format("{} refuses: {}", origin, detail), {}};
    default:
      break;
  }
  const auto moved = response.headers.find("location");
  if (response.status >= 300 && response.status < 400 && moved != response.headers.end()) {
    return {ErrorKind::bad_input, fmt::format("{} sends elsewhere, to {}", origin, printable(moved->second)),
            "give that address to --store, if it is yours"};
  }
  return {ErrorKind::unavailable, fmt::format("{} cannot take it now: {}", origin, detail), "send it again"};
}

Result<std::vector<Receipt>> receipts_of(const std::string& body, const std::string& origin,
                                         std::size_t sent) {
  const Json answer = parse_json(body).value_or(Json());
  std::vector<Receipt> out;
  for (const Json& item : answer["receipts"].items()) {
    const auto leaf = sha256_from_hex(item["leaf"].as_string());
    const auto time = parse_rfc3339(item["time"].as_string());
    if (!leaf || !time || !item["index"].is_integer()) break;
    out.push_back(
        {static_cast<std::uint64_t>(item["index"].as_integer()), *leaf, *time, item["was_there"].as_bool()});
  }
  if (out.size() == sent) return out;
  return fail(ErrorKind::unavailable, fmt::format("{} does not answer as a Signalbox server does", origin),
              "check --store, and that both are of the same version");
}

class HttpLog final : public evidence::RemoteLog {
 public:
  explicit HttpLog(Server server) : server_(std::move(server)) {}

  Result<std::vector<Receipt>> append(const std::vector<std::string>& envelopes,
                                      evidence::Repeats repeats) override {
    std::vector<Receipt> out;
    for (std::size_t first = 0; first < envelopes.size();) {
      const std::size_t count = fitting(envelopes, first);
      SIGNALBOX_TRY(const std::vector<Receipt> receipts,
                    send(body_of(envelopes, first, count), count, repeats));
      out.insert(out.end(), receipts.begin(), receipts.end());
      first += count;
    }
    return out;
  }

 private:
  static std::size_t fitting(const std::vector<std::string>& envelopes, std::size_t first) {
    std::size_t bytes = 0;
    std::size_t count = 0;
    while (first + count < envelopes.size() && count < kMaxEnvelopesARequest) {
      bytes += envelopes[first + count].size();
      if (count > 0 && bytes > kMaxBytesARequest) break;
      ++count;
    }
    return count;
  }

  // Octet for octet: one as it is; in a list, one that is not written as the server would write it goes as
  // base64.
  static std::string listed(const std::string& envelope) {
    const auto value = parse_json(envelope);
    return value && value->dump() == envelope ? envelope : Json(to_base64(envelope)).dump();
  }
  static std::string body_of(const std::vector<std::string>& envelopes, std::size_t first,
                             std::size_t count) {
    if (count == 1) return envelopes[first];
    std::string out = "{\"envelopes\":[";
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += ',';
      out += listed(envelopes[first + i]);
    }
    return out + "]}";
  }

  Result<std::vector<Receipt>> send(std::string body, std::size_t count, evidence::Repeats repeats) const {
    http::ClientRequest request;
    request.method = "POST";
    request.url = server_.origin + "/api/v1/evidence/envelopes";
    if (repeats == evidence::Repeats::skipped) request.url += "?repeats=skipped";
    request.headers = {{"Authorization", "Bearer " + server_.token}, {"Content-Type", "application/json"}};
    request.body = std::move(body);
    request.ca_file = server_.ca_file;
    request.max_response_bytes = kMaxAnswerBytes;
    SIGNALBOX_TRY(const http::ClientResponse response, http::send(request));
    if (response.status < 200 || response.status >= 300) return fail(error_of(response, server_.origin));
    return receipts_of(response.body, server_.origin, count);
  }

  Server server_;
};

}  // namespace

bool is_server(std::string_view store) {
  return starts_with_ignoring_case(store, "http://") || starts_with_ignoring_case(store, "https://");
}

Result<Server> server_from(std::string_view store) {
  SIGNALBOX_TRY(const http::Address address, http::parse_address(store));
  Server out;
  out.origin = address.origin();
  if (address.path != "/")
    return fail(ErrorKind::bad_input, fmt::format("--store {}: a server has no path", printable(store)),
                "--store " + out.origin);
  if (address.scheme == "http" && !http::is_loopback_name(address.host)) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: without TLS the token could be read on the way", out.origin),
                fmt::format("--store https://{}; http:// is for this machine itself", address.host));
  }
  SIGNALBOX_TRY(out.token, token_for(out.origin));
  out.ca_file = environment("SIGNALBOX_CA_FILE");
  return out;
}

std::unique_ptr<evidence::RemoteLog> remote_log(Server server) {
  return std::make_unique<HttpLog>(std::move(server));
}

Result<std::string> get_octets(const Server& server, const std::string& path, const Patience& patience) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  if (patience.until <= now)
    return fail(
        ErrorKind::unavailable,
        fmt::format("{} has not answered all that is asked in the time that it was given", server.origin),
        "give it more with --timeout");
  http::ClientRequest request;
  request.url = server.origin + path;
  request.headers = {{"Authorization", "Bearer " + server.token}};
  request.ca_file = server.ca_file;
  request.max_response_bytes = patience.max_bytes;
  request.deadline = kRequestDeadline;
  if (patience.until - now < kRequestDeadline)
    request.deadline = std::chrono::ceil<milliseconds>(patience.until - now);
  SIGNALBOX_TRY(http::ClientResponse response, http::send(request));
  if (response.status == 404 || response.status == 410)
    return fail(ErrorKind::not_found, fmt::format("{}: {}", server.origin, detail_of(response)));
  if (response.status != 200) return fail(error_of(response, server.origin));
  return std::move(response.body);
}

Result<Json> get_json(const Server& server, const std::string& path, const Patience& patience) {
  SIGNALBOX_TRY(const std::string body, get_octets(server, path, patience));
  auto answer = parse_json(body);
  if (answer) return answer;
  return fail(ErrorKind::unavailable,
              fmt::format("{} does not answer as a Signalbox server does", server.origin),
              "check --store, and that both are of the same version");
}

Result<WitnessedState> witnessed_state(const Server& server) {
  SIGNALBOX_TRY(const Json answer, get_json(server, "/api/v1/evidence/witnesses"));
  if (!answer["witnessed_size"].is_integer() || !answer["quorum"].is_integer())
    return fail(ErrorKind::unavailable, fmt::format("{} says nothing of witnesses", server.origin));
  return WitnessedState{static_cast<std::uint64_t>(answer["witnessed_size"].as_integer()),
                        static_cast<int>(answer["quorum"].as_integer())};
}

Result<evidence::EvidenceBook> open_book(const Workspace& workspace, const Clock& clock,
                                         const std::string& store) {
  if (!is_server(store)) return evidence::EvidenceBook::open_to_record(workspace, clock, store);
  SIGNALBOX_TRY(Server server, server_from(store));
  return evidence::EvidenceBook::open_remote(workspace, store, remote_log(std::move(server)));
}

}  // namespace signalbox::remote
