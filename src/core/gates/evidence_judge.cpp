#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/merkle.hpp"
#include "core/gates/condition_input.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/judge_parts.hpp"
#include "core/gates/testimony.hpp"

namespace signalbox::gates {
namespace {

using evidence::Entry;
using evidence::Signer;
using evidence::Statement;
using evidence::Subject;

constexpr std::size_t kMaxShownValues = 4;

std::string short_digest(const Subject& subject) {
  if (subject.digest.empty()) return "nothing";
  constexpr std::size_t kShown = 12;
  const auto& [algorithm, hex] = *subject.digest.begin();
  return algorithm + ":" + hex.substr(0, kShown);
}

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

bool accepts(const Gate& gate, const Signer& signer) {
  return signer.valid && (!gate.signer_role || has(signer.roles, *gate.signer_role)) &&
         (gate.signer_keys.empty() || has(gate.signer_keys, signer.key.name));
}

// One key that signed twice, or that is trusted under two names, is one.
int count_accepted(const Gate& gate, const std::vector<Signer>& signers) {
  std::vector<const Signer*> distinct;
  for (const Signer& signer : signers) {
    const bool counted = std::any_of(distinct.begin(), distinct.end(),
                                     [&](const Signer* other) { return other->key.same_key(signer.key); });
    if (accepts(gate, signer) && !counted) distinct.push_back(&signer);
  }
  return static_cast<int>(distinct.size());
}

namespace {

// Looks for the evidence that answers, and weighs it.
class Judgement {
 public:
  Judgement(const Gate& gate, const Situation& situation, Evaluator& evaluator, std::uint64_t most)
      : gate_(gate), situation_(situation), evaluator_(evaluator), most_(most), result_(result_for(gate)) {}

  Result<GateResult> run() {
    const auto subject = wanted_subject();
    if (!subject) return no("missing", "there is no artifact to ask about", remedy_of(gate_));
    if (situation_.ledger == nullptr) return no("missing", "nothing was ever recorded", remedy_of(gate_));
    const evidence::Query query{.subject = *subject, .type = gate_.type};
    bool answered = false;
    std::string refusal;
    const auto take = [&](const Entry& entry) -> Result<evidence::Reading> {
      SIGNALBOX_TRY(answered, consider(entry, *subject, refusal));
      return answered ? evidence::Reading::is_done : evidence::Reading::goes_on;
    };
    SIGNALBOX_TRY(const evidence::Extent extent,
                  evidence::read_entries(*situation_.ledger, query, most_, take));
    if (answered) return std::move(result_);
    if (extent == evidence::Extent::cut)
      return no("unavailable", evidence::too_many_text(query, most_), kRemedyOfTooMany);
    if (!refusal.empty()) return no("signature", std::move(refusal), remedy_of(gate_));
    SIGNALBOX_TRY(std::string answer, what_is_missing(*subject));
    return no("missing", std::move(answer), remedy_of(gate_));
  }

 private:
  GateResult no(std::string reason, std::string answer, std::string remedy) {
    return red(gate_, std::move(result_), {std::move(reason), std::move(answer), std::move(remedy)});
  }

  GateResult yes(std::string answer) { return green(std::move(result_), std::move(answer)); }

  Result<bool> decide(GateResult result) {
    result_ = std::move(result);
    return true;
  }

  std::optional<Subject> wanted_subject() const {
    if (gate_.subject == "@commit") return situation_.commit;
    if (gate_.subject == "@artifact") return situation_.artifact;
    const auto subject = evidence::subject_from_text(gate_.subject);
    return subject ? std::optional(*subject) : std::nullopt;
  }

