#include "instruments/profile/formats/perf_data_spaces.hpp"

#include <string>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

const PerfDataFileName kProgram{"/bin/program", ""};
const PerfDataFileName kLibrary{"/lib/library.so", "abcd"};

// "/bin/program+0x10" for what lies at an address; empty: nothing.
std::string at(const PerfDataSpaces& spaces, std::int32_t pid, std::uint64_t address) {
  PerfDataSpaces::Found found{};
  if (!spaces.find(pid, address, found)) return {};
  return spaces.files()[found.file].path + "+" + std::to_string(found.file_offset);
}

}  // namespace

TEST(PerfDataSpaces, WhatParentAndChildMapAfterTheForkIsTheirOwn) {
  PerfDataSpaces spaces;
  spaces.map(1, 1000, 100, 0, kProgram);
  spaces.fork(1, 2);
  EXPECT_EQ(at(spaces, 2, 1010), "/bin/program+10");
  spaces.map(2, 1050, 10, 7, kLibrary);
  spaces.map(1, 2000, 10, 5, kLibrary);
  EXPECT_EQ(at(spaces, 1, 1055), "/bin/program+55");
  EXPECT_EQ(at(spaces, 2, 1055), "/lib/library.so+12");
  EXPECT_EQ(at(spaces, 2, 1065), "/bin/program+65");
  EXPECT_EQ(at(spaces, 1, 2001), "/lib/library.so+6");
  EXPECT_EQ(at(spaces, 2, 2001), "");
  spaces.exec(2);
  EXPECT_EQ(at(spaces, 2, 1010), "");
  EXPECT_EQ(at(spaces, 1, 1010), "/bin/program+10");
}

TEST(PerfDataSpaces, NothingIsCopiedWhereNothingElseHasTheMemory) {
  PerfDataSpaces spaces(0);
  spaces.map(1, 1000, 100, 0, kProgram);
  for (std::int32_t child = 2; child < 100; ++child) {
    spaces.fork(1, child);
    if (child % 2 == 0) spaces.exec(child);
    if (child % 2 == 1) spaces.exit(child, child);
    spaces.map(1, 1000, 100, static_cast<std::uint64_t>(child), kProgram);
  }
  EXPECT_EQ(spaces.without_inheritance(), 0U);
  EXPECT_EQ(at(spaces, 1, 1001), "/bin/program+100");
}

TEST(PerfDataSpaces, BeyondWhatMayBeCopiedAProcessHasWhatItMappedItself) {
  PerfDataSpaces spaces(3);
  spaces.map(1, 1000, 100, 0, kProgram);
  spaces.map(1, 2000, 100, 0, kLibrary);
  for (const std::int32_t child : {2, 3}) {
    spaces.fork(1, child);
    spaces.map(child, 3000, 100, 0, kLibrary);
    EXPECT_EQ(at(spaces, child, 3001), "/lib/library.so+1");
  }
  EXPECT_EQ(at(spaces, 2, 1001), "/bin/program+1");
  EXPECT_EQ(at(spaces, 3, 1001), "");
  EXPECT_EQ(spaces.without_inheritance(), 1U);
}

TEST(PerfDataSpaces, AProcessIsForgottenWithItsLastThread) {
  PerfDataSpaces spaces;
  spaces.map(1, 1000, 100, 0, kProgram);
  spaces.start_thread(1);
  spaces.start_thread(1);
  spaces.exit(1, 11);
  spaces.exit(1, 1);
  EXPECT_EQ(at(spaces, 1, 1001), "/bin/program+1");
  spaces.exit(1, 12);
  EXPECT_EQ(at(spaces, 1, 1001), "");
  spaces.exit(1, 1);  // again, and of one that was never there
  spaces.exit(5, 5);
}

TEST(PerfDataSpaces, MemoryThatCannotBeIsLeftOut) {
  PerfDataSpaces spaces;
  spaces.map(1, 1000, 0, 0, kProgram);
  spaces.map(1, ~std::uint64_t{0} - 5, 10, 0, kProgram);
  EXPECT_EQ(at(spaces, 1, 1000), "");
  EXPECT_EQ(at(spaces, 1, ~std::uint64_t{0} - 2), "");
}

}  // namespace signalbox::profile
