#include <gtest/gtest.h>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/base/process.hpp"

using namespace signalbox;

TEST(Json, DuplicateKeysAreRefusedWithTheirPlace) {
  const auto parsed = parse_json(R"({"a":{"x":1,"x":2}})");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().message, "ambiguous JSON at $.a.x: the key stands there twice");
}

TEST(Process, OutputAndExitCodeComeBack) {
  const auto result = run_process({"sh", "-c", "cat; exit 3"}, {.input = "hello"});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->output, "hello");
  EXPECT_EQ(result->exit_code, 3);
}
