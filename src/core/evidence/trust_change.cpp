#include "core/evidence/trust_change.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/evidence/ledger_entry.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxRoots = 100;
constexpr std::size_t kMaxPassedOver = 20;

bool is_root(const Terms& terms) {
  return std::find(terms.roles.begin(), terms.roles.end(), "root") != terms.roles.end();
}

// Whoever is trusted, by name, with the bounds of his word as one text.
struct Believed {
  std::string terms;
  bool is_revoked = false;
};
using Everybody = std::map<std::string, Believed>;

std::string text_of(const std::optional<Time>& time) {
  return time ? to_rfc3339(*time) : "-";
}

Believed believed(const Terms& terms) {
  return {fmt::format("{}|{}|{}|{}|{}|{}|{}", join(terms.roles, ","), text_of(terms.not_before),
                      text_of(terms.not_after), text_of(terms.revoked_at), terms.retroactive,
                      join(terms.types, ","), join(terms.subjects, ",")),
          terms.revoked_at.has_value()};
}

Everybody everybody_of(const Trust& trust) {
  Everybody out;
  for (const TrustedKey& key : trust.keys)
    out[fmt::format("{} ({})", key.key.name, key.key.id())] = believed(key);
  for (const TrustedIdentity& identity : trust.identities)
    out[fmt::format("{} ({})", identity.subject, identity.issuer)] = believed(identity);
  return out;
}

// Names of those of `after` of whom `is_so` holds, given what `before` has of them, null where it has
// nothing.
template <class Test>
Json names(const Everybody& after, const Everybody& before, const Test& is_so) {
  Json out = Json::array();
  for (const auto& [name, now] : after) {
    const auto was = before.find(name);
    if (is_so(now, was == before.end() ? nullptr : &was->second)) out.push_back(name);
  }
  return out;
}

Json roots_of(const Trust& trust) {
  Json out = Json::array();
  for (const TrustedKey& key : trust.keys) {
    if (is_root(key) && !key.revoked_at && !key.key.vkey().empty()) out.push_back(key.key.vkey());
  }
  return out;
}

// What a statement says of two trust files.
struct Change {
  std::string before, after;  // digests; before empty: there was none
  std::vector<PublicKey> roots;
  std::size_t quorum = 0;
};

Result<Change> read_change(const Statement& statement) {
  const Json& said = statement.predicate;
  Change out{std::string(said["before"].as_string()), std::string(said["after"].as_string()), {}, 0};
  const Json::Array& roots = said["roots"].items();
  if (out.after.empty() || roots.empty() || roots.size() > kMaxRoots)
    return fail(ErrorKind::bad_input, "it names no trust file with root keys");
  for (const Json& root : roots) {
    SIGNALBOX_TRY(PublicKey key, parse_vkey(root.as_string()));
    if (std::any_of(out.roots.begin(), out.roots.end(),
                    [&](const PublicKey& other) { return other.same_key(key); }))
      return fail(ErrorKind::bad_input, "it names a root key twice");
    out.roots.push_back(std::move(key));
  }
  const std::int64_t quorum = said["quorum"].as_integer();
  if (quorum < 1 || quorum > static_cast<std::int64_t>(out.roots.size()))
    return fail(ErrorKind::bad_input, "it does not say how many root keys a change takes");
  out.quorum = static_cast<std::size_t>(quorum);
  return out;
}

// Follows the statements of the log, oldest first.
class History {
 public:
  void hear(const Entry& entry) {
    if (const std::string why = weigh(entry); !why.empty() && in_force_.passed_over.size() < kMaxPassedOver)
      in_force_.passed_over.push_back(fmt::format("entry {}: {}", entry.index, why));
  }
  TrustInForce in_force() const { return in_force_; }

