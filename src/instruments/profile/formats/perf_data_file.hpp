// The file that `perf record` writes: its events, what it says of the machine, and its records, before
// anything has a name (Linux, tools/perf/Documentation/perf.data-file-format.txt).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <linux/perf_event.h>

#include "core/base/result.hpp"

namespace signalbox::profile {

// An event that was asked for.
struct PerfDataEvent {
  perf_event_attr attributes{};
  std::string name;  // "cpu-clock:u"
};

// A record of the kernel or of perf, with its header.
struct PerfDataRecord {
  std::uint64_t time_ns = 0;  // 0: it has none, and stands before all others
  std::string_view octets;
  std::uint32_t type() const;
  std::uint16_t misc() const;
  std::string_view body() const;  // behind the header
};

class PerfDataFile {
 public:
  // `octets` have to live longer. bad_input with the offset where it is no such file, is of the other byte
  // order, has no event, or its compressed records cannot be expanded.
  static Result<PerfDataFile> read(std::string_view octets, std::size_t max_bytes);

  const std::vector<PerfDataEvent>& events() const { return events_; }
  // By the number that samples have; the first event where it is none.
  std::size_t event_of(std::uint64_t id) const;
  const std::vector<PerfDataRecord>& records() const { return records_; }             // by time
  const std::map<std::string, std::string>& build_ids() const { return build_ids_; }  // hex, by path
  const std::string& host() const { return host_; }
  const std::string& kernel() const { return kernel_; }
  const std::string& command() const { return command_; }
  bool is_cut() const { return is_cut_; }  // perf was ended before it had written all

 private:
  class Expander;

  Status read_file(std::string_view octets, Expander& expander);
  Status read_attributes(std::string_view octets, std::string_view section, std::uint64_t entry_bytes);
  void read_features(std::string_view octets, std::uint64_t at, const std::uint64_t (&flags)[4]);
  void read_feature(std::uint64_t number, std::string_view section);
  void read_event_names(std::string_view section);
  void read_build_ids(std::string_view section);
  Status read_records(std::string_view octets, std::uint64_t offset, Expander& expander);
  void add_event(std::string_view attributes, std::string_view ids);
  std::uint64_t time_of(std::string_view record) const;

  std::vector<PerfDataEvent> events_;
  std::unordered_map<std::uint64_t, std::size_t> event_by_id_;
  std::vector<PerfDataRecord> records_;
  std::deque<std::string> expanded_;  // what views into compressed records point into
  std::map<std::string, std::string> build_ids_;
  std::string host_;
  std::string kernel_;
  std::string command_;
  bool is_cut_ = false;
};

}  // namespace signalbox::profile
