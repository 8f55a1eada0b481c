// docs/conditions.md says what is so: each of its conditions is run over each of its examples, and linted.
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::gates {
namespace {

// A fenced block: "```jq vacuous" has the language jq and the claim "vacuous".
struct Block {
  std::string language, claim, text;
};

std::vector<Block> blocks_of(const std::string& page) {
  std::vector<Block> out;
  bool inside = false;
  for (const std::string_view line : lines(page)) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (!inside) continue;
      const std::string_view header = line.substr(3);
      const std::size_t space = std::min(header.find(' '), header.size());
      out.push_back({std::string(header.substr(0, space)), std::string(trim(header.substr(space))), {}});
    } else if (inside) {
      out.back().text += std::string(line) + "\n";
    }
  }
  return out;
}

Json input_of(const std::string& predicate) {
  const Json value = *parse_json(predicate);
  return Json::object({{"predicate", value},
                       {"statement", Json::object({{"predicate", value}})},
                       {"now", 1'772'528'400},
                       {"age_s", 60}});
}

TEST(ConditionsPage, EveryExampleGivesWhatThePageSays) {
  const auto page = read_file(testing::source_directory() / "docs/conditions.md");
  ASSERT_TRUE(page) << page.error().message;
  Evaluator evaluator({.deadline = std::chrono::milliseconds(2000)});
  Block condition;
  int examples = 0;
  for (const Block& block : blocks_of(*page)) {
    if (block.language == "jq") condition = block;
    if (block.language != "json") continue;
    const Json input = input_of(block.text);
    const auto answer = evaluator.evaluate(condition.text, input);
    ASSERT_TRUE(answer);
    EXPECT_EQ(name_of(answer->kind), block.claim) << condition.text << block.text << answer->message;
    ++examples;
    if (block.claim != "yes") continue;
    const auto found = lint(evaluator, condition.text, &input, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(join(found->refusals, "; "), condition.claim) << condition.text;
    EXPECT_EQ(join(found->warnings, "; "), "") << condition.text;
  }
  EXPECT_EQ(examples, 18);
}

}  // namespace
}  // namespace signalbox::gates