  // True where this entry is the one that answers. Else `refusal` says why the newest one does not count.
  Result<bool> consider(const Entry& found, const Subject& subject, std::string& refusal) {
    const auto whole = situation_.ledger->entry(found.index);
    if (!whole && whole.error().kind == ErrorKind::conflict)
      return decide(tampered(found, whole.error().message));
    if (!whole) return fail(whole.error());
    if (whole->envelope.empty()) {
      take(*whole);
      return decide(
          no("missing", fmt::format("entry {}: its envelope was erased", found.index), remedy_of(gate_)));
    }
    const auto envelope = evidence::parse_envelope(whole->envelope);
    const auto statement = envelope ? evidence::parse_statement(envelope->payload) : fail(envelope.error());
    if (!statement || statement->predicate_type != gate_.type) return false;
    if (!is_about(*statement, subject)) return false;
    // Evidence about an artifact of this train is about the commit that it was built from, too.
    if (gate_.kind == GateKind::artifact && !is_about(*statement, situation_.commit)) return false;
    const std::vector<Signer> signers = signers_of(*envelope, situation_.trust, whole->time, *statement);
    if (count_accepted(gate_, signers) < gate_.threshold) {
      if (refusal.empty()) {
        refusal = why_refused(*whole, signers);
        take(*whole);
      }
      return false;
    }
    take(*whole);
    if (std::string fault = fault_in_log(*whole); !fault.empty()) return decide(tampered(*whole, fault));
    return decide(weigh(*whole, *statement, signers));
  }

  static bool is_about(const Statement& statement, const Subject& subject) {
    return std::any_of(statement.subjects.begin(), statement.subjects.end(),
                       [&](const Subject& one) { return evidence::matches(one, subject); });
  }

  // One entry answers, or is the newest of those that do not count.
  void take(const Entry& entry) {
    result_.inputs.clear();
    result_.check.age_s.reset();
    rest_on(result_, entry, situation_.now);
  }

  GateResult tampered(const Entry& entry, std::string_view what) {
    take(entry);
    return no("signature", fmt::format("the log does not hold: {}", what), "signalbox evidence log audit");
  }

  std::string why_refused(const Entry& entry, const std::vector<Signer>& signers) const {
    std::vector<std::string> reasons;
    for (const Signer& signer : signers) {
      if (accepts(gate_, signer)) continue;
      const std::string id = signer.key.octets.empty() ? std::string() : " (" + signer.key.id() + ")";
      const std::string why = signer.valid ? "has the roles " + join(signer.roles, ", ") : signer.why;
      reasons.push_back(fmt::format("{}{}: {}", printable(signer.key.name), id, why));
    }
    std::string out = fmt::format("entry {}: {} of {} {}", entry.index, count_accepted(gate_, signers),
                                  gate_.threshold, signers_text(gate_));
    if (!reasons.empty()) out += "; " + join(reasons, "; ");
    return out;
  }

  std::string fault_in_log(const Entry& entry) const {
    return CheckedLog(*situation_.ledger, situation_.trust).fault_in(entry);
  }

  // Age, then the condition.
  GateResult weigh(const Entry& entry, const Statement& statement, const std::vector<Signer>& signers) {
    const Duration age = situation_.now - entry.time;
    const std::string index = fmt::format("entry {}", entry.index);
    if (gate_.max_age && age < -kClockTolerance) {
      return no(
          "stale",
          fmt::format("{} entered the log {} after the time of this machine's clock", index, to_text(-age)),
          remedy_of(gate_));
    }
    if (gate_.max_age && age > *gate_.max_age) {
      return no(
          "stale",
          fmt::format("{} is {} old, at most {} is allowed", index, to_text(age), to_text(*gate_.max_age)),
          remedy_of(gate_));
    }
    if (gate_.require.empty()) return yes(index);
    const Json input = input_of(entry, statement, signers);
    const auto answer = evaluator_.evaluate(gate_.require, input);
    if (!answer) return no("error", index + ": " + answer.error().message, answer.error().hint);
    if (answer->kind == Answer::Kind::no)
      return no("condition", fmt::format("{}: false{}", index, shown_values(input)), remedy_of(gate_));
    if (answer->kind != Answer::Kind::yes) return did_not_run(index, *answer);
    return linted(index, input);
  }

  GateResult did_not_run(const std::string& index, const Answer& answer) {
    const bool of_the_evidence = answer.kind == Answer::Kind::error;
    return no("error",
              fmt::format("{}: the condition does not run ({}): {}", index, name_of(answer.kind),
                          printable(answer.message)),
              of_the_evidence ? remedy_of(gate_) : "signalbox train lint");
  }

