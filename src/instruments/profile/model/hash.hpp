// Hashes of several numbers, for tables that intern.
#pragma once

#include <cstddef>
#include <cstdint>

namespace signalbox::profile {

// Mixes `value` into `seed`: the finaliser of splitmix64 (Steele, Lea and Flood 2014).
constexpr std::size_t mixed(std::size_t seed, std::uint64_t value) {
  std::uint64_t z = seed + 0x9e3779b97f4a7c15ULL + value;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<std::size_t>(z ^ (z >> 31));
}

template <class... Values>
constexpr std::size_t hash_of(Values... values) {
  std::size_t seed = 0;
  ((seed = mixed(seed, static_cast<std::uint64_t>(values))), ...);
  return seed;
}

}  // namespace signalbox::profile
