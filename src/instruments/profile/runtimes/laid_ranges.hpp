// Ranges of addresses, laid down one after another, each over what lay there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace signalbox::profile {

template <class Value>
class LaidRanges {
 public:
  // [start, limit); nothing where it is empty.
  void lay(std::uint64_t start, std::uint64_t limit, const Value& value) {
    if (limit <= start) return;
    auto at = laid_.lower_bound(start);
    if (at != laid_.begin()) {
      Range& before = std::prev(at)->second;
      const std::uint64_t old_limit = before.limit;
      if (old_limit > start) before.limit = start;
      if (old_limit > limit) at = laid_.emplace_hint(at, limit, Range{old_limit, before.value});
    }
    while (at != laid_.end() && at->first < limit) {
      const Range old = at->second;
      at = laid_.erase(at);
      if (old.limit > limit) at = laid_.emplace_hint(at, limit, old);
    }
    laid_.insert_or_assign(start, Range{limit, value});
  }

  // What lies at an address now; nullptr: nothing.
  const Value* find(std::uint64_t address) const {
    const auto after = laid_.upper_bound(address);
    if (after == laid_.begin()) return nullptr;
    const Range& range = std::prev(after)->second;
    return address < range.limit ? &range.value : nullptr;
  }
  std::size_t size() const { return laid_.size(); }

 private:
  struct Range {
    std::uint64_t limit;
    Value value;
  };
  std::map<std::uint64_t, Range> laid_;  // by start, none over another
};

}  // namespace signalbox::profile
