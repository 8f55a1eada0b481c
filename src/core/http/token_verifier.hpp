// Whether a bearer token works, cheaply: Argon2id once for a token, then a look-up; its row is read again
// after a second, so that a revocation by another process is seen.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/digest.hpp"
#include "core/http/token_store.hpp"

namespace signalbox::http {

inline constexpr Duration kTokenStateAge{1'000};          // a revocation is seen after at most this
inline constexpr std::size_t kMaxVerifiedTokens = 1'024;  // beyond it, all are verified anew
inline constexpr double kWrongSecretsAtOnce = 10;         // of one token id; then one a second

// The working token that a text is, or nothing.
using Known = std::optional<Token>;

class TokenVerifier {
 public:
  using OpenDatabase = std::function<Result<store::Database*>()>;
  TokenVerifier(const Clock& clock, OpenDatabase database) : clock_(clock), database_(std::move(database)) {}

  // By its text, or by the id of one whose text was seen before. May block. unavailable: the store is not
  // there, or too many wrong secrets were tried.
  Result<Known> check(std::string_view text);
  Result<Known> check_id(const std::string& id);
  // The same from memory alone; nullopt where that does not know.
  std::optional<Known> check_now(std::string_view text);
  std::optional<Known> check_id_now(const std::string& id);

 private:
  struct State {
    std::optional<Token> token;
    Time read;
  };
  struct Bucket {
    double left = kWrongSecretsAtOnce;
    Time filled;
  };
  bool may_try(const std::string& id);
  void forget_try(const std::string& id);

  const Clock& clock_;
  OpenDatabase database_;
  std::mutex mutex_;                        // over what follows
  std::mutex hashing_;                      // one Argon2id run at a time: each takes 19 MiB
  std::map<Sha256, std::string> verified_;  // digest of a token's text → its id
  std::unordered_map<std::string, State> states_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace signalbox::http
