// Which code lies at which address of a process, as it changes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "instruments/profile/capture/code_table.hpp"

namespace signalbox::profile {

// A run of addresses that come from one code object.
struct CodeRegion {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;
  std::uint64_t file_offset = 0;
  CodeId code = kNoCode;
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

// The address as its code object counts them: an ELF file's virtual address, else what it is.
std::uint64_t address_in(const CodeTable& table, const CodeRegion& region, std::uint64_t address);

}  // namespace signalbox::profile
