#include "instruments/train/after/audit_grounds.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/exception.hpp"
#include "instruments/train/gating/ballot.hpp"
#include "instruments/train/gating/exception_book.hpp"

namespace signalbox::train::after {
namespace {

Check question(std::string name, std::string asked) {
  Check out;
  out.name = std::move(name);
  out.asked = std::move(asked);
  return out;
}

Check answer(Check check, Verdict verdict, std::string words, std::string reason = {}) {
  check.verdict = verdict;
  check.answer = std::move(words);
  check.reason = std::move(reason);
  return check;
}

std::optional<std::uint64_t> index_in(const Json& value) {
  if (!value.is_integer() || value.as_integer() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value.as_integer());
}

// Holds what a decision names against the exhibits.
class Grounds {
 public:
  Grounds(const Exhibits& exhibits, const Exhibit& decision, Time now)
      : exhibits_(exhibits),
        said_(decision.statement->predicate),
        index_(decision.entry.index),
        time_(decision.entry.time),
        now_(now) {
    for (const evidence::Subject& subject : decision.statement->subjects) {
      const auto commit = subject.digest.find("gitCommit");
      if (commit != subject.digest.end()) commit_ = commit->second;
    }
  }

  std::vector<Check> ask() const {
    std::vector<Check> out = {policy()};
    for (const Json& condition : said_["conditions"].items()) out.push_back(gate(condition));
    for (const Json& approval : said_["approvals"].items()) out.push_back(approvals(approval));
    for (const Json& exception : said_["exceptions"].items()) out.push_back(this->exception(exception));
    return out;
  }

 private:
  Check policy() const {
    Check check = question("policy", "what judged is here");
    const std::string_view wanted = said_["policy"]["digest"].as_string();
    if (!exhibits_.policy)
      return answer(std::move(check), Verdict::warn,
                    fmt::format("it is not; the decision names {}", printable(wanted)), "missing");
    if (exhibits_.policy->digest != wanted)
      return answer(std::move(check), Verdict::fail,
                    fmt::format("it is {}, and the decision names {}", printable(exhibits_.policy->digest),
                                printable(wanted)),
                    "policy");
    return answer(std::move(check), Verdict::pass,
                  fmt::format("{}, {}", printable(said_["policy"]["source"].as_string()), printable(wanted)));
  }

  // Why an entry that the decision names is not what it rested on; empty where it is.
  std::string fault_of(const std::optional<std::uint64_t>& index, std::string_view envelope) const {
    if (!index) return "an entry that it rests on has no number";
    const Exhibit* const exhibit = exhibits_.find(*index);
    if (exhibit == nullptr) return fmt::format("entry {} is not here", *index);
    if (*index >= index_) return fmt::format("entry {} came after the decision", *index);
    if (exhibit->entry.envelope.empty()) return {};  // that it was erased is told with the signatures
    if (!envelope.empty() && exhibit->envelope_digest() != envelope)
      return fmt::format("entry {} is another one than the decision saw", *index);
    if (exhibit->signer() == nullptr) return fmt::format("no trusted key signed entry {}", *index);
    return {};
  }

  bool has_exception_for(std::string_view name) const {
    const auto& all = said_["exceptions"].items();
    return std::any_of(all.begin(), all.end(),
                       [&](const Json& one) { return one["check"].as_string() == name; });
  }

  Check gate(const Json& condition) const {
    const std::string name = printable(condition["name"].as_string());
    Check check = question("gate " + name, "it said yes, by entries that are here");
    const std::string result(condition["result"].as_string());
    std::vector<std::string> entries;
    for (const Json& input : condition["inputs"].items()) {
      const auto index = index_in(input["index"]);
      if (std::string fault = fault_of(index, input["envelope"].as_string()); !fault.empty())
        return answer(std::move(check), Verdict::fail, std::move(fault), "evidence");
      entries.push_back(fmt::format("#{} ({})", *index, type_of(*index)));
    }
    const std::string by = entries.empty() ? "it names no entry" : join(entries, ", ");
    if (result == "pass") return answer(std::move(check), Verdict::pass, by);
    const std::string word = result == "warn" ? "it warned" : "it said no";
    if (result == "warn")
      return answer(std::move(check), Verdict::warn, fmt::format("{}; {}", word, by), "warned");
    if (has_exception_for(condition["name"].as_string()))
      return answer(std::move(check), Verdict::warn, fmt::format("{}, under an exception; {}", word, by),
                    "exception");
    return answer(std::move(check), Verdict::fail, fmt::format("{}; {}", word, by), "gate");
  }

  std::string type_of(std::uint64_t index) const {
    std::string_view type = exhibits_.find(index)->record["type"].as_string();
    if (type.starts_with(evidence::kPredicatePrefix)) type.remove_prefix(evidence::kPredicatePrefix.size());
    return printable(type);
  }

