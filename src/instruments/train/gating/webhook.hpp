// What GitHub and GitLab tell of jobs by themselves: who may say it, that it is new, and what it says. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/evidence/statement.hpp"
#include "core/gates/ci.hpp"

namespace signalbox::train {

inline constexpr Duration kReplayWindow = std::chrono::minutes(5);
inline constexpr std::size_t kMinSecretBytes = 16;
inline constexpr std::size_t kMaxSeenDeliveries = 10'000;

// One job of one commit, as its server told of it.
struct CiReport {
  gates::CiRun run;
  std::string server;      // "github", "gitlab"
  std::string repository;  // "octo/shop"
  Time time;               // at which the job ended, or began
};

// X-Hub-Signature-256: "sha256=" and the HMAC of the body. denied where it is another.
Status check_github_signature(std::string_view secret, std::string_view header, std::string_view body);
// X-Gitlab-Token: the secret itself.
Status check_gitlab_token(std::string_view secret, std::string_view header);

// An event of GitHub (X-GitHub-Event and its body) or of GitLab. Nothing where it tells of no job; bad_input,
// naming the member, where it should and does not.
Result<std::optional<CiReport>> parse_github_event(std::string_view event, const Json& body);
Result<std::optional<CiReport>> parse_gitlab_event(const Json& body);

// `train/ci/v1` about the commit, as gates of the kind ci read it.
evidence::Statement ci_statement(const CiReport& report);

// Keeps out what is older than the window, and what came within it already.
class ReplayGuard {
 public:
  // conflict where the delivery is a repetition; denied where it is too old, or of the future.
  Status admit(std::string_view body, Time said, Time now);

 private:
  std::map<std::string, Time, std::less<>> seen_;  // digests of bodies
};

}  // namespace signalbox::train
