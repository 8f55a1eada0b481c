// One reading of pg_stat_statements: the counters of all statements at one moment, without their texts.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "instruments/queries/server/server_link.hpp"
#include "instruments/queries/statements/counters.hpp"

namespace signalbox::queries {

struct StatementKeyHash {
  std::size_t operator()(const StatementKey& key) const;
};
template <class T>
using ByStatement = std::unordered_map<StatementKey, T, StatementKeyHash>;

struct StatementReading {
  Time at{};                        // by the server's clock
  std::int64_t stats_reset_ms = 0;  // when all were reset last, Unix; 0: the server does not say (13)
  std::int64_t dealloc = 0;         // how often some were dropped for want of room
  ByStatement<Counters>
      statements;  // those that are hidden from this user, each database's as one of queryid 0
};

// What is known of a statement but its counters.
struct StatementName {
  StatementKey key;
  std::string role;      // empty: dropped meanwhile
  std::string database;  // likewise
  std::string sql;       // as the server keeps it; empty: hidden, or its text is gone
};

// Reads through one link; asks for the columns once.
class StatementReader {
 public:
  // unavailable where the extension is not made in this database or not preloaded, with what to do.
  static Result<StatementReader> open(ServerLink& link);
  Result<StatementReading> read();
  // The names and texts of `keys`, which are no more than the server reads anew in one go; those that are
  // gone meanwhile are left out.
  Result<std::vector<StatementName>> names(const std::vector<StatementKey>& keys);

 private:
  explicit StatementReader(ServerLink& link) : link_(&link) {}
  Status plan();

  ServerLink* link_;
  bool has_toplevel_ = false;
  bool has_info_ = false;
  std::string select_;
};

}  // namespace signalbox::queries
