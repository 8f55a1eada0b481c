#include "instruments/train/gating/github_checks.hpp"

#include <cstdlib>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "core/git/object.hpp"
#include "core/http/client.hpp"

namespace signalbox::train {
namespace {

using gates::CiRun;

constexpr int kRunsAPage = 100;
constexpr int kMaxPages = 10;
constexpr std::size_t kMaxAnswerBytes = std::size_t{8} << 20;
constexpr std::size_t kMaxTokenBytes = 4096;

tl::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("check runs: {}: {}", member, what));
}

// Over TLS, or on this machine.
bool may_carry_token(const std::string& api) {
  const auto address = http::parse_address(api);
  return address && (address->scheme == "https" || http::is_loopback_name(address->host));
}

// What a status other than 200 means to whoever waits for an answer.
Error error_of(const http::ClientResponse& response, const std::string& url) {
  const auto said = parse_json(response.body);
  const std::string words = said ? printable((*said)["message"].as_string()) : std::string();
  Error out{ErrorKind::unavailable,
            fmt::format("{}: HTTP {}{}", url, response.status, words.empty() ? "" : " " + words), ""};
  if (response.status == 401 || response.status == 403 || response.status == 404)
    out.hint = "a token that may read checks: SIGNALBOX_GITHUB_TOKEN_FILE names the file that holds it";
  if (response.status == 422) out.hint = "git push";
  return out;
}

}  // namespace

Result<CiRun> parse_check_run(const Json& run) {
  if (!run.is_object()) return wrong("check_runs", "an element is no object");
  CiRun out;
  out.job = run["name"].as_string();
  if (out.job.empty()) return wrong("name", "is missing");
  out.commit = run["head_sha"].as_string();
  if (!git::parse_object_id(out.commit)) return wrong("head_sha", "is no id of a commit");
  if (!run["id"].is_integer()) return wrong("id", "is no number");
  out.order = run["id"].as_integer();
  out.where = run["html_url"].as_string();
  const std::string_view status = run["status"].as_string();
  const std::string_view conclusion = run["conclusion"].as_string();
  if (status.empty()) return wrong("status", "is missing");
  if (status != "completed") {
    out.words = status;
    return out;
  }
  if (conclusion.empty()) return wrong("conclusion", "a run that is completed has none");
  out.words = conclusion;
  out.outcome = conclusion == "success" ? CiRun::Outcome::success : CiRun::Outcome::failure;
  return out;
}

Result<CheckRunsPage> parse_check_runs(std::string_view json) {
  SIGNALBOX_TRY(const Json page, parse_json(json, {.max_bytes = kMaxAnswerBytes, .exact_integers = false}));
  if (!page["total_count"].is_integer()) return wrong("total_count", "is no number");
  if (!page["check_runs"].is_array()) return wrong("check_runs", "is no list");
  CheckRunsPage out;
  out.total = page["total_count"].as_integer();
  for (const Json& run : page["check_runs"].items()) {
    SIGNALBOX_TRY(CiRun parsed, parse_check_run(run));
    out.runs.push_back(std::move(parsed));
  }
  return out;
}

GithubChecks::Options GithubChecks::options_of_environment() {
  Options out;
  if (const char* file = std::getenv("SIGNALBOX_GITHUB_TOKEN_FILE"); file != nullptr && *file != '\0') {
    if (const auto text = read_file(file, kMaxTokenBytes)) out.token = trim(*text);
  } else if (const char* token = std::getenv("GITHUB_TOKEN"); token != nullptr) {
    out.token = trim(token);
  }
  return out;
}

Result<std::vector<CiRun>> GithubChecks::runs(const gates::CiRule& rule, const std::string& commit) {
  std::vector<CiRun> out;
  const auto until = std::chrono::steady_clock::now() + options_.deadline;
  for (int page = 1; page <= kMaxPages; ++page) {
    http::ClientRequest request;
    request.url = fmt::format("{}/repos/{}/commits/{}/check-runs?filter=latest&per_page={}&page={}", rule.api,
                              rule.repository, commit, kRunsAPage, page);
    request.headers = {{"Accept", "application/vnd.github+json"},
                       {"X-GitHub-Api-Version", "2022-11-28"},
                       {"User-Agent", fmt::format("signalbox/{}", version())}};
    if (!options_.token.empty() && may_carry_token(rule.api))
      request.headers.emplace_back("Authorization", "Bearer " + options_.token);
    request.max_response_bytes = kMaxAnswerBytes;
    request.deadline =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (request.deadline.count() <= 0)
      return fail(ErrorKind::unavailable, fmt::format("{}: too slow", rule.api));
    SIGNALBOX_TRY(const http::ClientResponse response, http::send(request));
    if (response.status != 200) return fail(error_of(response, rule.api + "/repos/" + rule.repository));
    const auto parsed = parse_check_runs(response.body);
    if (!parsed) return fail(ErrorKind::unavailable, fmt::format("{}: {}", rule.api, parsed.error().message));
    out.insert(out.end(), parsed->runs.begin(), parsed->runs.end());
    const bool is_last = parsed->runs.empty() || static_cast<std::int64_t>(out.size()) >= parsed->total;
    if (is_last) return out;
  }
  return fail(ErrorKind::unavailable,
              fmt::format("{}: more than {} check runs of one commit", rule.api, kMaxPages * kRunsAPage));
}

}  // namespace signalbox::train
