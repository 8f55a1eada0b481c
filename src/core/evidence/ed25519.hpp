// Ed25519 (RFC 8032) over libsodium: the one place that says which keys and signatures are good.
// docs/decisions/0205-ed25519-verdicts.md
#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox::evidence {

inline constexpr std::size_t kEd25519KeyBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

// A point of the subgroup of prime order in its one spelling. Others verify signatures that nobody made, or
// have several spellings.
bool is_ed25519_key(std::string_view octets);

// [S]B = R + [k]A exactly, without cofactor; S below the order of the group. A and R that are of small order,
// and an A that is not in its one spelling, are refused. False for a key or signature of another length.
bool ed25519_verify(std::string_view key, std::string_view message, std::string_view signature);

}  // namespace signalbox::evidence
