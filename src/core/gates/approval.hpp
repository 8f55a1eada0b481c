// Approvals: which people, in which roles, how many of them, and whose word does not count because they wrote
// what they would approve. Pure: votes, people and the time are handed in.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::gates {

inline constexpr int kMaxApprovers = 64;
inline constexpr std::string_view kEachKeyIsAPerson =
    "that each key is a person: train.approvals.people names nobody";

// How a person had to do with a candidate; who did may not approve it where a rule says so.
enum class Involvement { author, committer, requester };
std::string_view name_of(Involvement involvement);  // "author" …

// What an approval gate asks for.
struct ApprovalRule {
  std::vector<std::string> roles = {"approver"};  // each wants `count` people; a person stands for one role
  int count = 1;
  std::vector<Involvement> not_by = {Involvement::author, Involvement::requester};

  bool excludes(Involvement involvement) const;
};

// Section `approvals` of a policy. Keys are people; two keys that git knows by one address are one person.
struct ApprovalPolicy {
  std::map<std::string, std::vector<std::string>> people;  // key name → names and addresses in git
  std::map<std::string, std::vector<std::string>> roles;   // "sre" → key names

  // Lower-case; empty where the policy says nothing about the key.
  std::set<std::string> known_as(const std::string& key) const;
  // Where the policy names people, a key that it does not name is nobody's: whether two keys are two people
  // is known only of those it names. Where it names nobody, each key is taken for a person.
  bool is_nobody(const std::string& key) const { return !people.empty() && people.count(key) == 0; }
};

// Members: people, roles. bad_input with the place where a role has the name of a role of trust, or a key
// stands in it twice.
Result<ApprovalPolicy> parse_approval_policy(const config::Node& node);
bool is_trust_role(std::string_view role);
// What is wrong with the roles of a rule under this policy; nothing where each is a role of trust or of it.
Status check_roles(const ApprovalRule& rule, const ApprovalPolicy& policy);

// Who had to do with a candidate.
struct Involved {
  std::set<std::string> authors, committers;  // names and addresses as git has them, in lower case
  std::set<std::string> requesters;           // names of keys
};

// One signed word of one key about the candidate.
struct Vote {
  enum class Word { approve, veto, withdraw, go, no_go } word = Word::approve;
  std::uint64_t index = 0;      // in the log; a later word of a key takes the place of its earlier ones
  Time time;                    // at which it entered the log
  std::string envelope_digest;  // sha256 hex
  evidence::PublicKey key;
  std::vector<std::string> key_roles;  // of the key in trust
  std::string objection;               // why the signature does not count: "revoked at …"; empty: it does
  std::string role;                    // given for this role alone; empty: for any
  std::string gate;                    // given for this gate alone; empty: for any
  std::string condition;               // of a veto: the gate that fails
  std::string reason;                  // in words; may be empty
};

// An approval that counts, and for which role.
struct Approver {
  std::string key, role;
  std::uint64_t index = 0;
  Time time;
  std::string envelope_digest;
};

struct ApprovalAnswer {
  std::vector<Approver> approvers;
  std::vector<std::string> missing;      // roles that want more people, each as often as people are missing
  std::vector<std::string> not_counted;  // "ada (entry 3): wrote a commit of it"
  std::string taken_for_granted;         // what of the separation of people nobody wrote down; may be empty
  bool is_enough() const { return missing.empty(); }
};

struct ApprovalQuestion {
  const ApprovalRule& rule;
  const ApprovalPolicy& policy;
  const Involved& involved;
  std::string gate;                 // its name
  std::optional<Duration> max_age;  // older words do not count
  Time now;
};

// Why an approval does not count for this gate, whatever else its signer says; empty where it does.
std::string objection_to(const ApprovalQuestion& question, const Vote& vote);

// People are matched with roles so that as many as possible are filled.
ApprovalAnswer judge_approvals(const ApprovalQuestion& question, const std::vector<Vote>& votes);

}  // namespace signalbox::gates
