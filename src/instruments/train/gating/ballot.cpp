#include "instruments/train/gating/ballot.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/gates/testimony.hpp"
#include "core/git/object.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train {
namespace {

using gates::Vote;

constexpr std::array<Vote::Word, 5> kWords = {Vote::Word::approve, Vote::Word::veto, Vote::Word::withdraw,
                                              Vote::Word::go, Vote::Word::no_go};
constexpr std::size_t kMaxNameBytes = 200;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

tl::unexpected<Error> wrong(std::string_view member, std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("train/approval/v1: {}: {}", member, what));
}

// A text or nothing; absent and null are the empty text.
Result<std::string> optional_text(const Json& predicate, std::string_view member, std::size_t max_bytes) {
  const Json& value = predicate[member];
  if (value.is_null()) return std::string();
  if (!value.is_string()) return wrong(member, "is no text");
  if (value.as_string().size() > max_bytes)
    return wrong(member, fmt::format("more than {} bytes", max_bytes));
  return std::string(value.as_string());
}

Result<Vote::Word> parse_word(const Json& value) {
  for (const Vote::Word word : kWords) {
    if (value.is_string() && name_of(word) == value.as_string()) return word;
  }
  return wrong("word", "is none of approve, veto, withdraw, go, no-go");
}

Result<std::optional<std::string>> parse_manifest(const Json& value) {
  constexpr std::string_view algorithm = "sha256:";
  if (value.is_null()) return std::optional<std::string>();
  std::string_view text = value.as_string();
  if (!text.starts_with(algorithm) || !is_sha256(text.substr(algorithm.size())))
    return wrong("manifest", "is no sha256:HEX");
  return std::optional<std::string>(text.substr(algorithm.size()));
}

// The commits that a statement is about.
std::vector<std::string> commits_of(const evidence::Statement& statement) {
  std::vector<std::string> out;
  for (const evidence::Subject& subject : statement.subjects) {
    const auto commit = subject.digest.find("gitCommit");
    if (commit != subject.digest.end()) out.push_back(commit->second);
  }
  return out;
}

// Who said no to a commit said it whatever manifest names it; a yes is for one manifest alone.
std::string manifest_objection(const Ballot& ballot, const Candidate& candidate) {
  const bool is_yes = ballot.word == Vote::Word::approve || ballot.word == Vote::Word::go;
  if (!is_yes || ballot.candidate.manifest == candidate.manifest) return {};
  if (!ballot.candidate.manifest) return "given before the scope was locked";
  return fmt::format("given for the manifest {}, which is not this one",
                     ballot.candidate.manifest->substr(0, 12));
}

std::vector<Vote> votes_of(const gates::Testimony& testimony, const Ballot& ballot,
                           const Candidate& candidate, const evidence::Trust& trust, Time now) {
  std::vector<Vote> out;
  for (const evidence::Signer& signer : testimony.signers) {
    Vote vote;
    vote.word = ballot.word;
    vote.index = testimony.entry.index;
    vote.time = testimony.entry.time;
    vote.envelope_digest = testimony.envelope_digest;
    vote.key = signer.key;
    vote.key_roles = signer.roles;
    vote.role = ballot.role;
    vote.gate = ballot.gate;
    vote.condition = ballot.condition;
    vote.reason = ballot.reason;
    vote.objection = signer.valid ? gates::fallen_since(testimony, signer.key, trust, now) : signer.why;
    if (vote.objection.empty()) vote.objection = manifest_objection(ballot, candidate);
    out.push_back(std::move(vote));
  }
  return out;
}

}  // namespace

std::string_view name_of(Vote::Word word) {
  switch (word) {
    case Vote::Word::approve:
      return "approve";
    case Vote::Word::veto:
      return "veto";
    case Vote::Word::withdraw:
      return "withdraw";
    case Vote::Word::go:
      return "go";
    case Vote::Word::no_go:
      return "no-go";
  }
  return "";
}

Json to_predicate(const Ballot& ballot) {
  const auto& manifest = ballot.candidate.manifest;
  return Json::object({{"word", name_of(ballot.word)},
                       {"commit", ballot.candidate.commit},
                       {"manifest", manifest ? Json("sha256:" + *manifest) : Json()},
                       {"train", ballot.candidate.train ? Json(*ballot.candidate.train) : Json()},
                       {"gate", text_or_null(ballot.gate)},
                       {"role", text_or_null(ballot.role)},
                       {"condition", text_or_null(ballot.condition)},
                       {"reason", text_or_null(ballot.reason)},
                       {"id", ballot.id}});
}

Result<Ballot> parse_ballot(const Json& predicate) {
  if (!predicate.is_object()) return wrong("predicate", "is no object");
  Ballot out;
  SIGNALBOX_TRY(out.word, parse_word(predicate["word"]));
  out.candidate.commit = predicate["commit"].as_string();
  if (!git::parse_object_id(out.candidate.commit)) return wrong("commit", "is no id of a commit");
  SIGNALBOX_TRY(out.candidate.manifest, parse_manifest(predicate["manifest"]));
  SIGNALBOX_TRY(const std::string train, optional_text(predicate, "train", kMaxNameBytes));
  if (!train.empty()) out.candidate.train = train;
  SIGNALBOX_TRY(out.gate, optional_text(predicate, "gate", kMaxNameBytes));
  SIGNALBOX_TRY(out.role, optional_text(predicate, "role", kMaxNameBytes));
  SIGNALBOX_TRY(out.condition, optional_text(predicate, "condition", kMaxNameBytes));
  SIGNALBOX_TRY(out.reason, optional_text(predicate, "reason", kMaxReasonBytes));
  SIGNALBOX_TRY(out.id, optional_text(predicate, "id", kMaxNameBytes));
  if (out.word == Vote::Word::veto && (out.condition.empty() || out.reason.empty()))
    return wrong("condition", "a veto names a condition that fails, and a reason");
  return out;
}

Result<Heard> read_votes(const evidence::Ledger& ledger, const evidence::Trust& trust,
                         const Candidate& candidate, Time now) {
  SIGNALBOX_TRY(gates::Testimonies heard,
                gates::testimonies(ledger, trust, {event_type("approval"), candidate.commit_subject("")}));
  Heard out;
  out.faults = heard.doubts("whether it approved or refused");
  std::reverse(heard.found.begin(), heard.found.end());
  std::set<std::string> seen;
  for (const gates::Testimony& one : heard.found) {
    if (!seen.insert(one.payload_digest).second) continue;
    const auto ballot = parse_ballot(one.statement.predicate);
    if (!ballot || ballot->candidate.commit != candidate.commit) continue;
    if (commits_of(one.statement) != std::vector<std::string>{candidate.commit}) continue;
    for (gates::Vote& vote : votes_of(one, *ballot, candidate, trust, now))
      out.votes.push_back(std::move(vote));
  }
  return out;
}

}  // namespace signalbox::train
