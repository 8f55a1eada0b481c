// Names of the kernel's functions, from /proc/kallsyms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::profile {

class KernelSymbols {
 public:
  // Without names where the kernel hides addresses (kptr_restrict).
  static KernelSymbols read();
  static KernelSymbols parse(std::string text);

  // "do_syscall_64", or "nf_hook_slow [nf_tables]" for a module's; empty where it is unknown.
  std::string_view find(std::uint64_t address) const;
  bool are_hidden() const { return symbols_.empty(); }

 private:
  struct Symbol {
    std::uint64_t address;
    std::uint32_t name;  // offset in names_
    std::uint32_t size;
  };
  std::string names_;
  std::vector<Symbol> symbols_;
};

}  // namespace signalbox::profile
