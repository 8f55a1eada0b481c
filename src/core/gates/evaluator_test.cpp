// The evaluator as its client sees it: right answers, and nothing that a condition does gets out of
// hand.#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::gates {
namespace {

Answer ask(Evaluator& evaluator, std::string_view expression, const Json& input = Json::object()) {
  auto answer = evaluator.evaluate(expression, input);
  EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
  return answer ? *answer : Answer{};
}

// For tests of what an answer is, not of how soon: the machine may be busy.
constexpr EvaluatorOptions kPatient{.deadline = std::chrono::milliseconds(2000)};

Json parsed(std::string_view text) {
  return *parse_json(text, {.exact_integers = false});
}

// systems/evidence, "Worked numbers": what jq 1.6 says, and why there is a prelude.
TEST(Evaluator, AnswersAsTheTruthTableOfJqSays) {
  Evaluator evaluator(kPatient);
  EXPECT_EQ(ask(evaluator, "null < 14.4").kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, "\"9\" > 14.4").kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, "nan < 1").kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, "[] | all(.[]; .score > 75)").kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, ".cves | length == 0").kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, ". == 9007199254740992", parsed("9007199254740993")).kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, "tojson == \"1e+20\"", parsed("1e20")).kind, Answer::Kind::yes);
}

TEST(Evaluator, OnlyOneBooleanIsAnAnswer) {
  Evaluator evaluator(kPatient);
  EXPECT_EQ(ask(evaluator, "false").kind, Answer::Kind::no);
  for (const char* expression : {"empty", "null", "1", "\"true\"", "[]", "true, true", "true, false", "."}) {
    EXPECT_EQ(ask(evaluator, expression).kind, Answer::Kind::not_boolean) << expression;
  }
  const Answer failed = ask(evaluator, "true, error(\"no\")");
  EXPECT_EQ(failed.kind, Answer::Kind::error);
  EXPECT_EQ(failed.message, "no");
}

TEST(Evaluator, WhatRunsWithoutEndIsKilled) {
  Evaluator evaluator({.deadline = std::chrono::milliseconds(100)});
  for (const char* expression : {"def f: f; f", "[range(1e9)] | length > 0", "def f: 1 + f; f",
                                 "true, (def f: f; f)", "last(range(1e12)) > 0"}) {
    const auto started = std::chrono::steady_clock::now();
    const Answer answer = ask(evaluator, expression);
    EXPECT_TRUE(answer.kind == Answer::Kind::timeout || answer.kind == Answer::Kind::memory) << expression;
    EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(5)) << expression;
  }
  EXPECT_EQ(ask(evaluator, "true").kind, Answer::Kind::yes);
}

TEST(Evaluator, WhatAllocatesWithoutEndIsStopped) {
  Evaluator evaluator({.deadline = std::chrono::milliseconds(2000)});
  const Answer answer = ask(evaluator, "reduce range(60) as $i (\"x\"; . + .) | length > 0");
  EXPECT_EQ(answer.kind, Answer::Kind::memory) << answer.message;
  EXPECT_EQ(ask(evaluator, "true").kind, Answer::Kind::yes);
}

TEST(Evaluator, AFloodOfOutputsEndsAtTheSecond) {
  Evaluator evaluator(kPatient);
  EXPECT_EQ(ask(evaluator, "range(1e9)").kind, Answer::Kind::not_boolean);
  const Answer loud = ask(evaluator, "error(\"x\" * 100000)");
  EXPECT_EQ(loud.kind, Answer::Kind::error);
  EXPECT_LE(loud.message.size(), 4096U);
}

TEST(Evaluator, SaysWhereAConditionDoesNotCompile) {
  Evaluator evaluator(kPatient);
  const Answer syntax = ask(evaluator, "true\n and )");
  EXPECT_EQ(syntax.kind, Answer::Kind::refused);
  EXPECT_EQ(syntax.message, "line 2, column 6: `)` closes nothing that is open");
  const Answer unknown = ask(evaluator, "true and\nsurely(.x)");
  EXPECT_EQ(unknown.kind, Answer::Kind::refused);
  EXPECT_EQ(unknown.message, "line 2: surely/1 is not defined");
  EXPECT_EQ(ask(evaluator, "").kind, Answer::Kind::refused);
  EXPECT_EQ(ask(evaluator, "1 +").kind, Answer::Kind::refused);
}

TEST(Evaluator, DatesAreReadInUtc) {
  Evaluator evaluator(kPatient);
  EXPECT_EQ(ask(evaluator, "\"2026-03-03T09:00:00Z\" | fromdateiso8601 == 1772528400").kind,
            Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, "1772528400 | todate == \"2026-03-03T09:00:00Z\"").kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, "1772528400 | gmtime | mktime == 1772528400").kind, Answer::Kind::yes);
}

TEST(Evaluator, LargeArraysAreSorted) {
  Evaluator evaluator(kPatient);
  EXPECT_EQ(ask(evaluator, "[range(20000)] | reverse | sort | first == 0").kind, Answer::Kind::yes);
  EXPECT_EQ(ask(evaluator, "[range(20000) | tostring] | unique | length == 20000").kind, Answer::Kind::yes);
}

TEST(Evaluator, ManyInputsGetTheirAnswersInOrder) {
  Evaluator evaluator(kPatient);
  std::vector<Json> inputs;
  for (int i = 0; i < 300; ++i) inputs.push_back(Json::object({{"n", i}}));
  const auto answers = evaluator.evaluate_all("if .n == 150 then error(\"here\") else .n > 200 end", inputs);
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->size(), 300U);
  EXPECT_EQ((*answers)[0].kind, Answer::Kind::no);
  EXPECT_EQ((*answers)[150].kind, Answer::Kind::error);
  EXPECT_EQ((*answers)[299].kind, Answer::Kind::yes);
}

