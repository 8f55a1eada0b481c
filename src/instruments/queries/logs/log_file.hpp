// A log file from its first octet to its last, compressed or not.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "instruments/queries/logs/log_reader.hpp"

namespace signalbox::queries {

struct LogFileOptions {
  std::optional<LogFormat> format;  // nullopt: found out from its first lines
  std::string prefix;               // of stderr; empty: found out
  std::size_t jobs = 1;             // threads, at most kMaxLogJobs; the visitor is called from this one alone
  // Told from time to time: octets of the file that were read, and of how many.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress;
};

struct LogFileRead {
  DetectedLog detected;
  LogCounts counts;
  std::uint64_t bytes = 0;  // without compression
};

// Reads every record of the file. `-` is standard input. What ends with .gz, .zst, .bz2 or .xz is read
// through the program of that name. Holds some megabytes a job at a time, or one record where that is longer.
// However many jobs there are, the records are the same, in the same order.
// Errors: not_found, denied; bad_input for a format that is none; unavailable where the program is not
// installed.
Result<LogFileRead> read_log_file(const std::filesystem::path& path, const LogFileOptions& options,
                                  LogVisitor& visitor);

}  // namespace signalbox::queries
