#include "instruments/train/gating/veto.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

bool may_veto(const gates::Vote& vote) {
  const auto& roles = vote.key_roles;
  return vote.objection.empty() && std::find(roles.begin(), roles.end(), "approver") != roles.end();
}

}  // namespace

std::vector<Veto> standing_vetoes(const std::vector<gates::Vote>& votes) {
  std::vector<const gates::Vote*> last;
  for (const gates::Vote& vote : votes) {
    const bool decides = vote.word == gates::Vote::Word::go || vote.word == gates::Vote::Word::no_go;
    if (decides || !may_veto(vote)) continue;
    const auto earlier = std::find_if(
        last.begin(), last.end(), [&](const gates::Vote* other) { return other->key.same_key(vote.key); });
    if (earlier == last.end()) {
      last.push_back(&vote);
    } else if ((*earlier)->index < vote.index) {
      *earlier = &vote;
    }
  }
  std::vector<Veto> out;
  for (const gates::Vote* vote : last) {
    if (vote->word == gates::Vote::Word::veto)
      out.push_back({vote->key.name, vote->condition, vote->reason, vote->index});
  }
  return out;
}

std::optional<Check> judge_vetoes(const std::vector<Veto>& vetoes, const std::vector<Check>& checks) {
  std::vector<std::string> told;
  Check out;
  for (const Veto& veto : vetoes) {
    const auto failing = std::find_if(checks.begin(), checks.end(), [&](const Check& check) {
      return check.name == veto.condition && check.verdict != Verdict::pass;
    });
    if (failing == checks.end()) continue;
    told.push_back(fmt::format("{} vetoes because of {}: {}", printable(veto.key), printable(veto.condition),
                               printable(veto.reason)));
    if (told.size() > 1) continue;
    out.remedy = failing->remedy;
    out.evidence = static_cast<std::int64_t>(veto.index);
  }
  if (told.empty()) return std::nullopt;
  out.name = kVetoCheck;
  out.verdict = Verdict::fail;
  out.asked = "nobody who may approve vetoes a gate that is not green";
  out.answer = join(told, "; ");
  out.reason = "veto";
  return out;
}

}  // namespace signalbox::train
