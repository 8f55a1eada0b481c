// What this machine lets a profiler do, found by trying it.
#pragma once

#include <string>
#include <vector>

namespace signalbox::profile {

// One thing that was tried.
struct Ability {
  std::string name;  // "stacks walked in the kernel"
  bool is_there = false;
  bool is_needed = false;  // without it there are no profiles of machine code
  std::string found;       // "perf_event_paranoid is 2"
  std::string remedy;      // a command; empty where it is there, or nothing helps
};

std::vector<Ability> try_abilities();

}  // namespace signalbox::profile
