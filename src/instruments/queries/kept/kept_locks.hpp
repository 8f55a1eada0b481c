// Deadlocks and long waits for locks that a server's log told of, kept.
#pragma once

#include "core/store/database.hpp"
#include "instruments/queries/kept/kept_statements.hpp"
#include "instruments/queries/logs/lock_log.hpp"

namespace signalbox::queries {

// Neither the database nor its tables are its own. One thread at a time.
class KeptLocks {
 public:
  explicit KeptLocks(store::Database& database) : database_(database) {}

  // What is kept already stays one: a log may be read twice.
  Status add(std::int64_t server, const LockEvents& events);
  Result<LockEvents> read(std::int64_t server, const Span& span);  // in the order of time
  Status forget_before(std::int64_t server, Time time);

 private:
  store::Database& database_;
};

}  // namespace signalbox::queries
