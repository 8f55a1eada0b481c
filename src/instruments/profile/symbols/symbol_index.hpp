// Programs and debug files below folders, by build id.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/symbols/symbol_file.hpp"

namespace signalbox::profile {

// Thread-safe. Folders are read again when something is asked for that was not there, at most once in
// `pause`.
class SymbolIndex {
 public:
  explicit SymbolIndex(std::vector<std::filesystem::path> folders,
                       std::chrono::milliseconds pause = std::chrono::seconds(10))
      : folders_(std::move(folders)), pause_(pause) {}

  std::optional<std::filesystem::path> find(std::string_view build_id, SymbolKind kind);
  std::size_t size();  // build ids that are known; reads the folders where that did not happen yet

 private:
  using Key = std::pair<std::string, SymbolKind>;
  void read();

  std::vector<std::filesystem::path> folders_;
  std::chrono::milliseconds pause_;
  std::mutex mutex_;
  std::optional<std::chrono::steady_clock::time_point> read_at_;
  std::map<Key, std::filesystem::path> files_;
};

}  // namespace signalbox::profile
