// What commits change: files and lines, each commit against its first parent. Renames count as a deletion and
// an addition.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/git/repository.hpp"

namespace signalbox::git {

struct FileStat {
  std::string path;                      // octets as git has them
  std::uint64_t added = 0, deleted = 0;  // lines; 0 where binary
  bool binary = false;
};

// For each commit id what it changes, a root commit against nothing. One that changes nothing has an empty
// list. Ids must be full ones.
Result<std::map<std::string, std::vector<FileStat>>> change_stats(const Repository& repository,
                                                                  const std::vector<std::string>& commits);

}  // namespace signalbox::git
