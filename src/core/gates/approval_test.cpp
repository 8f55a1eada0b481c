// Approvals: who counts, for which role, and whose word does not, told as tables worked by hand.
#include "core/gates/approval.hpp"

#include <gtest/gtest.h>

namespace signalbox::gates {
namespace {

using Word = Vote::Word;

const Time kNow{Duration(1'750'000'000'000)};

evidence::PublicKey key_of(const std::string& name) {
  return {name, name + std::string(32 - name.size(), '.'), evidence::PublicKey::Algorithm::ed25519};
}

Vote vote(std::uint64_t index, const std::string& name, Word word = Word::approve) {
  Vote out;
  out.word = word;
  out.index = index;
  out.time = kNow - std::chrono::hours(1);
  out.key = key_of(name);
  out.key_roles = {"approver"};
  return out;
}

// ada and grace work on it, alan and joan do not; joan has two keys.
ApprovalPolicy people() {
  ApprovalPolicy out;
  out.people = {{"ada", {"Ada Lovelace", "ada@example.org"}},
                {"grace", {"grace@example.org"}},
                {"alan", {"alan@example.org"}},
                {"joan", {"joan@example.org"}},
                {"joan-laptop", {"Joan@Example.org"}}};
  out.roles = {{"sre", {"alan", "joan"}}, {"support", {"alan"}}};
  return out;
}

struct Asked {
  ApprovalRule rule;
  ApprovalPolicy policy = people();
  Involved involved{
      {"ada lovelace", "ada@example.org", "grace@example.org"}, {"github", "noreply@github.com"}, {"grace"}};
  std::optional<Duration> max_age;

