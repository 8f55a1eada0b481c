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
// `pause`; what is known is found meanwhile.
class SymbolIndex {
 public:
  explicit SymbolIndex(std::vector<std::filesystem::path> folders,
                       std::chrono::milliseconds pause = std::chrono::seconds(10))
      : folders_(std::move(folders)), pause_(pause) {}

  std::optional<std::filesystem::path> find(std::string_view build_id, SymbolKind kind);
  std::size_t size();  // build ids that are known; reads the folders where that did not happen yet

 private:
  using Key = std::pair<std::string, SymbolKind>;
  using Time = std::chrono::steady_clock::time_point;
  std::map<Key, std::filesystem::path> files_in_folders() const;
  std::optional<std::filesystem::path> still_there(const Key& key);
  bool was_read_since(Time time);
  void read_unless_since(Time time);

  const std::vector<std::filesystem::path> folders_;
  const std::chrono::milliseconds pause_;
  std::mutex reading_;  // taken before the other, by the one who reads the folders
  std::mutex mutex_;    // of what follows; no file is opened under it
  std::optional<Time> read_at_;
  std::map<Key, std::filesystem::path> files_;
};

}  // namespace signalbox::profile
