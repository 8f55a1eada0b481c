#include "instruments/profile/capture/symbolize.hpp"

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {

// Outside of the unnamed namespace: its name is looked for.
void __attribute__((noinline)) a_function_of_the_test() {
  std::abort();
}

namespace {

// Where a function of this process lies.
RawFrame frame_of(CodeTable& code, void (*function)()) {
  const auto address = reinterpret_cast<std::uint64_t>(function);
  const auto regions = memory_map_of(::getpid());
  EXPECT_TRUE(regions);
  for (const MemoryRegion& region : *regions) {
    if (address < region.start || address >= region.limit) continue;
    const CodeId id = code.mapped(::getpid(), region.start, region.limit, region.path);
    return {id, FrameKind::user,
            address_in(code, {region.start, region.limit, region.file_offset, id}, address)};
  }
  ADD_FAILURE() << "lies nowhere";
  return {};
}

// A function of the kernel that is there as long as it runs: above all of them lie those of modules and of
// BPF programs, which come and go while others work. 0 where the kernel hides its addresses.
std::uint64_t lasting_kernel_function() {
  const std::string text = read_file("/proc/kallsyms").value_or("");
  for (const std::string_view line : lines(text)) {
    if (line.ends_with(" T schedule")) return std::stoull(std::string(line), nullptr, 16);
  }
  return 0;
}

// The name of each stack's last frame, as `names` has them.
std::vector<std::string> leaves(const RawProfile& raw, const StackNames& names, const Profile& profile) {
  std::vector<std::string> out;
  for (std::uint32_t node = 1; node < raw.nodes().size(); ++node)
    out.emplace_back(profile.name_of_frame(profile.stacks[names[node]].frame));
  return out;
}

}  // namespace

TEST(StackNames, AreTheSameWhereTheirSymbolsWereReadAhead) {
  CodeTable code;
  RawProfile raw;
  ProfileBuilder at_once(std::vector<ValueType>{{"samples", "count"}});
  ProfileBuilder ahead(std::vector<ValueType>{{"samples", "count"}});
  StackNames names_at_once(at_once);
  StackNames names_ahead(ahead);
  names_ahead.read_ahead(raw, code);
  const std::uint32_t outer = raw.stack(0, frame_of(code, a_function_of_the_test));
  names_ahead.read_ahead(raw, code);
  const std::uint32_t inner = raw.stack(outer, frame_of(code, reinterpret_cast<void (*)()>(&std::abort)));
  raw.stack(inner, {code.kernel(), FrameKind::kernel, lasting_kernel_function()});
  raw.stack(inner, {kNoCode, FrameKind::user, 1});
  raw.synthetic(inner, "[truncated: too deep]");
  names_ahead.read_ahead(raw, code);
  names_ahead.read_ahead(raw, code);
  names_ahead.extend(raw, code);
  names_at_once.extend(raw, code);
  const std::vector<std::string> expected = leaves(raw, names_at_once, at_once.profile());
  EXPECT_EQ(leaves(raw, names_ahead, ahead.profile()), expected);
  EXPECT_EQ(expected[0], "signalbox::profile::a_function_of_the_test()");
}

TEST(StackNames, AnAddressOfTwoStacksIsLookedUpOnce) {
  CodeTable code;
  RawProfile raw;
  ProfileBuilder builder(std::vector<ValueType>{{"samples", "count"}});
  StackNames names(builder);
  const RawFrame inner = frame_of(code, reinterpret_cast<void (*)()>(&std::abort));
  raw.stack(raw.stack(0, frame_of(code, a_function_of_the_test)), inner);
  names.extend(raw, code);
  EXPECT_EQ(names.lookups().misses, 2);
  EXPECT_EQ(names.lookups().hits, 0);
  const NameLookups before = names.lookups();
  raw.stack(0, inner);
  names.extend(raw, code);
  names.extend(raw, code);
  EXPECT_EQ(names.lookups().since(before).hits, 1);
  EXPECT_EQ(names.lookups().since(before).misses, 0);
}

TEST(StackNames, ThatNobodyAsksForAfterwardsAreNoMatter) {
  CodeTable code;
  RawProfile raw;
  raw.stack(0, frame_of(code, a_function_of_the_test));
  ProfileBuilder builder(std::vector<ValueType>{{"samples", "count"}});
  StackNames names(builder);
  names.read_ahead(raw, code);
}

}  // namespace signalbox::profile