  ApprovalAnswer answer(const std::vector<Vote>& votes) const {
    return judge_approvals({rule, policy, involved, "sign-off", max_age, kNow}, votes);
  }
};

std::vector<std::string> names(const ApprovalAnswer& answer) {
  std::vector<std::string> out;
  for (const Approver& one : answer.approvers) out.push_back(one.key + ":" + one.role);
  return out;
}

using Names = std::vector<std::string>;

TEST(Approvals, WhoWroteACommitMayNotApproveIt) {
  const ApprovalAnswer answer = Asked{}.answer({vote(1, "ada")});
  EXPECT_FALSE(answer.is_enough());
  EXPECT_EQ(answer.not_counted, Names{"ada (entry 1): wrote a commit of it"});
  EXPECT_EQ(names(Asked{}.answer({vote(1, "ada"), vote(2, "alan")})), Names{"alan:approver"});
}

TEST(Approvals, WhoAskedForItMayNotApproveItEvenWithAnotherKey) {
  Asked asked;
  asked.rule.not_by = {Involvement::requester};
  asked.involved = {{}, {}, {"joan"}};
  EXPECT_EQ(asked.answer({vote(1, "joan")}).not_counted, Names{"joan (entry 1): asked for it"});
  EXPECT_EQ(asked.answer({vote(1, "joan-laptop")}).not_counted, Names{"joan-laptop (entry 1): asked for it"});
  EXPECT_TRUE(asked.answer({vote(1, "ada")}).is_enough());
}

TEST(Approvals, AKeyWhoseOwnerNobodyNamesDoesNotCountWhereAuthorsMayNotApprove) {
  Asked asked;
  asked.policy.people.erase("alan");
  EXPECT_EQ(
      asked.answer({vote(1, "alan")}).not_counted,
      Names{"alan (entry 1): nobody says which commits are theirs: train.approvals.people has no such key"});
  asked.rule.not_by = {};
  EXPECT_TRUE(asked.answer({vote(1, "alan")}).is_enough());
}

TEST(Approvals, CommittersMayApproveUnlessTheRuleSaysNot) {
  Asked asked;
  asked.involved = {{}, {"alan@example.org"}, {}};
  EXPECT_TRUE(asked.answer({vote(1, "alan")}).is_enough());
  asked.rule.not_by = {Involvement::committer};
  EXPECT_FALSE(asked.answer({vote(1, "alan")}).is_enough());
}

TEST(Approvals, KeysArePeopleAndAPersonCountsOnce) {
  Asked asked;
  asked.rule.count = 2;
  EXPECT_FALSE(asked.answer({vote(1, "alan"), vote(2, "alan")}).is_enough());
  EXPECT_FALSE(asked.answer({vote(1, "joan"), vote(2, "joan-laptop")}).is_enough());
  EXPECT_EQ(asked.answer({vote(1, "joan"), vote(2, "joan-laptop")}).missing, Names{"approver"});
  EXPECT_TRUE(asked.answer({vote(1, "joan-laptop"), vote(2, "alan")}).is_enough());
}

TEST(Approvals, AKeyThatPeopleLeaveOutIsNobodyWherePeopleAreToldApart) {
  Asked asked;
  asked.rule.not_by = {};
  asked.rule.count = 2;
  EXPECT_TRUE(asked.answer({vote(1, "alan"), vote(2, "joan")}).is_enough());
  asked.policy.people.erase("alan");
  const ApprovalAnswer answer = asked.answer({vote(1, "alan"), vote(2, "joan")});
  EXPECT_FALSE(answer.is_enough());
  EXPECT_EQ(answer.not_counted,
            Names{"alan (entry 1): nobody says whose key it is: train.approvals.people has no such key"});
}

TEST(Approvals, WherePeopleNameNobodyEachKeyIsTakenForAPersonAndThatIsSaid) {
  Asked asked;
  asked.rule.not_by = {};
  asked.policy.people.clear();
  EXPECT_EQ(asked.answer({vote(1, "alan")}).taken_for_granted, "") << "one word of anybody is asked for";
  asked.rule.count = 2;
  const ApprovalAnswer two = asked.answer({vote(1, "alan"), vote(2, "joan")});
  EXPECT_TRUE(two.is_enough());
  EXPECT_EQ(two.taken_for_granted, "that each key is a person: train.approvals.people names nobody");
}

TEST(Approvals, ThatAnUnknownRequesterIsSomebodyElseIsSaidToBeTakenForGranted) {
  Asked asked;
  asked.rule.not_by = {Involvement::requester};
  asked.involved = {{}, {}, {"builder@ci"}};
  const ApprovalAnswer answer = asked.answer({vote(1, "alan")});
  EXPECT_TRUE(answer.is_enough());
  EXPECT_EQ(answer.taken_for_granted,
            "that builder@ci, who asked for it, is somebody else: train.approvals.people has no such key");
  asked.involved.requesters = {"joan"};
  EXPECT_EQ(asked.answer({vote(1, "alan")}).taken_for_granted, "");
}

TEST(Approvals, AKeyThatJoinsTwoPeopleMakesThemOne) {
  Asked asked;
  asked.rule.count = 2;
  asked.policy.people = {{"a", {"x@x"}}, {"b", {"y@y"}}, {"both", {"x@x", "y@y"}}};
  EXPECT_TRUE(asked.answer({vote(1, "a"), vote(2, "b")}).is_enough());
  EXPECT_FALSE(asked.answer({vote(1, "a"), vote(2, "b"), vote(3, "both")}).is_enough());
}

TEST(Approvals, APersonStandsForOneRoleAndRolesAreFilledAsFarAsPossible) {
  Asked asked;
  asked.rule.roles = {"sre", "support"};
  // alan alone may speak for support: joan has to take sre, in whichever order they come.
  EXPECT_EQ(names(asked.answer({vote(1, "alan"), vote(2, "joan")})), (Names{"joan:sre", "alan:support"}));
  EXPECT_EQ(names(asked.answer({vote(1, "joan"), vote(2, "alan")})), (Names{"joan:sre", "alan:support"}));
  EXPECT_EQ(asked.answer({vote(1, "alan")}).missing, Names{"support"});
  EXPECT_EQ(asked.answer({vote(1, "joan")}).missing, Names{"support"});
}

TEST(Approvals, AWordForOneRoleOrGateCountsNowhereElse) {
  Asked asked;
  asked.rule.roles = {"sre", "support"};
  Vote for_support = vote(1, "alan");
  for_support.role = "support";
  EXPECT_EQ(names(asked.answer({for_support})), Names{"alan:support"});
  Vote elsewhere = vote(2, "joan");
  elsewhere.gate = "other gate";
  EXPECT_EQ(asked.answer({for_support, elsewhere}).missing, Names{"sre"});
  elsewhere.gate = "sign-off";
  EXPECT_TRUE(asked.answer({for_support, elsewhere}).is_enough());
}

TEST(Approvals, AKeyNeedsTheRoleInTrustToo) {
  Asked asked;
  Vote builder = vote(1, "alan");
  builder.key_roles = {"builder"};
  EXPECT_EQ(asked.answer({builder}).not_counted, Names{"alan (entry 1): may not approve for approver"});
  asked.rule.roles = {"sre"};
  EXPECT_FALSE(asked.answer({builder}).is_enough());
  asked.rule.roles = {"builder"};
  EXPECT_TRUE(asked.answer({builder}).is_enough());
}

TEST(Approvals, WhatASignatureIsWorthComesFirst) {
  Vote revoked = vote(1, "alan");
  revoked.objection = "revoked at 2025-06-01T00:00:00Z";
  EXPECT_EQ(Asked{}.answer({revoked}).not_counted, Names{"alan (entry 1): revoked at 2025-06-01T00:00:00Z"});
}

TEST(Approvals, TheLastWordOfAPersonCounts) {
  const Asked asked;
  EXPECT_FALSE(asked.answer({vote(1, "alan"), vote(2, "alan", Word::withdraw)}).is_enough());
  EXPECT_FALSE(asked.answer({vote(1, "alan"), vote(2, "alan", Word::veto)}).is_enough());
  EXPECT_TRUE(asked.answer({vote(2, "alan", Word::withdraw), vote(3, "alan"), vote(1, "alan")}).is_enough());
  EXPECT_FALSE(asked.answer({vote(1, "joan"), vote(2, "joan-laptop", Word::withdraw)}).is_enough());
  Vote invalid = vote(2, "alan", Word::withdraw);
  invalid.objection = "expired";
  EXPECT_TRUE(asked.answer({vote(1, "alan"), invalid}).is_enough())
      << "a word that counts for nothing takes nothing back";
}

TEST(Approvals, OldWordsDoNotCount) {
  Asked asked;
  asked.max_age = std::chrono::hours(1);
  EXPECT_TRUE(asked.answer({vote(1, "alan")}).is_enough());
  asked.max_age = std::chrono::minutes(59);
  EXPECT_EQ(asked.answer({vote(1, "alan")}).not_counted,
            Names{"alan (entry 1): 1h old, at most 59m is allowed"});
}

Result<ApprovalPolicy> policy_from(std::string_view yaml) {
  return parse_approval_policy(*config::parse_yaml(yaml, "y"));
}

TEST(ApprovalPolicies, NamePeopleAndRoles) {
  const auto policy = policy_from("people:\n  ada: [Ada, ADA@example.org]\nroles:\n  sre: ada");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->known_as("ada"), (std::set<std::string>{"ada", "ada@example.org"}));
  EXPECT_TRUE(policy->known_as("grace").empty());
  EXPECT_TRUE(check_roles({{"sre", "approver"}}, *policy));
  const Status unknown = check_roles({{"sr"}}, *policy);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().message, "there is no role sr");
}

TEST(ApprovalPolicies, RefuseWithThePlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"peple: {}", "y:1:1"},
      {"people: [ada]", "y:1:9"},
      {"people: {ada: []}", "y:1:15: people.ada: an empty list"},
      {"roles: {sre: [a, a]}", "a stands in it twice"},
      {"roles: {approver: [a]}", "approver is a role of trust already"},
  };
  for (const auto& [yaml, wanted] : cases) {
    const auto policy = policy_from(yaml);
    ASSERT_FALSE(policy) << yaml;
    EXPECT_NE(policy.error().message.find(wanted), std::string::npos) << yaml << "\n"
                                                                      << policy.error().message;
  }
}

}  // namespace
}  // namespace signalbox::gates
