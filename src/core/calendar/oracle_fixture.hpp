// How tests ask the other implementations in testdata/oracle.py. Included by tests alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/calendar/date_text.hpp"

namespace signalbox::calendar {

// The lines it prints; nothing where Python, or a package that it needs, is not here (it exits with 77).
// Debian's own Python, because its packages are in no other.
inline std::optional<std::vector<std::string>> ask_oracle(const std::vector<std::string>& words,
                                                          std::string input = {}) {
  const auto script = testing::source_directory() / "src/core/calendar/testdata/oracle.py";
  std::vector<std::string> argv = {"/usr/bin/python3", script.string()};
  argv.insert(argv.end(), words.begin(), words.end());
  ProcessOptions options;
  options.input = std::move(input);
  const auto said = run_process(argv, options);
  if (!said || said->exit_code == 77) return std::nullopt;
  EXPECT_EQ(said->exit_code, 0) << said->errors;
  std::vector<std::string> out;
  for (const std::string_view line : lines(said->output)) out.emplace_back(line);
  return out;
}

inline std::int64_t seconds_of(Instant instant) {
  return instant.time_since_epoch().count();
}

inline Instant instant_at(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

inline Wall wall_at(std::string_view text) {
  return parse_moment(text).value().wall;
}

}  // namespace signalbox::calendar
