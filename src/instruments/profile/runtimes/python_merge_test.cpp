#include "instruments/profile/runtimes/python_merge.hpp"

#include <string>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

// "aLcLm": L is a loop, J is compiled, all else is other. "fgh": big letters are called by C.
std::string merged(const std::string& machine, const std::string& python,
                   PythonDepth depth = PythonDepth::whole) {
  std::vector<MachineFrame> kinds;
  for (const char each : machine)
    kinds.push_back(each == 'L'   ? MachineFrame::loop
                    : each == 'J' ? MachineFrame::compiled
                                  : MachineFrame::other);
  std::vector<PythonCall> calls;
  for (const char each : python)
    calls.push_back(each >= 'A' && each <= 'Z' ? PythonCall::by_c : PythonCall::by_python);
  std::string out;
  for (const MergedFrame& frame : merge_python(kinds, calls, depth))
    out += frame.of == MergedFrame::Of::machine ? machine[frame.number] : python[frame.number];
  return out;
}

TEST(PythonMerge, FunctionsStandWhereTheirLoopRuns) {
  EXPECT_EQ(merged("aLcLm", "fGH"), "afGcHm");
  EXPECT_EQ(merged("Lm", "G"), "Gm");
  EXPECT_EQ(merged("am", ""), "am");
}

TEST(PythonMerge, ALoopThatJustBeginsRunsNoneYet) {
  EXPECT_EQ(merged("LcLm", "fG"), "LcfGm");
}

TEST(PythonMerge, CallsForPerfAreLeftOut) {
  EXPECT_EQ(merged("aLJcLJm", "GH"), "aGcHm");
  EXPECT_EQ(merged("aLJm", ""), "aLJm");
  EXPECT_EQ(merged("aLJm", "fG"), "afGJm");  // Python called f itself: J is something else
}

TEST(PythonMerge, WhereOuterOnesAreMissingTheInnermostBelongTogether) {
  EXPECT_EQ(merged("aLcLdLm", "fGh", PythonDepth::outer_missing), "afGchdLm");
}

TEST(PythonMerge, NothingIsLostWhereALoopIsNotSeen) {
  EXPECT_EQ(merged("aLm", "FGH"), "aFGHm");
  EXPECT_EQ(merged("am", "FG"), "amFG");
}

}  // namespace
}  // namespace signalbox::profile
