// What must never happen to a log, and did: it went back, or tells two stories. Both signed checkpoints are
// kept, which together prove it to anybody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/statement.hpp"
#include "core/store/database.hpp"

namespace signalbox::evidence {

struct Alarm {
  enum class Kind { fork, rollback } kind = Kind::fork;
  Time time;            // when it was found
  std::string log;      // verifier key of the log
  std::string seen;     // signed note that was seen first
  std::string shown;    // signed note that does not extend it
  std::string told_by;  // who showed it: the name of a witness, an address, "add-checkpoint"
};
std::string_view name_of(Alarm::Kind kind);  // "fork", "rollback"

store::Migration alarm_migration();

// Kept once, however often the same two checkpoints meet; false: it was known. At most kMaxAlarms are kept of
// one log: a few prove it, and whoever holds its key could make more without end.
inline constexpr int kMaxAlarms = 16;
Result<bool> keep_alarm(store::Database& database, const Alarm& alarm);
Result<std::vector<Alarm>> alarms(store::Database& database);  // newest first
// conflict, with what was found and what to do, where there is an alarm about the log.
Status refuse_alarmed(store::Database& database, const std::string& log_vkey);

// `evidence/log-conflict/v1` about the roots of both checkpoints.
Result<Statement> conflict_statement(const Alarm& alarm);

}  // namespace signalbox::evidence
