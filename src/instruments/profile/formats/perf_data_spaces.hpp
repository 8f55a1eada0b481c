// What lay where in the processes of a perf.data, as its records tell one after another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace signalbox::profile {

// Memory that was mapped executable.
struct PerfDataRegion {
  std::uint64_t limit = 0;
  std::uint64_t file_offset = 0;  // of its first address
  std::uint32_t file = 0;         // number in PerfDataSpaces::files
};

// A file as records name it.
struct PerfDataFileName {
  std::string path;
  std::string build_id;  // hex; empty: the record does not tell
};

class PerfDataSpaces {
 public:
  void map(std::int32_t pid, std::uint64_t start, std::uint64_t length, std::uint64_t file_offset,
           const PerfDataFileName& file);
  void fork(std::int32_t parent, std::int32_t child);
  void exec(std::int32_t pid) { spaces_.erase(pid); }

  struct Found {
    std::uint32_t file;
    std::uint64_t file_offset;  // of the address
  };
  // False where nothing was mapped at the address.
  bool find(std::int32_t pid, std::uint64_t address, Found& out) const;
  const std::vector<PerfDataFileName>& files() const { return files_; }

 private:
  using Space = std::map<std::uint64_t, PerfDataRegion>;  // by start, none over another
  std::unordered_map<std::int32_t, Space> spaces_;
  std::vector<PerfDataFileName> files_;
  std::map<std::pair<std::string, std::string>, std::uint32_t> numbers_;
};

}  // namespace signalbox::profile
