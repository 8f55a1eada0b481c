#include "core/gates/approval.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::gates {
namespace {

constexpr std::size_t kMaxPeople = 10'000;
constexpr std::array<std::string_view, 6> kTrustRoles = {"builder", "gate",    "approver",
                                                         "log",     "witness", "root"};

bool has(const std::vector<std::string>& list, std::string_view one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

bool meet(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return b.count(one) > 0; });
}

using Lists = std::map<std::string, std::vector<std::string>>;

Result<Lists> parse_lists(const config::Node& node) {
  Lists out;
  if (!node.exists()) return out;
  if (!node.is_map()) return node.wrong("a map is expected here", "ada: [ada@example.org]");
  const auto members = node.members();
  if (members.size() > kMaxPeople) return node.wrong(fmt::format("more than {} of them", kMaxPeople));
  for (const auto& [name, value] : members) {
    SIGNALBOX_TRY(std::vector<std::string> texts, value.texts());
    if (texts.empty()) return value.wrong("an empty list");
    for (auto one = texts.begin(); one != texts.end(); ++one) {
      if (one->empty()) return value.wrong("an empty text in it");
      if (std::find(texts.begin(), one, *one) != one)
        return value.wrong(fmt::format("{} stands in it twice", printable(*one)));
    }
    out.emplace(name, std::move(texts));
  }
  return out;
}

// One person among those who spoke: keys that share an address are theirs.
struct Speaker {
  std::vector<evidence::PublicKey> keys;
  std::set<std::string> known_as;
  const Vote* newest = nullptr;    // of their approvals; nullptr: none stands
  std::vector<std::size_t> roles;  // positions in the rule that they can stand for
};

class Count {
 public:
  explicit Count(const ApprovalQuestion& question) : question_(question) {}

  std::string objection_to(const Vote& vote) const {
    if (!vote.objection.empty()) return vote.objection;
    if (roles_of(vote).empty()) return "may not approve for " + join(question_.rule.roles, ", ");
    const Duration age = question_.now - vote.time;
    if (question_.max_age && age > *question_.max_age)
      return fmt::format("{} old, at most {} is allowed", to_text(age), to_text(*question_.max_age));
    return involvement_of(vote.key.name, question_.policy.known_as(vote.key.name));
  }

  ApprovalAnswer answer(std::vector<Vote> votes) {
    std::sort(votes.begin(), votes.end(), [](const Vote& a, const Vote& b) { return a.index < b.index; });
    for (const Vote& vote : votes) {
      if (vote.gate.empty() || vote.gate == question_.gate) hear(vote);
    }
    fill_seats();
    ApprovalAnswer out;
    for (std::size_t i = 0; i < seats_.size(); ++i) {
      const std::string& role = question_.rule.roles[i / static_cast<std::size_t>(question_.rule.count)];
      if (!seats_[i]) {
        out.missing.push_back(role);
        continue;
      }
      const Vote& vote = *speakers_[*seats_[i]].newest;
      out.approvers.push_back({vote.key.name, role, vote.index, vote.time, vote.envelope_digest});
    }
    out.not_counted = std::move(not_counted_);
    out.taken_for_granted = taken_for_granted();
    return out;
  }

 private:
  // Takes the words one after the other: what a person says later takes the place of what they said before.
  void hear(const Vote& vote) {
    const std::set<std::string> known_as = question_.policy.known_as(vote.key.name);
    if (vote.word == Vote::Word::go || vote.word == Vote::Word::no_go) return;
    if (vote.word != Vote::Word::approve) {
      if (vote.objection.empty()) take_back(speaker_of(vote.key, known_as));
      return;
    }
    if (std::string objection = objection_to(vote); !objection.empty()) {
      not_counted_.push_back(
          fmt::format("{} (entry {}): {}", printable(vote.key.name), vote.index, objection));
      return;
    }
    Speaker& speaker = speaker_of(vote.key, known_as);
    speaker.newest = &vote;
    for (const std::size_t role : roles_of(vote)) {
      if (std::find(speaker.roles.begin(), speaker.roles.end(), role) == speaker.roles.end())
        speaker.roles.push_back(role);
    }
  }

  // Whether it matters that two keys are two people.
  bool tells_people_apart() const {
    return seat_count() > 1 || question_.rule.excludes(Involvement::requester);
  }

  std::string taken_for_granted() const {
    if (!tells_people_apart()) return {};
    const std::set<std::string>& requesters = question_.involved.requesters;
    if (question_.policy.people.empty())
      return seat_count() > 1 || !requesters.empty() ? std::string(kEachKeyIsAPerson) : std::string();
    if (!question_.rule.excludes(Involvement::requester)) return {};
    const auto nobody = std::find_if(requesters.begin(), requesters.end(),
                                     [&](const std::string& one) { return question_.policy.is_nobody(one); });
    if (nobody == requesters.end()) return {};
    return fmt::format("that {}, who asked for it, is somebody else: train.approvals.people has no such key",
                       printable(*nobody));
  }

  static void take_back(Speaker& speaker) {
    speaker.newest = nullptr;
    speaker.roles.clear();
  }

