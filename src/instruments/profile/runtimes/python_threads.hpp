// Which thread of the kernel a thread of Python is.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "instruments/profile/runtimes/process_memory.hpp"
#include "instruments/profile/runtimes/python_reader.hpp"

namespace signalbox::profile {

class PythonThreadNumbers {
 public:
  explicit PythonThreadNumbers(std::int32_t pid) : pid_(pid), memory_(pid) {}

  // The number that we know a thread by; 0: it is not known. From 3.11 on Python says it, as it is in the
  // process' own namespace. Before, Python says where its C library keeps the thread; somewhere there stands
  // its number.
  std::int32_t number_of(const PythonThread& thread) const;
  // Those that came since are looked for.
  void refresh(const std::vector<PythonThread>& threads);

 private:
  void find_place(const std::vector<PythonThread>& threads);

  std::int32_t pid_;
  OtherProcess memory_;
  std::unordered_map<std::uint64_t, std::int32_t> ours_;  // by the number in the process' own namespace
  std::unordered_map<std::uint64_t, std::int32_t> by_id_;
};

}  // namespace signalbox::profile
