#include "instruments/train/decision.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/gating/hitting_set.hpp"
#include "instruments/train/gating/person_decision.hpp"
#include "instruments/train/gating/veto.hpp"

namespace signalbox::train {
namespace {

constexpr std::string_view kRecordTests = "./test --fast";

bool is_red(const Check& check) {
  return check.verdict == Verdict::fail;
}

Check red(std::string name, std::string asked, std::string answer, std::string reason, std::string remedy) {
  return {std::move(name),
          Verdict::fail,
          std::move(asked),
          std::move(answer),
          std::move(reason),
          std::move(remedy),
          {},
          {},
          {}};
}

Check green(std::string name, std::string asked, std::string answer) {
  return {std::move(name), Verdict::pass, std::move(asked), std::move(answer), {}, {}, {}, {}, {}};
}

// Whether anything leaves that readers of a changelog would want to know.
bool has_news(const Plan& plan) {
  return plan.manifest.aboard() > 0;
}

Check judge_changelog(const Plan& plan, const std::optional<std::string>& changelog) {
  const std::string& file = plan.settings.changelog;
  const std::string version = plan.next.version.text();
  const std::string asked = fmt::format("{} tells of {}", file, version);
  if (!has_news(plan)) return green("changelog", asked, "nothing aboard that it would tell of");
  const ChangelogEntry entry = changelog ? find_entry(*changelog, version) : ChangelogEntry::none;
  if (entry == ChangelogEntry::version) return green("changelog", asked, "it has an entry for " + version);
  if (entry == ChangelogEntry::unreleased)
    return green("changelog", asked, "it has entries under Unreleased");
  return red("changelog", asked,
             changelog ? fmt::format("{} has nothing for {}, nor under Unreleased", file, version)
                       : fmt::format("the commit has no {}", file),
             "missing",
             fmt::format("signalbox train notes --prepend {0} && git add {0} && git commit -m "
                         "\"docs(changelog): {1}\"",
                         file, version));
}

std::string words_of(const gates::FrozenSpan& span) {
  const std::string until = fmt::format("{} until {}", span.name, to_rfc3339(span.end));
  return span.reason.empty() ? until : until + ": " + span.reason;
}

Check frozen_check(std::string asked, const gates::FreezeAnswer& freezes) {
  std::vector<std::string> words;
  for (const gates::FrozenSpan& span : freezes.in_force) words.push_back(words_of(span));
  const std::string end = to_rfc3339(*freezes.free_from);
  if (*freezes.free_from > freezes.in_force.front().end) words.push_back("others follow until " + end);
  return red("freeze", std::move(asked), join(words, "; "), "frozen",
             fmt::format("signalbox train check   # from {} on", end));
}

Check judge_freezes(const Policy& policy, const gates::FreezeAnswer& freezes, const InForce& exceptions,
                    std::vector<UsedException>& used) {
  std::string asked = policy.environment.empty()
                          ? std::string("no freeze is in force")
                          : fmt::format("no freeze of {} is in force", policy.environment);
  if (freezes.free_from) {
    const gates::FreezeAnswer left = except_freezes(exceptions, freezes, used);
    if (left.free_from) return frozen_check(std::move(asked), left);
    Check check = frozen_check(std::move(asked), freezes);
    tell_excepted(check, used.back());
    return check;
  }
  return green("freeze", asked,
               freezes.next ? fmt::format("none is in force; {} starts {}", freezes.next->name,
                                          to_rfc3339(freezes.next->start))
                            : std::string("none is in force, none is planned"));
}

std::string points(double value) {
  return fmt::format("{}", std::floor(value * 10 + 1e-9) / 10);
}

std::string joined(const std::vector<std::string>& commands) {
  std::vector<std::string> distinct;
  for (const std::string& command : commands) {
    if (!command.empty() && std::find(distinct.begin(), distinct.end(), command) == distinct.end())
      distinct.push_back(command);
  }
  return join(distinct, " && ");
}

// The fewest commands by which the score passes, those that add most first.
std::vector<std::string> raising(const Score& score) {
  std::vector<std::pair<std::string, double>> commands;  // with the points that each adds
  for (const ScoreItem& item : score.items) {
    if (item.value >= 1) continue;
    const double adds = 100 * item.weight * (1 - item.value) / score.total_weight();
    const auto known = std::find_if(commands.begin(), commands.end(),
                                    [&](const auto& one) { return one.first == item.remedy; });
    if (known == commands.end()) {
      commands.emplace_back(item.remedy, adds);
    } else {
      known->second += adds;
    }
  }
  std::stable_sort(commands.begin(), commands.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  HittingProblem problem;
  for (const auto& [command, adds] : commands) problem.gains.push_back(adds);
  problem.wanted = std::max(0.0, score.pass_at - score.value());
  std::vector<std::string> out;
  for (const std::size_t number : smallest_hitting_set(problem).actions)
    out.push_back(commands[number].first);
  return out;
}

std::string lacking_text(const Score& score) {
  std::vector<std::string> parts;
  for (const ScoreItem& item : score.items) {
    if (item.value >= 1) continue;
    parts.push_back(fmt::format("{} would add {}", item.name,
                                points(100 * item.weight * (1 - item.value) / score.total_weight())));
  }
  return join(parts, ", ");
}

Check judge_score(const Score& score) {
  const std::string asked = fmt::format("the readiness score reaches {} of 100", points(score.pass_at));
  std::string answer = points(score.value()) + " of 100";
  const std::string lacking = lacking_text(score);
  if (!lacking.empty()) answer += "; " + lacking;
  if (score.value() >= score.pass_at) return green("readiness", asked, answer);
  return red("readiness", asked, answer, "score", joined(raising(score)));
}

// The repository's own way to record its tests, where it has one.
void prefer_test_program(std::vector<Judged>& list) {
  for (Judged& judged : list) {
    const bool built_in_remedy = judged.gate.remedy.empty();
    const bool is_tests = judged.gate.type == std::string(evidence::kPredicatePrefix) + "evidence/tests/v1";
    if (is_tests && built_in_remedy && !judged.result.check.remedy.empty())
      judged.result.check.remedy = kRecordTests;
  }
}

// Commands that are about the candidate are about the train.
void name_the_train(std::string& command, const std::string& train) {
  for (const std::string_view verb : {"check", "approve", "score", "lock", "exception request"}) {
    const std::string words = fmt::format("signalbox train {}", verb);
    if (!command.starts_with(words)) continue;
    const std::string_view rest = std::string_view(command).substr(words.size());
    if (rest.empty() || rest.starts_with(" -") || rest.starts_with("   #"))
      command.insert(words.size(), " " + train);
  }
}

void name_the_train(Decision& decision, const std::string& train) {
  for (Check& check : decision.checks) name_the_train(check.remedy, train);
  for (ScoreItem& item : decision.score.items) name_the_train(item.remedy, train);
  for (Judged& judged : decision.gates) name_the_train(judged.result.check.remedy, train);
}

// The changelog first: it makes another commit, which the evidence then must be about.
std::string fix_of(const std::vector<Check>& checks, const Score& score) {
  std::vector<std::string> commands;
  std::string wait;
  for (const Check& check : checks) {
    if (!is_red(check)) continue;
    if (check.name == "changelog") {
      commands.insert(commands.begin(), check.remedy);
    } else if (check.name == "freeze") {
      wait = check.remedy;
    } else if (check.name != "readiness") {
      commands.push_back(check.remedy);
    }
  }
  for (const Check& check : checks) {
    if (!is_red(check) || check.name != "readiness") continue;
    for (std::string& command : raising(score)) commands.push_back(std::move(command));
  }
  const std::string fix = joined(commands);
  return fix.empty() ? wait : fix;
}

}  // namespace

Score score_of(const Policy& policy, const std::vector<Judged>& gates, const std::vector<Judged>& rubric) {
  Score score;
  score.pass_at = policy.pass_at;
  for (const auto* list : {&gates, &rubric}) {
    for (const Judged& judged : *list) {
      if (judged.gate.weight <= 0) continue;
      score.items.push_back({judged.gate.name, judged.gate.weight, judged.value, judged.result.check.remedy});
    }
  }
  return score;
}

double Score::total_weight() const {
  double sum = 0;
  for (const ScoreItem& item : items) sum += item.weight;
  return sum;
}

double Score::value() const {
  double sum = 0;
  for (const ScoreItem& item : items) sum += item.weight * item.value;
  const double total = total_weight();
  return total > 0 ? 100 * sum / total : 0;
}

double Score::value_of(const std::vector<std::string>& names) const {
  if (names.empty()) return value();
  Score part;
  for (const ScoreItem& item : items) {
    if (std::find(names.begin(), names.end(), item.name) != names.end()) part.items.push_back(item);
  }
  return part.value();
}

bool Decision::is_go() const {
  return std::none_of(checks.begin(), checks.end(), is_red);
}

std::vector<std::string> Decision::blockers() const {
  std::vector<std::string> names;
  for (const Check& check : checks) {
    if (is_red(check)) names.push_back(check.name);
  }
  return names;
}

std::vector<std::string> Decision::excepted() const {
  std::vector<std::string> names;
  for (const Check& check : checks) {
    if (check.reason == "excepted") names.push_back(check.name);
  }
  return names;
}

std::string Decision::remedy_of(const gates::Gate& gate) const {
  const bool is_tests = gate.type == std::string(evidence::kPredicatePrefix) + "evidence/tests/v1";
  const bool own = gate.kind == gates::GateKind::evidence && is_tests && gate.remedy.empty() && test_program;
  std::string out = own ? std::string(kRecordTests) : gates::remedy_of(gate);
  if (train) name_the_train(out, train->id);
  return out;
}

gates::ApprovalQuestion Decision::question_of(const gates::Gate& gate) const {
  return {std::get<gates::ApprovalRule>(gate.rule),
          approvals.policy,
          approvals.involved,
          gate.name,
          gate.max_age,
          time};
}

std::vector<Check> Decision::conditions() const {
  std::vector<Check> out = checks;
  for (const Judged& judged : gates) {
    const bool told = std::any_of(checks.begin(), checks.end(),
                                  [&](const Check& check) { return check.name == judged.gate.name; });
    if (!told) out.push_back(judged.result.check);
  }
  return out;
}

Decision decide(Plan plan, Policy policy, Situation situation) {
  if (situation.test_program) prefer_test_program(situation.gates);
  Decision decision;
  decision.score = score_of(policy, situation.gates, situation.rubric);
  if (situation.train) decision.checks = checks_of(*situation.train, situation.candidate.commit);
  for (const Judged& judged : situation.gates) decision.checks.push_back(judged.result.check);
  if (!plan.settings.changelog.empty()) decision.checks.push_back(judge_changelog(plan, situation.changelog));
  const InForce exceptions =
      in_force(situation.exceptions, policy.exceptions, policy.approvals, situation.candidate, situation.now);
  decision.checks.push_back(judge_freezes(policy, situation.freezes, exceptions, decision.exceptions));
  std::vector<UsedException> told;
  decision.freezes = except_freezes(exceptions, situation.freezes, told);
  if (decision.score.is_asked()) decision.checks.push_back(judge_score(decision.score));
  if (!plan.manifest.is_complete()) {
    decision.checks.push_back(red("lost commits", "every commit is in a section or excluded by a rule",
                                  plan.manifest.proof(), "lost", "git fsck"));
  }
  if (situation.trust) decision.checks.push_back(std::move(*situation.trust));
  if (situation.moved_tags) decision.checks.push_back(std::move(*situation.moved_tags));
  if (!situation.log_faults.empty()) {
    decision.checks.push_back(red("log", "the log holds what people said", join(situation.log_faults, "; "),
                                  "signature", "signalbox evidence log audit"));
  }
  for (UsedException& used : except_checks(exceptions, decision.checks))
    decision.exceptions.push_back(std::move(used));
  decision.gates = std::move(situation.gates);
  decision.gates.insert(decision.gates.end(), situation.rubric.begin(), situation.rubric.end());
  if (const auto decided = person_decision(situation.approvals.votes))
    decision.checks.push_back(check_of(*decided, situation.now));
  if (auto veto = judge_vetoes(standing_vetoes(situation.approvals.votes), decision.conditions()))
    decision.checks.push_back(std::move(*veto));
  if (situation.train) name_the_train(decision, situation.train->id);
  decision.fix = fix_of(decision.checks, decision.score);
  decision.time = situation.now;
  decision.dirty = situation.dirty;
  decision.test_program = situation.test_program;
  decision.candidate = std::move(situation.candidate);
  decision.train = std::move(situation.train);
  decision.approvals = std::move(situation.approvals);
  decision.all_exceptions = std::move(situation.exceptions);
  decision.plan = std::move(plan);
  decision.policy = std::move(policy);
  return decision;
}

}  // namespace signalbox::train
