// What people write: passengers' files, the rules, the registry of flags.
#include "instruments/train/boarding/passenger_request.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/boarding/flags.hpp"
#include "instruments/train/boarding/rules.hpp"

namespace signalbox::train {
namespace {

constexpr const char* kWhole = R"(pr: 123
train: 2026-12
owner: ada
risk: med
rollback: docs/rollback.md
flags: [new-checkout]
epic: checkout
note: behind a flag
risk_note: touches checkout
migration: expand:orders-v2
checklist:
  tests: "#12"
  security-scan: {evidence: 13}
  observability: dashboard 7 shows it
  business-impact: {attested: none}
  migration-plan: "n/a: none"
  data-rollback: {n/a: no data}
)";

Result<PassengerRequest> read(const std::string& yaml) {
  const auto node = config::parse_yaml(yaml, "p.yaml");
  if (!node) return fail(node.error());
  return parse_passenger(*node);
}

TEST(PassengerFile, SaysAllThatTheCommandLineSays) {
  const auto request = read(kWhole);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->change, "#123");
  EXPECT_EQ(request->train, "2026-12");
  EXPECT_EQ(request->risk, Risk::medium);
  EXPECT_EQ(request->migration.name, "orders-v2");
  EXPECT_EQ(request->checks[CheckItem::tests].evidence, 12U);
  EXPECT_EQ(request->checks[CheckItem::security_scan].evidence, 13U);
  EXPECT_EQ(request->checks[CheckItem::observability].text, "dashboard 7 shows it");
  EXPECT_EQ(request->checks[CheckItem::business_impact].state, CheckState::attested);
  EXPECT_EQ(request->checks[CheckItem::migration_plan].state, CheckState::not_applicable);
  EXPECT_EQ(request->checks[CheckItem::data_rollback].text, "no data");
  EXPECT_EQ(request->checks.open().size(), 6U);
}

TEST(PassengerFile, WhoIsMissingIsNoErrorHere) {
  const auto request = read("commit: 1a2b3c4\n");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request->owner.empty());
  EXPECT_FALSE(request->risk);
}

TEST(PassengerFile, EachMistakeIsToldWithItsPlace) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"owner: ada\n", "p.yaml:1:"},
      {"commit: a\npr: 1\n", "either commit or pr"},
      {"pr: x\n", "p.yaml:1:5"},
      {"pr: 0\n", "number of a pull request"},
      {"commit: a\nrisk: huge\n", "p.yaml:2:7"},
      {"commit: a\ntrain: A/B\n", "p.yaml:2:8"},
      {"commit: a\nowners: x\n", "p.yaml:2:"},
      {"commit: a\nmigration: drop\n", "p.yaml:2:12"},
      {"commit: a\nowner: \"a\\nb\"\n", "one line"},
      {"commit: a\nchecklist:\n  typo: x\n", "p.yaml:3:"},
      {"commit: a\nchecklist:\n  tests: n/a\n", "p.yaml:3:10"},
      {"commit: a\nchecklist:\n  tests: {evidence: -1}\n", "number of an entry"},
      {"commit: a\nchecklist:\n  tests: {evidence: 1, attested: x}\n", "one answer"},
      {"commit: a\nchecklist: x\n", "p.yaml:2:12"},
      {"- commit: a\n", "a map is expected"}};
  for (const auto& [yaml, why] : cases) {
    const auto request = read(yaml);
    ASSERT_FALSE(request) << yaml;
    EXPECT_EQ(request.error().kind, ErrorKind::bad_input) << yaml;
    EXPECT_NE(request.error().message.find(why), std::string::npos) << request.error().message;
  }
}

TEST(PassengerFile, FilesAreReadByName) {
  const TemporaryDirectory folder;
  Workspace workspace;
  workspace.root = folder.path();
  EXPECT_TRUE(read_passenger_files(workspace)->empty());
  const auto passengers = folder.path() / "signalbox" / "train" / "passengers";
  std::filesystem::create_directories(passengers);
  ASSERT_TRUE(write_file_atomically(passengers / "b.yaml", "commit: b\n"));
  ASSERT_TRUE(write_file_atomically(passengers / "a.yaml", "commit: a\n"));
  ASSERT_TRUE(write_file_atomically(passengers / "README.md", "no passenger"));
  const auto requests = read_passenger_files(workspace);
  ASSERT_TRUE(requests) << requests.error().message;
  ASSERT_EQ(requests->size(), 2U);
  EXPECT_EQ((*requests)[0].change, "a");
  EXPECT_EQ((*requests)[0].source, "signalbox/train/passengers/a.yaml");
  ASSERT_TRUE(write_file_atomically(passengers / "c.yaml", "commit: [\n"));
  EXPECT_NE(read_passenger_files(workspace).error().message.find("passengers/c.yaml:"), std::string::npos);
}

Result<BoardingRules> rules(const std::string& yaml) {
  return parse_boarding_rules(config::parse_yaml(yaml, "r.yaml").value());
}

