// The web API of elfutils' debuginfod, so that gdb, perf, valgrind and others ask us as they ask it
// (debuginfod(8), "WEBAPI").
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/route.hpp"
#include "instruments/profile/symbols/symbol_index.hpp"
#include "instruments/profile/symbols/symbol_store.hpp"

namespace signalbox::profile {

// Looks in the store, then below the folders. Lives as long as the server that has its routes. Thread-safe.
class DebuginfodService {
 public:
  DebuginfodService(SymbolStore store, std::vector<std::filesystem::path> folders)
      : store_(std::move(store)), index_(std::move(folders)) {}

  // GET /buildid/{id}/executable, …/debuginfo, …/source/PATH, …/section/NAME, and /metrics. For everybody:
  // the protocol knows no names.
  std::vector<http::Route> routes();
  std::size_t known_files() { return index_.size(); }

 private:
  // A file that was served. Answers point into it, so it stays mapped: address space, no memory.
  struct Version {
    explicit Version(ElfFile opened) : elf(std::move(opened)) {}
    const ElfFile elf;
    std::once_flag sources_read;
    std::set<std::string> sources;
  };
  Result<std::shared_ptr<Version>> find(const std::string& build_id, SymbolKind kind);
  Result<http::Response> file(const http::Request& request, SymbolKind kind);
  Result<http::Response> source(const http::Request& request);
  Result<http::Response> section(const http::Request& request);
  http::Response metrics() const;
  http::Route counted(std::string path, std::string summary, http::Handler handle);

  SymbolStore store_;
  SymbolIndex index_;
  std::mutex mutex_;  // of what was served; no file is read under it
  std::map<std::pair<std::string, SymbolKind>, std::vector<std::shared_ptr<Version>>> served_;
  std::atomic<std::uint64_t> found_{0};
  std::atomic<std::uint64_t> missed_{0};
};

}  // namespace signalbox::profile
