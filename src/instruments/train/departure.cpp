#include "instruments/train/departure.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/evidence/trust_change.hpp"
#include "instruments/train/after/overdue.hpp"
#include "instruments/train/events/event.hpp"
#include "instruments/train/evidence_words.hpp"
#include "instruments/train/gating/involved_reader.hpp"
#include "instruments/train/gating/moved_tags.hpp"
#include "instruments/train/gating/train_standing.hpp"

namespace signalbox::train {
namespace {

const std::string& tests_type() {
  static const std::string type = std::string(evidence::kPredicatePrefix) + "evidence/tests/v1";
  return type;
}

Result<Json> predicate_of(const evidence::Ledger& ledger, std::uint64_t index) {
  SIGNALBOX_TRY(const evidence::Entry entry, ledger.entry(index));
  SIGNALBOX_TRY(const evidence::Envelope envelope, evidence::parse_envelope(entry.envelope));
  SIGNALBOX_TRY(evidence::Statement statement, evidence::parse_statement(envelope.payload));
  return std::move(statement.predicate);
}

class Judge {
 public:
  Judge(const gates::Situation& situation, gates::Evaluator& evaluator)
      : situation_(situation), evaluator_(evaluator) {}

  Result<Judged> judge(const gates::Gate& gate) {
    Judged out;
    out.gate = gate;
    SIGNALBOX_TRY(out.result, gates::judge(gate, situation_, evaluator_));
    out.value = out.result.check.reason.empty() ? 1 : 0;
    if (gate.kind == gates::GateKind::evidence) SIGNALBOX_CHECK(tell(out));
    return out;
  }

  Result<bool> counts(const RubricItem& item) {
    if (item.counts == RubricItem::Counts::always) return true;
    if (situation_.ledger == nullptr) return false;
    SIGNALBOX_TRY(const auto entries, situation_.ledger->query({.type = item.gate.type, .limit = 1}));
    return !entries.empty();
  }

 private:
  // The row speaks of what was found, not of an entry of the log.
  Status tell(Judged& judged) {
    Check& check = judged.result.check;
    const bool is_tests = judged.gate.type == tests_type();
    if (is_tests && judged.gate.require == built_in_tests_condition())
      check.asked = "tests ran on this commit, and none failed";
    const bool weighed = check.reason.empty() || (is_tests && check.reason == "condition");
    if (!weighed || judged.result.inputs.empty()) return {};
    SIGNALBOX_TRY(const Json predicate, predicate_of(*situation_.ledger, judged.result.inputs.front().index));
    auto words = words_of(judged.gate.type, predicate);
    if (!words) return {};
    check.answer = std::move(words->text);
    if (!check.reason.empty()) judged.value = words->passed;
    return {};
  }

