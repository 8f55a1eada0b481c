// What tests of whole decisions share: a real repository, a real log, real keys.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "core/evidence/recorder.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/departure.hpp"

namespace signalbox::train {

inline constexpr const char* kTests = "https://signalbox.dev/evidence/tests/v1";
inline constexpr const char* kChangelog = "# Changelog\n\n## [Unreleased]\n\n- something\n";
inline constexpr const char* kNoGates =
    "train:\n  gates: []\n  rubric: []\n  changelog: false\n  pass_at: 0\n";

class Departure : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("XDG_DATA_HOME", keys_.path().c_str(), 1); }

  // main: "feat: first" tagged v1.0.0 with `base` files, then "feat: second" with `head` files.
  void make(std::map<std::string, std::string> base, std::map<std::string, std::string> head) {
    git::History history;
    const int first = history.commit({"feat: first", {}, 1'700'000'000, "A <a@a>", std::move(base)});
    history.tag("v1.0.0", first);
    history.commit({"feat: second", {first}, 1'700'000'060, "A <a@a>", std::move(head)});
    use(history);
  }

  void use(const git::History& history) {
    scratch_ = std::make_unique<git::ScratchRepository>(history);
    workspace_ = find_workspace(scratch_->path()).value();
    book_.emplace(evidence::EvidenceBook::open(workspace_, clock_, "").value());
  }

  void record_tests(int tests, int failures) {
    evidence::Statement statement;
    statement.subjects = {{"x", {{"gitCommit", scratch_->git({"rev-parse", "HEAD"})}}}};
    statement.predicate_type = kTests;
    statement.predicate = Json::object({{"tests", tests}, {"failures", failures}, {"errors", 0}});
    const auto receipt = book_->record(statement);
    ASSERT_TRUE(receipt) << receipt.error().message;
  }

  Result<Decision> judge(const DepartureQuery& query = {}) {
    return judge_departure(workspace_, &book_->ledger(), query, clock_.now(), evaluator_);
  }

  Decision judged(const DepartureQuery& query = {}) {
    auto decision = judge(query);
    EXPECT_TRUE(decision) << (decision ? "" : decision.error().message);
    return decision ? std::move(*decision) : Decision();
  }

  static const Check& check_of(const Decision& decision, std::string_view name) {
    for (const Check& check : decision.checks) {
      if (check.name == name) return check;
    }
    static const Check none;
    ADD_FAILURE() << "no check " << name;
    return none;
  }

  TemporaryDirectory keys_;
  FixedClock clock_{Time(std::chrono::seconds(1'750'000'000))};
  std::unique_ptr<git::ScratchRepository> scratch_;
  Workspace workspace_;
  std::optional<evidence::EvidenceBook> book_;
  gates::Evaluator evaluator_;
};

}  // namespace signalbox::train
