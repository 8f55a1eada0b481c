// What a log says of locks: deadlocks, with who was in them, and waits that log_lock_waits told of.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/json.hpp"
#include "instruments/queries/logs/log_reader.hpp"

namespace signalbox::queries {

// One session of a deadlock.
struct DeadlockParty {
  std::int64_t pid = 0;
  std::int64_t blocked_by = 0;
  std::string lock;         // "ShareLock on transaction 731"
  std::string statement;    // that waited, without constants; empty where the log does not have it
  std::string fingerprint;  // of it
};
struct Deadlock {
  Time at{};
  std::int64_t victim = 0;  // the session whose statement was ended
  std::string database, user;
  std::string context;  // "while updating tuple (0,2) in relation "t"", without the statements that called
  std::vector<DeadlockParty> parties;  // each waits for the next, the last for the first
};

// One wait that was longer than deadlock_timeout, which the server tells at its end, and once before.
struct LockWait {
  enum class End { acquired, gone, deadlock };  // gone: the log has no end of it
  Time at{};                                    // of the end, or when it was told of
  std::int64_t pid = 0;
  End end = End::gone;
  double waited_ms = 0;               // of one that is gone: at least; its holders held the lock as long
  std::string lock;                   // "ExclusiveLock on tuple (0,1) of relation 16385 of database 5"
  std::vector<std::int64_t> holders;  // as they were when it was told of, most of the time one
  std::string database, user;
  std::string statement, fingerprint;  // that waited, without constants
};
std::string_view name_of(LockWait::End end);

struct LockEvents {
  std::vector<Deadlock> deadlocks;  // in the order of the log
  std::vector<LockWait> waits;
  std::uint64_t left_out = 0;  // events past kMaxLockEvents
};
inline constexpr std::size_t kMaxLockEvents = 10'000;

// Source of the messages: proc.c (ProcSleep) and deadlock.c (DeadLockReport) of PostgreSQL 15, in English.
class LockLog final : public LogVisitor {
 public:
  void record(const LogRecord& record) override;
  void finish();  // who still waits is told as gone
  LockEvents take() { return std::exchange(events_, {}); }

 private:
  static constexpr std::size_t kMaxWaiting = 10'000;
  void deadlock(const LogRecord& record);
  void wait(const LogRecord& record, std::string_view message);
  void add(LockWait wait);

  LockEvents events_;
  std::unordered_map<std::int64_t, LockWait> waiting_;  // by pid
};

// The sessions of "deadlock detected", of its detail; nullopt where it is none that the server writes.
// Statements may have several lines.
std::optional<std::vector<DeadlockParty>> read_deadlock_detail(std::string_view detail);

Json to_json(const Deadlock& deadlock);
Json to_json(const LockWait& wait);
// Of what to_json made; what is missing is empty.
Deadlock deadlock_from(const Json& json);
LockWait lock_wait_from(const Json& json);

// Hands each record to two.
class BothVisitors final : public LogVisitor {
 public:
  BothVisitors(LogVisitor& first, LogVisitor& second) : first_(first), second_(second) {}
  void record(const LogRecord& record) override {
    first_.record(record);
    second_.record(record);
  }

 private:
  LogVisitor &first_, &second_;
};

}  // namespace signalbox::queries
