// Programs and debug files kept by build id, laid out as GNU's tools lay them out: gdb, perf and libdw look
// there, too, when they are told of the folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/symbols/symbol_file.hpp"

namespace signalbox::profile {

struct KeptSymbols {
  std::string build_id;
  std::vector<SymbolKind> kinds;  // what it serves as
  std::uintmax_t octets = 0;
  bool was_there = false;
};

// <root>/.build-id/ab/cdef…  and  <root>/.build-id/ab/cdef….debug
class SymbolStore {
 public:
  explicit SymbolStore(std::filesystem::path root) : root_(std::move(root)) {}
  // ${XDG_DATA_HOME:-~/.local/share}/signalbox/symbols
  static SymbolStore of_this_user();

  // Copies the file, durably and as one step; a file of both kinds lies there once. A debug file with lines
  // is kept where the new one has names alone. bad_input where it is no ELF file, has no build id, or has
  // neither code nor names.
  Result<KeptSymbols> add(const std::filesystem::path& file) const;
  // Where it lies, whether or not it is there.
  std::filesystem::path path_of(std::string_view build_id, SymbolKind kind) const;
  // nullopt: not kept, or what lies there has another build id.
  std::optional<std::filesystem::path> find(std::string_view build_id, SymbolKind kind) const;
  const std::filesystem::path& root() const { return root_; }

 private:
  std::filesystem::path root_;
};

}  // namespace signalbox::profile