  // The one person behind a key. A key that shares an address with two who seemed to be two makes them one.
  Speaker& speaker_of(const evidence::PublicKey& key, const std::set<std::string>& known_as) {
    Speaker merged{{key}, known_as, nullptr, {}};
    for (auto other = speakers_.begin(); other != speakers_.end();) {
      const bool same = meet(other->known_as, known_as) ||
                        std::any_of(other->keys.begin(), other->keys.end(),
                                    [&](const evidence::PublicKey& one) { return one.same_key(key); });
      if (!same) {
        ++other;
        continue;
      }
      merged.keys.insert(merged.keys.end(), other->keys.begin(), other->keys.end());
      merged.known_as.insert(other->known_as.begin(), other->known_as.end());
      merged.roles.insert(merged.roles.end(), other->roles.begin(), other->roles.end());
      if (other->newest != nullptr &&
          (merged.newest == nullptr || merged.newest->index < other->newest->index))
        merged.newest = other->newest;
      other = speakers_.erase(other);
    }
    return speakers_.emplace_back(std::move(merged));
  }

  std::vector<std::size_t> roles_of(const Vote& vote) const {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < question_.rule.roles.size(); ++i) {
      const std::string& role = question_.rule.roles[i];
      if (!vote.role.empty() && vote.role != role) continue;
      const auto members = question_.policy.roles.find(role);
      const bool is_named = members != question_.policy.roles.end();
      const bool stands = is_named ? has(members->second, vote.key.name) && has(vote.key_roles, "approver")
                                   : has(vote.key_roles, role);
      if (stands) out.push_back(i);
    }
    return out;
  }

  std::string involvement_of(const std::string& key, const std::set<std::string>& known_as) const {
    const Involved& involved = question_.involved;
    const ApprovalRule& rule = question_.rule;
    const bool asks_git = rule.excludes(Involvement::author) || rule.excludes(Involvement::committer);
    if (asks_git && known_as.empty())
      return "nobody says which commits are theirs: train.approvals.people has no such key";
    if (tells_people_apart() && question_.policy.is_nobody(key))
      return "nobody says whose key it is: train.approvals.people has no such key";
    if (rule.excludes(Involvement::author) && meet(known_as, involved.authors)) return "wrote a commit of it";
    if (rule.excludes(Involvement::committer) && meet(known_as, involved.committers))
      return "committed a commit of it";
    if (!rule.excludes(Involvement::requester)) return {};
    const bool asked = std::any_of(
        involved.requesters.begin(), involved.requesters.end(), [&](const std::string& requester) {
          return requester == key || meet(known_as, question_.policy.known_as(requester));
        });
    return asked ? "asked for it" : "";
  }

  std::size_t seat_count() const {
    return question_.rule.roles.size() * static_cast<std::size_t>(question_.rule.count);
  }

  // A greatest matching of people and seats, by augmenting paths.
  void fill_seats() {
    seats_.assign(seat_count(), {});
    for (std::size_t person = 0; person < speakers_.size(); ++person) {
      std::vector<bool> tried(seats_.size(), false);
      seat(person, tried);
    }
  }

  bool seat(std::size_t person, std::vector<bool>& tried) {
    const auto count = static_cast<std::size_t>(question_.rule.count);
    for (const std::size_t role : speakers_[person].roles) {
      for (std::size_t i = role * count; i < (role + 1) * count; ++i) {
        if (tried[i]) continue;
        tried[i] = true;
        if (seats_[i] && !seat(*seats_[i], tried)) continue;
        seats_[i] = person;
        return true;
      }
    }
    return false;
  }

  const ApprovalQuestion& question_;
  std::vector<Speaker> speakers_;                  // at most one for each vote
  std::vector<std::optional<std::size_t>> seats_;  // `count` for each role; the person on it
  std::vector<std::string> not_counted_;
};

}  // namespace

std::string_view name_of(Involvement involvement) {
  switch (involvement) {
    case Involvement::author:
      return "author";
    case Involvement::committer:
      return "committer";
    case Involvement::requester:
      return "requester";
  }
  return "";
}

bool ApprovalRule::excludes(Involvement involvement) const {
  return std::find(not_by.begin(), not_by.end(), involvement) != not_by.end();
}

std::set<std::string> ApprovalPolicy::known_as(const std::string& key) const {
  std::set<std::string> out;
  const auto found = people.find(key);
  if (found == people.end()) return out;
  for (const std::string& name : found->second) out.insert(to_lower(name));
  return out;
}

bool is_trust_role(std::string_view role) {
  return std::find(kTrustRoles.begin(), kTrustRoles.end(), role) != kTrustRoles.end();
}

Result<ApprovalPolicy> parse_approval_policy(const config::Node& node) {
  ApprovalPolicy out;
  if (!node.exists()) return out;
  SIGNALBOX_CHECK(node.only({"people", "roles"}));
  SIGNALBOX_TRY(out.people, parse_lists(node["people"]));
  SIGNALBOX_TRY(out.roles, parse_lists(node["roles"]));
  for (const auto& [role, keys] : out.roles) {
    if (is_trust_role(role))
      return node["roles"][role].wrong(fmt::format("{} is a role of trust already", role),
                                       "give the role of these people another name");
  }
  return out;
}

Status check_roles(const ApprovalRule& rule, const ApprovalPolicy& policy) {
  std::vector<std::string> known(kTrustRoles.begin(), kTrustRoles.end());
  for (const auto& [role, keys] : policy.roles) known.push_back(role);
  for (const std::string& role : rule.roles) {
    if (has(known, role)) continue;
    const auto near = nearest(role, known);
    return fail(ErrorKind::bad_input, fmt::format("there is no role {}", printable(role)),
                near ? fmt::format("did you mean `{}`?", *near)
                     : "name its people: train.approvals.roles." + printable(role));
  }
  return {};
}

std::string objection_to(const ApprovalQuestion& question, const Vote& vote) {
  return Count(question).objection_to(vote);
}

ApprovalAnswer judge_approvals(const ApprovalQuestion& question, const std::vector<Vote>& votes) {
  return Count(question).answer(votes);
}

}  // namespace signalbox::gates
