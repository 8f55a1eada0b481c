// Active sessions over time, kept: how many there were on average, what they waited for, and who blocked
// whom.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/store/database.hpp"
#include "instruments/queries/kept/kept_statements.hpp"
#include "instruments/queries/server/session_reading.hpp"

namespace signalbox::queries {

// What active sessions are counted by.
struct SessionKey {
  std::string wait_type, wait_event, database, role, application, host;
  std::int64_t query_id = 0;
  auto operator<=>(const SessionKey&) const = default;
};

// How often such sessions were seen. Of those on CPU: in how many the kernel told running from waiting for a
// core, and how many of these waited, in parts.
struct SessionCount {
  std::int64_t samples = 0;
  std::int64_t told = 0;
  double queued = 0;
};

// Samples of some seconds, added up.
struct SessionBucket {
  Time began{}, ended{};
  std::int64_t ticks = 0;                     // samples that were taken
  std::int64_t missed = 0;                    // and those that were to be, but were not
  std::map<SessionKey, SessionCount> active;  // sessions seen, in all ticks
  // Once a second at most: those that wait for a lock and those in their way.
  std::vector<SessionReading> blocked;
  InstanceReading instance;
  std::string not_told;  // why running and waiting for a core are not told apart; empty: they are

  void add(const SessionReading& reading);
};

// What a figure of active sessions is told by.
enum class SessionDimension { wait, event, query, role, application, host, database };
inline constexpr std::string_view kSessionDimensions[] = {"wait", "event", "query", "user",
                                                          "app",  "host",  "db"};

// What sessions wait for that wait for a core; beside CPU, which then is what runs.
inline constexpr std::string_view kRunQueue = "RunQueue";

struct ActiveShare {
  std::string name;   // of the query its id
  double active = 0;  // on average over the span
  double queued = 0;  // of these, for a core
};
// Sessions that wait for nothing the server has a name for, on average.
struct ProcessorUse {
  double running = 0, queued = 0;
  double untold = 0;     // one or the other: the kernel was not asked, or not twice
  int cores = 0;         // of the server; 0: not known
  std::string not_told;  // at the end of the span: why not
};
struct ActivePoint {
  Time began{}, ended{};
  std::int64_t ticks = 0;
  std::map<std::string, double> active;  // by name; on average in this bucket
};
struct InstancePoint {
  Time at{};
  std::int64_t connections = 0, active = 0, idle_in_transaction = 0, max_connections = 0, locks = 0,
               waiting = 0;
  double commits = 0, rollbacks = 0;  // since the server's statistics were reset
  double longest_transaction_s = 0;
};
// One who waits or is in the way, at one moment.
struct BlockedSession {
  Time at{};
  SessionSample session;
};

// Neither the database nor its tables are its own. One thread at a time.
class KeptSessions {
 public:
  explicit KeptSessions(store::Database& database) : database_(database) {}

  Status write(std::int64_t server, const SessionBucket& bucket);
  Status forget_before(std::int64_t server, Time time);

  // Averages over all ticks of the span, the greatest first; without a tick: empty. `query`: of this one
  // alone.
  Result<std::vector<ActiveShare>> shares(std::int64_t server, const Span& span, SessionDimension by,
                                          std::optional<std::int64_t> query = std::nullopt);
  Result<std::vector<ActivePoint>> timeline(std::int64_t server, const Span& span, SessionDimension by,
                                            std::optional<std::int64_t> query = std::nullopt);
  Result<ProcessorUse> processor(std::int64_t server, const Span& span,
                                 std::optional<std::int64_t> query = std::nullopt);
  Result<std::vector<InstancePoint>> instance(std::int64_t server, const Span& span);
  // When somebody was blocked, in the order of time; at most `most` moments, the last ones.
  Result<std::vector<Time>> blocked_moments(std::int64_t server, const Span& span, std::size_t most);
  Result<std::vector<BlockedSession>> blocked_at(std::int64_t server, Time at);
  // Of the moments of a span, in the order of time; at most `most` rows, of the last moments, each whole.
  Result<std::vector<BlockedSession>> blocked(std::int64_t server, const Span& span, std::size_t most);

 private:
  store::Database& database_;
};

}  // namespace signalbox::queries
