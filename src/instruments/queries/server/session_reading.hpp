// Who is at work on a server at one moment, what they wait for, and who is in their way.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries {

// What a session waits for that waits for nothing the server has a name for.
inline constexpr std::string_view kOnCpu = "CPU";

struct SessionSample {
  std::int64_t pid = 0;
  std::int64_t leader_pid = 0;  // of a parallel worker: whose; else 0
  std::string database, role, application, host;
  std::string backend;     // "client backend", "parallel worker", "autovacuum worker"
  std::string state;       // "active", "idle in transaction"
  std::string wait_type;   // "Lock", "IO"; "CPU" where it waits for nothing that the server names
  std::string wait_event;  // "transactionid"; empty with CPU
  std::int64_t query_id = 0;
  double transaction_s = 0;      // how old its transaction is
  double query_s = 0;            // how long its statement has run, or ended before
  double connected_s = 0;        // how old its process is
  std::optional<double> queued;  // of one on CPU, where the kernel was asked: the part that waited for a core
  std::vector<std::int64_t> blockers;  // pids; 0 is a prepared transaction
  std::string lock;                    // of one that waits: "ShareLock on transaction 731", "… on orders"
  std::string sql;  // without constants, of those that wait for locks and of those in their way

  bool is_active() const { return state == "active" || state == "fastpath function call"; }
};

struct SessionReading {
  Time at{};                            // by the server's clock
  std::vector<SessionSample> sessions;  // those at work, and those that hold a transaction open
};

// pg_blocking_pids, which takes locks of the server's own, is asked only of sessions that wait for a lock.
Result<SessionReading> read_sessions(ServerLink& link);

// How much of the server is used, at one moment.
struct InstanceReading {
  Time at{};
  struct Database {
    std::string name;
    std::vector<double> counters;  // in the order of kDatabaseCounters
  };
  std::vector<Database> databases;
  struct Count {
    std::string database, what;  // of connections: their state; of locks: their mode
    std::int64_t count = 0;
  };
  std::vector<Count> connections, locks;
  double longest_transaction_s = 0;
  std::int64_t max_connections = 0;
};
// Of pg_stat_database, by the names of their columns; each a metric pg_stat_database_NAME.
inline constexpr const char* kDatabaseCounters[] = {
    "numbackends", "xact_commit",  "xact_rollback", "blks_read",     "blks_hit",  "tup_returned",
    "tup_fetched", "tup_inserted", "tup_updated",   "tup_deleted",   "conflicts", "temp_files",
    "temp_bytes",  "deadlocks",    "blk_read_time", "blk_write_time"};
Result<InstanceReading> read_instance(ServerLink& link);

}  // namespace signalbox::queries
