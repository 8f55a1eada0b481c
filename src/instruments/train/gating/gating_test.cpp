// People's words over a whole decision: approvals, vetoes and exceptions on a real log, signed with real
// keys.
#include <fstream>

#include "core/evidence/redaction.hpp"
#include "instruments/train/departure_fixture.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train {
namespace {

using gates::Vote;
using Word = gates::Vote::Word;

constexpr const char* kPeople =
    "  approvals:\n    people:\n      ada: [ada@example.org]\n      grace: [grace@example.org]\n      alan: "
    "[alan@example.org]\n";

std::string policy_of(const std::string& gates, const std::string& rest = "") {
  return "train:\n  changelog: false\n  pass_at: 0\n  rubric: []\n" + std::string(kPeople) + "  gates:\n" +
         gates + rest;
}

const char* const kSignOff = "    - {name: sign-off, kind: approval}\n";
const char* const kTestsGate =
    "    - {name: tests, type: evidence/tests/v1, require: 'eq(.predicate.failures; 0)'}\n";

class Gating : public Departure {
 protected:
  void SetUp() override {
    Departure::SetUp();
    for (const char* name : {"ada", "grace", "alan"})
      ASSERT_TRUE(evidence::KeyStore(keys_directory()).create(name, {}, {"approver"}));
  }

