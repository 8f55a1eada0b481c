// Conditions of gates: 100 conditions over 50 statements, each evaluation in a child of its own, beside a
// bare fork and wait in turn; the first evaluation, which compiles, beside a start of jq; the same as plain
// conditions, beside jq; and how soon a runaway is killed.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "core/gates/condition.hpp"

namespace {

using signalbox::Json;
using signalbox::gates::Answer;
using signalbox::gates::Evaluator;

constexpr int kConditions = 100;
constexpr int kStatements = 50;
constexpr int kStartsOfJq = 30;
constexpr int kRunaways = 20;
constexpr double kGoalP99Ms = 5;
constexpr double kGoalKilledMs = 300;

// Milliseconds that `work` takes; the bench ends where it fails.
template <class Work>
double timed(Work&& work) {
  const auto began = std::chrono::steady_clock::now();
  const bool done = work();
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - began;
  if (!done) {
    std::fputs("a condition got an answer that it must not get\n", stderr);
    std::exit(1);
  }
  return taken.count();
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

std::string plain_condition(int number) {
  return fmt::format(
      "gt(.predicate.tests; {}) and eq(.predicate.failures; 0) and every(.predicate.suites; .ok)", number);
}

// The same, with something behind it that only jq knows.
std::string condition(int number) {
  return plain_condition(number) + " | .";
}

Json statement(int number) {
  Json suites = Json::array();
  for (int i = 0; i < 10; ++i)
    suites.push_back(Json::object({{"name", fmt::format("suite {}", i)}, {"ok", true}, {"duration_ms", i}}));
  return Json::object(
      {{"predicate",
        Json::object(
            {{"tool", "ctest"}, {"tests", 1000 + number}, {"failures", 0}, {"suites", std::move(suites)}})},
       {"age_s", 60},
       {"now", 1'750'000'000}});
}

bool is_yes(const signalbox::Result<Answer>& answer) {
  return answer && answer->kind == Answer::Kind::yes;
}

bool bare_fork() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  int status = -1;
  return child > 0 && ::waitpid(child, &status, 0) == child && status == 0;
}

void tell(std::string_view what, double ours, std::string_view peer, double peer_value,
          std::string_view goal) {
  fmt::print(
      "{{\"bench\":\"condition\",\"what\":\"{}\",\"ours\":{:.3f},\"peer\":\"{}\",\"peer_value\":{:.3f},"
      "\"ratio\":{:.2f},\"unit\":\"ms\",\"better\":\"lower\",\"judged\":\"ours\",\"floor\":null,"
      "\"goal\":{},\"command\":\"bench/run condition\"}}\n",
      what, ours, peer, peer_value, ours / peer_value, goal);
}

void first_evaluations(Evaluator& evaluator) {
  std::vector<double> ours;
  std::vector<double> jq;
  const std::vector<std::string> words = {"jq", "-n", "true"};
  for (int i = 0; i < kConditions; ++i) {
    ours.push_back(timed([&] { return is_yes(evaluator.evaluate(condition(i), statement(0))); }));
    if (i < kStartsOfJq) jq.push_back(timed([&] { return signalbox::run_process(words).has_value(); }));
  }
  tell("first evaluation of a condition (compiled with its prelude), p50", quantile(ours, 0.5),
       "starting jq 1.6", quantile(jq, 0.5), "null");
}

void later_evaluations(Evaluator& evaluator) {
  std::vector<double> ours;
  std::vector<double> fork;
  for (int s = 0; s < kStatements; ++s) {
    const Json input = statement(s);
    for (int c = 0; c < kConditions; ++c) {
      ours.push_back(timed([&] { return is_yes(evaluator.evaluate(condition(c), input)); }));
      fork.push_back(timed(bare_fork));
    }
  }
  const auto goal = fmt::format("{}", kGoalP99Ms);
  tell("a compiled condition over a statement, p50", quantile(ours, 0.5), "bare fork and wait",
       quantile(fork, 0.5), "null");
  tell("a compiled condition over a statement, p99", quantile(ours, 0.99), "bare fork and wait",
       quantile(fork, 0.99), goal);
}

void plain_ones(Evaluator& evaluator) {
  std::vector<double> ours;
  std::vector<double> jq;
  for (int s = 0; s < kStatements; ++s) {
    const Json input = statement(s);
    for (int c = 0; c < kConditions; ++c) {
      ours.push_back(timed([&] { return is_yes(evaluator.evaluate(plain_condition(c), input)); }));
      jq.push_back(timed([&] { return is_yes(evaluator.evaluate(condition(c), input)); }));
    }
  }
  tell("a plain condition, read and answered, p50", quantile(ours, 0.5), "by jq, compiled before",
       quantile(jq, 0.5), "null");
}

void runaways(Evaluator& evaluator) {
  const auto run = [&evaluator](int i) {
    const auto answer = evaluator.evaluate(i % 2 == 0 ? "def f: f; f" : "[range(1e9)] | length > 0", Json());
    return answer && answer->kind != Answer::Kind::yes && answer->kind != Answer::Kind::no;
  };
  std::vector<double> ours;
  for (int i = -2; i < kRunaways; ++i) {
    const double taken_ms = timed([&] { return run(i); });
    if (i >= 0) ours.push_back(taken_ms);  // the first of each is compiled too
  }
  constexpr double kDeadlineMs = 250;
  tell(fmt::format("a runaway condition is killed, slowest of {}", kRunaways), quantile(ours, 1),
       "its deadline", kDeadlineMs, fmt::format("{}", kGoalKilledMs));
}

}  // namespace

int main() {
  Evaluator evaluator;
  first_evaluations(evaluator);
  later_evaluations(evaluator);
  plain_ones(evaluator);
  Evaluator another;
  if (!is_yes(another.evaluate("true", Json()))) return 1;
  runaways(another);
  return 0;
}
