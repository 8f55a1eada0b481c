#include "instruments/queries/sql/fingerprint.hpp"

#include <fmt/format.h>
#include <pg_query.h>

#include "core/base/text.hpp"
#include "instruments/queries/sql/literals.hpp"

namespace signalbox::queries {
namespace {

// FNV-1a of 64 bits (draft-eastlake-fnv): a name for what cannot be parsed, no protection.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t out = 0xcbf29ce484222325;
  for (const char c : text) out = (out ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return out;
}

StatementText by_tokens(std::string_view sql) {
  StatementText out;
  out.text = without_constants(sql);
  out.fingerprint = fmt::format("x{:016x}", hash_of(to_lower(out.text)));
  return out;
}

}  // namespace

StatementText read_statement(std::string_view sql) {
  const std::string valid = escape_invalid_utf8(trim(sql.substr(0, sql.find('\0'))));
  PgQueryFingerprintResult fingerprint = pg_query_fingerprint(valid.c_str());
  PgQueryNormalizeResult normalized = pg_query_normalize(valid.c_str());
  StatementText out;
  if (fingerprint.error == nullptr && normalized.error == nullptr && fingerprint.fingerprint_str != nullptr &&
      normalized.normalized_query != nullptr) {
    out.fingerprint = fingerprint.fingerprint_str;
    // Utility statements keep their strings there.
    out.text = without_constants(normalized.normalized_query, Constants::strings);
  } else {
    out = by_tokens(valid);
  }
  pg_query_free_fingerprint_result(fingerprint);
  pg_query_free_normalize_result(normalized);
  return out;
}

}  // namespace signalbox::queries
