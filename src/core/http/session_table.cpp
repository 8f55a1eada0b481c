#include "core/http/session_table.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"

namespace signalbox::http {

constexpr std::size_t kCookieOctets = 32;

bool SessionTable::over(const Session& session) const {
  const Time now = clock_.now();
  return now - session.used >= kSessionIdle || now - session.opened >= kSessionLife;
}

void SessionTable::make_room() {
  std::erase_if(sessions_, [&](const auto& item) { return over(item.second); });
  if (sessions_.size() < kMaxSessions) return;
  sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
    return a.second.used < b.second.used;
  }));
}

std::string SessionTable::open(SessionOwner owner) {
  std::string cookie = to_base64url(random_octets(kCookieOctets));
  const std::lock_guard lock(mutex_);
  make_room();
  const Time now = clock_.now();
  sessions_[sha256(cookie)] = {std::move(owner), now, now};
  return cookie;
}

std::optional<SessionOwner> SessionTable::find(std::string_view cookie) {
  const Sha256 digest = sha256(cookie);
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(digest);
  if (found == sessions_.end() || over(found->second)) return std::nullopt;
  found->second.used = clock_.now();
  return found->second.owner;
}

void SessionTable::close(std::string_view cookie) {
  const Sha256 digest = sha256(cookie);
  const std::lock_guard lock(mutex_);
  sessions_.erase(digest);
}

}  // namespace signalbox::http
