#include "core/gates/ci.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::gates {
namespace {

constexpr std::size_t kShownCommit = 12;
constexpr std::size_t kShownJobs = 4;

std::string short_commit(const std::string& commit) {
  return printable(std::string_view(commit).substr(0, kShownCommit));
}

std::string listed(std::vector<std::string> parts) {
  const std::size_t all = parts.size();
  if (all > kShownJobs) parts.resize(kShownJobs);
  return join(parts, ", ") + (all > kShownJobs ? fmt::format(" and {} more", all - kShownJobs) : "");
}

std::string with_place(const CiRun& run, std::string_view words) {
  return fmt::format("{} {}{}", printable(run.job), words,
                     run.where.empty() ? "" : " (" + printable(run.where) + ")");
}

}  // namespace

CiAnswer judge_runs(const CiRule& rule, const std::string& commit, const std::vector<CiRun>& runs) {
  std::map<std::pair<std::string, std::string>, std::size_t> newest;  // by job and who tells of it
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const CiRun& run = runs[i];
    const bool asked =
        rule.jobs.empty() || std::find(rule.jobs.begin(), rule.jobs.end(), run.job) != rule.jobs.end();
    if (!asked) continue;
    if (run.commit != commit) {
      return {CiAnswer::Kind::other_commit,
              fmt::format("{} ran on {}, and {} is asked about", with_place(run, "is no answer: it"),
                          short_commit(run.commit), short_commit(commit)),
              {i}};
    }
    const auto [kept, is_first] = newest.emplace(std::pair(run.job, run.told_by), i);
    if (!is_first && run.order >= runs[kept->second].order) kept->second = i;
  }
  std::vector<std::string> missing, failed, running, stale, green;
  std::vector<std::size_t> counted;
  for (const std::string& job : rule.jobs) {
    const auto first = newest.lower_bound({job, ""});
    if (first == newest.end() || first->first.first != job) missing.push_back(printable(job));
  }
  for (const auto& [whose, i] : newest) {
    const CiRun& run = runs[i];
    counted.push_back(i);
    if (run.outcome == CiRun::Outcome::failure) failed.push_back(with_place(run, printable(run.words)));
    if (run.outcome == CiRun::Outcome::running) running.push_back(with_place(run, printable(run.words)));
    if (run.outcome == CiRun::Outcome::stale) stale.push_back(with_place(run, printable(run.words)));
    if (run.outcome != CiRun::Outcome::success) continue;
    if (green.empty() || green.back() != printable(run.job)) green.push_back(printable(run.job));
  }
  if (!failed.empty()) return {CiAnswer::Kind::failed, listed(failed), counted};
  if (!missing.empty()) return {CiAnswer::Kind::missing, "nothing of " + listed(missing), counted};
  if (!running.empty()) return {CiAnswer::Kind::running, listed(running), counted};
  if (!stale.empty()) return {CiAnswer::Kind::stale, listed(stale), counted};
  if (green.empty()) return {CiAnswer::Kind::missing, "no job ran on " + short_commit(commit), {}};
  return {CiAnswer::Kind::green, "green: " + listed(green), counted};
}

}  // namespace signalbox::gates
