// Which indexes a workload lacks: proposed from its plans, and proven on a copy, where each is built and the
// statements are measured before and after.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/report/report.hpp"
#include "instruments/queries/advice/candidates.hpp"
#include "instruments/queries/advice/copy.hpp"
#include "instruments/queries/advice/workload.hpp"

namespace signalbox::queries {

struct AdviceOptions {
  std::size_t most_indexes = 5;
  double most_size = 0.1;   // of the database's
  double least_gain = 0.2;  // of the time of the statements that it serves
};

// What a row costs that is written to the table; of inserts into a table like it.
struct WriteCost {
  bool is_known = false;
  std::int64_t rows = 0;  // that were inserted, each time
  double before_us = 0, after_us = 0, before_wal_bytes = 0, after_wal_bytes = 0;  // a row
};

// One statement on the copy.
struct MeasuredStatement {
  std::size_t statement = 0;  // of the workload
  double before_ms = 0, after_ms = 0;
  std::string before_access, after_access;  // "Seq Scan on orders", "Index Scan using … on orders"
};

struct ProvenIndex {
  IndexCandidate index;
  std::int64_t size_bytes = 0;
  double build_ms = 0;
  double saved_ms = 0;  // of the time that the calls of the span would have taken on the copy
  double gain = 0;      // of the time of the statements that it serves: 0.9 is a tenth of it left
  WriteCost write;
  std::vector<MeasuredStatement> statements;  // that it made faster or slower
};

struct RejectedIndex {
  IndexCandidate index;
  std::string why;
};

struct SkippedStatement {
  std::size_t statement = 0;
  std::string why;
};

struct Advice {
  Workload workload;
  bool is_measured = false;  // on a copy; else `proposed` are ideas, no more
  std::string copy;          // which one
  std::int64_t database_bytes = 0;
  std::vector<IndexCandidate> proposed;
  std::vector<ProvenIndex> indexes;  // that pay, what saves most first; each measured with those before it
  std::vector<RejectedIndex> rejected;
  std::vector<SkippedStatement> skipped;
  std::size_t guessed_values = 0;      // of parameters that no column is compared with
  double before_ms = 0, after_ms = 0;  // of all calls of the span on the copy, without and with all indexes
};

// From the kept plans alone. `catalog`: which indexes there are; empty where no server was asked.
Advice propose(Workload workload, const PlanCatalog& catalog);

// On the copy; all of it is taken back. `say`: what is under way.
Result<Advice> prove(Workload workload, Copy& copy, const AdviceOptions& options,
                     const std::function<void(std::string_view)>& say);

Report advice_report(const Advice& advice);
// Its data as it may be kept: of the server's messages what stands before the first quote, for they quote
// values.
Json kept_advice_json(const Advice& advice);

}  // namespace signalbox::queries
