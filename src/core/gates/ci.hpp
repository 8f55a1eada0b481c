// What a CI server or the log says about the jobs of a commit, and whether that is green.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::gates {

inline constexpr std::size_t kMaxCiJobs = 100;
inline constexpr std::string_view kPublicGithubApi = "https://api.github.com";

// What a gate of the kind ci asks for.
struct CiRule {
  std::vector<std::string> jobs;  // each has to be green; empty: at least one ran, and all are
  enum class Source {
    evidence,  // test results, findings and webhooks in the log
    github,    // the check runs of GitHub's API, asked now
  } source = Source::evidence;
  std::string repository;                           // "owner/name", of github
  std::string api = std::string(kPublicGithubApi);  // of github; another is asked only once allowed
};

// One run of one job.
struct CiRun {
  std::string job;
  std::string commit;  // that it ran on, 40 or 64 hexadecimal digits
  enum class Outcome { success, failure, running, stale } outcome = Outcome::running;
  std::string words;         // the server's own: "failure", "timed_out", "3 of 9 tests failed"
  std::string where;         // its page, or "entry 12"
  std::int64_t order = 0;    // of two runs of one job the one with the greater is newer
  std::string told_by = {};  // "tests", "findings", "report": one tool's word does not replace another's
};

struct CiAnswer {
  enum class Kind { green, missing, failed, running, stale, other_commit } kind = Kind::missing;
  std::string text;
  std::vector<std::size_t> counted;  // positions of the runs that it rests on
};
// The newest run of each job counts, of each that tells of it. A run on another commit is refused, never
// passed over.
CiAnswer judge_runs(const CiRule& rule, const std::string& commit, const std::vector<CiRun>& runs);

// Who is asked by gates with a server as their source.
class CiServer {
 public:
  virtual ~CiServer() = default;
  // Not reachable, no permission, an answer that is none: unavailable.
  virtual Result<std::vector<CiRun>> runs(const CiRule& rule, const std::string& commit) = 0;
};

}  // namespace signalbox::gates
