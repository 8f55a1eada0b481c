#include "instruments/train/judges/prometheus_client.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/http/client.hpp"

namespace signalbox::train::judges {
namespace {

std::string seconds(Time time) {
  return fmt::format("{:.3f}", static_cast<double>(time.time_since_epoch().count()) / 1000);
}
std::string seconds(Duration duration) {
  return fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1000);
}

// Of an answer with a status that is no success; `words` are its own, where it has any.
Error refusal(int status, const std::string& words) {
  const bool passing = status >= 500 || status == 401 || status == 403 || status == 429;
  return {passing ? ErrorKind::unavailable : ErrorKind::bad_input,
          fmt::format("Prometheus answers with status {}{}{}", status, words.empty() ? "" : ": ", words),
          {}};
}

}  // namespace

PrometheusClient::Answer PrometheusClient::query(const std::string& expression, Time time, End end) const {
  return get(fmt::format("/api/v1/query?query={}&time={}", to_percent(expression), seconds(time)), end);
}

PrometheusClient::Answer PrometheusClient::query_range(const std::string& expression, Time first, Time last,
                                                       Duration step, End end) const {
  return get(fmt::format("/api/v1/query_range?query={}&start={}&end={}&step={}", to_percent(expression),
                         seconds(first), seconds(last), seconds(step)),
             end);
}

PrometheusClient::Answer PrometheusClient::get(const std::string& path_and_query, End end) const {
  http::ClientRequest request;
  request.url = settings_.url + path_and_query;
  request.deadline = std::chrono::floor<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
  if (request.deadline <= Duration{}) {
    return fail(ErrorKind::unavailable,
                fmt::format("Prometheus has not answered within {}", to_text(settings_.timeout)));
  }
  request.max_response_bytes = proto::kMaxPrometheusBytes;
  request.ca_file = settings_.ca_file;
  if (!settings_.token_env.empty()) {
    const char* token = std::getenv(settings_.token_env.c_str());
    if (token == nullptr) {
      return fail(ErrorKind::unavailable, fmt::format("{} is not set", settings_.token_env),
                  "it holds the token for Prometheus");
    }
    request.headers.emplace_back("Authorization", fmt::format("Bearer {}", trim(token)));
  }
  SIGNALBOX_TRY(const http::ClientResponse response, http::send(request));
  if (!response.body.starts_with('{')) {
    if (response.status >= 400) return fail(refusal(response.status, {}));
    return fail(ErrorKind::bad_input, settings_.url + " does not speak Prometheus' query API");
  }
  auto answer = proto::read_prometheus_answer(response.body);
  if (response.status < 400) return answer;
  return fail(refusal(response.status, answer ? std::string() : answer.error().message));
}

}  // namespace signalbox::train::judges
