#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/merkle.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::gates {
namespace {

using evidence::Entry;
using evidence::Signer;
using evidence::Statement;
using evidence::Subject;

// How far the log's time may be ahead of ours before the age of evidence means nothing.
constexpr Duration kClockTolerance = std::chrono::minutes(5);
constexpr std::size_t kMaxCandidates = 1000;  // statements about one subject that are looked at, newest first
constexpr std::size_t kMaxShownValues = 4;
constexpr std::chrono::minutes kCommandDeadline{10};

std::string_view short_type(std::string_view type) {
  if (type.starts_with(evidence::kPredicatePrefix)) type.remove_prefix(evidence::kPredicatePrefix.size());
  return type;
}

std::string short_digest(const Subject& subject) {
  if (subject.digest.empty()) return "nothing";
  constexpr std::size_t kShown = 12;
  const auto& [algorithm, hex] = *subject.digest.begin();
  return algorithm + ":" + hex.substr(0, kShown);
}

std::string who(const Gate& gate) {
  std::string out = gate.signer_role ? *gate.signer_role : "trusted";
  out += gate.threshold == 1 ? " key" : " keys";
  if (!gate.signer_keys.empty()) out += " among " + join(gate.signer_keys, ", ");
  return out;
}

// Does it run a text, as parse_gate writes it?
bool is_shell(const std::vector<std::string>& command) {
  return command.size() == 3 && command[0] == "/bin/sh" && command[1] == "-c";
}

std::string asked(const Gate& gate) {
  if (!gate.command.empty()) return "`" + printable(remedy_of(gate)) + "` exits with 0";
  const std::string_view about = gate.subject == "@commit"     ? "this commit"
                                 : gate.subject == "@artifact" ? "the artifact"
                                                               : std::string_view(gate.subject);
  std::string out = fmt::format("{} about {}", short_type(gate.type), about);
  if (gate.signer_role || gate.threshold > 1 || !gate.signer_keys.empty())
    out += fmt::format(", signed by {} {}", gate.threshold, who(gate));
  if (gate.max_age) out += ", at most " + to_text(*gate.max_age) + " old";
  if (!gate.require.empty()) out += ": " + printable(trim(gate.require));
  return out;
}

// Builds the one result of a judgement.
class Judgement {
 public:
  Judgement(const Gate& gate, const Situation& situation, Evaluator& evaluator)
      : gate_(gate), situation_(situation), evaluator_(evaluator) {
    result_.check.name = gate.name;
    result_.check.asked = asked(gate);
  }

  Result<GateResult> run() {
    if (!gate_.command.empty()) return run_command();
    const auto subject = wanted_subject();
    if (!subject) return no("missing", "there is no artifact to ask about", remedy_of(gate_));
    if (situation_.ledger == nullptr) return no("missing", "nothing was ever recorded", remedy_of(gate_));
    SIGNALBOX_TRY(
        const auto entries,
        situation_.ledger->query({.subject = *subject, .type = gate_.type, .limit = kMaxCandidates}));
    std::string refusal;
    for (const Entry& entry : entries) {
      SIGNALBOX_TRY(const bool answered, consider(entry, *subject, refusal));
      if (answered) return std::move(result_);
    }
    if (!refusal.empty()) return no("signature", std::move(refusal), remedy_of(gate_));
    SIGNALBOX_TRY(std::string answer, what_is_missing(*subject));
    return no("missing", std::move(answer), remedy_of(gate_));
  }

 private:
  GateResult no(std::string reason, std::string answer, std::string remedy) {
    result_.check.verdict = gate_.blocker ? Verdict::fail : Verdict::warn;
    result_.check.reason = std::move(reason);
    result_.check.answer = std::move(answer);
    result_.check.remedy = std::move(remedy);
    return std::move(result_);
  }

  GateResult yes(std::string answer) {
    result_.check.verdict = Verdict::pass;
    result_.check.answer = std::move(answer);
    return std::move(result_);
  }

  Result<bool> decide(GateResult result) {
    result_ = std::move(result);
    return true;
  }

