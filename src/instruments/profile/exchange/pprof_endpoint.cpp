#include "instruments/profile/exchange/pprof_endpoint.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/formats/format.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kRoot = "/debug/pprof";
constexpr std::chrono::seconds kPatience{30};  // beyond what the program samples for
constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20;
constexpr std::size_t kMaxExpandedBytes = std::size_t{1} << 30;
constexpr std::chrono::seconds kLongest{86'400};
constexpr std::chrono::seconds kUsualOfGo{30};  // what seconds=0 is for a CPU profile

// The value of a field of a query.
std::optional<std::string_view> field_of(std::string_view query, std::string_view name) {
  for (const std::string_view field : split(query, '&')) {
    const std::size_t equals = field.find('=');
    if (field.substr(0, equals) == name)
      return equals == std::string_view::npos ? std::string_view() : field.substr(equals + 1);
  }
  return std::nullopt;
}

// What is not to be told again of a request: its headers, and what its address asks for.
std::vector<NamedValue> secrets_of(const PprofEndpoint& endpoint, std::vector<NamedValue> headers) {
  const std::size_t mark = endpoint.url.find('?');
  if (mark != std::string::npos) headers.emplace_back("query", endpoint.url.substr(mark + 1));
  return headers;
}

Result<std::string> body_of(const PprofEndpoint& endpoint, const std::vector<NamedValue>& headers,
                            const std::string& ca_file) {
  http::ClientRequest request;
  request.url = endpoint.url;
  request.headers = headers;
  request.deadline = endpoint.wait + kPatience;
  request.max_response_bytes = kMaxAnswerBytes;
  request.max_attempts = 1;
  request.ca_file = ca_file;
  SIGNALBOX_TRY(http::ClientResponse response, http::send(request));
  if (response.status == 200) return std::move(response.body);
  const std::string words = words_said(response.body, secrets_of(endpoint, headers));
  const std::string said =
      fmt::format("{} answers {}{}{}", endpoint.shown, response.status, words.empty() ? "" : ": ", words);
  if (response.status == 401 || response.status == 403)
    return fail(ErrorKind::denied, said, "--header \"Authorization=Bearer …\" says who asks");
  if (response.status == 404)
    return fail(ErrorKind::unavailable, said,
                "the program has to import net/http/pprof and serve http.DefaultServeMux there");
  return fail(ErrorKind::unavailable, said,
              response.status == 500 && endpoint.is_cpu
                  ? "another CPU profile of it may be under way: only one is at a time"
                  : "");
}

}  // namespace

Result<PprofEndpoint> pprof_endpoint(std::string_view url, std::optional<std::chrono::seconds> duration,
                                     std::chrono::seconds usual) {
  SIGNALBOX_TRY(const http::Address address, http::parse_address(url));
  url = url.substr(0, url.find('#'));
  const std::size_t mark = url.find('?');
  const std::string query(mark == std::string_view::npos ? std::string_view() : url.substr(mark + 1));
  std::string path = address.path;
  while (path.ends_with('/')) path.pop_back();
  if (path.empty()) path = kRoot;
  if (path.ends_with(kRoot)) path += "/profile";
  const std::string shown = address.origin() + path;
  const std::string_view last = std::string_view(path).substr(path.rfind('/') + 1);
  if (last == "trace" || last == "cmdline" || last == "symbol")
    return fail(ErrorKind::bad_input, fmt::format("{}: {} is no profile", printable(shown), last),
                "profile, heap, allocs, goroutine, block, mutex and threadcreate are");
  if (const auto debug = field_of(query, "debug"); debug && *debug != "0")
    return fail(ErrorKind::bad_input, fmt::format("{}: debug= asks for a text", printable(shown)),
                "leave it away: the profile itself is read");
  if (duration && *duration > kLongest)
    return fail(ErrorKind::bad_input, fmt::format("a duration of {} s: at most {} s are waited for",
                                                  duration->count(), kLongest.count()));
  PprofEndpoint out;
  out.is_cpu = last == "profile";
  out.shown = shown;
  out.url = shown + (query.empty() ? "" : "?" + query);
  if (const auto seconds = field_of(query, "seconds")) {
    const auto number = parse_integer(*seconds);
    if (!number || *number < 0 || *number > kLongest.count())
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: `seconds={}` is no time", printable(shown), printable(*seconds)));
    if (duration)
      return fail(ErrorKind::bad_input, "the address says seconds=, and --duration is given, too",
                  "one of them says how long");
    out.wait = out.is_cpu && *number == 0 ? kUsualOfGo : std::chrono::seconds(*number);
    out.shown += fmt::format("?seconds={}", *number);
    return out;
  }
  if (out.is_cpu || duration) {
    out.wait = duration.value_or(usual);
    const std::string field = fmt::format("seconds={}", out.wait.count());
    out.url += (query.empty() ? "?" : "&") + field;
    out.shown += "?" + field;
  }
  return out;
}

Result<Profile> fetch_pprof(const PprofEndpoint& endpoint, const std::vector<NamedValue>& headers,
                            const std::string& ca_file) {
  SIGNALBOX_TRY(const std::string octets, body_of(endpoint, headers, ca_file));
  ReadOptions options;
  options.format = ProfileFormat::pprof;
  options.max_bytes = kMaxExpandedBytes;
  auto profile = read_profile(octets, options);
  if (profile) return profile;
  Error error = std::move(profile).error();
  error.hint = "what answers there is no endpoint of net/http/pprof";
  return fail_in(endpoint.shown + " answers with no pprof profile", std::move(error));
}

}  // namespace signalbox::profile
