#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/base/version.hpp"
#include "instruments/train/decision.hpp"
#include "instruments/train/plan_report.hpp"

namespace signalbox::train {
namespace {

double tenths(double value) {
  return std::floor(value * 10 + 1e-9) / 10;
}

std::string summary_of(const Decision& decision) {
  const std::vector<std::string> red = decision.blockers();
  const std::size_t all = decision.checks.size();
  if (red.empty()) {
    const bool leaves = decision.plan.manifest.total > 0;
    const std::size_t excepted = decision.excepted().size();
    return fmt::format(
        "GO: {}, {} of {} gates are green{}",
        leaves ? decision.plan.next.tag + " may depart" : std::string("nothing waits to depart"),
        all - excepted, all,
        excepted == 0 ? std::string()
                      : fmt::format(", {} excepted: {}", excepted, join(decision.excepted(), ", ")));
  }
  return fmt::format("NO-GO: {} of {} gates {} red: {}", red.size(), all, red.size() == 1 ? "is" : "are",
                     join(red, ", "));
}

Json score_json(const Score& score) {
  Json items = Json::array();
  for (const ScoreItem& item : score.items) {
    items.push_back(Json::object({{"name", item.name}, {"weight", item.weight}, {"value", item.value}}));
  }
  return Json::object(
      {{"value", tenths(score.value())}, {"pass_at", score.pass_at}, {"items", std::move(items)}});
}

std::string_view word_of(const Decision& decision) {
  return decision.is_go() ? "GO" : "NO-GO";
}

Json last_release_json(const History& history) {
  if (!history.base) return Json();
  return Json::object({{"tag", history.base->tag}, {"commit", history.base->commit}});
}

Json policy_json(const Policy& policy) {
  return Json::object({{"source", policy.source}, {"digest", policy.digest}});
}

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json();
}

Json manifest_json(const Candidate& candidate) {
  return candidate.manifest ? Json("sha256:" + *candidate.manifest) : Json();
}

Json data_of(const Decision& decision) {
  const History& history = decision.plan.history;
  return Json::object({{"decision", word_of(decision)},
                       {"score", score_json(decision.score)},
                       {"commit", Json::object({{"id", history.head},
                                                {"short", history.head.substr(0, 7)},
                                                {"subject", printable(history.head_subject)}})},
                       {"last_release", last_release_json(history)},
                       {"next_version", decision.plan.next.version.text()},
                       {"next_tag", decision.plan.next.tag},
                       {"passengers", decision.plan.manifest.aboard()},
                       {"commits", commits_json(decision.plan.manifest)},
                       {"policy", policy_json(decision.policy)},
                       {"self_trusted", decision.policy.trust.self_trusted},
                       {"train", text_or_null(decision.candidate.train)},
                       {"manifest", manifest_json(decision.candidate)},
                       {"time", to_rfc3339(decision.time)},
                       {"fix", decision.fix}});
}

std::vector<Finding> findings_of_decision(const Decision& decision) {
  std::vector<Finding> out = findings_of(decision.policy.remarks);
  for (Finding& finding : findings_of(decision.plan.history.remarks)) {
    if (finding.severity != Severity::note) out.push_back(std::move(finding));
  }
  for (Finding& finding : audit_findings(decision.all_exceptions, decision.time))
    out.push_back(std::move(finding));
  if (decision.dirty) {
    out.push_back({"train/uncommitted", Severity::warning,
                   "the work tree holds changes that this commit does not have: the commit is judged",
                   std::nullopt, "commit or stash them"});
  }
  return out;
}

std::vector<std::string> next_of(const Decision& decision) {
  if (!decision.is_go()) return {decision.fix};
  if (decision.train) return {"signalbox train depart " + decision.train->id};
  if (decision.plan.manifest.total == 0 || decision.plan.next.bump == Bump::none) return {};
  return {fmt::format("git tag -a {0} -m {0}", shell_word(decision.plan.next.tag))};
}

Json exceptions_json(const Decision& decision) {
  Json out = Json::array();
  for (const UsedException& one : decision.exceptions) {
    out.push_back(Json::object({{"check", one.check},
                                {"request", one.index},
                                {"approval", one.approved},
                                {"requester", one.requester},
                                {"approver", one.approver},
                                {"expires", to_rfc3339(one.expires)}}));
  }
  return out;
}

Json approvals_json(const Decision& decision) {
  Json out = Json::array();
  for (const Judged& judged : decision.gates) {
    if (judged.gate.kind != gates::GateKind::approval) continue;
    Json indexes = Json::array();
    for (const gates::Input& input : judged.result.inputs) indexes.push_back(input.index);
    out.push_back(Json::object({{"gate", judged.gate.name}, {"entries", std::move(indexes)}}));
  }
  return out;
}

Json condition_json(const Judged& judged) {
  Json inputs = Json::array();
  for (const gates::Input& input : judged.result.inputs)
    inputs.push_back(Json::object({{"index", input.index}, {"envelope", "sha256:" + input.envelope_digest}}));
  return Json::object({{"name", judged.gate.name},
                       {"kind", name_of(judged.gate.kind)},
                       {"digest", "sha256:" + to_hex(sha256(judged.gate.require))},
                       {"result", name_of(judged.result.check.verdict)},
                       {"reason", judged.result.check.reason},
                       {"inputs", std::move(inputs)}});
}

}  // namespace

