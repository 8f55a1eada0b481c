// A log read by several threads, with the same result as by one.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/queries/logs/log_reader.hpp"
#include "instruments/queries/logs/log_source.hpp"

namespace signalbox::queries {

inline constexpr std::size_t kMaxLogJobs = 16;

struct LogPartsRead {
  LogCounts counts;
  std::uint64_t bytes = 0;
};

// The file is cut at places where a record seems to begin. `jobs` threads, this one among them, read the
// parts to records; this one hands the records to the visitor, in the order of the file. What begins a record
// is known for sure once the part before is read: where a cut was within one, that part is read again from
// where it begins. Holds 2·jobs + 1 parts of a megabyte, or of one record where that is longer. `begin` is
// what was read of the source already.
Result<LogPartsRead> read_log_parts(LogSource& source, std::string_view begin, const DetectedLog& log,
                                    std::size_t jobs, const std::function<void(std::uint64_t done)>& progress,
                                    LogVisitor& visitor);

}  // namespace signalbox::queries
