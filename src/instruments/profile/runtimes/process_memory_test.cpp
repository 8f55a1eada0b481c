#include "instruments/profile/runtimes/process_memory.hpp"

#include <cstring>

#include <gtest/gtest.h>
#include <unistd.h>

namespace signalbox::profile {
namespace {

std::uint64_t address_of(const void* place) {
  std::uint64_t out = 0;
  std::memcpy(&out, &place, sizeof out);
  return out;
}

TEST(ProcessMemory, OfOneThatIsThereIsReadWholeOrNot) {
  const std::uint64_t value = 0x1234'5678'9abc'def0;
  OtherProcess self(::getpid());
  std::uint64_t read = 0;
  EXPECT_TRUE(self.try_at(address_of(&value)));
  ASSERT_TRUE(self.read(address_of(&value), read));
  EXPECT_EQ(read, value);
  EXPECT_FALSE(self.read(8, read));
  EXPECT_EQ(self.try_at(8).error().kind, ErrorKind::unavailable);
}

TEST(ProcessMemory, OfOneThatIsGoneIsNotFound) {
  EXPECT_EQ(OtherProcess(2'000'000'000).try_at(8).error().kind, ErrorKind::not_found);
}

}  // namespace
}  // namespace signalbox::profile