  // v1.0.0 with this policy, then a commit by ada.
  void make_with(const std::string& yaml) {
    git::History history;
    const int first =
        history.commit({"feat: first", {}, 1'700'000'000, "A <a@a>", {{"signalbox.yaml", yaml}}});
    history.tag("v1.0.0", first);
    history.commit({"feat: second", {first}, 1'700'000'060, "Ada <ada@example.org>", {{"a", "b"}}});
    use(history);
  }

  std::string head() const { return scratch_->git({"rev-parse", "HEAD"}); }

  static evidence::SigningKey key(const std::string& name) {
    return std::move(*evidence::KeyStore(keys_directory()).load(name));
  }

  std::string envelope(const std::string& kind, Json predicate, const std::string& signer,
                       std::vector<evidence::Subject> subjects) {
    const evidence::Statement statement{std::move(subjects), event_type(kind), std::move(predicate)};
    const evidence::SigningKey signing = key(signer);
    return evidence::write_envelope(evidence::sign_envelope(
        evidence::kPayloadType, evidence::write_statement(statement).value(), {&signing}));
  }

  std::uint64_t append(const std::string& octets) {
    const auto receipts = book_->ledger().append({octets});
    EXPECT_TRUE(receipts) << (receipts ? "" : receipts.error().message);
    return receipts ? receipts->front().index : 0;
  }

  std::string ballot(Word word, const std::string& signer, const std::string& condition = "") {
    Ballot out;
    out.word = word;
    out.candidate.commit = head();
    out.condition = condition;
    out.reason = condition.empty() ? "" : "because";
    out.id = std::to_string(++ids_);
    return envelope("approval", to_predicate(out), signer, {{"r", {{"gitCommit", head()}}}});
  }

  std::uint64_t say(Word word, const std::string& signer, const std::string& condition = "") {
    return append(ballot(word, signer, condition));
  }

  std::uint64_t ask(gates::ExceptionScope scope, const std::string& signer,
                    Duration length = std::chrono::hours(4)) {
    request_ = {};
    request_.target.commit = head();
    request_.scope = std::move(scope);
    request_.reason = "it burns";
    request_.requester.key.name = signer;
    request_.expires = std::chrono::floor<std::chrono::seconds>(clock_.now() + length);
    request_.index = append(envelope("exception-request", to_predicate(request_, std::to_string(++ids_)),
                                     signer, {{"r", {{"gitCommit", head()}}}}));
    return request_.index;
  }

  std::uint64_t grant(const std::string& signer) {
    const gates::ExceptionApproval approval{0, clock_.now(), {{signer, "", {}}, {}, {}}};
    return append(envelope(kind_of(request_.scope), to_predicate(request_, approval), signer,
                           {{"r", {{"gitCommit", head()}}}}));
  }

  std::uint64_t audit(std::uint64_t request, const std::string& signer) {
    gates::Exception exception{request_, {}, {}};
    exception.request.index = request;
    gates::ExceptionAudit out;
    out.auditor.key.name = signer;
    out.finding = "looked at";
    return append(envelope("exception-audit", to_predicate(exception, out, std::to_string(++ids_)), signer,
                           {{"r", {{"gitCommit", head()}}}}));
  }

  void erase(std::uint64_t index) {
    const evidence::Entry entry = book_->ledger().entry(index).value();
    const auto order = evidence::erasure_statement(entry, {"a name", "support@desk", "dpo@desk", ""});
    ASSERT_TRUE(order) << order.error().message;
    const evidence::SigningKey signing = key("alan");
    const auto erased =
        evidence::erase(book_->ledger(), index,
                        evidence::write_envelope(evidence::sign_envelope(
                            evidence::kPayloadType, evidence::write_statement(*order).value(), {&signing})));
    ASSERT_TRUE(erased) << erased.error().message;
  }

  // The rule that an exception from `tests`, asked for now and approved by somebody else, breaks.
  std::string breach_of_the_next() {
    const std::uint64_t index = ask({{"tests"}, {}, false}, "ada");
    grant("grace");
    const Decision decision = judged();
    for (const gates::Exception& one : decision.all_exceptions) {
      if (one.request.index != index) continue;
      const auto breach = gates::breach_at(
          one, {decision.policy.exceptions, decision.policy.approvals, decision.all_exceptions},
          clock_.now());
      return breach ? std::string(breach->rule) : "none";
    }
    return "not in the book";
  }

  int ids_ = 0;
  gates::ExceptionRequest request_;
};

TEST_F(Gating, SomebodyElseThanTheAuthorApprovesExactlyThisCommit) {
  make_with(policy_of(kSignOff));
  EXPECT_EQ(judged().blockers(), std::vector<std::string>{"sign-off"});
  EXPECT_EQ(judged().fix, "signalbox train approve --gate sign-off --key KEY");
  say(Word::approve, "ada");
  EXPECT_EQ(check_of(judged(), "sign-off").reason, "not-counted");
  EXPECT_NE(check_of(judged(), "sign-off").answer.find("ada (entry 0): wrote a commit of it"),
            std::string::npos)
      << check_of(judged(), "sign-off").answer;
  say(Word::approve, "grace");
  const Decision decision = judged();
  EXPECT_TRUE(decision.is_go());
  EXPECT_EQ(check_of(decision, "sign-off").answer, "grace for approver");
  EXPECT_EQ(check_of(decision, "sign-off").evidence, 1);
  const Json predicate = decision_statement(decision, "me").predicate;
  EXPECT_EQ(predicate["approvals"].items().at(0)["entries"].items().at(0).as_integer(), 1);
  scratch_->git({"commit", "-q", "--allow-empty", "-m", "fix: third"});
  EXPECT_EQ(judged().blockers(), std::vector<std::string>{"sign-off"}) << "the candidate changed";
}

TEST_F(Gating, CoAuthorsWroteItTooAndAMailmapOfTheCandidateHidesNobody) {
  make_with(policy_of(kSignOff));
  scratch_->git({"-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "--allow-empty",
                 "-m", "fix: third\n\nCo-authored-by: Grace Hopper <Grace@Example.org>"});
  std::ofstream(scratch_->path() / ".mailmap") << "Nobody <nobody@example.org> <ada@example.org>\n";
  scratch_->git({"add", ".mailmap"});
  scratch_->git(
      {"-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "chore: names"});
  say(Word::approve, "grace");
  say(Word::approve, "ada");
  EXPECT_EQ(check_of(judged(), "sign-off").reason, "not-counted");
  say(Word::approve, "alan");
  EXPECT_TRUE(judged().is_go());
}

TEST_F(Gating, TheCandidateCannotChangeWhoMayApproveIt) {
  make_with(policy_of(kSignOff));
  const std::string weaker = policy_of("    - {name: sign-off, kind: approval, not: []}\n");
  std::ofstream(scratch_->path() / "signalbox.yaml") << weaker;
  scratch_->git({"add", "."});
  scratch_->git(
      {"-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", "-m", "chore: let me"});
  say(Word::approve, "ada");
  EXPECT_FALSE(judged().is_go());
  EXPECT_EQ(judged().policy.remarks.at(0).rule, "train/policy-changes");
  scratch_->git({"tag", "v1.1.0"});
  EXPECT_FALSE(judged().is_go()) << "nor by tagging itself";
  DepartureQuery operators;
  operators.policy_ref = "v1.0.0";
  EXPECT_FALSE(judged(operators).is_go());
}

TEST_F(Gating, AStrangersAndARevokedKeysWordDoesNotCount) {
  make_with(policy_of(kSignOff));
  say(Word::approve, "grace");
  EXPECT_TRUE(judged().is_go());
  clock_.advance(std::chrono::minutes(1));
  ASSERT_TRUE(evidence::KeyStore(keys_directory()).revoke("grace", clock_.now(), "left", false));
  EXPECT_EQ(check_of(judged(), "sign-off").reason, "not-counted")
      << "whoever left approves nothing that leaves later";
  const evidence::SigningKey stranger = evidence::SigningKey::generate("alan");
  Ballot words;
  words.candidate.commit = head();
  const evidence::Statement statement{
      {{"r", {{"gitCommit", head()}}}}, event_type("approval"), to_predicate(words)};
  append(evidence::write_envelope(evidence::sign_envelope(
      evidence::kPayloadType, evidence::write_statement(statement).value(), {&stranger})));
  EXPECT_NE(check_of(judged(), "sign-off").answer.find("unknown key"), std::string::npos);
}

TEST_F(Gating, AnApprovalOfManyCommitsOrOfAnotherCountsForNone) {
  make_with(policy_of(kSignOff));
  Ballot words;
  words.candidate.commit = head();
  words.id = "1";
  const evidence::Subject here{"r", {{"gitCommit", head()}}};
  append(envelope("approval", to_predicate(words), "grace",
                  {here, {"r", {{"gitCommit", std::string(40, 'b')}}}}));
  EXPECT_FALSE(judged().is_go());
  words.candidate.commit = std::string(40, 'b');
  append(envelope("approval", to_predicate(words), "grace", {here}));
  EXPECT_FALSE(judged().is_go());
  words.candidate.commit = head();
  words.candidate.manifest = std::string(64, 'c');
  append(envelope("approval", to_predicate(words), "grace", {here}));
  EXPECT_NE(check_of(judged(), "sign-off").answer.find("given for the manifest cccccccccccc"),
            std::string::npos)
      << check_of(judged(), "sign-off").answer;
}

TEST_F(Gating, AWordThatWasTakenBackIsNotBroughtBackByAppendingItAgain) {
  make_with(policy_of(kSignOff));
  const std::string approval = ballot(Word::approve, "grace");
  append(approval);
  EXPECT_TRUE(judged().is_go());
  say(Word::withdraw, "grace");
  EXPECT_FALSE(judged().is_go());
  append(approval);
  EXPECT_FALSE(judged().is_go());
  say(Word::approve, "grace");
  EXPECT_TRUE(judged().is_go());
}

TEST_F(Gating, WordsThatWereChangedInTheStoreStopTheTrain) {
  make_with(policy_of(kSignOff));
  say(Word::approve, "grace");
  say(Word::withdraw, "grace");
  ASSERT_TRUE(book_->database().execute("update evidence_entry set t = t + 1 where i = 1"));
  const Decision decision = judged();
  EXPECT_EQ(decision.blockers(), std::vector<std::string>{"log"});
  EXPECT_EQ(decision.fix, "signalbox evidence log audit");
}

TEST_F(Gating, AVetoHoldsAsLongAsItsConditionFails) {
  make_with(
      policy_of("    - {name: tests, type: evidence/tests/v1, require: 'eq(.predicate.failures; 0)', "
                "blocker: false}\n"));
  record_tests(3, 1);
  EXPECT_TRUE(judged().is_go()) << "it only warns";
  say(Word::veto, "grace", "tests");
  const Decision vetoed = judged();
  EXPECT_EQ(vetoed.blockers(), std::vector<std::string>{"veto"});
  EXPECT_EQ(check_of(vetoed, "veto").answer, "grace vetoes because of tests: because");
  record_tests(3, 0);
  EXPECT_TRUE(judged().is_go()) << "it lapsed";
  record_tests(3, 1);
  EXPECT_FALSE(judged().is_go());
  say(Word::withdraw, "grace");
  EXPECT_TRUE(judged().is_go());
}

TEST_F(Gating, AnExceptionIsAmberNeverGreenAndOnlyForWhatItNames) {
  make_with(policy_of(std::string(kTestsGate) + "    - {name: size, type: evidence/size/v1}\n"));
  ask({{"tests"}, {}, false}, "ada");
  EXPECT_EQ(judged().blockers(), (std::vector<std::string>{"tests", "size"})) << "nobody approved it";
  grant("grace");
  const Decision decision = judged();
  EXPECT_EQ(decision.blockers(), std::vector<std::string>{"size"});
  const Check& tests = check_of(decision, "tests");
  EXPECT_EQ(tests.verdict, Verdict::warn);
  EXPECT_EQ(tests.reason, "excepted");
  EXPECT_NE(tests.answer.find("by grace, asked by ada: it burns; without it: there is none in the log"),
            std::string::npos)
      << tests.answer;
  ask({{"size"}, {}, false}, "ada");
  grant("alan");
  const Decision go = judged();
  EXPECT_TRUE(go.is_go());
  EXPECT_EQ(go.excepted(), (std::vector<std::string>{"tests", "size"}));
  EXPECT_EQ(decision_report(go).verdict, Verdict::warn);
  EXPECT_EQ(decision_report(go).summary,
            "GO: v1.1.0 may depart, 1 of 3 gates are green, 2 excepted: tests, size");
  EXPECT_EQ(decision_statement(go, "me").predicate["exceptions"].size(), 2U);
  clock_.advance(std::chrono::hours(4));
  EXPECT_EQ(judged().blockers(), (std::vector<std::string>{"tests", "size"})) << "they expired";
}

TEST_F(Gating, ExceptionsOfTheWrongPeopleOrTooLongOnesDoNotHold) {
  make_with(policy_of(kTestsGate, "  exceptions: {approvers: [grace]}\n"));
  ask({{"tests"}, {}, false}, "grace");
  grant("grace");
  EXPECT_FALSE(judged().is_go()) << "approved by who asked";
  ask({{"tests"}, {}, false}, "ada");
  grant("alan");
  EXPECT_FALSE(judged().is_go()) << "alan may not";
  ask({{"tests"}, {}, false}, "ada", std::chrono::hours(25));
  grant("grace");
  EXPECT_FALSE(judged().is_go()) << "too long";
  ask({{"tests"}, {}, false}, "ada");
  request_.scope.gates = {"tests", "size"};
  grant("grace");
  EXPECT_FALSE(judged().is_go()) << "approved something else than was asked for";
  request_.scope.gates = {"tests"};
  grant("grace");
  EXPECT_TRUE(judged().is_go());
}

TEST_F(Gating, AnExceptionFromAFreezeNamesTheFreeze) {
  make_with(policy_of(
      "    []\n",
      "  freeze:\n    - {name: year's end, start: 2025-06-01T00:00:00Z, end: 2025-07-01T00:00:00Z}\n"
      "    - {name: fair, start: 2025-06-01T00:00:00Z, end: 2025-06-20T00:00:00Z}\n"
      "    - {name: move, start: 2025-06-20T00:00:00Z, end: 2025-06-25T00:00:00Z}\n"));
  ask({{}, {"year's end"}, false}, "ada");
  grant("grace");
  EXPECT_EQ(check_of(judged(), "freeze").answer,
            "fair until 2025-06-20T00:00:00Z; others follow until 2025-06-25T00:00:00Z");
  ask({{}, {"fair"}, false}, "ada");
  grant("grace");
  const Decision go = judged();
  EXPECT_TRUE(go.is_go());
  EXPECT_EQ(check_of(go, "freeze").reason, "excepted");
  const auto entries = book_->ledger().query({.type = event_type("freeze-exception")});
  EXPECT_EQ(entries->size(), 2U);
}

TEST_F(Gating, AnOverdueAuditIsToldAndBlocksTheNextException) {
  make_with(policy_of(kTestsGate));
  const std::uint64_t first = ask({{"tests"}, {}, false}, "ada");
  grant("grace");
  EXPECT_EQ(audit_findings(judged().all_exceptions, clock_.now()).at(0).rule, "train/audit-open");
  clock_.advance(std::chrono::hours(8 * 24));
  EXPECT_EQ(audit_findings(judged().all_exceptions, clock_.now()).at(0).rule, "train/audit-overdue");
  ask({{"tests"}, {}, false}, "ada");
  grant("grace");
  EXPECT_FALSE(judged().is_go());
  audit(first, "grace");
  EXPECT_EQ(audit_findings(judged().all_exceptions, clock_.now()).size(), 1U)
      << "grace approved it and may not audit it";
  audit(first, "alan");
  EXPECT_FALSE(judged().is_go()) << "what was asked for before the audit stays refused";
  ask({{"tests"}, {}, false}, "ada");
  grant("grace");
  EXPECT_TRUE(judged().is_go());
}

TEST_F(Gating, AnAuditStaysOverdueWhateverOfTheExceptionIsErased) {
  enum class Part { request, approval, both, audit };
  for (const Part part : {Part::request, Part::approval, Part::both, Part::audit}) {
    SCOPED_TRACE(static_cast<int>(part));
    make_with(policy_of(kTestsGate));
    const std::uint64_t request = ask({{"tests"}, {}, false}, "ada");
    const std::uint64_t approval = grant("grace");
    EXPECT_TRUE(judged().is_go());
    std::uint64_t owed = request;
    if (part == Part::audit) erase(audit(request, "alan"));
    if (part == Part::request || part == Part::both) erase(request);
    if (part == Part::approval || part == Part::both) {
      erase(approval);
      owed = approval;
    }
    EXPECT_EQ(judged().is_go(), part == Part::audit) << "what cannot be read holds for nothing";
    clock_.advance(std::chrono::hours(8 * 24));
    const auto findings = audit_findings(judged().all_exceptions, clock_.now());
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].rule, "train/audit-overdue");
    EXPECT_EQ(breach_of_the_next(), "exception/audit-overdue");
    audit(owed, "grace");
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(breach_of_the_next(), "exception/audit-overdue") << "grace gave it, as its record still tells";
    audit(owed, "alan");
    clock_.advance(std::chrono::minutes(1));
    EXPECT_EQ(breach_of_the_next(), "none");
  }
}

TEST_F(Gating, WhatIsTakenForGrantedOfThePeopleOfAnExceptionIsSaid) {
  make_with("train:\n  changelog: false\n  pass_at: 0\n  rubric: []\n  gates:\n" + std::string(kTestsGate));
  ask({{"tests"}, {}, false}, "ada");
  grant("grace");
  const std::string answer = check_of(judged(), "tests").answer;
  EXPECT_NE(answer.find("taken for granted: that each key is a person"), std::string::npos) << answer;
}

TEST(Ballots, ComeBackAsTheyWereWritten) {
  Ballot ballot;
  ballot.word = Word::veto;
  ballot.candidate = {std::string(40, 'a'), std::string(64, 'b'), "2026-12"};
  ballot.gate = "g";
  ballot.role = "sre";
  ballot.condition = "tests";
  ballot.reason = "it fails";
  ballot.id = "1";
  const auto back = parse_ballot(to_predicate(ballot));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_predicate(*back), to_predicate(ballot));
}

TEST(Ballots, WhatIsNoneIsRefusedWithItsMember) {
  const std::string commit = "\"commit\":\"" + std::string(40, 'a') + "\"";
  const std::pair<std::string, const char*> cases[] = {
      {"[]", "predicate"},
      {"{}", "word"},
      {"{\"word\":\"yes\"," + commit + "}", "word"},
      {R"({"word":"approve","commit":"HEAD"})", "commit"},
      {"{\"word\":\"approve\"," + commit + ",\"manifest\":\"x\"}", "manifest"},
      {"{\"word\":\"approve\"," + commit + ",\"gate\":7}", "gate"},
      {"{\"word\":\"veto\"," + commit + "}", "condition"},
  };
  for (const auto& [json, member] : cases) {
    const auto ballot = parse_ballot(parse_json(json).value());
    ASSERT_FALSE(ballot) << json;
    EXPECT_NE(ballot.error().message.find(std::string(": ") + member + ":"), std::string::npos)
        << ballot.error().message;
  }
}

}  // namespace
}  // namespace signalbox::train
