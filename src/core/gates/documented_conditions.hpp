// For tests of predicates: what the documentation tells people to ask of one is tried.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::gates {

// Each condition of `page` (from the checkout), which stands between ```jq and ```: yes to `good`, no to
// `bad`, an error and no yes where the predicate says nothing of it, and nothing in it that lint refuses. How
// many there are.
inline int try_documented_conditions(std::string_view page, const Json& good, const Json& bad) {
  const auto text = read_file(signalbox::testing::source_directory() / page);
  EXPECT_TRUE(text) << page;
  if (!text) return 0;
  Evaluator evaluator({.deadline = std::chrono::milliseconds(2000)});
  std::string condition;
  bool inside = false;
  int conditions = 0;
  for (const std::string_view line : lines(*text)) {
    if (!inside && line == "```jq") {
      inside = true;
      condition.clear();
    } else if (inside && line == "```") {
      inside = false;
      ++conditions;
      const auto yes = evaluator.evaluate(condition, good);
      const auto no = evaluator.evaluate(condition, bad);
      const auto silent = evaluator.evaluate(condition, Json::object({{"predicate", Json::object()}}));
      const auto linted = lint(evaluator, condition, &good, {});
      EXPECT_TRUE(yes && no && silent && linted) << condition;
      if (!yes || !no || !silent || !linted) return conditions;
      EXPECT_EQ(yes->kind, Answer::Kind::yes) << condition << yes->message;
      EXPECT_EQ(no->kind, Answer::Kind::no) << condition << no->message;
      EXPECT_EQ(silent->kind, Answer::Kind::error) << condition;
      EXPECT_EQ(join(linted->refusals, "; "), "") << condition;
    } else if (inside) {
      condition += std::string(line) + "\n";
    }
  }
  return conditions;
}

}  // namespace signalbox::gates
