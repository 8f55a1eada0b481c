#include "instruments/profile/elf/address_space.hpp"

#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

// A second way to the same: an array of pages, each with who mapped it last and from which offset.
TEST(AddressSpace, IsWhatAnArrayOfPagesSays) {
  constexpr std::uint64_t kPages = 64;
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    AddressSpace space;
    std::vector<std::pair<std::uint32_t, std::uint64_t>> pages(kPages);
    for (std::uint32_t code = 1; code <= 20; ++code) {
      const std::uint64_t start = random() % kPages;
      const std::uint64_t limit = start + 1 + random() % (kPages - start);
      const std::uint64_t offset = random() % 1000;
      space.map({start, limit, offset, code});
      for (std::uint64_t page = start; page < limit; ++page) pages[page] = {code, offset + page - start};
    }
    for (std::uint64_t page = 0; page < kPages; ++page) {
      const CodeRegion* found = space.find(page);
      const std::uint32_t code = found == nullptr ? 0 : found->code;
      ASSERT_EQ(code, pages[page].first) << "round " << round << ", page " << page;
      const std::uint64_t offset = found == nullptr ? 0 : page - found->start + found->file_offset;
      ASSERT_EQ(offset, pages[page].second);
    }
    EXPECT_EQ(space.find(kPages), nullptr);
  }
}

}  // namespace
}  // namespace signalbox::profile
