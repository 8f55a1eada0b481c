#include "instruments/queries/kept/kept_locks.hpp"

#include "core/base/json.hpp"

namespace signalbox::queries {
namespace {

using store::Row;
using store::Value;

constexpr const char *kDeadlock = "deadlock", *kWait = "wait";

std::int64_t ms(Time time) {
  return time.time_since_epoch().count();
}

}  // namespace

Status KeptLocks::add(std::int64_t server, const LockEvents& events) {
  if (events.deadlocks.empty() && events.waits.empty()) return {};
  std::vector<std::vector<Value>> rows;
  for (const Deadlock& each : events.deadlocks)
    rows.push_back({server, ms(each.at), std::string(kDeadlock), each.victim, to_json(each).dump()});
  for (const LockWait& each : events.waits)
    rows.push_back({server, ms(each.at), std::string(kWait), each.pid, to_json(each).dump()});
  return database_.transaction(store::Database::Access::write, [&]() -> Status {
    for (const std::vector<Value>& row : rows) {
      SIGNALBOX_CHECK(database_.execute(
          "delete from queries_lock_event where server = ? and at_ms = ? and kind = ? and pid = ?",
          {row[0], row[1], row[2], row[3]}));
    }
    return database_.insert_many("queries_lock_event", {"server", "at_ms", "kind", "pid", "event_text"},
                                 rows);
  });
}

Result<LockEvents> KeptLocks::read(std::int64_t server, const Span& span) {
  LockEvents out;
  SIGNALBOX_TRY(
      const auto rows,
      database_.query("select kind, event_text from queries_lock_event where server = ? and at_ms > ? "
                      "and at_ms <= ? order by at_ms, pid",
                      {server, ms(span.since), ms(span.until)}));
  for (const Row& row : rows) {
    SIGNALBOX_TRY(const Json event, parse_json(row.text(1)));
    if (out.deadlocks.size() + out.waits.size() >= kMaxLockEvents) {
      ++out.left_out;
    } else if (row.text(0) == kDeadlock) {
      out.deadlocks.push_back(deadlock_from(event));
    } else {
      out.waits.push_back(lock_wait_from(event));
    }
  }
  return out;
}

Status KeptLocks::forget_before(std::int64_t server, Time time) {
  SIGNALBOX_CHECK(
      database_.execute("delete from queries_lock_event where server = ? and at_ms < ?", {server, ms(time)}));
  return {};
}

}  // namespace signalbox::queries
