// Which code lies at which address of a process, as it changes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

namespace signalbox::profile {

// A run of addresses that come from one file, or other memory.
struct CodeRegion {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;
  std::uint64_t file_offset = 0;
  std::uint32_t code = 0;  // which of them, as the owner counts
};

class AddressSpace {
 public:
  void map(const CodeRegion& region);  // what it covers of others is gone
  const CodeRegion* find(std::uint64_t address) const;
  void for_each(const std::function<void(const CodeRegion&)>& call) const;  // by address
  void clear() { regions_.clear(); }
  std::size_t size() const { return regions_.size(); }

 private:
  std::map<std::uint64_t, CodeRegion> regions_;  // by start
};

}  // namespace signalbox::profile
