// What a server has counted for one statement, and what of it fell into an interval.
#pragma once

#include <cstdint>
#include <string_view>

namespace signalbox::queries {

// What pg_stat_statements keeps a row for. queryid 0: the server does not tell it to who asked.
struct StatementKey {
  std::int64_t userid = 0;
  std::int64_t dbid = 0;
  std::int64_t queryid = 0;
  bool toplevel = true;
  bool operator==(const StatementKey&) const = default;
};

// Counters since some moment, of one statement or of many. Times are milliseconds, blocks 8 KiB.
struct Counters {
  std::int64_t calls = 0;
  std::int64_t plans = 0;
  std::int64_t rows = 0;
  std::int64_t shared_blks_hit = 0;
  std::int64_t shared_blks_read = 0;
  std::int64_t shared_blks_dirtied = 0;
  std::int64_t shared_blks_written = 0;
  std::int64_t local_blks_hit = 0;
  std::int64_t local_blks_read = 0;
  std::int64_t temp_blks_read = 0;
  std::int64_t temp_blks_written = 0;
  std::int64_t wal_records = 0;
  std::int64_t wal_bytes = 0;
  double total_plan_ms = 0;
  double total_exec_ms = 0;
  double exec_m2_ms2 = 0;  // sum of the squared distances of execution times from their mean
  double blk_read_ms = 0;
  double blk_write_ms = 0;
  bool operator==(const Counters&) const = default;

  Counters& operator+=(const Counters& other);
};

struct CountColumn {
  std::string_view name;  // in pg_stat_statements of PostgreSQL 15, and in our tables
  std::int64_t Counters::*field;
};
inline constexpr CountColumn kCountColumns[] = {
    {"calls", &Counters::calls},
    {"plans", &Counters::plans},
    {"rows", &Counters::rows},
    {"shared_blks_hit", &Counters::shared_blks_hit},
    {"shared_blks_read", &Counters::shared_blks_read},
    {"shared_blks_dirtied", &Counters::shared_blks_dirtied},
    {"shared_blks_written", &Counters::shared_blks_written},
    {"local_blks_hit", &Counters::local_blks_hit},
    {"local_blks_read", &Counters::local_blks_read},
    {"temp_blks_read", &Counters::temp_blks_read},
    {"temp_blks_written", &Counters::temp_blks_written},
    {"wal_records", &Counters::wal_records},
    {"wal_bytes", &Counters::wal_bytes},
};

struct TimeColumn {
  std::string_view name;         // in our tables
  std::string_view server_name;  // in pg_stat_statements of PostgreSQL 13 to 16
  std::string_view newer_name;   // of 17 and later, where it differs
  double Counters::*field;
};
inline constexpr TimeColumn kTimeColumns[] = {
    {"total_plan_ms", "total_plan_time", "", &Counters::total_plan_ms},
    {"total_exec_ms", "total_exec_time", "", &Counters::total_exec_ms},
    {"exec_m2_ms2", "stddev_exec_time * stddev_exec_time * calls", "", &Counters::exec_m2_ms2},
    {"blk_read_ms", "blk_read_time", "shared_blk_read_time", &Counters::blk_read_ms},
    {"blk_write_ms", "blk_write_time", "shared_blk_write_time", &Counters::blk_write_ms},
};

// What happened between two readings of one statement.
struct Delta {
  Counters counters;
  bool partial = false;  // counted from a reset in between on: there may have been more
};

// Whether counters can have gone on from the reading before: what the server says of all of them.
enum class Continuity {
  whole,     // nothing was reset, no statement was dropped for want of room
  dropping,  // some statements were dropped since; one of them may have come back
  reset,     // all began anew
};

// `before` null: the statement was not there. Counters that fell began anew, whatever `continuity` says: then
// all of `after` is told, as partial. Nothing of a result is negative but a sum of squares that rounding made
// so, which becomes 0.
// The sum of squares of the interval: M2₂ − M2₁ − n₁·n/n₂·(μ − μ₁)², with n = n₂ − n₁ (Chan, Golub, LeVeque:
// Updating formulae and a pairwise algorithm for computing sample variances, 1979).
Delta delta_between(const Counters* before, const Counters& after, Continuity continuity);

// Mean, spread and what both allow of a quantile, of execution times.
double mean_exec_ms(const Counters& counters);
double stddev_exec_ms(const Counters& counters);  // of the population, as PostgreSQL has it
// No more than one in 1/(1−q) executions took longer, whatever their distribution: μ + σ·√(q/(1−q)),
// Cantelli's inequality. A bound, no estimate.
double quantile_bound_ms(const Counters& counters, double q);

}  // namespace signalbox::queries
