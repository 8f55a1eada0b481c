// R's answers in tests: the second implementation of what stands in this folder.
#pragma once

#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

namespace signalbox::stats::testing {

using Values = std::vector<double>;

// Questions to testdata/oracle.R, asked all at once.
class R {
 public:
  static bool is_there() { return find_program("Rscript").has_value(); }

  void ask(const std::string& question) { questions_ += question + "\n"; }

  // One line of numbers for each question.
  std::vector<Values> answers() const {
    ProcessOptions options;
    options.input = questions_;
    const auto script = signalbox::testing::source_directory() / "src/core/stats/testdata/oracle.R";
    const ProcessResult result = run_process({"Rscript", "--vanilla", script.string()}, options).value();
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    std::vector<Values> out;
    for (const std::string_view line : lines(result.output)) {
      std::istringstream in{std::string(line)};
      Values values;
      for (std::string word; in >> word;) values.push_back(std::stod(word));
      out.push_back(std::move(values));
    }
    return out;
  }

 private:
  std::string questions_;
};

// A list as oracle.R reads it.
inline std::string text(const Values& values) {
  return fmt::format("{:.17g}", fmt::join(values, ","));
}

}  // namespace signalbox::stats::testing

#define SIGNALBOX_NEEDS_R() \
  if (!::signalbox::stats::testing::R::is_there()) GTEST_SKIP() << "no Rscript: apt-get install r-base-core"
