#include "instruments/train/after/audit.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/redaction.hpp"
#include "instruments/train/after/attempt.hpp"
#include "instruments/train/after/audit_grounds.hpp"
#include "instruments/train/boarding/manifest.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxNamedFaults = 5;

// "entry 3: …; entry 7: …; and 12 more"
std::string named(const std::vector<std::string>& faults) {
  std::vector<std::string> shown(
      faults.begin(), faults.begin() + static_cast<std::ptrdiff_t>(std::min(faults.size(), kMaxNamedFaults)));
  if (faults.size() > shown.size()) shown.push_back(fmt::format("and {} more", faults.size() - shown.size()));
  return join(shown, "; ");
}

// Red with the faults, or green with the answer.
Check judged(Check check, const std::vector<std::string>& faults, std::string answer, const char* reason) {
  check.verdict = faults.empty() ? Verdict::pass : Verdict::fail;
  check.answer = faults.empty() ? std::move(answer) : named(faults);
  if (!faults.empty()) check.reason = reason;
  return check;
}

Check question(std::string name, std::string asked) {
  Check out;
  out.name = std::move(name);
  out.asked = std::move(asked);
  return out;
}

Check ask_log(const Exhibits& exhibits) {
  return judged(question("log", "the log holds exactly these entries"), exhibits.log_faults,
                fmt::format("{} of the {} entries of {}, under its signed checkpoint",
                            exhibits.entries.size(), exhibits.size, printable(exhibits.origin)),
                "log");
}

// A statement among the exhibits, of a trusted key, that says that the envelope was erased.
bool is_erased(const Exhibits& exhibits, const Exhibit& gone) {
  return std::any_of(exhibits.entries.begin(), exhibits.entries.end(), [&](const auto& one) {
    const Exhibit& exhibit = one.second;
    return exhibit.statement && exhibit.signer() != nullptr &&
           evidence::erasure_in(*exhibit.statement, gone.entry.record).has_value();
  });
}

Check ask_signatures(const Exhibits& exhibits) {
  Check check = question("signatures", "a trusted key signed each entry");
  std::vector<std::string> faults, erased;
  std::set<std::string> signers;
  for (const auto& [index, exhibit] : exhibits.entries) {
    if (const evidence::Signer* const signer = exhibit.signer()) {
      signers.insert(printable(signer->key.name));
    } else if (exhibit.entry.envelope.empty() && is_erased(exhibits, exhibit)) {
      erased.push_back(fmt::format("entry {}", index));
    } else if (exhibit.entry.envelope.empty()) {
      faults.push_back(fmt::format("entry {}: its envelope is not here", index));
    } else {
      const std::string why = exhibit.signers.empty() ? std::string("nobody signed it")
                                                      : printable(exhibit.signers.back().key.name) + ": " +
                                                            exhibit.signers.back().why;
      faults.push_back(fmt::format("entry {}: {}", index, why));
    }
  }
  check = judged(std::move(check), faults,
                 fmt::format("by {}", join(std::vector<std::string>(signers.begin(), signers.end()), ", ")),
                 "signature");
  if (faults.empty() && !erased.empty()) {
    check.verdict = Verdict::warn;
    check.reason = "erased";
    check.answer += fmt::format("; erased since, as statements here say: {}", join(erased, ", "));
  }
  return check;
}

Check ask_story(const Exhibits& exhibits) {
  std::vector<std::string> faults;
  std::int64_t before = -1;
  for (const std::uint64_t index : exhibits.story) {
    const auto told = exhibits.find(index)->entry_before(exhibits.train);
    if (!told || *told != before)
      faults.push_back(fmt::format("entry {} follows entry {}, which is not here", index, told.value_or(-1)));
    before = static_cast<std::int64_t>(index);
  }
  if (exhibits.complete) {
    for (const std::string& doubt : exhibits.complete->doubts) faults.push_back(doubt);
  }
  std::string answer =
      fmt::format("{}, each naming the one before it", counted(exhibits.story.size(), "entry", "entries"));
  answer += exhibits.complete
                ? fmt::format("; no other of the {} is about the train", exhibits.complete->size)
                : fmt::format("; what came after entry {} is not shown", before);
  return judged(question("story", "no entry about the train is missing"), faults, std::move(answer),
                "incomplete");
}

Check ask_events(const Exhibits& exhibits) {
  std::vector<std::string> faults;
  for (const Remark& remark : exhibits.events.ignored) faults.push_back(remark.message);
  Check check = judged(question("events", "each event of the train counts"), faults,
                       counted(exhibits.events.events.size(), "event"), "ignored");
  if (!faults.empty()) check.verdict = Verdict::warn;
  return check;
}