  const gates::Situation& situation_;
  gates::Evaluator& evaluator_;
};

// Whether the repository brings a ./test that takes --fast and leaves evidence.
bool has_test_program(const Workspace& workspace) {
  constexpr std::size_t max_bytes = std::size_t{1} << 20;
  const auto text = read_file(workspace.root / "test", max_bytes);
  return text && text->starts_with("#!") && text->find("--fast") != std::string::npos &&
         text->find("evidence") != std::string::npos;
}

Json train_json(const Plan& plan) {
  return Json::object({{"next_version", plan.next.version.text()},
                       {"bump", name_of(plan.next.bump)},
                       {"passengers", plan.manifest.aboard()},
                       {"commits", commits_json(plan.manifest)}});
}

Result<Situation> situation_of(const git::Repository& repository, const Workspace& workspace,
                               const Plan& plan, const DepartureQuery& query) {
  Situation out;
  if (const std::string& path = plan.settings.changelog; !path.empty()) {
    SIGNALBOX_TRY(out.changelog, file_at(repository, workspace, plan.history.head, path));
  }
  out.test_program = has_test_program(workspace);
  if (!repository.is_bare() && !query.head) {
    SIGNALBOX_TRY(const std::string here, repository.resolve("HEAD"));
    SIGNALBOX_TRY(const bool clean, repository.is_clean());
    out.dirty = !clean && here == plan.history.head;
  }
  return out;
}

// Gates in their order, those that ask for the score last, then the rubric.
Status judge_all(const Policy& policy, gates::Situation& asked, gates::Evaluator& evaluator, Situation& out) {
  Judge judge(asked, evaluator);
  std::vector<std::size_t> by_score;
  for (const gates::Gate& gate : policy.gates) {
    Judged judged;
    if (gate.kind == gates::GateKind::score) {
      by_score.push_back(out.gates.size());
    } else {
      SIGNALBOX_TRY(judged, judge.judge(gate));
    }
    out.gates.push_back(std::move(judged));
  }
  for (const RubricItem& item : policy.rubric) {
    SIGNALBOX_TRY(const bool counts, judge.counts(item));
    if (!counts) continue;
    SIGNALBOX_TRY(Judged judged, judge.judge(item.gate));
    out.rubric.push_back(std::move(judged));
  }
  const Score score = score_of(policy, out.gates, out.rubric);
  asked.score = [&score](const std::vector<std::string>& items) { return score.value_of(items); };
  for (const std::size_t i : by_score) {
    SIGNALBOX_TRY(out.gates[i], judge.judge(policy.gates[i]));
  }
  return {};
}

Result<std::optional<evidence::Subject>> artifact_of(const Workspace& workspace,
                                                     const std::optional<std::string>& file) {
  if (!file) return std::optional<evidence::Subject>();
  SIGNALBOX_TRY(const std::string digest, gates::digest_of_artifact(workspace.root, *file));
  return std::optional(evidence::Subject{*file, {{"sha256", digest}}});
}

std::optional<gates::ReleaseBefore> release_before(const Plan& plan) {
  const std::optional<Release>& base = plan.history.base;
  if (!base) return std::nullopt;
  return gates::ReleaseBefore{base->tag, base->version.text()};
}

// What was promised after earlier trains, as one more gate: there where something is overdue, and where the
// policy lets that hold a departure back.
Status judge_reviews(const evidence::Ledger* ledger, const Policy& policy, Situation& out) {
  const after::ReviewRules& rules = policy.reviews;
  std::vector<after::Overdue> overdue;
  if (ledger != nullptr) {
    SIGNALBOX_TRY(const std::vector<after::Aftermath> trains, after::read_aftermaths(*ledger, policy.trust));
    overdue = after::overdue_of(trains, rules, out.now);
  }
  const bool blocks = rules.overdue == after::ReviewRules::Overdue::block;
  if (overdue.empty() && !blocks) return {};
  Judged judged;
  judged.result.check = after::check_of(overdue, out.now);
  judged.gate.name = judged.result.check.name;
  judged.gate.owner = judged.result.check.owner;
  judged.gate.remedy = judged.result.check.remedy;
  judged.gate.subject.clear();  // it is about what came before this commit
  judged.gate.blocker = blocks;
  judged.value = overdue.empty() ? 1 : 0;
  if (!overdue.empty() && !blocks) judged.result.check.verdict = Verdict::warn;
  out.gates.push_back(std::move(judged));
  return {};
}

bool asks_people(const Policy& policy) {
  return std::any_of(policy.gates.begin(), policy.gates.end(),
                     [](const gates::Gate& gate) { return gate.kind == gates::GateKind::approval; });
}

// What people said about the candidate; who worked on it only where a gate asks for people.
Status hear_people(const git::Repository& repository, const evidence::Ledger* ledger, const Plan& plan,
                   const Policy& policy, Situation& out) {
  out.approvals.policy = policy.approvals;
  if (ledger != nullptr) {
    SIGNALBOX_TRY(Heard heard, read_votes(*ledger, policy.trust, out.candidate, out.now));
    out.approvals.votes = std::move(heard.votes);
    out.log_faults = std::move(heard.faults);
    SIGNALBOX_TRY(ExceptionBook book,
                  read_exceptions(*ledger, policy.trust, policy.exceptions, policy.approvals, out.now));
    out.exceptions = std::move(book.all);
    out.log_faults.insert(out.log_faults.end(), book.faults.begin(), book.faults.end());
  }
  if (!asks_people(policy)) return {};
  SIGNALBOX_TRY(const std::vector<std::string> commits,
                commits_to_answer_for(repository, out.candidate.commit, plan.history.series.releases));
  SIGNALBOX_TRY(out.approvals.involved, read_involved(repository, commits));
  if (out.train) out.approvals.involved.requesters = out.train->requesters;
  return {};
}

// Whether the tags of the series still stand where their departures left them.
Status compare_tags(const evidence::Ledger* ledger, const Plan& plan, const Policy& policy, Situation& out) {
  if (ledger == nullptr) return {};
  SIGNALBOX_TRY(gates::Testimonies told,
                gates::testimonies(*ledger, policy.trust, {event_type("departure"), std::nullopt}));
  out.log_faults.insert(out.log_faults.end(), told.faults.begin(), told.faults.end());
  if (!told.unread.empty()) out.log_faults.push_back(told.unread);
  out.moved_tags = judge_tags(released_versions(told.found), plan.history.series.releases);
  return {};
}

// Whether those by whose word all of this counts are who root keys say they are.
Status compare_trust(const evidence::Ledger* ledger, const Policy& policy, Situation& out) {
  evidence::TrustInForce said;
  if (ledger != nullptr) {
    SIGNALBOX_TRY(said, evidence::trust_in_force(*ledger));
  }
  out.trust = evidence::judge_trust(policy.trust, said);
  if (out.trust && out.trust->verdict == Verdict::fail)
    out.trust->remedy = "signalbox evidence trust-change --help   # root keys sign what it writes";
  return {};
}

// What is judged, and by what.
struct Case {
  std::string commit;
  Policy policy;
  std::optional<TrainStanding> train;
};

Result<Case> case_of(const git::Repository& repository, const Workspace& workspace,
                     const evidence::Ledger* ledger, const DepartureQuery& query, const std::string& revision,
                     Time now) {
  Case out;
  SIGNALBOX_TRY(out.commit, repository.resolve(revision));
  SIGNALBOX_TRY(out.policy, read_policy(repository, workspace,
                                        {out.commit, query.policy_ref, query.package, query.shallow}));
  if (query.train) {
    SIGNALBOX_TRY(out.train, read_standing(ledger, out.policy, *query.train, now));
  }
  return out;
}

// What a locked train's manifest names is judged, by the policy of its own last release.
Result<Case> open_case(const git::Repository& repository, const Workspace& workspace,
                       const evidence::Ledger* ledger, const DepartureQuery& query, Time now) {
  SIGNALBOX_TRY(Case out, case_of(repository, workspace, ledger, query, query.head.value_or("HEAD"), now));
  const bool is_elsewhere =
      !query.head && out.train && out.train->lock && out.train->lock->head != out.commit;
  if (!is_elsewhere) return out;
  return case_of(repository, workspace, ledger, query, out.train->lock->head, now);
}

Result<Plan> plan_of(const Workspace& workspace, const DepartureQuery& query, const Case& judged) {
  PlanQuery out;
  out.head = judged.commit;
  if (judged.train && !judged.train->base.empty()) out.base = judged.train->base;
  out.package = query.package;
  out.channel = query.channel;
  out.settings = judged.policy.settings;
  out.shallow = query.shallow;
  out.on_commit_read = query.on_commit_read;
  return read_plan(workspace, out);
}

Candidate candidate_of(const Case& judged) {
  Candidate out{judged.commit, std::nullopt, std::nullopt};
  if (!judged.train) return out;
  out.train = judged.train->id;
  if (judged.train->lock) out.manifest = judged.train->lock->digest;
  return out;
}

}  // namespace

Result<Decision> judge_departure(const Workspace& workspace, const evidence::Ledger* ledger,
                                 const DepartureQuery& query, Time now, gates::Evaluator& evaluator) {
  SIGNALBOX_TRY(const git::Repository repository, open_repository(workspace));
  if (repository.is_empty() && query.head.value_or("HEAD") == "HEAD") {
    return fail(ErrorKind::not_found, "the repository has no commits yet: there is nothing to judge",
                "git commit something first");
  }
  SIGNALBOX_TRY(Case judged, open_case(repository, workspace, ledger, query, now));
  SIGNALBOX_TRY(Plan plan, plan_of(workspace, query, judged));
  Policy& policy = judged.policy;
  if (query.environment) policy.environment = *query.environment;
  SIGNALBOX_TRY(Situation situation, situation_of(repository, workspace, plan, query));
  situation.now = now;
  SIGNALBOX_TRY(situation.freezes, gates::ask_freezes(policy.freezes, now, policy.environment));
  situation.candidate = candidate_of(judged);
  situation.train = judged.train;
  SIGNALBOX_CHECK(hear_people(repository, ledger, plan, policy, situation));
  SIGNALBOX_CHECK(compare_tags(ledger, plan, policy, situation));
  SIGNALBOX_CHECK(compare_trust(ledger, policy, situation));
  const bool may_run = query.commands == DepartureQuery::Commands::run_allowed;
  SIGNALBOX_TRY(auto artifact, artifact_of(workspace, query.artifact));
  gates::Situation asked{.ledger = ledger,
                         .trust = policy.trust,
                         .commit = {workspace.name, {{"gitCommit", judged.commit}}},
                         .artifact = std::move(artifact),
                         .now = now,
                         .train = train_json(plan),
                         .configuration = may_run && policy.configuration ? &*policy.configuration : nullptr,
                         .approvals = &situation.approvals,
                         .ci_server = query.ci_server,
                         .directory = workspace.root,
                         .release_before = release_before(plan)};
  SIGNALBOX_CHECK(judge_all(policy, asked, evaluator, situation));
  SIGNALBOX_CHECK(judge_reviews(ledger, policy, situation));
  return decide(std::move(plan), std::move(policy), std::move(situation));
}

}  // namespace signalbox::train
