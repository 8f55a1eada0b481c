// What lay where in the processes of a perf.data, as its records tell one after another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "instruments/profile/elf/address_space.hpp"

namespace signalbox::profile {

// A file as records name it.
struct PerfDataFileName {
  std::string path;
  std::string build_id;  // hex; empty: the record does not tell
};

class PerfDataSpaces {
 public:
  // So many regions are copied for processes that map more than they inherited.
  static constexpr std::size_t kMaxCopiedRegions = std::size_t{1} << 22;
  explicit PerfDataSpaces(std::size_t max_copied_regions = kMaxCopiedRegions)
      : left_to_copy_(max_copied_regions) {}

  void map(std::int32_t pid, std::uint64_t start, std::uint64_t length, std::uint64_t file_offset,
           const PerfDataFileName& file);
  void fork(std::int32_t parent, std::int32_t child);
  void start_thread(std::int32_t pid) { ++processes_[pid].threads; }
  void exec(std::int32_t pid) { processes_.erase(pid); }
  // Of a thread; the first one has the number of its process, whose memory is gone with its last one.
  void exit(std::int32_t pid, std::int32_t tid);

  struct Found {
    std::uint32_t file;         // number in `files`
    std::uint64_t file_offset;  // of the address
  };
  // False where nothing was mapped at the address.
  bool find(std::int32_t pid, std::uint64_t address, Found& out) const;
  const std::vector<PerfDataFileName>& files() const { return files_; }
  // Processes that were to inherit more than may be copied: they have what they mapped since alone.
  std::uint64_t without_inheritance() const { return without_inheritance_; }

 private:
  struct Process {
    std::shared_ptr<AddressSpace> memory;  // shared with those that inherited it; null: none yet
    std::uint64_t threads = 0;             // beside the first
    bool first_has_ended = false;
  };
  AddressSpace& own_memory(Process& process);

  std::unordered_map<std::int32_t, Process> processes_;
  std::size_t left_to_copy_;
  std::uint64_t without_inheritance_ = 0;
  std::vector<PerfDataFileName> files_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> numbers_;
};

}  // namespace signalbox::profile