  Check approvals(const Json& approval) const {
    Check check = question(fmt::format("approvals of {}", printable(approval["gate"].as_string())),
                           "people said yes, and their words are here");
    std::vector<std::string> people;
    for (const Json& entry : approval["entries"].items()) {
      const auto index = index_in(entry);
      std::string fault = fault_of(index, {});
      if (!fault.empty()) return answer(std::move(check), Verdict::fail, std::move(fault), "approval");
      const Exhibit& exhibit = *exhibits_.find(*index);
      if (!exhibit.statement) continue;
      const auto ballot = parse_ballot(exhibit.statement->predicate);
      if (!exhibit.is_of("approval") || !ballot || !says_yes(*ballot))
        return answer(std::move(check), Verdict::fail,
                      fmt::format("entry {} is no yes to this commit", *index), "approval");
      people.push_back(fmt::format("{} (#{})", printable(exhibit.signer()->key.name), *index));
    }
    return answer(std::move(check), Verdict::pass, people.empty() ? "it names none" : join(people, ", "));
  }

  bool says_yes(const Ballot& ballot) const {
    using Word = gates::Vote::Word;
    return (ballot.word == Word::approve || ballot.word == Word::go) && ballot.candidate.commit == commit_;
  }

  // Requester and approver as those who signed, not as the decision names them.
  Check exception(const Json& used) const {
    const auto request = index_in(used["request"]), approval = index_in(used["approval"]);
    Check check = question(fmt::format("exception {} for {}", request ? std::to_string(*request) : "?",
                                       printable(used["check"].as_string())),
                           "asked for by one, approved by another, in force, audited");
    for (const auto& index : {request, approval}) {
      if (std::string fault = fault_of(index, {}); !fault.empty())
        return answer(std::move(check), Verdict::fail, std::move(fault), "exception");
    }
    const Exhibit& asked = *exhibits_.find(*request);
    const Exhibit& approved = *exhibits_.find(*approval);
    if (!asked.statement || !approved.statement)
      return answer(std::move(check), Verdict::warn, "what was asked or approved was erased", "erased");
    const auto claim = parse_exception_approval(approved.statement->predicate);
    if (!claim || claim->request != *request)
      return answer(std::move(check), Verdict::fail, fmt::format("entry {} does not approve it", *approval),
                    "exception");
    const evidence::PublicKey& who_asked = asked.signer()->key;
    const evidence::PublicKey& who_approved = approved.signer()->key;
    if (who_asked.same_key(who_approved))
      return answer(std::move(check), Verdict::fail,
                    fmt::format("{} approved what {} had asked for", printable(who_approved.name),
                                printable(who_asked.name)),
                    "exception");
    if (!covers(claim->copy, used["check"].as_string()))
      return answer(std::move(check), Verdict::fail, "it is for something else", "exception");
    if (claim->copy.expires <= time_)
      return answer(std::move(check), Verdict::fail,
                    fmt::format("it had expired {}", to_rfc3339(claim->copy.expires)), "exception");
    return audited(
        std::move(check), *request, approved,
        fmt::format("{} asked, {} approved", printable(who_asked.name), printable(who_approved.name)));
  }

  bool covers(const gates::ExceptionRequest& request, std::string_view check) const {
    const gates::ExceptionTarget& target = request.target;
    if (target.commit && *target.commit != commit_) return false;
    if (target.train && *target.train != exhibits_.train) return false;
    const std::vector<std::string>& gates = request.scope.gates;
    if (std::find(gates.begin(), gates.end(), check) != gates.end()) return true;
    return check == "freeze" && !request.scope.freezes.empty();
  }

  Check audited(Check check, std::uint64_t request, const Exhibit& approved,
                const std::string& people) const {
    for (const auto& [index, exhibit] : exhibits_.entries) {
      if (!exhibit.is_of("exception-audit") || exhibit.signer() == nullptr) continue;
      const auto claim = parse_exception_audit(exhibit.statement->predicate);
      if (!claim || claim->exception != request) continue;
      return answer(std::move(check), claim->audit.justified ? Verdict::pass : Verdict::warn,
                    fmt::format("{}; {} audited it (#{}): {}", people, printable(exhibit.signer()->key.name),
                                index, claim->audit.justified ? "justified" : "not justified"),
                    claim->audit.justified ? "" : "not-justified");
    }
    const Time due = gates::add_working_days(approved.entry.time, gates::kAuditWorkingDays);
    const bool is_late = due < now_;
    return answer(std::move(check), is_late ? Verdict::fail : Verdict::warn,
                  fmt::format("{}; its audit {} due {}", people, is_late ? "was" : "is", to_rfc3339(due)),
                  is_late ? "overdue" : "not-audited");
  }

  const Exhibits& exhibits_;
  const Json& said_;
  std::uint64_t index_;
  Time time_;
  Time now_;
  std::string commit_;  // that it is about
};

}  // namespace

std::vector<Check> ask_grounds(const Exhibits& exhibits, const Exhibit& decision, Time now) {
  return Grounds(exhibits, decision, now).ask();
}

}  // namespace signalbox::train::after