Check ask_departure(const std::optional<Ending>& ending) {
  Check check = question("departure", "it left, or was taken back");
  if (!ending) return judged(std::move(check), {"no statement that counts tells of it"}, "", "missing");
  const std::string what = ending->how == Ending::How::departed ? "had all traffic" : "was taken back";
  return judged(std::move(check), {},
                fmt::format("{} {} {}, commit {}", printable(ending->version), what, to_rfc3339(ending->time),
                            printable(ending->commit.substr(0, 12))),
                "");
}

// What is wrong with an attempt's decision; empty: it is a GO about the commit, given before.
std::vector<std::string> faults_of_decision(const Attempt& attempt, const Exhibit* decision,
                                            const std::string& train) {
  if (!attempt.begin.decision) return {"the attempt names no decision"};
  if (decision == nullptr || !decision->is_of("decision"))
    return {fmt::format("entry {}, by which it left, is no decision here", *attempt.begin.decision)};
  std::vector<std::string> out;
  const Json& said = decision->statement->predicate;
  if (decision->signer() == nullptr) out.emplace_back("no trusted key signed it");
  if (said["decision"].as_string() != "GO")
    out.emplace_back("it says " + printable(said["decision"].as_string()));
  if (said["train"].as_string() != train) out.emplace_back("it is about another train");
  const evidence::Subject commit{"", {{"gitCommit", attempt.begin.commit}}};
  const auto& subjects = decision->statement->subjects;
  if (std::none_of(subjects.begin(), subjects.end(),
                   [&](const evidence::Subject& one) { return evidence::matches(one, commit); }))
    out.emplace_back("it is about another commit");
  if (decision->entry.index >= attempt.index) out.emplace_back("it came after the attempt had begun");
  return out;
}

Check ask_decision(const Attempt* attempt, const Exhibits& exhibits) {
  Check check = question("decision", "a GO about the commit that left, given before");
  if (attempt == nullptr) return judged(std::move(check), {"no attempt to depart is here"}, "", "missing");
  const Exhibit* const decision = attempt->begin.decision ? exhibits.find(*attempt->begin.decision) : nullptr;
  const auto faults = faults_of_decision(*attempt, decision, exhibits.train);
  if (!faults.empty()) return judged(std::move(check), faults, "", "decision");
  check.evidence = static_cast<std::int64_t>(decision->entry.index);
  return judged(std::move(check), {},
                fmt::format("entry {}, {}, by {}", decision->entry.index, to_rfc3339(decision->entry.time),
                            printable(decision->signer()->key.name)),
                "");
}

// The newest manifest before the decision.
Check ask_manifest(const Json& decision, std::uint64_t before, const std::string& commit,
                   const Exhibits& exhibits) {
  Check check = question("manifest", "the scope that was signed is what left");
  const std::string_view wanted = decision["manifest"].as_string();
  if (wanted.empty()) {
    check.verdict = Verdict::warn;
    check.reason = "missing";
    check.answer = "no manifest was signed";
    return check;
  }
  const Event* newest = nullptr;
  for (const Event& event : exhibits.events.events) {
    if (event.kind == "manifest" && event.index < before) newest = &event;
  }
  if (newest == nullptr) return judged(std::move(check), {"it is not here"}, "", "missing");
  const auto manifest = read_train_manifest(newest->predicate);
  if (!manifest) return judged(std::move(check), {manifest.error().message}, "", "manifest");
  std::vector<std::string> faults;
  if ("sha256:" + manifest->digest != wanted)
    faults.emplace_back("it is not the one that the decision names");
  if (manifest->view["head"].as_string() != commit)
    faults.emplace_back("its commit is not the one that left");
  check.evidence = static_cast<std::int64_t>(newest->index);
  return judged(
      std::move(check), faults,
      fmt::format("entry {}, {}, signed by {}", newest->index,
                  counted(manifest->view["passengers"].size(), "passenger"), printable(newest->signer)),
      "manifest");
}

}  // namespace

Audit audit_train(const Exhibits& exhibits, Time now) {
  Audit out;
  out.checks = {ask_log(exhibits)};
  if (!exhibits.log_faults.empty()) return out;
  out.checks.insert(out.checks.end(), {ask_signatures(exhibits), ask_story(exhibits), ask_events(exhibits)});
  out.ending = ending_of(read_passages(exhibits.events));
  out.checks.push_back(ask_departure(out.ending));
  if (!out.ending) return out;
  const std::vector<Attempt> attempts = attempts_in(exhibits.events);
  const Attempt* const attempt = attempt_of(attempts, *out.ending);
  out.checks.push_back(ask_decision(attempt, exhibits));
  if (out.checks.back().verdict != Verdict::pass) return out;
  out.decision = *attempt->begin.decision;
  const Exhibit& decision = *exhibits.find(*out.decision);
  out.checks.push_back(
      ask_manifest(decision.statement->predicate, decision.entry.index, attempt->begin.commit, exhibits));
  for (Check& check : ask_grounds(exhibits, decision, now)) out.checks.push_back(std::move(check));
  return out;
}

}  // namespace signalbox::train::after
