// Where the octets of a log come from: a file, standard input, or a program that unpacks one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/result.hpp"

namespace signalbox::queries {

class LogSource {
 public:
  // `-` is standard input; what ends with .gz, .zst, .bz2 or .xz is read through the program of that name.
  // Errors: not_found, denied; bad_input for a folder; unavailable where the program is not installed.
  static Result<LogSource> open(const std::filesystem::path& path);

  // Up to `room` octets; 0 at the end. bad_input for what cannot be unpacked.
  Result<std::size_t> read(char* to, std::size_t room);
  std::uint64_t total() const { return total_; }  // octets of the file; 0: not known

 private:
  FileDescriptor descriptor_;
  std::unique_ptr<Process> process_;
  std::uint64_t total_ = 0;
};

}  // namespace signalbox::queries
