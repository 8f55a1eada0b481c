// What a log says of each statement: how often it ran and how long it took.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "instruments/queries/logs/duration_sketch.hpp"
#include "instruments/queries/logs/executions.hpp"
#include "instruments/queries/statements/counters.hpp"

namespace signalbox::queries {

// One statement, by its queryid where the log tells it, else by its fingerprint.
struct LoggedStatement {
  std::int64_t query_id = 0;
  std::string fingerprint;
  std::string sql;       // without constants
  std::string database;  // of the first execution
  std::string user;
  Counters counters;  // calls, total_exec_ms, exec_m2_ms2; rows and blocks are not in logs
  double min_ms = 0, max_ms = 0;
  DurationSketch durations;
};

// Texts are read once each, not once an execution.
class LogProfile final : public ExecutionVisitor {
 public:
  void execution(const LoggedExecution& execution) override { add(execution); }
  std::size_t add(const LoggedExecution& execution);  // its place among the statements
  void plan(const LoggedPlan& plan) override;

  const std::vector<LoggedStatement>& statements() const { return statements_; }  // in the order they came
  Time first() const { return first_; }  // of an execution; of none: 0
  Time last() const { return last_; }
  std::uint64_t plans_of(const LoggedStatement& statement) const;
  std::uint64_t with_id() const { return with_id_; }  // executions whose queryid the log tells

 private:
  std::size_t place_of(const LoggedExecution& execution);

  std::vector<LoggedStatement> statements_;
  std::unordered_map<std::int64_t, std::size_t> by_id_;
  std::unordered_map<std::string, std::size_t> by_fingerprint_;
  std::unordered_map<std::string, std::size_t, TextHash, std::equal_to<>>
      by_tokens_;                                          // texts without constants
  std::string tokens_;                                     // of the text that is looked at
  std::unordered_map<std::int64_t, std::uint64_t> plans_;  // by queryid
  Time first_{}, last_{};
  std::uint64_t with_id_ = 0;
};

}  // namespace signalbox::queries