  GateResult run_command() {
    if (situation_.configuration == nullptr)
      return no("not-allowed", "commands do not run here", "signalbox allow");
    const auto ended =
        run_allowed_command(*situation_.configuration, gate_.command,
                            {.deadline = kCommandDeadline, .max_output_bytes = std::size_t{1} << 20});
    if (!ended && ended.error().kind == ErrorKind::denied)
      return no("not-allowed", ended.error().message, ended.error().hint);
    if (!ended) return no("error", ended.error().message, remedy_of(gate_));
    if (ended->exit_code == 0) return yes("it exited with 0");
    const std::vector<std::string_view> said = lines(trim(ended->errors));
    return no(
        "condition",
        fmt::format("it exited with {}{}", ended->exit_code,
                    said.empty() ? "" : ": " + printable(escape_invalid_utf8(said.back().substr(0, 200)))),
        remedy_of(gate_));
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
    const bool about = std::any_of(statement->subjects.begin(), statement->subjects.end(),
                                   [&](const Subject& one) { return evidence::matches(one, subject); });
    if (!about) return false;
    const std::vector<Signer> signers = signers_of(*envelope, *whole, *statement);
    if (count_accepted(signers) < gate_.threshold) {
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

  void take(const Entry& entry) {
    result_.evidence_index = entry.index;
    result_.envelope_digest = entry.envelope.empty() ? std::string() : to_hex(sha256(entry.envelope));
    result_.check.evidence = static_cast<std::int64_t>(entry.index);
    const auto age = std::chrono::duration_cast<std::chrono::seconds>(situation_.now - entry.time);
    result_.check.age_s = std::max<std::int64_t>(0, age.count());
  }

  GateResult tampered(const Entry& entry, std::string_view what) {
    take(entry);
    return no("signature", fmt::format("the log does not hold: {}", what), "signalbox evidence log audit");
  }

  std::vector<Signer> signers_of(const evidence::Envelope& envelope, const Entry& entry,
                                 const Statement& statement) const {
    std::vector<std::string> names;
    for (const Subject& one : statement.subjects) names.push_back(one.name);
    return evidence::judge_signers(envelope, situation_.trust, entry.time, statement.predicate_type, names);
  }

  // Valid, with the role that is asked for, and among the keys that are asked for.
  bool accepts(const Signer& signer) const {
    const auto has = [](const std::vector<std::string>& list, const std::string& one) {
      return std::find(list.begin(), list.end(), one) != list.end();
    };
    return signer.valid && (!gate_.signer_role || has(signer.roles, *gate_.signer_role)) &&
           (gate_.signer_keys.empty() || has(gate_.signer_keys, signer.key.name));
  }

  // Distinct keys: one key that signed twice, or that is trusted under two names, is one.
  int count_accepted(const std::vector<Signer>& signers) const {
    std::vector<const Signer*> distinct;
    for (const Signer& signer : signers) {
      const bool counted = std::any_of(distinct.begin(), distinct.end(),
                                       [&](const Signer* other) { return other->key.same_key(signer.key); });
      if (accepts(signer) && !counted) distinct.push_back(&signer);
    }
    return static_cast<int>(distinct.size());
  }

  std::string why_refused(const Entry& entry, const std::vector<Signer>& signers) const {
    std::vector<std::string> reasons;
    for (const Signer& signer : signers) {
      if (accepts(signer)) continue;
      const std::string id = signer.key.octets.empty() ? std::string() : " (" + signer.key.id() + ")";
      const std::string why = signer.valid ? "has the roles " + join(signer.roles, ", ") : signer.why;
      reasons.push_back(fmt::format("{}{}: {}", printable(signer.key.name), id, why));
    }
    std::string out = fmt::format("entry {}: {} of {} {}", entry.index, count_accepted(signers),
                                  gate_.threshold, who(gate_));
    if (!reasons.empty()) out += "; " + join(reasons, "; ");
    return out;
  }

  // What is wrong with the log around this entry; empty where its checkpoint covers it.
  std::string fault_in_log(const Entry& entry) const {
    const evidence::Ledger& ledger = *situation_.ledger;
    const auto key = ledger.log_key();
    const auto octets = ledger.checkpoint();
    const auto note = octets ? evidence::parse_note(*octets) : fail(octets.error());
    if (!key || !note) return key ? note.error().message : key.error().message;
    if (!log_is_trusted(*key)) return "its key " + key->name + " is no trusted log key";
    const auto signers = evidence::verify_note(*note, {*key});
    if (!signers || signers->empty()) return "its checkpoint is not signed by " + key->name;
    const auto checkpoint = evidence::parse_checkpoint(note->text);
    if (!checkpoint) return checkpoint.error().message;
    const auto proof = ledger.prove_inclusion(entry.index, checkpoint->size);
    if (!proof) return proof.error().message;
    const Status held =
        evidence::verify_inclusion(entry.index, checkpoint->size, entry.leaf, *proof, checkpoint->root);
    return held ? std::string() : fmt::format("entry {}: {}", entry.index, held.error().message);
  }

  // A trust file that names log keys is held to them.
  bool log_is_trusted(const evidence::PublicKey& key) const {
    if (situation_.trust.self_trusted) return true;
    bool names_logs = false;
    for (const evidence::TrustedKey& trusted : situation_.trust.keys) {
      const auto& roles = trusted.roles;
      if (std::find(roles.begin(), roles.end(), "log") == roles.end()) continue;
      if (trusted.key.same_key(key)) return true;
      names_logs = true;
    }
    return !names_logs;
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
    const std::string found = fmt::format("{}, {} old", index, to_text(std::max(age, Duration(0))));
    if (gate_.require.empty()) return yes(found);
    const Json input = condition_input(entry, statement, signers);
    const auto answer = evaluator_.evaluate(gate_.require, input);
    if (!answer) return no("error", index + ": " + answer.error().message, answer.error().hint);
    if (answer->kind == Answer::Kind::no)
      return no("condition", fmt::format("{}: false{}", index, shown_values(input)), remedy_of(gate_));
    if (answer->kind != Answer::Kind::yes) return did_not_run(index, *answer);
    return linted(found, input);
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

  Json condition_input(const Entry& entry, const Statement& statement,
                       const std::vector<Signer>& signers) const {
    Json subjects = Json::array();
    for (const Subject& one : statement.subjects) {
      Json digest = Json::object();
      for (const auto& [algorithm, hex] : one.digest) digest.set(algorithm, hex);
      subjects.push_back(Json::object({{"name", one.name}, {"digest", std::move(digest)}}));
    }
    Json by = Json::array();
    for (const Signer& signer : signers) {
      if (!accepts(signer)) continue;
      Json roles = Json::array();
      for (const std::string& role : signer.roles) roles.push_back(role);
      const std::string role = gate_.signer_role      ? *gate_.signer_role
                               : signer.roles.empty() ? std::string()
                                                      : signer.roles.front();
      by.push_back(Json::object({{"name", signer.key.name}, {"role", role}, {"roles", std::move(roles)}}));
    }
    const auto seconds = [](auto duration) {
      return std::chrono::duration_cast<std::chrono::seconds>(duration).count();
    };
    const Duration age = situation_.now - entry.time;
    return Json::object({
        {"predicate", statement.predicate},
        {"subject", subjects},
        {"statement", Json::object({{"_type", evidence::kStatementType},
                                    {"subject", subjects},
                                    {"predicateType", statement.predicate_type},
                                    {"predicate", statement.predicate}})},
        {"signers", std::move(by)},
        {"index", entry.index},
        {"age_s", age < -kClockTolerance ? Json() : Json(seconds(std::max(age, Duration(0))))},
        {"log", Json::object({{"size", situation_.ledger->size()}, {"witnesses", 0}})},
        {"now", seconds(situation_.now.time_since_epoch())},
        {"train", situation_.train},
        {"args", Json::object()},
    });
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
  GateResult result_;
};

}  // namespace

std::string remedy_of(const Gate& gate) {
  if (!gate.remedy.empty()) return gate.remedy;
  // The command again: it says what is wrong. A text for the shell is what stands behind `/bin/sh -c`.
  if (!gate.command.empty()) return is_shell(gate.command) ? gate.command[2] : join(gate.command, " ");
  const std::string_view kind = short_type(gate.type);
  const std::string subject = gate.subject == "@commit"     ? "git:HEAD"
                              : gate.subject == "@artifact" ? "ARTIFACT"
                                                            : gate.subject;
  if (kind == "evidence/tests/v1") return "signalbox evidence add junit results.xml --subject " + subject;
  if (kind == "evidence/findings/v1")
    return "signalbox evidence add sarif results.sarif --subject " + subject;
  return fmt::format("signalbox evidence add json result.json --type {} --subject {}", gate.type, subject);
}

Result<GateResult> judge(const Gate& gate, const Situation& situation, Evaluator& evaluator) {
  return Judgement(gate, situation, evaluator).run();
}

}  // namespace signalbox::gates
