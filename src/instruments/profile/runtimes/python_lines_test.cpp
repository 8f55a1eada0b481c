#include "instruments/profile/runtimes/python_lines.hpp"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

// Prints the table of each function of a module of Python's own, and the line of each of its instructions as
// that Python tells it.
constexpr const char* kTell = R"(
import dis, sys, types, textwrap
def tell(code):
    table = code.co_lnotab if sys.version_info < (3, 10) else code.co_linetable
    places = []
    if sys.version_info < (3, 10):
        line, starts = 0, dict(dis.findlinestarts(code))
        for instruction in dis.get_instructions(code):
            line = starts.get(instruction.offset, line)
            places.append('%d:%d' % (instruction.offset, line))
    else:
        for begin, end, line in code.co_lines():
            places += ['%d:%d' % (offset, line or 0) for offset in range(begin, end, 2)]
    print(code.co_firstlineno, table.hex() or '-', ' '.join(places))
    for each in code.co_consts:
        if isinstance(each, types.CodeType): tell(each)
tell(compile(open(textwrap.__file__).read(), 'x', 'exec'))
)";

class PythonLines : public ::testing::TestWithParam<const char*> {};

TEST_P(PythonLines, AreThoseThatPythonTellsItself) {
  const std::string python = std::string("python") + GetParam();
  const auto version = run_process({python, "-c", "import sys; print(sys.version_info[1])"});
  if (!version || version->exit_code != 0) GTEST_SKIP() << python << " is not there";
  const auto minor = parse_integer(trim(version->output));
  ASSERT_TRUE(minor);
  if (*minor > 13) GTEST_SKIP() << "3." << *minor << " is not known";
  const auto kind = *minor < 10   ? PythonLineTable::lnotab
                    : *minor < 11 ? PythonLineTable::ranges
                                  : PythonLineTable::locations;
  const auto told = run_process({python, "-c", kTell});
  ASSERT_TRUE(told);
  ASSERT_EQ(told->exit_code, 0) << told->errors;
  int compared = 0;
  for (const std::string_view code : lines(told->output)) {
    const std::vector<std::string_view> words = split(code, ' ');
    ASSERT_GE(words.size(), 2U);
    std::string table;
    for (std::size_t i = 0; words[1] != "-" && i + 1 < words[1].size(); i += 2)
      table.push_back(static_cast<char>(std::stoi(std::string(words[1].substr(i, 2)), nullptr, 16)));
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::size_t colon = words[i].find(':');
      const auto offset = parse_integer(words[i].substr(0, colon));
      const auto line = parse_integer(words[i].substr(colon + 1));
      ASSERT_TRUE(offset && line) << words[i];
      EXPECT_EQ(python_line(kind, table, std::stoi(std::string(words[0])), *offset), *line)
          << python << " at " << *offset;
      ++compared;
    }
  }
  EXPECT_GT(compared, 500);
}

INSTANTIATE_TEST_SUITE_P(Versions, PythonLines,
                         ::testing::Values("3", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13"),
                         [](const auto& each_version) {
                           std::string name = std::string("Python") + each_version.param;
                           for (char& each : name) each = each == '.' ? '_' : each;
                           return name;
                         });

TEST(PythonLineTables, ThatEndAnywhereTellNoLineOrOne) {
  const std::string whole("\xd9\x05\x05\xf0\x04\x01\xf8\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f\x7f", 19);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    for (const auto kind : {PythonLineTable::lnotab, PythonLineTable::ranges, PythonLineTable::locations}) {
      for (const std::int64_t offset : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{6}, INT64_MAX})
        EXPECT_GE(python_line(kind, whole.substr(0, size), 7, offset), 0);
    }
  }
  EXPECT_EQ(python_line(PythonLineTable::locations, "", 7, 0), 0);
}

}  // namespace
}  // namespace signalbox::profile
