#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/allow.hpp"
#include "core/gates/judge_parts.hpp"
#include "core/gates/testimony.hpp"

namespace signalbox::gates {
namespace {

// The kinds of evidence that speak of a job of CI.
constexpr std::string_view kTests = "evidence/tests/v1";
constexpr std::string_view kFindings = "evidence/findings/v1";
constexpr std::string_view kReported = "train/ci/v1";

std::string commit_of(const evidence::Subject& subject) {
  const auto found = subject.digest.find("gitCommit");
  return found == subject.digest.end() ? std::string() : found->second;
}

// The job that a report is of: as it was named when it was recorded, else as the tool calls itself.
std::string job_of(const Json& predicate) {
  const std::string_view job = predicate["job"].as_string();
  return std::string(job.empty() ? predicate["tool"].as_string() : job);
}

// A count that has to be there: what is missing is not zero.
std::optional<std::int64_t> count_in(const Json& value) {
  if (!value.is_integer() || value.as_integer() < 0) return std::nullopt;
  return value.as_integer();
}

CiRun run_of_tests(const Json& predicate) {
  CiRun run;
  run.job = job_of(predicate);
  const auto tests = count_in(predicate["tests"]);
  const auto failures = count_in(predicate["failures"]);
  const auto errors = count_in(predicate["errors"]);
  run.outcome = CiRun::Outcome::failure;
  run.words = "says nothing of tests, failures and errors";
  if (!tests || !failures || !errors) return run;
  const bool good = *tests > 0 && *failures == 0 && *errors == 0;
  if (good) run.outcome = CiRun::Outcome::success;
  run.words = *tests == 0 ? "ran no test"
              : good      ? "success"
                          : fmt::format("{} of {} tests failed", *failures + *errors, *tests);
  return run;
}

CiRun run_of_findings(const Json& predicate) {
  CiRun run;
  run.job = job_of(predicate);
  const auto errors = count_in(predicate["counts"]["error"]);
  run.outcome = errors == 0 ? CiRun::Outcome::success : CiRun::Outcome::failure;
  run.words = !errors        ? "says nothing of errors"
              : *errors == 0 ? "success"
                             : fmt::format("{} errors", *errors);
  return run;
}

CiRun run_of_report(const Json& predicate) {
  CiRun run;
  run.job = job_of(predicate);
  run.commit = predicate["commit"].as_string();
  const std::string_view outcome = predicate["outcome"].as_string();
  run.outcome = outcome == "success"   ? CiRun::Outcome::success
                : outcome == "running" ? CiRun::Outcome::running
                                       : CiRun::Outcome::failure;
  run.words = predicate["words"].as_string();
  return run;
}

// An entry that said something of a job of this commit, and was erased.
struct Erased {
  std::string told_by;
  std::uint64_t index = 0;
};

struct Spoken {
  std::vector<CiRun> runs;
  std::vector<evidence::Entry> entries;  // of the runs, in the same order
  std::vector<std::string> faults;
  std::vector<Erased> erased;
  std::string unread;  // where there are more entries than are read
};

Status hear(const Gate& gate, const Situation& situation, std::string_view kind, Spoken& out) {
  SIGNALBOX_TRY(Testimonies heard,
                testimonies(*situation.ledger, situation.trust,
                            {std::string(evidence::kPredicatePrefix) + std::string(kind), situation.commit}));
  out.faults.insert(out.faults.end(), heard.faults.begin(), heard.faults.end());
  const std::string told_by = kind == kTests ? "tests" : kind == kFindings ? "findings" : "report";
  for (const ErasedEntry& one : heard.erased) out.erased.push_back({told_by, one.index});
  if (!heard.unread.empty()) out.unread = std::move(heard.unread);
  for (Testimony& one : heard.found) {
    if (count_accepted(gate, one.signers) < gate.threshold) continue;
    const Json& predicate = one.statement.predicate;
    CiRun run = kind == kTests      ? run_of_tests(predicate)
                : kind == kFindings ? run_of_findings(predicate)
                                    : run_of_report(predicate);
    if (run.commit.empty()) run.commit = commit_of(situation.commit);
    run.told_by = told_by;
    const Duration age = situation.now - one.entry.time;
    if (gate.max_age && age > *gate.max_age && run.outcome == CiRun::Outcome::success) {
      run.outcome = CiRun::Outcome::stale;
      run.words = fmt::format("is {} old, at most {} is allowed", to_text(age), to_text(*gate.max_age));
    }
    run.where = fmt::format("entry {}", one.entry.index);
    run.order = static_cast<std::int64_t>(one.entry.index);
    out.runs.push_back(std::move(run));
    out.entries.push_back(std::move(one.entry));
  }
  return {};
}

bool is_answered(const Erased& erased, const std::string& job, const CiAnswer& answer,
                 const std::vector<CiRun>& runs) {
  return std::any_of(answer.counted.begin(), answer.counted.end(), [&](std::size_t i) {
    const CiRun& run = runs[i];
    return run.job == job && run.told_by == erased.told_by &&
           run.order > static_cast<std::int64_t>(erased.index);
  });
}

// An entry that was erased, where a job's word may have been in it that still counts: each job that is asked
// for has a newer word from the same kind of report, or it may. It may always be of a job that nobody named.
std::optional<std::uint64_t> erased_word(const CiRule& rule, const CiAnswer& answer, const Spoken& spoken) {
  if (answer.kind != CiAnswer::Kind::green) return std::nullopt;
  for (const Erased& erased : spoken.erased) {
    const bool all_answered =
        !rule.jobs.empty() && std::all_of(rule.jobs.begin(), rule.jobs.end(), [&](const std::string& job) {
          return is_answered(erased, job, answer, spoken.runs);
        });
    if (!all_answered) return erased.index;
  }
  return std::nullopt;
}

std::string reason_of(CiAnswer::Kind kind) {
  switch (kind) {
    case CiAnswer::Kind::green:
      return "";
    case CiAnswer::Kind::missing:
      return "missing";
    case CiAnswer::Kind::failed:
      return "condition";
    case CiAnswer::Kind::running:
      return "running";
    case CiAnswer::Kind::stale:
      return "stale";
    case CiAnswer::Kind::other_commit:
      return "subject";
  }
  return "error";
}

GateResult result_of(const Gate& gate, GateResult result, CiAnswer answer) {
  if (answer.kind == CiAnswer::Kind::green) return green(std::move(result), std::move(answer.text));
  return red(gate, std::move(result), {reason_of(answer.kind), std::move(answer.text), remedy_of(gate)});
}

// An address that a configuration names is asked only once a person allowed exactly that configuration: it is
// sent a token.
Status may_ask(const CiRule& rule, const Situation& situation) {
  if (rule.api == kPublicGithubApi) return {};
  if (situation.configuration == nullptr)
    return fail(ErrorKind::denied, printable(rule.api) + " is not asked here", "signalbox train check");
  SIGNALBOX_TRY(const bool allowed,
                is_allowed(situation.configuration->octets, situation.configuration->path));
  if (allowed) return {};
  return fail(ErrorKind::denied, printable(rule.api) + " is asked once its configuration is allowed",
              situation.configuration->allow_with);
}

GateResult ask_server(const Gate& gate, const Situation& situation) {
  GateResult result = result_for(gate);
  const auto& rule = std::get<CiRule>(gate.rule);
  if (situation.ci_server == nullptr)
    return red(gate, std::move(result),
               {"unavailable", "no CI server is asked here", "signalbox train check"});
  if (const auto allowed = may_ask(rule, situation); !allowed)
    return red(gate, std::move(result), {"unavailable", allowed.error().message, allowed.error().hint});
  const std::string commit = commit_of(situation.commit);
  const auto runs = situation.ci_server->runs(rule, commit);
  if (!runs) {
    return red(gate, std::move(result),
               {"unavailable", runs.error().message,
                runs.error().hint.empty() ? remedy_of(gate) : runs.error().hint});
  }
  return result_of(gate, std::move(result), judge_runs(rule, commit, *runs));
}

}  // namespace

Result<GateResult> judge_ci(const Gate& gate, const Situation& situation) {
  const auto& rule = std::get<CiRule>(gate.rule);
  if (rule.source == CiRule::Source::github) return ask_server(gate, situation);
  GateResult result = result_for(gate);
  if (situation.ledger == nullptr)
    return red(gate, std::move(result), {"missing", "nothing was ever recorded", remedy_of(gate)});
  Spoken spoken;
  for (const std::string_view kind : {kTests, kFindings, kReported})
    SIGNALBOX_CHECK(hear(gate, situation, kind, spoken));
  if (!spoken.faults.empty()) {
    return red(
        gate, std::move(result),
        {"signature", "the log does not hold: " + spoken.faults.front(), "signalbox evidence log audit"});
  }
  if (!spoken.unread.empty())
    return red(gate, std::move(result), {"unavailable", std::move(spoken.unread), kRemedyOfTooMany});
  CiAnswer answer = judge_runs(rule, commit_of(situation.commit), spoken.runs);
  if (const auto hidden = erased_word(rule, answer, spoken)) {
    return red(gate, std::move(result),
               {"missing", fmt::format("entry {} was erased: what it said of a job is not known", *hidden),
                remedy_of(gate)});
  }
  for (const std::size_t i : answer.counted) rest_on(result, spoken.entries[i], situation.now);
  return result_of(gate, std::move(result), std::move(answer));
}

}  // namespace signalbox::gates
