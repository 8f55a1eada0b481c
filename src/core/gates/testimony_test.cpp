// However much is logged after a word, the word is heard.
#include "core/gates/testimony.hpp"

#include "core/gates/gate_fixture.hpp"
#include "core/gates/judge_parts.hpp"

namespace signalbox::gates {
namespace {

class ManyEntries : public GateTest {
 protected:
  // So many statements about the commit, by a key that nobody trusts.
  void flood(std::size_t count) {
    evidence::Statement statement;
    statement.subjects = {{"repository", {{"gitCommit", kCommit}}}};
    statement.predicate_type = std::string(evidence::kPredicatePrefix) + "evidence/tests/v1";
    statement.predicate = result(3, 0);
    const std::string envelope = evidence::write_envelope(evidence::sign_envelope(
        evidence::kPayloadType, evidence::write_statement(statement).value(), {&stranger_}));
    const auto appended = ledger_.append(std::vector<std::string>(count, envelope));
    ASSERT_TRUE(appended) << appended.error().message;
  }

  Situation situation() {
    Situation out{.ledger = &ledger_, .trust = trust_, .commit = {"HEAD", {{"gitCommit", kCommit}}}};
    out.now = clock_.now();
    return out;
  }

  const Gate tests_ =
      gate_from("{name: tests, type: evidence/tests/v1, require: 'eq(.predicate.failures; 0)'}").value();
};

TEST_F(ManyEntries, AGateFindsTheTrustedStatementBehindAThousandOfStrangers) {
  record(result(3, 1), {&builder_});
  flood(1100);
  const Check red = judged(tests_);
  EXPECT_EQ(red.reason, "condition") << red.answer;
  EXPECT_EQ(red.evidence, 0);
}

TEST_F(ManyEntries, AGateThatMayNotReadThemAllIsRed) {
  record(result(3, 0), {&builder_});
  flood(4);
  const Situation now = situation();
  const auto whole = judge_evidence(tests_, now, evaluator_, 5);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->check.verdict, Verdict::pass);
  const auto cut = judge_evidence(tests_, now, evaluator_, 4);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->check.verdict, Verdict::fail);
  EXPECT_EQ(cut->check.reason, "unavailable");
  EXPECT_NE(cut->check.answer.find("more than 4 entries"), std::string::npos) << cut->check.answer;
}

TEST_F(ManyEntries, AreAllTestimonyOrTheRestIsToldToBeUnread) {
  record(result(3, 1), {&builder_});
  flood(1100);
  TestimonyQuery query{std::string(evidence::kPredicatePrefix) + "evidence/tests/v1", {}};
  auto heard = testimonies(ledger_, trust_, query);
  ASSERT_TRUE(heard) << heard.error().message;
  EXPECT_EQ(heard->found.size(), 1101U);
  EXPECT_EQ(heard->found.back().entry.index, 0U);
  EXPECT_TRUE(heard->doubts("it").empty());
  query.most = 1100;
  heard = testimonies(ledger_, trust_, query);
  ASSERT_TRUE(heard);
  ASSERT_EQ(heard->doubts("it").size(), 1U);
  EXPECT_NE(heard->doubts("it").front().find("more than 1100 entries"), std::string::npos);
}

}  // namespace
}  // namespace signalbox::gates
