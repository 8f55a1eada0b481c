#include "core/http/token_store.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <sodium.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"

namespace signalbox::http {
namespace {

constexpr std::string_view kPrefix = "sbx_";
constexpr std::size_t kIdDigits = 12;
constexpr std::size_t kSecretOctets = 32;
constexpr std::size_t kSecretCharacters = 43;  // 32 octets in base64url
constexpr std::size_t kMaxNameOctets = 64;
// Argon2id with 19 MiB and two passes (OWASP Password Storage Cheat Sheet). The secret has 256 random bits,
// so nobody guesses it from the hash; the hash is for whoever reads the table.
constexpr unsigned long long kHashPasses = 2;
constexpr std::size_t kHashMemoryBytes = std::size_t{19} << 20;
constexpr std::string_view kColumns =
    "select id, name, role, created_ms, expires_ms, revoked_ms from serve_token";

Result<std::string> hash_of(const std::string& secret) {
  char out[crypto_pwhash_STRBYTES] = {};
  if (::sodium_init() < 0 || ::crypto_pwhash_str_alg(out, secret.data(), secret.size(), kHashPasses,
                                                     kHashMemoryBytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return fail(ErrorKind::unavailable, "no memory to hash a token with");
  }
  return std::string(out);
}

store::Value value_of(const std::optional<Time>& time) {
  if (!time) return {};
  return std::int64_t{time->time_since_epoch().count()};
}

std::optional<Time> time_of(const store::Row& row, std::size_t column) {
  if (row.is_null(column)) return std::nullopt;
  return Time(Duration(row.integer(column)));
}

Token token_of(const store::Row& row) {
  Token out;
  out.id = row.text(0);
  out.name = row.text(1);
  out.role = role_from(row.text(2)).value_or(Role::none);
  out.created = time_of(row, 3).value_or(Time{});
  out.expires = time_of(row, 4);
  out.revoked = time_of(row, 5);
  return out;
}

}  // namespace

store::Migration token_migration() {
  return {"serve", 1, "tokens",
          "create table serve_token (id TEXT primary key, name TEXT not null, role TEXT not null, "
          "hash TEXT not null, created_ms INTEGER not null, expires_ms INTEGER, revoked_ms INTEGER);"};
}

std::optional<TokenText> parse_token(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = text.substr(kPrefix.size());
  if (rest.size() != kIdDigits + 1 + kSecretCharacters || rest[kIdDigits] != '_') return std::nullopt;
  return TokenText{std::string(rest.substr(0, kIdDigits)), std::string(rest.substr(kIdDigits + 1))};
}

bool is_token_name(std::string_view name) {
  constexpr std::string_view kCharacters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-@";
  return !name.empty() && name.size() <= kMaxNameOctets &&
         name.find_first_not_of(kCharacters) == std::string_view::npos;
}

Result<TokenStore::Issued> TokenStore::add(std::string_view name, Role role, std::optional<Time> expires) {
  if (!is_token_name(name)) {
    return fail(ErrorKind::bad_input, fmt::format("`{}` is no name of a token", printable(name)),
                "up to 64 letters, digits, '.', '_', '-' and '@'");
  }
  Issued out;
  out.token = {to_hex(random_octets(kIdDigits / 2)), std::string(name), role, clock_.now(), expires, {}};
  const std::string secret = to_base64url(random_octets(kSecretOctets));
  SIGNALBOX_TRY(const std::string hash, hash_of(secret));
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    SIGNALBOX_TRY(const std::vector<Token> known, list());
    for (const Token& token : known) {
      if (token.name == name && token.works_at(out.token.created))
        return fail(ErrorKind::conflict, fmt::format("there is a token {} already", name),
                    fmt::format("signalbox serve token revoke {}, or take another name", name));
    }
    SIGNALBOX_CHECK(database_.execute(
        "insert into serve_token (id, name, role, hash, created_ms, expires_ms) values (?, ?, ?, ?, ?, ?)",
        {out.token.id, out.token.name, std::string(name_of(role)), hash, value_of(out.token.created),
         value_of(expires)}));
    return {};
  }));
  out.text = fmt::format("{}{}_{}", kPrefix, out.token.id, secret);
  return out;
}

Result<std::vector<Token>> TokenStore::list() const {
  SIGNALBOX_TRY(const std::vector<store::Row> rows,
                database_.query(std::string(kColumns) + " order by name, created_ms"));
  std::vector<Token> out;
  std::transform(rows.begin(), rows.end(), std::back_inserter(out), token_of);
  return out;
}

Result<Token> TokenStore::revoke(std::string_view name_or_id) {
  Token out;
  SIGNALBOX_CHECK(database_.transaction(store::Database::Access::write, [&]() -> Status {
    const Time now = clock_.now();
    SIGNALBOX_TRY(const std::vector<Token> known, list());
    const auto found = std::find_if(known.begin(), known.end(), [&](const Token& token) {
      return token.works_at(now) && (token.name == name_or_id || token.id == name_or_id);
    });
    if (found == known.end())
      return fail(ErrorKind::not_found, fmt::format("no working token is called {}", printable(name_or_id)),
                  "signalbox serve token list");
    out = *found;
    out.revoked = now;
    SIGNALBOX_CHECK(database_.execute("update serve_token set revoked_ms = ? where id = ?",
                                      {value_of(out.revoked), out.id}));
    return {};
  }));
  return out;
}

Result<std::optional<Token>> TokenStore::find(std::string_view id) const {
  SIGNALBOX_TRY(const std::vector<store::Row> rows,
                database_.query(std::string(kColumns) + " where id = ?", {std::string(id)}));
  return rows.empty() ? std::optional<Token>() : std::optional<Token>(token_of(rows.front()));
}

Result<bool> TokenStore::verify(const TokenText& text) const {
  SIGNALBOX_TRY(const std::vector<store::Row> rows,
                database_.query("select hash from serve_token where id = ?", {text.id}));
  if (rows.empty() || ::sodium_init() < 0) return false;
  return ::crypto_pwhash_str_verify(rows.front().text(0).c_str(), text.secret.data(), text.secret.size()) ==
         0;
}

}  // namespace signalbox::http
