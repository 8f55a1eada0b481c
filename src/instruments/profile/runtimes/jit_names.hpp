// Names of the machine code that a runtime made in a process, from whatever its runtime tells.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/file.hpp"
#include "instruments/profile/runtimes/jit_dump.hpp"
#include "instruments/profile/runtimes/perf_map.hpp"

namespace signalbox::profile {

// Where the names of a process' compiled code are to be had; as long as it runs, and after.
struct JitSource {
  std::int32_t pid = 0;
  std::int64_t started_unix_ns = 0;            // 0: not known, then no map is too old
  std::shared_ptr<const FileDescriptor> dump;  // null: it mapped none
};

// What a profile says of a runtime, and what would mend it.
struct RuntimeNote {
  std::string message;
  std::string remedy;
  bool operator==(const RuntimeNote&) const = default;
};

// Whether a mapping of this path says that its file is a dump of compiled code: "…/jit-4711.dump", as perf
// has it.
bool is_jit_dump(std::string_view path);

class JitNames {
 public:
  // Its dump and its map as they are now. What should be there and cannot be read is noted.
  static JitNames read(const JitSource& source, std::vector<RuntimeNote>& notes);

  // By the dump, else by the map. Views live as long as this.
  std::optional<JitLine> find(std::uint64_t address) const;

 private:
  std::optional<JitDump> dump_;
  std::optional<PerfMap> map_;
};

}  // namespace signalbox::profile
