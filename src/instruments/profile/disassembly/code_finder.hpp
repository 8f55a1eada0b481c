// The file that machine code of a profile is of.
#pragma once

#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/symbols/debuginfod_client.hpp"
#include "instruments/profile/symbols/symbol_store.hpp"

namespace signalbox::profile {

struct FoundCode {
  std::shared_ptr<const ElfFile> file;
  std::string
      note;  // why it may be another than the one that was measured; empty: its build id says it is that
};

class CodeFinder {
 public:
  explicit CodeFinder(std::shared_ptr<DebuginfodClient> servers,
                      SymbolStore store = SymbolStore::of_this_user())
      : servers_(std::move(servers)), store_(std::move(store)) {}

  // The file at that path; what `symbols push` kept; what the servers of $DEBUGINFOD_URLS have: the first
  // with this build id. Where the profile says no build id, the file at the path, with a note. not_found
  // where it is nowhere, with what was looked at.
  Result<FoundCode> find(const std::string& path, const std::string& build_id) const;

 private:
  std::shared_ptr<DebuginfodClient> servers_;
  SymbolStore store_;
};

}  // namespace signalbox::profile
