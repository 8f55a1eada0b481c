#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/gates/judge_parts.hpp"

namespace signalbox::gates {
namespace {

constexpr std::chrono::minutes kCommandDeadline{10};
constexpr std::size_t kShownObjections = 3;

std::string points(double value) {
  return fmt::format("{}", std::floor(value * 10 + 1e-9) / 10);
}

// "sre, and 2 of support"
std::string wanted_text(const std::vector<std::string>& roles) {
  std::vector<std::string> parts;
  for (auto one = roles.begin(); one != roles.end();) {
    const auto next = std::find_if(one, roles.end(), [&](const std::string& role) { return role != *one; });
    const auto times = next - one;
    parts.push_back(times == 1 ? printable(*one) : fmt::format("{} of {}", times, printable(*one)));
    one = next;
  }
  return join(parts, ", ");
}

std::string approvers_text(const std::vector<Approver>& approvers) {
  std::vector<std::string> parts;
  for (const Approver& one : approvers)
    parts.push_back(fmt::format("{} for {}", printable(one.key), one.role));
  return join(parts, ", ");
}

// How the approvals that do not suffice are told.
std::string lacking_text(const ApprovalAnswer& answer) {
  std::string out = "wanted: " + wanted_text(answer.missing);
  if (!answer.approvers.empty()) out += "; approved: " + approvers_text(answer.approvers);
  std::vector<std::string> objections = answer.not_counted;
  if (objections.size() > kShownObjections) objections.resize(kShownObjections);
  if (!objections.empty()) out += "; not counted: " + join(objections, "; ");
  return out;
}

}  // namespace

GateResult result_for(const Gate& gate) {
  GateResult out;
  out.check.name = gate.name;
  out.check.owner = gate.owner;
  out.check.asked = asked_of(gate);
  return out;
}

void rest_on(GateResult& result, Input input, Time entered, Time now) {
  const std::int64_t age_s =
      std::max<std::int64_t>(0, std::chrono::duration_cast<std::chrono::seconds>(now - entered).count());
  if (!result.check.age_s || age_s >= *result.check.age_s) {
    result.check.age_s = age_s;
    result.check.evidence = static_cast<std::int64_t>(input.index);
  }
  result.inputs.push_back(std::move(input));
}

void rest_on(GateResult& result, const evidence::Entry& entry, Time now) {
  rest_on(result, {entry.index, entry.envelope.empty() ? std::string() : to_hex(sha256(entry.envelope))},
          entry.time, now);
}

GateResult red(const Gate& gate, GateResult result, Refusal refusal) {
  result.check.verdict = gate.blocker ? Verdict::fail : Verdict::warn;
  result.check.reason = std::move(refusal.reason);
  result.check.answer = std::move(refusal.answer);
  result.check.remedy = std::move(refusal.remedy);
  return result;
}

GateResult green(GateResult result, std::string answer) {
  result.check.verdict = Verdict::pass;
  result.check.answer = std::move(answer);
  return result;
}

GateResult judge_command(const Gate& gate, const Situation& situation) {
  GateResult result = result_for(gate);
  if (situation.configuration == nullptr)
    return red(gate, std::move(result), {"not-allowed", "commands do not run here", "signalbox allow"});
  const auto ended =
      run_allowed_command(*situation.configuration, gate.command,
                          {.deadline = kCommandDeadline, .max_output_bytes = std::size_t{1} << 20});
  if (!ended && ended.error().kind == ErrorKind::denied)
    return red(gate, std::move(result), {"not-allowed", ended.error().message, ended.error().hint});
  if (!ended) return red(gate, std::move(result), {"error", ended.error().message, remedy_of(gate)});
  if (ended->exit_code == 0) return green(std::move(result), "it exited with 0");
  const std::vector<std::string_view> said = lines(trim(ended->errors));
  std::string answer =
      fmt::format("it exited with {}{}", ended->exit_code,
                  said.empty() ? "" : ": " + printable(escape_invalid_utf8(said.back().substr(0, 200))));
  return red(gate, std::move(result), {"condition", std::move(answer), remedy_of(gate)});
}

GateResult judge_approval(const Gate& gate, const Situation& situation) {
  GateResult result = result_for(gate);
  static const Approvals kNobody;
  const Approvals& said = situation.approvals == nullptr ? kNobody : *situation.approvals;
  const ApprovalQuestion question{
      std::get<ApprovalRule>(gate.rule), said.policy, said.involved, gate.name, gate.max_age, situation.now};
  const ApprovalAnswer answer = judge_approvals(question, said.votes);
  for (const Approver& one : answer.approvers)
    rest_on(result, {one.index, one.envelope_digest}, one.time, situation.now);
  if (answer.is_enough()) {
    std::string text = approvers_text(answer.approvers);
    if (!answer.taken_for_granted.empty()) text += "; taken for granted: " + answer.taken_for_granted;
    return green(std::move(result), std::move(text));
  }
  return red(gate, std::move(result),
             {answer.not_counted.empty() ? "missing" : "not-counted", lacking_text(answer), remedy_of(gate)});
}

GateResult judge_hours(const Gate& gate, const Situation& situation) {
  GateResult result = result_for(gate);
  TimeAnswer answer = judge_time(std::get<TimeRule>(gate.rule), situation.now);
  if (answer.may_leave) return green(std::move(result), std::move(answer.text));
  const std::string remedy =
      answer.next
          ? "signalbox train check   # from " + to_rfc3339(*answer.next) + " on"
          : "signalbox train exception request --gate " + shell_word(gate.name) + " --reason TEXT --key KEY";
  return red(gate, std::move(result),
             {"time", std::move(answer.text), gate.remedy.empty() ? remedy : gate.remedy});
}

GateResult judge_score(const Gate& gate, const Situation& situation) {
  GateResult result = result_for(gate);
  const auto& rule = std::get<ScoreRule>(gate.rule);
  if (!situation.score)
    return red(gate, std::move(result), {"error", "there is no score here", "signalbox train score"});
  const double reached = situation.score(rule.items);
  std::string answer = points(reached) + " of 100";
  if (reached >= rule.at_least) return green(std::move(result), std::move(answer));
  return red(gate, std::move(result), {"score", std::move(answer), remedy_of(gate)});
}

Result<GateResult> judge(const Gate& gate, const Situation& situation, Evaluator& evaluator) {
  switch (gate.kind) {
    case GateKind::command:
      return judge_command(gate, situation);
    case GateKind::approval:
      return judge_approval(gate, situation);
    case GateKind::ci:
      return judge_ci(gate, situation);
    case GateKind::time:
      return judge_hours(gate, situation);
    case GateKind::score:
      return judge_score(gate, situation);
    case GateKind::artifact:
      return judge_artifact(gate, situation, evaluator);
    case GateKind::evidence:
    case GateKind::slo:
      break;
  }
  return judge_evidence(gate, situation, evaluator);
}

}  // namespace signalbox::gates
