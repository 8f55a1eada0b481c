// Reads a server's statements again and again, and keeps what changed.
#pragma once

#include <chrono>
#include <map>

#include "instruments/queries/kept/kept_statements.hpp"
#include "instruments/queries/server/server_link.hpp"
#include "instruments/queries/server/statement_reading.hpp"
#include "instruments/queries/watch/top_series.hpp"

namespace signalbox::queries {

// One reading, and what came of it.
struct StatementCycle {
  std::size_t statements = 0;  // that the server counts
  std::size_t added = 0;       // that were not there before
  std::size_t changed = 0;     // that ran
  std::size_t partial = 0;     // of which a part is not known, for they were reset in between
  bool reset = false;          // all were
  bool is_first = false;
  std::int64_t dropped = 0;                   // times the server dropped some for want of room
  Duration span{0};                           // since the reading before
  Counters sum;                               // of what changed; at the first reading of all since the reset
  Counters own;                               // of it, what watching itself asked
  std::map<SeriesLabels, Counters> by_label;  // the rest by what it is labelled with; hidden ones have id 0
};

// Its link and its store must outlive it. One thread at a time.
class StatementCollector {
 public:
  static Result<StatementCollector> open(ServerLink& link, store::Database& database,
                                         std::string_view server_name);
  // unavailable where the server is away; nothing was kept then, and the next cycle tells of the time
  // between.
  Result<StatementCycle> cycle();
  const KeptServer& server() const { return server_; }
  Status forget_before(Time time) { return as_status(kept_.forget_before(server_.id, time)); }

 private:
  StatementCollector(StatementReader reader, store::Database& database)
      : reader_(std::move(reader)), kept_(database) {}
  static Status as_status(const Result<std::int64_t>& result) {
    return result ? Status{} : Status(fail(result.error()));
  }

  StatementReader reader_;
  KeptStatements kept_;
  KeptServer server_;
  LastReading last_;
};

}  // namespace signalbox::queries
