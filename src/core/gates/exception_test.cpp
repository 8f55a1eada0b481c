// The rules of exceptions, as tables worked by hand.
#include "core/gates/exception.hpp"

#include <gtest/gtest.h>

namespace signalbox::gates {
namespace {

using std::chrono::hours;

const Time kAsked = *parse_rfc3339("2026-03-02T10:00:00Z");  // a Monday

Speaks speaks(const std::string& name, std::vector<std::string> roles = {"approver"}) {
  return {{name, name + std::string(32 - name.size(), '.'), evidence::PublicKey::Algorithm::ed25519},
          std::move(roles)};
}

ExceptionRequest asked() {
  ExceptionRequest out;
  out.index = 7;
  out.time = kAsked;
  out.requester = speaks("ada", {"builder"});
  out.target.train = "2026-12";
  out.scope.gates = {"tests"};
  out.reason = "the payment bug is out";
  out.expires = kAsked + hours(4);
  return out;
}

ExceptionApproval approved(const std::string& name, Duration after = hours(1)) {
  return {9, kAsked + after, speaks(name)};
}

struct House {
  ExceptionPolicy policy;
  ApprovalPolicy people;
  std::vector<Exception> all;
  ExceptionRules rules() const { return {policy, people, all}; }
};

std::string rule(const std::optional<Breach>& breach) {
  return breach ? std::string(breach->rule) : "none";
}

TEST(Exceptions, HoldBetweenApprovalAndExpiry) {
  House house;
  Exception one{asked(), {}, {}};
  EXPECT_EQ(rule(breach_at(one, house.rules(), kAsked)), "exception/not-approved");
  one.approval = approved("grace");
  EXPECT_EQ(rule(breach_at(one, house.rules(), kAsked + hours(1))), "none");
  EXPECT_EQ(rule(breach_at(one, house.rules(), kAsked + hours(4) - Duration(1))), "none");
  EXPECT_EQ(rule(breach_at(one, house.rules(), kAsked + hours(4))), "exception/expired");
  one.approval->approver.fallen = "revoked at noon";
  EXPECT_EQ(rule(breach_at(one, house.rules(), kAsked + hours(1))), "exception/who");
  EXPECT_TRUE(one.audit_due()) << "it is to be audited all the same";
}

TEST(Exceptions, ARequestIsRefusedWithTheRule) {
  const struct {
    const char* what;
    void (*change)(ExceptionRequest&, House&);
    const char* wanted;
  } cases[] = {
      {"as it is", [](ExceptionRequest&, House&) {}, "none"},
      {"24 hours", [](ExceptionRequest& r, House&) { r.expires = kAsked + hours(24); }, "none"},
      {"longer", [](ExceptionRequest& r, House&) { r.expires = kAsked + hours(24) + Duration(1); },
       "exception/too-long"},
      {"longer than the policy",
       [](ExceptionRequest& r, House& h) {
         h.policy.longest = hours(3);
         (void)r;
       },
       "exception/too-long"},
      {"over already", [](ExceptionRequest& r, House&) { r.expires = kAsked; }, "exception/expired"},
      {"no reason", [](ExceptionRequest& r, House&) { r.reason = " "; }, "exception/no-reason"},
      {"for everything that ever leaves", [](ExceptionRequest& r, House&) { r.target = {}; },
       "exception/scope-too-wide"},
      {"a pattern", [](ExceptionRequest& r, House&) { r.scope.gates = {"*"}; }, "exception/scope-too-wide"},
      {"a pattern of freezes", [](ExceptionRequest& r, House&) { r.scope.freezes = {"year?s end"}; },
       "exception/scope-too-wide"},
      {"three things",
       [](ExceptionRequest& r, House&) {
         r.scope = {{"a"}, {"b"}, true};
       },
       "none"},
      {"four things",
       [](ExceptionRequest& r, House&) {
         r.scope = {{"a", "b"}, {"c"}, true};
       },
       "exception/scope-too-wide"},
      {"nothing", [](ExceptionRequest& r, House&) { r.scope = {}; }, "exception/empty-scope"},
      {"what never", [](ExceptionRequest&, House& h) { h.policy.never = {"tests"}; }, "exception/never"},
      {"who may not ask",
       [](ExceptionRequest&, House& h) {
         h.policy.requesters = {"approver", "grace"};
       },
       "exception/who"},
      {"who may by role", [](ExceptionRequest&, House& h) { h.policy.requesters = {"builder"}; }, "none"},
      {"who may by name", [](ExceptionRequest&, House& h) { h.policy.requesters = {"ada"}; }, "none"},
      {"a bad key", [](ExceptionRequest& r, House&) { r.requester.objection = "revoked"; }, "exception/who"},
  };
  for (const auto& one : cases) {
    House house;
    ExceptionRequest request = asked();
    one.change(request, house);
    EXPECT_EQ(rule(breach_of_request(request, house.rules())), one.wanted) << one.what;
  }
}

TEST(Exceptions, AnApproverIsAnotherPersonWhoMay) {
  House house;
  house.people.people = {
      {"ada", {"ada@example.org"}}, {"ada-phone", {"ADA@example.org"}}, {"grace", {"grace@example.org"}}};
  house.people.roles = {{"duty", {"grace"}}};
  const auto breach = [&](const ExceptionApproval& approval) {
    return rule(breach_of_approval(asked(), approval, house.rules()));
  };
  EXPECT_EQ(breach(approved("grace")), "none");
  EXPECT_EQ(breach(approved("ada")), "exception/self-approved");
  EXPECT_EQ(breach(approved("ada-phone")), "exception/self-approved");
  ExceptionApproval builder = approved("grace");
  builder.approver.roles = {"builder"};
  EXPECT_EQ(breach(builder), "exception/who");
  house.policy.approvers = {"duty"};
  EXPECT_EQ(breach(builder), "none");
  EXPECT_EQ(breach(approved("alan")), "exception/who");
  EXPECT_EQ(breach(approved("grace", hours(4))), "exception/expired");
  ExceptionApproval revoked = approved("grace");
  revoked.approver.objection = "revoked";
  EXPECT_EQ(breach(revoked), "exception/who");
}

TEST(Exceptions, AKeyThatPeopleLeaveOutNeitherAsksNorApprovesNorAudits) {
  House house;
  house.people.people = {
      {"ada", {"ada@example.org"}}, {"grace", {"grace@example.org"}}, {"alan", {"alan@example.org"}}};
  Exception one{asked(), approved("grace"), {}};
  const auto audited_by = [&](const char* who) {
    return rule(breach_of_audit(one, {12, kAsked, speaks(who), true, "fine"}, house.rules()));
  };
  EXPECT_EQ(rule(breach_at(one, house.rules(), kAsked + hours(1))), "none");
  EXPECT_EQ(audited_by("alan"), "none");
  EXPECT_EQ(audited_by("grace-phone"), "exception/who");
  EXPECT_EQ(rule(breach_of_approval(asked(), approved("ada-phone"), house.rules())), "exception/who");
  house.people.people.erase("ada");
  EXPECT_EQ(rule(breach_of_request(asked(), house.rules())), "exception/who")
      << "whether who approves is somebody else would not be known";
  house.people.people.clear();
  EXPECT_EQ(rule(breach_of_approval(asked(), approved("ada-phone"), house.rules())), "none")
      << "each key is a person where nobody is named";
}

TEST(Exceptions, WhatWasErasedHoldsForNothingAndStillOwesItsAudit) {
  House house;
  Exception one{asked(), approved("grace"), {}, "entry 7 was erased"};
  one.approval->approver = {};
  one.approval->key_ids = {speaks("grace").key.id()};
  EXPECT_EQ(rule(breach_at(one, house.rules(), kAsked + hours(1))), "exception/erased");
  EXPECT_EQ(rule(breach_of_audit(one, {12, kAsked, speaks("grace"), true, "fine"}, house.rules())),
            "exception/self-audited");
  EXPECT_EQ(rule(breach_of_audit(one, {12, kAsked, speaks("alan"), true, "fine"}, house.rules())), "none");
  house.all = {one};
  ExceptionRequest next = asked();
  next.time = *parse_rfc3339("2026-03-09T11:00:00.001Z");
  next.expires = next.time + hours(1);
  EXPECT_EQ(rule(breach_of_request(next, house.rules())), "exception/audit-overdue");
}

TEST(Exceptions, AnOverdueAuditBlocksTheNext) {
  House house;
  Exception first{asked(), approved("grace"), {}};
  house.all = {first};
  ExceptionRequest next = asked();
  next.index = 20;
  next.time = *parse_rfc3339("2026-03-09T11:00:00Z");  // five working days after the approval, to the minute
  next.expires = next.time + hours(1);
  EXPECT_EQ(rule(breach_of_request(next, house.rules())), "none");
  next.time += Duration(1);
  EXPECT_EQ(rule(breach_of_request(next, house.rules())), "exception/audit-overdue");
  EXPECT_EQ(rule(breach_of_approval(next, {21, next.time, speaks("grace")}, house.rules())),
            "exception/audit-overdue");
  house.all[0].audit = ExceptionAudit{15, next.time, speaks("alan"), true, "it was right"};
  EXPECT_EQ(rule(breach_of_request(next, house.rules())), "none");
  house.all[0].audit->time = next.time + Duration(1);
  EXPECT_EQ(rule(breach_of_request(next, house.rules())), "exception/audit-overdue")
      << "it was not there yet";
}

TEST(Exceptions, WhoApprovedMayNotAudit) {
  House house;
  const Exception one{asked(), approved("grace"), {}};
  const auto breach = [&](const char* who, const char* finding) {
    return rule(breach_of_audit(one, {12, kAsked, speaks(who), true, finding}, house.rules()));
  };
  EXPECT_EQ(breach("grace", "fine"), "exception/self-audited");
  EXPECT_EQ(breach("alan", "fine"), "none");
  EXPECT_EQ(breach("alan", ""), "exception/no-reason");
  EXPECT_EQ(
      rule(breach_of_audit({asked(), {}, {}}, {12, kAsked, speaks("alan"), true, "fine"}, house.rules())),
      "exception/not-approved");
}

TEST(Exceptions, CoverTheirTargetAlone) {
  const ExceptionTarget train{std::nullopt, std::nullopt, "2026-12"};
  const ExceptionTarget locked{std::nullopt, "m1", "2026-12"};
  const ExceptionTarget commit{"c1", std::nullopt, std::nullopt};
  const ExceptionTarget candidate{"c1", "m1", "2026-12"};
  EXPECT_TRUE(train.covers(candidate));
  EXPECT_TRUE(locked.covers(candidate));
  EXPECT_TRUE(commit.covers(candidate));
  EXPECT_FALSE(locked.covers({"c1", "m2", "2026-12"})) << "the candidate changed";
  EXPECT_FALSE(locked.covers({"c1", std::nullopt, "2026-12"}));
  EXPECT_FALSE(commit.covers({"c2", "m1", "2026-12"}));
  EXPECT_FALSE(train.covers({"c1", "m1", "2027-01"}));
  EXPECT_FALSE(ExceptionTarget{}.covers(candidate));
}

// Weekdays by any calendar: 2026-03-06 is a Friday.
TEST(WorkingDays, SkipSaturdayAndSunday) {
  const std::pair<const char*, const char*> cases[] = {
      {"2026-03-02T10:00:00Z", "2026-03-09T10:00:00Z"}, {"2026-03-06T23:59:59Z", "2026-03-13T23:59:59Z"},
      {"2026-03-07T10:00:00Z", "2026-03-13T10:00:00Z"}, {"2026-03-08T00:00:00Z", "2026-03-13T00:00:00Z"},
      {"2026-12-31T12:00:00Z", "2027-01-07T12:00:00Z"},
  };
  for (const auto& [start, end] : cases)
    EXPECT_EQ(to_rfc3339(add_working_days(*parse_rfc3339(start), 5)), end) << start;
}

TEST(ExceptionPolicies, AreReadAndBounded) {
  const auto policy = parse_exception_policy(*config::parse_yaml(
      "requesters: [builder]\napprovers: duty\nnever: [security]\nmax_targets: 1\nlongest: 2h", "y"));
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(policy->approvers, std::vector<std::string>{"duty"});
  EXPECT_EQ(policy->longest, hours(2));
  for (const char* bad : {"longest: 25h", "max_targets: 0", "max_targets: 21", "aprovers: x"})
    EXPECT_FALSE(parse_exception_policy(*config::parse_yaml(bad, "y"))) << bad;
}

}  // namespace
}  // namespace signalbox::gates
