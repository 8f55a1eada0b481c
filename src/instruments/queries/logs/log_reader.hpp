// The formats that PostgreSQL writes its log in, as readers from octets to records.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/queries/logs/log_record.hpp"

namespace signalbox::queries {

// syslog: in lines of syslog. cloudsql, cnpg: in JSON of Google Cloud SQL and of CloudNativePG. What Amazon
// RDS gives away is stderr.
enum class LogFormat { jsonlog, csvlog, stderr_text, syslog, cloudsql, cnpg };
inline constexpr std::string_view kLogFormats[] = {"jsonlog", "csvlog",   "stderr",
                                                   "syslog",  "cloudsql", "cnpg"};
std::string_view name_of(LogFormat format);
// "rds" is stderr.
std::optional<LogFormat> log_format_from(std::string_view name);

class LogVisitor {
 public:
  virtual ~LogVisitor() = default;
  virtual void record(const LogRecord& record) = 0;
};

// What was read, and what could not be.
struct LogCounts {
  std::uint64_t records = 0;
  std::uint64_t rejected = 0;              // lines or records that are none of the format
  std::vector<std::uint64_t> rejected_at;  // offsets of the first of them, kMaxRejected at most
  static constexpr std::size_t kMaxRejected = 5;

  void reject(std::uint64_t offset);
};

// Reads one file, part by part. Anything may stand in a file: what is no record is counted and left out,
// never an error. A record longer than kMaxRecordBytes is rejected.
class LogReader {
 public:
  enum class More {
    follows,  // it may go on with the record that is last in the text
    begins,   // it begins with a record, as far as can be told
    none,
  };
  static constexpr std::size_t kMaxRecordBytes = std::size_t{128} << 20;

  virtual ~LogReader() = default;
  // Reads the records that are whole in `text`, which begins at `offset` of the file, and returns how many
  // octets they were; the caller brings the rest again, with more behind it. With More::none all is read. The
  // texts of the records stay until the next call.
  virtual std::size_t read(std::string_view text, std::uint64_t offset, More more, LogVisitor& visitor) = 0;
  // Where the last record seems to begin in `text`; 0 where no beginning is found past its first octet. A
  // message may hold lines that look like one.
  virtual std::size_t last_begin(std::string_view text) const = 0;
  virtual LogFormat format() const = 0;
  const LogCounts& counts() const { return counts_; }
  LogCounts take_counts() { return std::exchange(counts_, {}); }

 protected:
  LogCounts counts_;
};

// Whether parts of a file may be read by several readers.
bool can_share(LogFormat format);

// `prefix`: log_line_prefix of the server, for stderr, and of what syslog and Cloud SQL keep of it; bad_input
// where it has an escape that is unknown, or too little to tell lines of sessions apart.
Result<std::unique_ptr<LogReader>> make_log_reader(LogFormat format, std::string_view prefix = {});

// The format that a file begins with, and of stderr its prefix, from some lines of it. bad_input where it is
// none of ours.
struct DetectedLog {
  LogFormat format = LogFormat::stderr_text;
  std::string prefix;
};
Result<DetectedLog> detect_log(std::string_view begin);

}  // namespace signalbox::queries
