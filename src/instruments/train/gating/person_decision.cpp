#include "instruments/train/gating/person_decision.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {

using gates::Vote;

std::optional<PersonDecision> person_decision(const std::vector<Vote>& votes) {
  const Vote* newest = nullptr;
  for (const Vote& vote : votes) {
    const bool decides = vote.word == Vote::Word::go || vote.word == Vote::Word::no_go;
    const auto& roles = vote.key_roles;
    const bool may =
        vote.objection.empty() && std::find(roles.begin(), roles.end(), "approver") != roles.end();
    if (decides && may && (newest == nullptr || newest->index < vote.index)) newest = &vote;
  }
  if (newest == nullptr) return std::nullopt;
  return PersonDecision{
      newest->word == Vote::Word::go ? PersonDecision::Word::go : PersonDecision::Word::no_go,
      newest->key.name, newest->reason, newest->index, newest->time};
}

Check check_of(const PersonDecision& decision, Time now) {
  const bool go = decision.word == PersonDecision::Word::go;
  Check out;
  out.name = kDecisionCheck;
  out.verdict = go ? Verdict::pass : Verdict::fail;
  out.asked = "no person decided NO-GO for this commit";
  out.answer = fmt::format("{} decided {}{}", printable(decision.key), go ? "GO" : "NO-GO",
                           decision.reason.empty() ? "" : ": " + printable(decision.reason));
  if (!go) {
    out.reason = "decided";
    out.remedy = "signalbox train go --key " + shell_word(decision.key);
  }
  out.evidence = static_cast<std::int64_t>(decision.index);
  out.age_s = std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::seconds>(now - decision.time).count());
  return out;
}

}  // namespace signalbox::train
