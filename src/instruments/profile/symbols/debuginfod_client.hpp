// Asks the debuginfod servers that $DEBUGINFOD_URLS names, by elfutils' own library and into its own cache,
// which gdb and others share.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "instruments/profile/symbols/symbol_file.hpp"

namespace signalbox::profile {

struct SymbolLimits {
  // For all that is asked of servers together; what came before is found in the cache without it.
  std::chrono::milliseconds patience{2'000};
  std::int64_t max_octets = std::int64_t{4} << 30;  // of one file: more is not taken
};

// Thread-safe; one question at a time.
class DebuginfodClient {
 public:
  explicit DebuginfodClient(SymbolLimits limits) : limits_(limits), left_(limits.patience) {}

  // Whether $DEBUGINFOD_URLS names a server.
  static bool is_wanted();
  // Where it lies in the cache. nullopt: no server has it. unavailable: they could not be asked, gave
  // something else, or the patience is used up.
  Result<std::optional<std::filesystem::path>> find(const std::string& build_id, SymbolKind kind);
  // The same of a source file by its path, absolute, as the program's debug information has it. What came is
  // what a server says, and is known by nothing.
  Result<std::optional<std::filesystem::path>> find_source(const std::string& build_id,
                                                           const std::string& path);
  // Of the first that failed, as one line; empty: none did.
  std::string trouble() const;

 private:
  // What a server is asked for: a file of a program, or a source where there is a path.
  struct Wanted {
    std::string build_id;
    SymbolKind kind = SymbolKind::debuginfo;
    std::string source;
  };
  Result<std::optional<std::filesystem::path>> told(Result<std::optional<std::filesystem::path>> answer);
  Result<std::optional<std::filesystem::path>> ask(const Wanted& wanted);
  Error no_patience() const;

  const SymbolLimits limits_;
  std::mutex asking_;  // of what is left
  std::chrono::nanoseconds left_;
  mutable std::mutex telling_;  // of the trouble
  std::string trouble_;
};

}  // namespace signalbox::profile