TEST(BoardingRules, AreThoseOfTheSpecificationWhereNothingIsSaid) {
  const auto built_in = parse_boarding_rules({});
  ASSERT_TRUE(built_in);
  EXPECT_EQ(built_in->max_high_risk, 2U);
  EXPECT_FALSE(built_in->max_medium_risk);
  EXPECT_EQ(built_in->lock_before, std::chrono::hours(72));
  EXPECT_EQ(built_in->max_share_percent, 25);
  EXPECT_EQ(built_in->asked_of(Risk::low, TrainKind::regular).size(), 12U);
  EXPECT_EQ(built_in->asked_of(Risk::high, TrainKind::hotfix).size(), 5U);
}

TEST(BoardingRules, AreReadOrRefusedWithTheirPlace) {
  const auto read = rules(
      "max_high_risk: 1\nmax_medium_risk: 4\nlock_before: 1d\nhotfix_lock_before: 0\nunboarded: refuse\n"
      "max_share: 40\nsensitive: ['pay/**']\nchecklist:\n  low: [tests, tests]\n  hotfix: tests\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->max_medium_risk, 4U);
  EXPECT_EQ(read->lock_before, std::chrono::hours(24));
  EXPECT_EQ(read->unboarded, BoardingRules::Unboarded::refuse);
  EXPECT_EQ(read->asked_of(Risk::low, TrainKind::regular), std::vector<CheckItem>{CheckItem::tests});
  EXPECT_EQ(read->asked_of(Risk::medium, TrainKind::regular).size(), 12U);
  for (const char* bad :
       {"max_high_risk: -1", "max_high_risk: many", "lock_before: soon", "unboarded: maybe", "max_share: 0",
        "max_share: 101", "checklist: {low: [typo]}", "checklist: {tiny: []}", "typo: 1"}) {
    const auto refused = rules(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().message.rfind("r.yaml:1:", 0), 0U) << refused.error().message;
  }
}

Result<std::vector<Flag>> flags(const std::string& yaml) {
  return parse_flags(config::parse_yaml("flags:\n" + yaml, "f.yaml").value()["flags"]);
}

TEST(Flags, HaveAnOwnerAKindAndMostlyADayByWhichTheyAreGone) {
  const auto read = flags(
      "  - {name: new-checkout, owner: ada, kind: release, expires: 2026-12-01}\n"
      "  - {name: dark, owner: ops, kind: ops, default: true}\n");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_rfc3339(*(*read)[0].expires), "2026-12-01T00:00:00Z");
  EXPECT_TRUE((*read)[1].on_by_default);
  for (const char* bad :
       {"  - {name: a, owner: x, kind: release}\n", "  - {name: a, owner: x, kind: experiment}\n",
        "  - {name: a, owner: x, kind: toggle}\n", "  - {name: a, kind: ops}\n",
        "  - {name: -a, owner: x, kind: ops}\n", "  - {name: a b, owner: x, kind: ops}\n",
        "  - {name: a, owner: x, kind: ops, expires: soon}\n",
        "  - {name: a, owner: x, kind: ops}\n  - {name: a, owner: y, kind: ops}\n", "  x: 1\n"})
    EXPECT_FALSE(flags(bad)) << bad;
}

TEST(Flags, ReferencesAreWholeNamesOutsideTheRegistry) {
  git::History history;
  history.commit(
      {"feat: x",
       {},
       1'700'000'000,
       "A <a@a>",
       {{"src/a.cpp", "if (flags.new-checkout) new-checkout;\n// new-checkout-v2 old-new-checkout\n"},
        {"signalbox.yaml", "train: {flags: [{name: gone}]}\n"},
        {"signalbox/train/passengers/a.yaml", "flags: [gone]\n"},
        {"b.bin", std::string("gone\0", 5)}}});
  const git::ScratchRepository scratch(history);
  const auto registry = flags(
      "  - {name: new-checkout, owner: ada, kind: ops, expires: 2026-12-01}\n"
      "  - {name: new-checkout-v2, owner: ada, kind: ops}\n"
      "  - {name: gone, owner: ada, kind: ops}\n");
  const auto counts = count_references(scratch.open(), scratch.id(1), *registry);
  ASSERT_TRUE(counts) << counts.error().message;
  EXPECT_EQ(counts->at("new-checkout"), 2U);
  EXPECT_EQ(counts->at("new-checkout-v2"), 1U);
  EXPECT_EQ(counts->at("gone"), 0U);
  const auto findings = judge_flags(*registry, *counts, *parse_rfc3339("2026-12-01T00:00:00Z"));
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].rule, "train/flag-expired");
  EXPECT_EQ(findings[1].rule, "train/flag-unreferenced");
  EXPECT_NE(findings[1].message.find("gone"), std::string::npos);
  EXPECT_TRUE(count_references(scratch.open(), scratch.id(1), {})->empty());
}

}  // namespace
}  // namespace signalbox::train
