// The stacks of two profiles in one tree, joined by the identity of their functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "instruments/profile/analysis/comparable.hpp"
#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/analysis/function_identity.hpp"

namespace signalbox::profile {

// A stack of either profile. A parent's place in the list is before its child's; the first is the empty
// stack.
struct JoinedStack {
  std::uint32_t parent = 0;
  IdentityId function = kUnknownFunction;
  std::int64_t base = 0;  // of samples that end here, as the profiles have them
  std::int64_t fresh = 0;
};

// One side: a profile, its column, and the identity of each of its frames (kFolded: counted for the caller).
struct JoinSide {
  const Profile* profile = nullptr;  // not owned
  std::size_t value = 0;
  std::span<const std::uint32_t> functions;
};

std::vector<JoinedStack> join_stacks(const JoinSide& base, const JoinSide& fresh);

// The functions of two profiles in one numbering, and what each frame is counted for. An inlined function
// that the other side never shows is folded into its caller: it may be there and not be told apart.
struct JoinedFunctions {
  IdentityTable table;
  FrameGroups base;
  FrameGroups fresh;
};
JoinedFunctions join_functions(const Profile& base, const Profile& fresh);
// The same of several profiles a side.
struct JoinedSides {
  IdentityTable table;
  std::vector<FrameGroups> base;
  std::vector<FrameGroups> fresh;
};
JoinedSides join_functions(std::span<const NamedProfile> base, std::span<const NamedProfile> fresh);

}  // namespace signalbox::profile
