// Browser sessions: random cookies in memory. They end with the server, after a day without use, and 30 days
// after they began.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/base/digest.hpp"

namespace signalbox::http {

inline constexpr std::size_t kMaxSessions = 1'024;  // the one used longest ago gives way
inline constexpr Duration kSessionIdle = std::chrono::hours(24);
inline constexpr Duration kSessionLife = std::chrono::hours(24 * 30);

// What a session stands for: the token it was opened with; an empty id is the one-time link.
struct SessionOwner {
  std::string token_id;
};

// Kept by the digest of the cookie, so that no comparison's time tells anything of it. Thread-safe.
class SessionTable {
 public:
  explicit SessionTable(const Clock& clock) : clock_(clock) {}
  std::string open(SessionOwner owner);  // the cookie: 32 random octets in base64url
  std::optional<SessionOwner> find(std::string_view cookie);
  void close(std::string_view cookie);

 private:
  struct Session {
    SessionOwner owner;
    Time opened, used;
  };
  bool over(const Session& session) const;
  void make_room();

  const Clock& clock_;
  std::mutex mutex_;
  std::map<Sha256, Session> sessions_;
};

}  // namespace signalbox::http
