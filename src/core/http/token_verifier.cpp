#include "core/http/token_verifier.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace signalbox::http {
namespace {

Known working(const std::optional<Token>& token, Time now) {
  return token && token->works_at(now) ? Known(*token) : Known();
}

}  // namespace

std::optional<Known> TokenVerifier::check_now(std::string_view text) {
  if (!parse_token(text)) return Known();
  const Sha256 digest = sha256(text);
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    const auto found = verified_.find(digest);
    if (found == verified_.end()) return std::nullopt;
    id = found->second;
  }
  return check_id_now(id);
}

std::optional<Known> TokenVerifier::check_id_now(const std::string& id) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  const auto found = states_.find(id);
  const bool fresh =
      found != states_.end() && now >= found->second.read && now - found->second.read < kTokenStateAge;
  if (!fresh) return std::nullopt;
  return working(found->second.token, now);
}

Result<Known> TokenVerifier::check_id(const std::string& id) {
  if (const auto known = check_id_now(id)) return *known;
  SIGNALBOX_TRY(store::Database* const database, database_());
  State state;
  state.read = clock_.now();
  SIGNALBOX_TRY(state.token, TokenStore(*database, clock_).find(id));
  const std::lock_guard lock(mutex_);
  if (states_.size() >= kMaxVerifiedTokens) states_.clear();
  // An id that names no token is not kept: anybody may send as many of them as they like.
  if (state.token) states_[id] = state;
  return working(state.token, state.read);
}

Result<Known> TokenVerifier::check(std::string_view text) {
  const std::optional<TokenText> parts = parse_token(text);
  if (!parts) return Known();
  const Sha256 digest = sha256(text);
  {
    std::unique_lock lock(mutex_);
    if (verified_.count(digest) != 0) {
      lock.unlock();
      return check_id(parts->id);
    }
  }
  SIGNALBOX_TRY(Known known, check_id(parts->id));
  if (!known) return known;
  if (!may_try(parts->id)) {
    return fail(ErrorKind::unavailable, fmt::format("too many wrong secrets for the token {}", parts->id),
                "wait a few seconds; revoke the token if these are not yours");
  }
  SIGNALBOX_TRY(store::Database* const database, database_());
  const std::lock_guard one(hashing_);
  SIGNALBOX_TRY(const bool right, TokenStore(*database, clock_).verify(*parts));
  if (!right) return Known();
  forget_try(parts->id);
  const std::lock_guard lock(mutex_);
  if (verified_.size() >= kMaxVerifiedTokens) verified_.clear();
  verified_[digest] = parts->id;
  return known;
}

bool TokenVerifier::may_try(const std::string& id) {
  const Time now = clock_.now();
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kMaxVerifiedTokens) buckets_.clear();
  Bucket& bucket = buckets_.try_emplace(id, Bucket{kWrongSecretsAtOnce, now}).first->second;
  const double seconds = std::chrono::duration<double>(std::max(now - bucket.filled, Duration{0})).count();
  bucket.left = std::min(kWrongSecretsAtOnce, bucket.left + seconds);
  bucket.filled = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

void TokenVerifier::forget_try(const std::string& id) {
  const std::lock_guard lock(mutex_);
  buckets_.erase(id);
}

}  // namespace signalbox::http