  // A condition that says yes here is believed only where it could have said no.
  GateResult linted(const std::string& found, const Json& input) {
    const auto lint_result = lint(evaluator_, gate_.require, &input, gate_.allow_empty);
    if (!lint_result) return no("error", lint_result.error().message, lint_result.error().hint);
    if (lint_result->refusals.empty()) return yes(found);
    return no("error", "the condition is refused: " + join(lint_result->refusals, "; "),
              "signalbox train lint");
  }

  Json input_of(const Entry& entry, const Statement& statement, const std::vector<Signer>& signers) const {
    std::vector<Signer> accepted;
    std::copy_if(signers.begin(), signers.end(), std::back_inserter(accepted),
                 [this](const Signer& signer) { return accepts(gate_, signer); });
    const Vouched vouched{entry.index, entry.time, situation_.ledger->size(), witnesses_over(entry)};
    Json out = condition_input(statement, accepted, vouched, situation_.now, gate_.signer_role);
    out.set("train", situation_.train);
    return out;
  }

  // How many trusted witnesses cosigned the checkpoint that the log shows for this entry: the newest one that
  // its own quorum cosigned and that covers it, else the newest. What does not hold counts none.
  std::uint64_t witnesses_over(const Entry& entry) const {
    const std::vector<evidence::PublicKey> trusted = evidence::witnesses_of(situation_.trust, situation_.now);
    if (trusted.empty()) return 0;
    const auto key = situation_.ledger->log_key();
    const auto octets = situation_.ledger->checkpoint_holding(entry.index);
    const auto shown = key && octets ? evidence::open_checkpoint(*octets, *key)
                                     : Result<evidence::Checkpoint>(fail(ErrorKind::not_found, ""));
    if (!shown || entry.index >= shown->size) return 0;
    const auto proof = situation_.ledger->prove_inclusion(entry.index, shown->size);
    if (!proof || !evidence::verify_inclusion(entry.index, shown->size, entry.leaf, *proof, shown->root))
      return 0;
    const auto note = evidence::parse_note(*octets);
    const auto by = note ? evidence::cosigned_by(*note, trusted)
                         : Result<std::vector<evidence::Cosignature>>(fail(note.error()));
    return by ? by->size() : 0;
  }

  // " (.predicate.failures is 3)": the values that the condition names.
  std::string shown_values(const Json& input) const {
    const auto tokens = scan_expression(gate_.require);
    std::vector<std::string> shown;
    for (std::size_t i = 0; tokens && i < tokens->size(); ++i) {
      const Json* value = &input;
      std::string path;
      for (; i < tokens->size() && (*tokens)[i].kind == Token::Kind::field; ++i) {
        path += "." + (*tokens)[i].text;
        value = value == nullptr ? nullptr : value->find((*tokens)[i].text);
      }
      if (!path.starts_with(".predicate.") || (value != nullptr && (value->is_array() || value->is_object())))
        continue;
      constexpr std::size_t kColumns = 40;
      std::string text = value == nullptr ? path + " is missing"
                                          : path + " is " + cut_to_width(printable(value->dump()), kColumns);
      if (std::find(shown.begin(), shown.end(), text) == shown.end()) shown.push_back(std::move(text));
    }
    if (shown.empty()) return {};
    if (shown.size() > kMaxShownValues) shown.resize(kMaxShownValues);
    return " (" + join(shown, ", ") + ")";
  }

  Result<std::string> what_is_missing(const Subject& subject) const {
    SIGNALBOX_TRY(const auto others, situation_.ledger->query({.type = gate_.type, .limit = 1}));
    std::string out = "there is none in the log";
    if (others.empty()) return out;
    const auto envelope = evidence::parse_envelope(others.front().envelope);
    const auto statement = envelope ? evidence::parse_statement(envelope->payload) : fail(envelope.error());
    if (!statement) return out;
    return out + fmt::format(" about {}; the newest, entry {}, is about {}", short_digest(subject),
                             others.front().index, short_digest(statement->subjects.front()));
  }

  const Gate& gate_;
  const Situation& situation_;
  Evaluator& evaluator_;
  const std::uint64_t most_;  // entries that are looked at
  GateResult result_;
};

}  // namespace

Result<GateResult> judge_evidence(const Gate& gate, const Situation& situation, Evaluator& evaluator,
                                  std::uint64_t most) {
  return Judgement(gate, situation, evaluator, most).run();
}

}  // namespace signalbox::gates
