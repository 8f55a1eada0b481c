// A log that is being written, followed across its rotation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "instruments/queries/logs/log_reader.hpp"

namespace signalbox::queries {

// Begins at the end of the file, or of the newest file of a folder whose name ends as `ending` (".json").
// What is half written waits for its rest. A file that was cut, or that a new one took the place of, is read
// from its beginning, after what was left of the old one. One thread at a time.
class LogTail {
 public:
  // The format is found out when the first whole line is there.
  explicit LogTail(std::filesystem::path path, std::string ending = ".json")
      : path_(std::move(path)), ending_(std::move(ending)) {}
  // Reads what came since. unavailable where the file is not there (any more); it is looked for again next
  // time.
  Status poll(LogVisitor& visitor);
  std::uint64_t rejected() const { return rejected_; }

 private:
  Status open_newest(LogVisitor& visitor);
  Status read_more(LogVisitor& visitor);
  void tell_rest(LogVisitor& visitor);

  std::filesystem::path path_;
  std::string ending_;
  FileDescriptor file_;
  std::filesystem::path opened_;
  std::uint64_t inode_ = 0, offset_ = 0;
  std::string buffer_;
  std::unique_ptr<LogReader> reader_;
  bool is_first_ = true;
  std::uint64_t rejected_ = 0;
};

}  // namespace signalbox::queries
