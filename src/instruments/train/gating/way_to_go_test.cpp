// The shortest way to GO over whole decisions, and evidence against the clock. Expected answers are worked by
// hand.
#include "instruments/train/gating/way_to_go.hpp"

#include "instruments/train/departure_fixture.hpp"
#include "instruments/train/gating/freshness.hpp"
#include "instruments/train/gating/meeting.hpp"

namespace signalbox::train {
namespace {

class Ways : public Departure {
 protected:
  // v1.0.0 with this policy, then a commit by somebody whom no key belongs to.
  void make_with(const std::string& rest, const std::string& changelog = "false") {
    make({{"signalbox.yaml", "train:\n  changelog: " + changelog + "\n" + rest}}, {{"a", "b"}});
  }
  void add_key(const char* name) {
    ASSERT_TRUE(evidence::KeyStore(keys_directory()).create(name, {}, {"approver"}));
  }
  static std::vector<std::string> commands(const WayToGo& way) {
    std::vector<std::string> out;
    for (const Action& action : way.actions) out.push_back(action.command);
    return out;
  }
};

using Names = std::vector<std::string>;

TEST_F(Ways, OneCommandForTwoGatesIsOneThingToDo) {
  make_with(
      "  pass_at: 0\n  rubric: []\n  gates:\n    - {name: a, type: x/a/v1, remedy: make both}\n"
      "    - {name: b, type: x/b/v1, remedy: make both}\n    - {name: c, type: x/c/v1, remedy: make c}\n");
  const WayToGo way = find_way(judged());
  EXPECT_EQ(commands(way), (Names{"make both", "make c"}));
  EXPECT_TRUE(way.is_smallest);
  EXPECT_EQ(way.actions[0].fixes, (Names{"a", "b"}));
  EXPECT_EQ(way.blockers, (Names{"a", "b", "c"}));
  EXPECT_EQ(way.exception,
            "signalbox train exception request --gate a --gate b --gate c --reason TEXT --key KEY");
}

TEST_F(Ways, TheFewestItemsThatReachTheScoreAreChosen) {
  make_with(
      "  pass_at: 60\n  gates: []\n  rubric:\n    - {name: a, type: x/a/v1, weight: 30, remedy: make a}\n"
      "    - {name: b, type: x/b/v1, weight: 60, remedy: make b}\n    - {name: c, type: x/c/v1, weight: 10, "
      "remedy: make c}\n");
  const WayToGo way = find_way(judged());
  EXPECT_EQ(commands(way), Names{"make b"});
  EXPECT_TRUE(way.blockers.empty()) << "the score alone is red";
  ASSERT_EQ(way.raises.size(), 3U);
  EXPECT_EQ(way.raises[0].item, "b");
  EXPECT_DOUBLE_EQ(way.raises[0].points, 60);
}

TEST_F(Ways, ANewCommitMakesGreenEvidenceWorthless) {
  make_with("  pass_at: 0\n  rubric: []\n", "CHANGELOG.md");
  record_tests(3, 0);
  const WayToGo way = find_way(judged());
  ASSERT_EQ(way.actions.size(), 2U);
  EXPECT_EQ(way.actions[0].kind, Action::Kind::changes_commit);
  EXPECT_EQ(way.actions[1].command, "signalbox evidence add junit results.xml --subject git:HEAD");
}

TEST_F(Ways, OnePersonSignsForTwoGatesAndTwoRolesWantTwoPeople) {
  add_key("alan");
  add_key("joan");
  const std::string people =
      "  pass_at: 0\n  rubric: []\n  approvals:\n    people: {alan: [alan@x], joan: [joan@x]}\n"
      "    roles: {sre: [alan, joan], support: [alan]}\n";
  make_with(people +
            "  gates:\n    - {name: a, kind: approval, role: sre}\n    - {name: b, kind: approval, role: "
            "support}\n");
  EXPECT_EQ(commands(find_way(judged())), Names{"signalbox train approve --key alan"});
  make_with(people + "  gates:\n    - {name: a, kind: approval, role: [sre, support]}\n");
  EXPECT_EQ(commands(find_way(judged())).size(), 2U) << "a person stands for one role";
  make_with(people + "  gates:\n    - {name: a, kind: approval, role: support, count: 2}\n");
  EXPECT_EQ(find_way(judged()).hopeless, Names{"a (too few may approve for support)"});
}

TEST_F(Ways, OneWaitIsUntilFreezesAndHoursAreOver) {
  // The clock stands at 2025-06-15T15:06:40Z, a Sunday.
  make_with(
      "  pass_at: 0\n  rubric: []\n  gates:\n    - {name: hours, kind: time, window: {days: mon, from: "
      "'09:00', until: '16:00'}}\n"
      "  freeze:\n    - {name: fair, start: 2025-06-01T00:00:00Z, end: 2025-06-17T00:00:00Z}\n");
  EXPECT_EQ(commands(find_way(judged())), Names{"signalbox train check   # from 2025-06-23T09:00:00Z on"});
}

TEST_F(Ways, EvidenceThatIsTooOldAtDepartureIsToldWithTheTimeToRenewIt) {
  make_with(
      "  pass_at: 0\n  rubric: []\n  gates:\n    - {name: tests, type: evidence/tests/v1, max_age: 1d, "
      "owner: dev, require: 'eq(.predicate.failures; 0)'}\n");
  record_tests(3, 0);
  const Decision decision = judged();
  ASSERT_TRUE(decision.is_go());
  const std::vector<Expiry> race = freshness_race(decision, clock_.now() + std::chrono::hours(30));
  ASSERT_EQ(race.size(), 1U);
  EXPECT_TRUE(race[0].is_lost);
  EXPECT_EQ(race[0].expires, clock_.now() + std::chrono::hours(24));
  EXPECT_EQ(race[0].renew_from, clock_.now() + std::chrono::hours(6));
  EXPECT_FALSE(freshness_race(decision, clock_.now() + std::chrono::hours(24))[0].is_lost);
  const Agenda agenda = make_agenda(decision, find_way(decision), race);
  ASSERT_EQ(agenda.items.size(), 1U);
  EXPECT_EQ(agenda.items[0].state, "expires");
  EXPECT_EQ(agenda.items[0].owner, "dev");
  EXPECT_EQ(agenda.proposed, "GO");
}

}  // namespace
}  // namespace signalbox::train
