// The load of a span: how many sessions were at work beside the cores there are, by what they waited for, and
// whose they were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

// A statement with its part of the load.
struct LoadStatement {
  std::int64_t query_id = 0;     // 0: sessions of no statement that the server names
  std::string fingerprint, sql;  // empty where no text is kept
  double active = 0;             // sessions, on average
};

// Who stood in others' way and waited for nobody.
struct Blocker {
  SessionSample session;  // as it was seen last
  Time first{}, last{};   // when it was seen so
  std::int64_t moments = 0;
  std::size_t most_waiting = 0;  // behind it at one moment, also behind those who wait for it
};

struct Load {
  Span span;
  int cores = 0;  // 0: not known
  std::int64_t ticks = 0;
  double active = 0;                  // sessions, on average
  std::vector<ActivePoint> timeline;  // by what they waited for
  std::vector<ActiveShare> waits, users, applications;
  std::vector<LoadStatement> statements;
  std::vector<Blocker> blockers;
  std::optional<Time> blockers_from;  // where there were too many moments: since when they are looked at
};

// Those who were in the way longest first. `sessions` in the order of time.
std::vector<Blocker> blockers_of(const std::vector<BlockedSession>& sessions);
// Where there are more than `most`: those of each of so many equal parts of their time together, as the
// average over their samples.
std::vector<ActivePoint> coarser(std::vector<ActivePoint> points, std::size_t most);

Result<Load> read_load(store::Database& database, const KeptServer& server, const Span& span);
// Of lists the first ten; `other` is what is left of them.
Json load_json(const Load& load, const KeptServer& server);

}  // namespace signalbox::queries
