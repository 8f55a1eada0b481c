#include "instruments/profile/elf/demangle.hpp"

#include <cstdlib>
#include <memory>

#include <cxxabi.h>

#define HAVE_DECL_BASENAME 1  // the C library has it; libiberty.h would declare it otherwise
#include <libiberty/demangle.h>

namespace signalbox::profile {

namespace {

// Longer ones are data of others that would take long.
constexpr std::size_t kMaxMangledBytes = std::size_t{1} << 20;

using Text = std::unique_ptr<char, void (*)(void*)>;

}  // namespace

std::string demangled(std::string_view name) {
  if (name.size() < 3 || name.size() > kMaxMangledBytes || name[0] != '_') return std::string(name);
  const std::string mangled(name);
  Text text(nullptr, std::free);
  if (name.starts_with("_R") || name.starts_with("_ZN")) text.reset(rust_demangle(mangled.c_str(), 0));
  if (!text && name.starts_with("_Z")) {
    int status = 0;
    text.reset(abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status));
  }
  if (!text && name.starts_with("_D")) text.reset(dlang_demangle(mangled.c_str(), 0));
  return text ? std::string(text.get()) : mangled;
}

}  // namespace signalbox::profile
