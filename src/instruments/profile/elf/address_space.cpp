#include "instruments/profile/elf/address_space.hpp"

#include <iterator>

namespace signalbox::profile {

void AddressSpace::map(const CodeRegion& region) {
  auto at = regions_.lower_bound(region.start);
  if (at != regions_.begin()) {
    CodeRegion& before = std::prev(at)->second;
    if (before.limit > region.start) {
      if (before.limit > region.limit) {  // the new one lies inside: its rest stays behind it
        const CodeRegion rest{region.limit, before.limit, before.file_offset + (region.limit - before.start),
                              before.code};
        at = regions_.emplace_hint(at, rest.start, rest);
      }
      before.limit = region.start;
    }
  }
  while (at != regions_.end() && at->second.start < region.limit) {
    if (at->second.limit > region.limit) {
      CodeRegion rest = at->second;
      rest.file_offset += region.limit - rest.start;
      rest.start = region.limit;
      at = regions_.erase(at);
      at = regions_.emplace_hint(at, rest.start, rest);
      break;
    }
    at = regions_.erase(at);
  }
  if (region.limit > region.start) regions_.insert_or_assign(region.start, region);
}

const CodeRegion* AddressSpace::find(std::uint64_t address) const {
  auto after = regions_.upper_bound(address);
  if (after == regions_.begin()) return nullptr;
  const CodeRegion& region = std::prev(after)->second;
  return address < region.limit ? &region : nullptr;
}

void AddressSpace::for_each(const std::function<void(const CodeRegion&)>& call) const {
  for (const auto& [start, region] : regions_) call(region);
}

}  // namespace signalbox::profile
