// Past decisions under other gates: what can be judged again is, and what cannot is told.
#include <algorithm>

#include "commands/evidence/command_fixture.hpp"

namespace signalbox::evidence_command {
namespace {

class Replay : public CommandTest {
 protected:
  void add(const std::string& type, const std::string& predicate) {
    const Ran ran = run({"add", "json", write("predicate.json", predicate), "--type", type, "--subject",
                         "r=gitCommit:" + std::string(40, 'a')});
    ASSERT_EQ(ran.code, 0) << ran.text;
  }

  // The one decision of the log under these gates.
  Json under(const std::string& gates) {
    ran_ = run({"replay", "--policy", write("policy.yaml", "gates:\n" + gates)});
    EXPECT_EQ(ran_.code, 0) << ran_.text;
    return ran_.data["decisions"].size() == 1 ? ran_.data["decisions"].items().front() : Json();
  }

  std::vector<std::string> not_replayed() const {
    std::vector<std::string> out;
    for (const Json& one : ran_.data["not_replayed"].items())
      out.push_back(std::string(one["kind"].as_string()));
    return out;
  }

  Ran ran_;
};

const char* const kTests =
    "  - {name: tests, type: evidence/tests/v1, require: 'eq(.predicate.failures; 0)'}\n";

TEST_F(Replay, JudgesAgainEvidenceTimeAndCiFromTheLogAlone) {
  add("evidence/tests/v1", R"({"tests":3,"failures":0,"errors":0,"job":"unit"})");
  add("train/decision/v1",
      R"({"decision":"GO","blockers":[],"exceptions":[],"conditions":[)"
      R"({"name":"tests","result":"pass"},{"name":"people","result":"pass"},{"name":"jobs","result":"pass"},)"
      R"({"name":"points","result":"pass"},{"name":"file","result":"pass"},{"name":"run","result":"pass"},)"
      R"({"name":"github","result":"pass"},{"name":"built","result":"pass"},{"name":"size","result":"pass"}]})");
  const std::string gates =
      std::string(kTests) +
      "  - {name: people, kind: approval}\n"
      "  - {name: jobs, kind: ci, jobs: [unit]}\n"
      "  - {name: points, kind: score, at_least: 90}\n"
      "  - {name: file, kind: artifact, file: a, checksums: b}\n"
      "  - {name: run, command: [/bin/false]}\n"
      "  - {name: github, kind: ci, source: github, repository: a/b}\n"
      "  - {name: built, type: evidence/size/v1, subject: '@artifact'}\n"
      "  - {name: size, type: evidence/tests/v1, require: 'le(.train.passengers; 3)'}\n";
  const Json decision = under(gates);
  EXPECT_EQ(decision["would_be"].as_string(), "GO") << ran_.text;
  EXPECT_EQ(decision["gates"].size(), 0U) << ran_.text;
  EXPECT_EQ(not_replayed(), (std::vector<std::string>{"approval", "score", "artifact", "command", "ci",
                                                      "evidence", "evidence"}));
  EXPECT_EQ(ran_.data["not_replayed"].items().front()["why"].as_string(),
            "who had worked on the candidate is not in the decision");
  EXPECT_EQ(under("  - {name: jobs, kind: ci, jobs: [deploy]}\n")["would_be"].as_string(), "NO-GO");
  EXPECT_EQ(
      under("  - {name: hours, kind: time, not_before: 2040-01-01T00:00:00Z}\n")["would_be"].as_string(),
      "NO-GO");
}

TEST_F(Replay, LeavesWhatAnExceptionCoveredAsItWas) {
  add("evidence/tests/v1", R"({"tests":3,"failures":1,"errors":0})");
  add("train/decision/v1", R"({"decision":"GO","blockers":[],"exceptions":[{"check":"tests"}],)"
                           R"("conditions":[{"name":"tests","result":"fail"}]})");
  EXPECT_EQ(under(kTests)["would_be"].as_string(), "GO") << ran_.text;
}

}  // namespace
}  // namespace signalbox::evidence_command
