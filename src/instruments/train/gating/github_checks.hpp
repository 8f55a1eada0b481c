// The check runs of a commit, as GitHub's REST API tells them (GET /repos/{repo}/commits/{ref}/check-runs).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/gates/ci.hpp"

namespace signalbox::train {

// One page of the answer. bad_input, naming the member, where it is none.
struct CheckRunsPage {
  std::vector<gates::CiRun> runs;
  std::int64_t total = 0;
};
Result<CheckRunsPage> parse_check_runs(std::string_view json);
// One check run, as pages and webhooks have it. Only the conclusion "success" is green: a job that was
// skipped, or is neutral, tested nothing.
Result<gates::CiRun> parse_check_run(const Json& run);

class GithubChecks final : public gates::CiServer {
 public:
  struct Options {
    std::string token;  // sent over TLS, or to this machine; empty: none
    std::chrono::milliseconds deadline{20'000};
  };
  // The token of $SIGNALBOX_GITHUB_TOKEN_FILE, else of $GITHUB_TOKEN.
  static Options options_of_environment();
  explicit GithubChecks(Options options) : options_(std::move(options)) {}

  Result<std::vector<gates::CiRun>> runs(const gates::CiRule& rule, const std::string& commit) override;

 private:
  Options options_;
};

}  // namespace signalbox::train
