#include "instruments/profile/analysis/joined_stacks.hpp"

#include <algorithm>
#include <bit>

#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {
namespace {

// Numbers of pairs (parent, function): open addressing over a power of two, at most half full.
class PairIndex {
 public:
  explicit PairIndex(std::size_t expected) { resize(std::bit_ceil(std::max(kFewest, 2 * expected))); }

  // The number of the pair, or `next` where it is new.
  std::uint32_t number_of(std::uint32_t parent, std::uint32_t function, std::uint32_t next) {
    if (2 * used_ >= keys_.size()) resize(2 * keys_.size());
    const std::uint64_t key = (std::uint64_t{parent} << 32 | function) + 1;  // 0 marks a free place
    const std::size_t place = place_of(key);
    if (keys_[place] == key) return numbers_[place];
    keys_[place] = key;
    numbers_[place] = next;
    ++used_;
    return next;
  }

 private:
  static constexpr std::size_t kFewest = 1024;

  std::size_t place_of(std::uint64_t key) const {
    std::uint64_t hash = key * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
    std::size_t place = (hash * 0xbf58476d1ce4e5b9ULL) >> shift_;
    while (keys_[place] != 0 && keys_[place] != key) place = (place + 1) & (keys_.size() - 1);
    return place;
  }
  void resize(std::size_t size) {
    std::vector<std::uint64_t> old_keys(size, 0);
    std::vector<std::uint32_t> old_numbers(size, 0);
    keys_.swap(old_keys);
    numbers_.swap(old_numbers);
    shift_ = 64 - std::countr_zero(size);
    for (std::size_t i = 0; i < old_keys.size(); ++i) {
      if (old_keys[i] == 0) continue;
      const std::size_t place = place_of(old_keys[i]);
      keys_[place] = old_keys[i];
      numbers_[place] = old_numbers[i];
    }
  }

  std::vector<std::uint64_t> keys_;
  std::vector<std::uint32_t> numbers_;
  int shift_ = 0;
  std::size_t used_ = 0;
};

// Adds one side's stacks and its values.
void add_side(const JoinSide& side, std::int64_t JoinedStack::*value, PairIndex& index,
              std::vector<JoinedStack>& out) {
  const Profile& profile = *side.profile;
  std::vector<std::uint32_t> joined(profile.stacks.size(), 0);
  for (StackId id = 1; id < profile.stacks.size(); ++id) {
    const Stack& stack = profile.stacks[id];
    const std::uint32_t function = side.functions[stack.frame];
    const std::uint32_t parent = joined[stack.parent];
    if (function == kFolded) {
      joined[id] = parent;
      continue;
    }
    const auto next = static_cast<std::uint32_t>(out.size());
    joined[id] = index.number_of(parent, function, next);
    if (joined[id] == next) out.push_back({parent, function, 0, 0});
  }
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    std::int64_t& sum = out[joined[profile.samples[i].stack]].*value;
    sum = saturating_sum(sum, profile.values_of(i)[side.value]);
  }
}

// Which identities a side shows at all.
void mark(const std::vector<FrameGroups>& side, std::vector<char>& shown) {
  for (const FrameGroups& groups : side) {
    for (const std::uint32_t group : groups) shown[group] = 1;
  }
}

void fold(std::span<const NamedProfile> profiles, std::vector<FrameGroups>& side,
          const std::vector<char>& shown_by_other) {
  for (std::size_t i = 0; i < side.size(); ++i) {
    for (std::size_t frame = 0; frame < side[i].size(); ++frame) {
      if (profiles[i].profile->frames[frame].kind == FrameKind::inlined && !shown_by_other[side[i][frame]])
        side[i][frame] = kFolded;
    }
  }
}

}  // namespace

std::vector<JoinedStack> join_stacks(const JoinSide& base, const JoinSide& fresh) {
  std::vector<JoinedStack> out(1);
  PairIndex index(base.profile->stacks.size());
  add_side(base, &JoinedStack::base, index, out);
  add_side(fresh, &JoinedStack::fresh, index, out);
  return out;
}

JoinedSides join_functions(std::span<const NamedProfile> base, std::span<const NamedProfile> fresh) {
  const auto has_modules = [](const NamedProfile& named) { return names_modules(*named.profile); };
  const bool all = std::all_of(base.begin(), base.end(), has_modules) &&
                   std::all_of(fresh.begin(), fresh.end(), has_modules);
  JoinedSides out{IdentityTable(all ? Modules::told_apart : Modules::ignored), {}, {}};
  for (const NamedProfile& named : base) out.base.push_back(out.table.add(*named.profile));
  for (const NamedProfile& named : fresh) out.fresh.push_back(out.table.add(*named.profile));
  std::vector<char> in_base(out.table.size(), 0);
  std::vector<char> in_fresh(out.table.size(), 0);
  mark(out.base, in_base);
  mark(out.fresh, in_fresh);
  fold(base, out.base, in_fresh);
  fold(fresh, out.fresh, in_base);
  return out;
}

JoinedFunctions join_functions(const Profile& base, const Profile& fresh) {
  const NamedProfile of_base{"", &base};
  const NamedProfile of_fresh{"", &fresh};
  JoinedSides sides = join_functions(std::span(&of_base, 1), std::span(&of_fresh, 1));
  return {std::move(sides.table), std::move(sides.base.front()), std::move(sides.fresh.front())};
}

}  // namespace signalbox::profile