 private:
  // Why it does not count; empty where it does.
  std::string weigh(const Entry& entry) {
    if (std::string fault = fault_in(entry); !fault.empty()) return fault;
    if (entry.envelope.empty()) return "it was erased";
    const auto envelope = parse_envelope(entry.envelope);
    const auto statement = envelope ? parse_statement(envelope->payload) : fail(envelope.error());
    const auto change = statement ? read_change(*statement) : fail(statement.error());
    if (!change) return change.error().message;
    if (change->before != in_force_.digest) return "it follows another trust file than the one in force";
    const bool is_first = in_force_.digest.empty();
    std::vector<PublicKey>& by = said_by_[envelope->payload];
    bool is_new = false;
    for (const PublicKey& key : verified_by(*envelope, is_first ? change->roots : roots_)) {
      if (std::any_of(by.begin(), by.end(), [&](const PublicKey& other) { return other.same_key(key); }))
        continue;
      by.push_back(key);
      is_new = true;
    }
    if (!is_new) return "no root key signed it that had not before";
    if (by.size() >= (is_first ? change->quorum : quorum_)) take(*change, entry, by);
    return {};
  }

  void take(const Change& change, const Entry& entry, const std::vector<PublicKey>& by) {
    in_force_.digest = change.after;
    in_force_.entry = entry.index;
    in_force_.time = entry.time;
    in_force_.by.clear();
    for (const PublicKey& key : by) in_force_.by.push_back(key.name);
    roots_ = change.roots;
    quorum_ = change.quorum;
    said_by_.clear();
  }

  TrustInForce in_force_;
  std::vector<PublicKey> roots_;
  std::size_t quorum_ = 0;
  std::map<std::string, std::vector<PublicKey>>
      said_by_;  // by payload: who said so, of what is not in force yet
};

}  // namespace

Result<Statement> trust_change_statement(const Trust* before, const Trust& after) {
  const Json roots = roots_of(after);
  if (after.roots == 0 || roots.size() < static_cast<std::size_t>(after.roots)) {
    return fail(ErrorKind::bad_input, "the trust file does not say how many of its root keys a change takes",
                "roots: 1, beside keys of the role root");
  }
  if (before != nullptr && before->digest == after.digest)
    return fail(ErrorKind::bad_input, "nothing changes: both trust files say the same");
  const Everybody now = everybody_of(after);
  const Everybody then = before == nullptr ? Everybody() : everybody_of(*before);
  const auto is_new = [](const Believed&, const Believed* was) { return was == nullptr; };
  Statement out;
  out.predicate_type = std::string(kTrustChangeType);
  out.subjects = {{"trust", {{"sha256", after.digest}}}};
  if (before != nullptr) out.subjects.push_back({"trust before", {{"sha256", before->digest}}});
  out.predicate =
      Json::object({{"before", before == nullptr ? Json("") : Json(before->digest)},
                    {"after", after.digest},
                    {"added", names(now, then, is_new)},
                    {"removed", names(then, now, is_new)},
                    {"revoked", names(now, then,
                                      [](const Believed& one, const Believed* was) {
                                        return one.is_revoked && (was == nullptr || !was->is_revoked);
                                      })},
                    {"changed", names(now, then,
                                      [](const Believed& one, const Believed* was) {
                                        return was != nullptr && was->terms != one.terms &&
                                               one.is_revoked == was->is_revoked;
                                      })},
                    {"roots", roots},
                    {"quorum", after.roots}});
  return out;
}

Result<TrustInForce> trust_in_force(const Ledger& ledger) {
  History history;
  Query query;
  query.type = std::string(kTrustChangeType);
  query.newest_first = false;
  SIGNALBOX_TRY(const std::vector<Entry> entries, all_entries(ledger, std::move(query)));
  for (const Entry& entry : entries) history.hear(entry);
  return history.in_force();
}

std::optional<Check> judge_trust(const Trust& trust, const TrustInForce& said) {
  const bool asks = !trust.digest.empty() && trust.roots > 0;
  if (!asks && said.digest.empty()) return std::nullopt;
  Check out;
  out.name = "trust";
  out.asked = "the trust file is as root keys have it";
  out.verdict = said.digest == trust.digest ? Verdict::pass : Verdict::fail;  // no trust file: another one
  if (said.digest.empty()) {
    out.answer = "not enough root keys have said so in this log";
  } else {
    out.answer = fmt::format("{} entry {} of {}, by {}",
                             out.verdict == Verdict::pass ? "since" : "another one is in force since",
                             said.entry, to_rfc3339(said.time), printable(join(said.by, ", ")));
  }
  if (!said.passed_over.empty()) out.answer += "; passed over: " + join(said.passed_over, ", ");
  if (out.verdict == Verdict::fail) out.reason = "trust";
  return out;
}

}  // namespace signalbox::evidence
