#include "core/evidence/cosignature.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace signalbox::evidence {
namespace {

constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kSignatureBytes = 64;

std::string time_octets(std::int64_t time_s) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8)
    out += static_cast<char>(static_cast<std::uint64_t>(time_s) >> shift & 0xff);
  return out;
}

}  // namespace

PublicKey witness_key(const PublicKey& key) {
  PublicKey out = key;
  out.algorithm = PublicKey::Algorithm::cosignature;
  return out;
}

std::string cosigned_message(std::int64_t time_s, std::string_view checkpoint_text) {
  return fmt::format("cosignature/v1\ntime {}\n{}", time_s, checkpoint_text);
}

std::optional<CosignatureParts> split_cosignature(std::string_view octets) {
  if (octets.size() != kTimeBytes + kSignatureBytes) return std::nullopt;
  std::uint64_t time_s = 0;
  for (const char octet : octets.substr(0, kTimeBytes))
    time_s = time_s << 8 | static_cast<unsigned char>(octet);
  if (time_s == 0 || time_s >> 63 != 0) return std::nullopt;
  return CosignatureParts{static_cast<std::int64_t>(time_s), octets.substr(kTimeBytes)};
}

NoteSignature cosign(std::string_view checkpoint_text, const SigningKey& witness, Time time) {
  const PublicKey key = witness_key(witness.public_key());
  const std::int64_t time_s =
      std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
  return {key.name,
          key.id_octets() + time_octets(time_s) + witness.sign(cosigned_message(time_s, checkpoint_text))};
}

Result<std::vector<Cosignature>> cosigned_by(const Note& note, const std::vector<PublicKey>& witnesses) {
  SIGNALBOX_TRY(const std::vector<PublicKey> by, verify_note(note, witnesses));
  std::vector<Cosignature> out;
  for (const PublicKey& key : by) {
    if (key.algorithm != PublicKey::Algorithm::cosignature) continue;
    const bool counted = std::any_of(out.begin(), out.end(),
                                     [&](const Cosignature& other) { return other.witness.same_key(key); });
    if (counted) continue;  // known by two names it is one witness
    std::int64_t newest_s = 0;
    for (const NoteSignature& signature : note.signatures) {
      const std::string_view octets = signature.octets;
      if (signature.name != key.name || octets.substr(0, kKeyIdBytes) != key.id_octets()) continue;
      if (const auto parts = split_cosignature(octets.substr(kKeyIdBytes)))
        newest_s = std::max(newest_s, parts->time_s);
    }
    // Beyond what a Time holds only its order matters, and nobody is that late.
    constexpr std::int64_t kLatest_s =
        std::chrono::duration_cast<std::chrono::seconds>(Duration::max()).count();
    out.push_back({key, Time(std::chrono::seconds(std::min(newest_s, kLatest_s)))});
  }
  return out;
}

std::size_t cosignatures_under(std::string_view text, const std::vector<PublicKey>& witnesses) {
  const auto note = parse_note(text);
  const auto by = note ? cosigned_by(*note, witnesses) : fail(note.error());
  return by ? by->size() : 0;
}

}  // namespace signalbox::evidence
