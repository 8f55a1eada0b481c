// What the tests of gates share: a real log, real keys, and a way to have a gate judged.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/evidence/envelope.hpp"
#include "core/gates/gate.hpp"
#include "core/store/database.hpp"

namespace signalbox::gates {

using evidence::SigningKey;

inline const std::string kCommit(40, 'a');
inline const std::string kOtherCommit(40, 'b');

inline Result<Gate> gate_from(std::string_view yaml) {
  SIGNALBOX_TRY(const config::Node node, config::parse_yaml(yaml, "signalbox.yaml"));
  return parse_gate(node);
}

class GateTest : public ::testing::Test {
 protected:
  GateTest()
      : database_(std::move(*store::open_database("sqlite:" + (folder_.path() / "a.db").string()))),
        ledger_(std::move(*evidence::Ledger::open(*database_, clock_, SigningKey::generate("test-log")))),
        builder_(SigningKey::generate("builder@ci")),
        approver_(SigningKey::generate("approver@desk")),
        stranger_(SigningKey::generate("stranger@home")) {
    trust_.keys = {trusted(builder_, "builder"), trusted(approver_, "approver")};
  }

  static evidence::TrustedKey trusted(const SigningKey& key, const std::string& role) {
    evidence::TrustedKey out;
    out.key = key.public_key();
    out.roles = {role};
    return out;
  }

  // A statement of "evidence/tests/v1" about a commit.
  void record(Json predicate, const std::vector<const SigningKey*>& keys,
              const std::string& commit = kCommit) {
    record("evidence/tests/v1", std::move(predicate), keys, {{"repository", {{"gitCommit", commit}}}});
  }

  void record(const std::string& type, Json predicate, const std::vector<const SigningKey*>& keys,
              std::vector<evidence::Subject> subjects) {
    evidence::Statement statement;
    statement.subjects = std::move(subjects);
    statement.predicate_type = std::string(evidence::kPredicatePrefix) + type;
    statement.predicate = std::move(predicate);
    const auto payload = evidence::write_statement(statement);
    ASSERT_TRUE(payload);
    const std::string envelope =
        evidence::write_envelope(evidence::sign_envelope(evidence::kPayloadType, *payload, keys));
    const auto appended = ledger_.append({envelope});
    ASSERT_TRUE(appended) << appended.error().message;
  }

  static Json result(int tests, int failures) {
    return Json::object({{"tests", tests}, {"failures", failures}});
  }

  Check judged(const Gate& gate) {
    Situation situation{.ledger = &ledger_, .trust = trust_, .commit = {"HEAD", {{"gitCommit", kCommit}}}};
    situation.now = clock_.now();
    return judged(gate, situation);
  }

  Check judged(const Gate& gate, const Situation& situation) {
    auto out = judge(gate, situation, evaluator_);
    EXPECT_TRUE(out) << (out ? "" : out.error().message);
    if (!out) return {};
    EXPECT_EQ(out->check.verdict == Verdict::pass, out->check.reason.empty());
    EXPECT_EQ(out->check.verdict == Verdict::pass, out->check.remedy.empty());
    return out->check;
  }

  TemporaryDirectory folder_;
  FixedClock clock_{Time(Duration(1'750'000'000'000))};
  std::unique_ptr<store::Database> database_;
  evidence::Ledger ledger_;
  SigningKey builder_, approver_, stranger_;
  evidence::Trust trust_;
  Evaluator evaluator_{{.deadline = std::chrono::milliseconds(2000)}};
};

}  // namespace signalbox::gates
