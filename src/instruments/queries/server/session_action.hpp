// Ending what one session of a server does: the only thing that is ever changed there, and never by itself.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/queries/server/server_link.hpp"

namespace signalbox::queries {

enum class SessionAction { cancel, terminate };  // its statement; all of it
std::string_view name_of(SessionAction action);

// A client's session as it was looked at. Who acts on it names what it was then.
struct SessionTarget {
  std::int64_t pid = 0;
  std::int64_t started_us = 0;  // Unix, by the server's clock: a pid may be another's later
  std::int64_t query_id = 0;    // of what it runs, or ran last; 0: the server does not tell
  std::string database, role, application, host, state, wait_event;
  double transaction_s = 0, query_s = 0;
  std::string fingerprint, sql;          // without constants; empty where it is hidden from this user
  std::vector<std::int64_t> in_its_way;  // pids of those who wait for it

  // "1764271234567890.-42": what must still be so when it is acted on.
  std::string identity() const;
};

// not_found where no client has that process.
Result<SessionTarget> read_target(ServerLink& link, std::int64_t pid);

// Sends the signal in the same statement that looks whether the session is still the one that `identity`
// says, and runs the same statement. conflict where it is not; denied without pg_signal_backend or the role
// itself.
Status act(ServerLink& link, SessionAction action, std::int64_t pid, std::string_view identity);
// Whether the session is gone, or of cancel runs that statement no more, within `patience`.
Result<bool> wait_until_over(ServerLink& link, SessionAction action, std::int64_t pid,
                             std::string_view identity, std::chrono::milliseconds patience);

}  // namespace signalbox::queries