Report decision_report(const Decision& decision) {
  const Plan& plan = decision.plan;
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Departure of {} {} at {}: {}", plan.name, plan.next.tag,
                             plan.history.head.substr(0, 7), printable(plan.history.head_subject));
  report.verdict = !decision.is_go()             ? Verdict::fail
                   : decision.excepted().empty() ? Verdict::pass
                                                 : Verdict::warn;
  report.summary = summary_of(decision);
  report.checks = decision.checks;
  report.findings = findings_of_decision(decision);
  // The passengers of a train are in its manifest's row; changes that nobody boarded leave too.
  report.facts = {
      {decision.train ? "changes" : "passengers",
       fmt::format("{} since {}; {}", plan.manifest.aboard(),
                   plan.history.base ? plan.history.base->tag : "the beginning", plan.manifest.proof()),
       ""},
      {"policy", decision.policy.source, ""},
      {"policy digest", decision.policy.digest.substr(0, 23), ""},
      {"trust",
       decision.policy.trust.self_trusted
           ? "self-trusted: no trust is configured, so the keys of this machine alone count"
           : fmt::format("{} keys", decision.policy.trust.keys.size()),
       ""}};
  report.next = next_of(decision);
  report.data = data_of(decision);
  return report;
}

evidence::Statement decision_statement(const Decision& decision, const std::string& decider) {
  evidence::Statement statement;
  statement.subjects = {{decision.plan.name, {{"gitCommit", decision.plan.history.head}}}};
  statement.predicate_type = std::string(evidence::kPredicatePrefix) + "train/decision/v1";
  Json blockers = Json::array();
  for (const std::string& name : decision.blockers()) blockers.push_back(name);
  Json conditions = Json::array();
  for (const Judged& judged : decision.gates) conditions.push_back(condition_json(judged));
  const Json score = score_json(decision.score);
  statement.predicate = Json::object({{"decision", word_of(decision)},
                                      {"score", score["value"]},
                                      {"pass_at", score["pass_at"]},
                                      {"items", score["items"]},
                                      {"blockers", std::move(blockers)},
                                      {"conditions", std::move(conditions)},
                                      {"approvals", approvals_json(decision)},
                                      {"exceptions", exceptions_json(decision)},
                                      {"train", text_or_null(decision.candidate.train)},
                                      {"manifest", manifest_json(decision.candidate)},
                                      {"commits", commits_json(decision.plan.manifest)},
                                      {"last_release", last_release_json(decision.plan.history)},
                                      {"next_version", decision.plan.next.version.text()},
                                      {"policy", policy_json(decision.policy)},
                                      {"self_trusted", decision.policy.trust.self_trusted},
                                      {"decider", decider},
                                      {"by", "machine"},
                                      {"evaluator", fmt::format("signalbox {}", version())}});
  return statement;
}

}  // namespace signalbox::train
