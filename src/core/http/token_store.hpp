// Bearer tokens: what CI jobs and people on other machines show. Kept as Argon2id hashes in the store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/http/route.hpp"
#include "core/store/database.hpp"

namespace signalbox::http {

// The table serve_token. Version 1 of owner "serve".
store::Migration token_migration();

// What is known of a token; the token itself is shown once and kept nowhere.
struct Token {
  std::string id;    // 12 hexadecimal digits: part of the token, no secret
  std::string name;  // whose it is, as the audit trail says it
  Role role = Role::viewer;
  Time created;
  std::optional<Time> expires, revoked;

  bool works_at(Time now) const { return !revoked && (!expires || now < *expires); }
};

// "sbx_<id>_<secret>" taken apart. The secret is 32 random octets in base64url.
struct TokenText {
  std::string id;
  std::string secret;
};
std::optional<TokenText> parse_token(std::string_view text);

// A name that a token may have: 1 to 64 octets of letters, digits, '.', '_', '-', '@'.
bool is_token_name(std::string_view name);

// The tokens of a store. As thread-safe as its Database: not at all.
class TokenStore {
 public:
  TokenStore(store::Database& database, const Clock& clock) : database_(database), clock_(clock) {}

  struct Issued {
    Token token;
    std::string text;  // shown once
  };
  // conflict where a token of that name works already.
  Result<Issued> add(std::string_view name, Role role, std::optional<Time> expires);
  Result<std::vector<Token>> list() const;            // by name, those that no longer work too
  Result<Token> revoke(std::string_view name_or_id);  // not_found where none of it works
  Result<std::optional<Token>> find(std::string_view id) const;
  // Whether the secret is that of the token: one Argon2id run, about 20 ms. False where there is no such
  // token.
  Result<bool> verify(const TokenText& text) const;

 private:
  store::Database& database_;
  const Clock& clock_;
};

}  // namespace signalbox::http
