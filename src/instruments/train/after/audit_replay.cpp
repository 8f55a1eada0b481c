#include "instruments/train/after/audit_replay.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/condition_input.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/gate.hpp"
#include "core/gates/judge_parts.hpp"

namespace signalbox::train::after {
namespace {

// About the train or the log, of which the file has not what the condition saw.
bool asks_more(const gates::Gate& gate) {
  const auto tokens = gates::scan_expression(gate.require);
  return !tokens || std::any_of(tokens->begin(), tokens->end(), [](const gates::Token& token) {
    return token.kind == gates::Token::Kind::field && (token.text == "train" || token.text == "log");
  });
}

// Gates for evidence that the policy in the file has; those that cannot be read are not judged again.
std::vector<gates::Gate> gates_in(const Exhibits& exhibits) {
  std::vector<gates::Gate> out;
  if (!exhibits.policy) return out;
  const auto document = config::parse_yaml(exhibits.policy->text, "the policy");
  if (!document) return out;
  for (const config::Node& node : (*document)["train"]["gates"].items()) {
    auto gate = gates::parse_gate(node);
    if (!gate) continue;
    const bool is_evidence = gate->kind == gates::GateKind::evidence || gate->kind == gates::GateKind::slo;
    if (is_evidence && !asks_more(*gate)) out.push_back(std::move(*gate));
  }
  return out;
}

// Why the gate says no to the entry as of that time; empty: yes.
Result<std::string> objection(const gates::Gate& gate, const Exhibit& exhibit, Time now,
                              gates::Evaluator& evaluator) {
  if (exhibit.statement->predicate_type != gate.type) return std::string("it is of another type");
  std::vector<evidence::Signer> accepted;
  for (const evidence::Signer& signer : exhibit.signers) {
    if (gates::accepts(gate, signer)) accepted.push_back(signer);
  }
  if (gates::count_accepted(gate, accepted) < gate.threshold)
    return std::string("other keys were to sign it");
  if (gate.max_age && now - exhibit.entry.time > *gate.max_age) return std::string("it was too old");
  if (gate.require.empty()) return std::string();
  const gates::Vouched vouched{exhibit.entry.index, exhibit.entry.time, 0, 0};
  const Json input = gates::condition_input(*exhibit.statement, accepted, vouched, now, gate.signer_role);
  SIGNALBOX_TRY(const gates::Answer said, evaluator.evaluate(gate.require, input));
  if (said.kind == gates::Answer::Kind::yes) return std::string();
  if (said.kind == gates::Answer::Kind::no) return std::string("the condition is false");
  return fmt::format("the condition does not run: {}", printable(said.message));
}

// The entry that the condition rested on; null where it is not here, or was erased.
const Exhibit* entry_of(const Json& condition, const Exhibits& exhibits) {
  const Json::Array& inputs = condition["inputs"].items();
  if (inputs.size() != 1 || !inputs.front()["index"].is_integer()) return nullptr;
  const std::int64_t index = inputs.front()["index"].as_integer();
  const Exhibit* const out = index < 0 ? nullptr : exhibits.find(static_cast<std::uint64_t>(index));
  return out != nullptr && out->statement ? out : nullptr;
}

}  // namespace

Result<std::vector<Check>> replay_gates(const Exhibits& exhibits, const Exhibit& decision,
                                        gates::Evaluator& evaluator) {
  std::vector<Check> out;
  const std::vector<gates::Gate> all = gates_in(exhibits);
  for (const Json& condition : decision.statement->predicate["conditions"].items()) {
    const auto gate = std::find_if(all.begin(), all.end(), [&](const gates::Gate& one) {
      return one.name == condition["name"].as_string();
    });
    const Exhibit* const exhibit = entry_of(condition, exhibits);
    if (gate == all.end() || exhibit == nullptr) continue;
    SIGNALBOX_TRY(const std::string no, objection(*gate, *exhibit, decision.entry.time, evaluator));
    Check check;
    check.name = "again " + printable(gate->name);
    check.asked = "the gate says of its entry what the decision says";
    check.evidence = static_cast<std::int64_t>(exhibit->entry.index);
    const bool said_yes = condition["result"].as_string() == "pass";
    const bool is_same = said_yes == no.empty();
    check.verdict = is_same ? Verdict::pass : Verdict::fail;
    check.answer = no.empty() ? std::string("yes") : "no: " + no;
    if (!is_same) check.reason = "replay";
    out.push_back(std::move(check));
  }
  return out;
}

}  // namespace signalbox::train::after