TEST(Evaluator, OneRunawayAmongManyInputsIsTheOnlyOneKilled) {
  Evaluator evaluator({.deadline = std::chrono::milliseconds(100)});
  std::vector<Json> inputs;
  for (int i = 0; i < 10; ++i) inputs.push_back(i);
  const auto answers = evaluator.evaluate_all("if . == 5 then (def f: f; f) else true end", inputs);
  ASSERT_TRUE(answers);
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_EQ((*answers)[i].kind, i == 5 ? Answer::Kind::timeout : Answer::Kind::yes) << i;
}

// The evaluators that this process has running.
std::vector<pid_t> children() {
  std::vector<pid_t> out;
  std::ifstream file("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  for (pid_t pid = 0; file >> pid;) out.push_back(pid);
  return out;
}

TEST(Evaluator, OneThatWasKilledIsStartedAgain) {
  Evaluator evaluator(kPatient);
  ASSERT_EQ(ask(evaluator, "true").kind, Answer::Kind::yes);
  ASSERT_EQ(children().size(), 1U);
  const pid_t first = children().front();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  EXPECT_EQ(ask(evaluator, "true").kind, Answer::Kind::yes);
  ASSERT_EQ(children().size(), 1U);
  EXPECT_NE(children().front(), first);
}

TEST(Evaluator, LeavesNoProcessBehind) {
  {
    Evaluator evaluator(kPatient);
    ask(evaluator, "true");
    ask(evaluator, "def f: f; f");
  }
  EXPECT_TRUE(children().empty());
}

TEST(Evaluator, SeesNothingOfTheEnvironment) {
  ::setenv("SIGNALBOX_SECRET", "hush", 1);
  Evaluator evaluator(kPatient);
  ask(evaluator, "true");
  std::ifstream file("/proc/" + std::to_string(children().front()) + "/environ");
  std::string environment;
  std::getline(file, environment, '\xff');
  EXPECT_EQ(environment, "");
}

TEST(Evaluator, ReadsNoJqFileOfTheUser) {
  const TemporaryDirectory home;
  ASSERT_TRUE(write_file_atomically(home.path() / ".jq", "def surely: true;\n"));
  const std::string before = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  ::setenv("HOME", home.path().c_str(), 1);
  const auto jq = run_process({"jq", "-n", "surely"});
  Evaluator evaluator(kPatient);
  EXPECT_EQ(ask(evaluator, "surely").kind, Answer::Kind::refused);
  ::setenv("HOME", before.c_str(), 1);
  EXPECT_EQ(jq->output, "true\n") << "jq itself does read it";
}

TEST(Evaluator, TheProgramIsLookedForWhereTheUserSays) {
  ::setenv("SIGNALBOX_LIBRARY", "/nowhere", 1);
  Evaluator evaluator;
  const auto answer = evaluator.evaluate("true", Json());
  ::unsetenv("SIGNALBOX_LIBRARY");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
}

TEST(Evaluator, ALargeInputIsReadOnceForAllItsVariants) {
  Evaluator evaluator(kPatient);
  Json list = Json::array();
  for (int i = 0; i < 50'000; ++i) list.push_back(Json::object({{"n", i}}));
  const Json input = Json::object({{"predicate", Json::object({{"list", std::move(list)}, {"n", 1}})}});
  Json path = Json::array();
  path.push_back("predicate");
  path.push_back("n");
  std::vector<Variant> variants;
  for (int i = 0; i < 200; ++i) variants.push_back({{path}, Json(i)});
  variants.push_back({{path}, std::nullopt});
  const auto answers = evaluator.evaluate_variants("eq(.predicate.n; 7)", input, variants);
  ASSERT_TRUE(answers) << answers.error().message;
  EXPECT_EQ((*answers)[7].kind, Answer::Kind::yes);
  EXPECT_EQ((*answers)[8].kind, Answer::Kind::no);
  EXPECT_EQ(answers->back().kind, Answer::Kind::error);
}

// What a process in the evaluator's or an evaluation's sandbox gets for trying something.
int tried(const std::string& sandbox, const std::string& what) {
  const auto probe = testing::build_directory() / "src/core/gates/evaluator/condition_sandbox_probe";
  const auto ended = run_process({probe.string(), sandbox, what});
  return ended ? ended->exit_code : -1;
}

constexpr int kKilled = 128 + SIGSYS;

TEST(Sandbox, AnEvaluationReachesNothing) {
  EXPECT_EQ(tried("evaluation", "nothing"), 0);
  EXPECT_EQ(tried("evaluation", "open"), ENOENT);
  EXPECT_EQ(tried("evaluation", "create"), ENOENT);
  for (const char* what : {"socket", "execute", "fork", "kill", "unlink"})
    EXPECT_EQ(tried("evaluation", what), kKilled) << what;
}

TEST(Sandbox, TheEvaluatorReachesItsOwnChildrenAlone) {
  EXPECT_EQ(tried("evaluator", "fork"), 0);
  EXPECT_EQ(tried("evaluator", "open"), ENOENT);
  EXPECT_EQ(tried("evaluator", "create"), ENOENT);
  for (const char* what : {"socket", "execute", "unlink"})
    EXPECT_EQ(tried("evaluator", what), kKilled) << what;
}

}  // namespace
}  // namespace signalbox::gates
