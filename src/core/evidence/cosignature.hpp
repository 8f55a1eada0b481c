// A witness' signature over a checkpoint (C2SP tlog-cosignature, Ed25519, type 0x04): at that time it had
// seen nothing of the log that this tree does not extend.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {

// The key under which others know a witness: the same 32 octets, for cosignatures alone.
PublicKey witness_key(const PublicKey& key);

// What is signed: "cosignature/v1", the time, and the whole text of the checkpoint.
std::string cosigned_message(std::int64_t time_s, std::string_view checkpoint_text);

// The octets of a cosignature behind its key id: time in 8 octets, most significant first, and signature.
struct CosignatureParts {
  std::int64_t time_s = 0;  // Unix seconds, from 1
  std::string_view signature;
};
// Nothing where the length is another, or the time 0 or beyond 2^63 - 1.
std::optional<CosignatureParts> split_cosignature(std::string_view octets);

NoteSignature cosign(std::string_view checkpoint_text, const SigningKey& witness, Time time);

struct Cosignature {
  PublicKey witness;
  Time time;
};
// The distinct ones of `witnesses` that cosigned the note, each with its newest time. A known witness whose
// signature fails refuses the note.
Result<std::vector<Cosignature>> cosigned_by(const Note& note, const std::vector<PublicKey>& witnesses);
// How many they are; none under what is no note, or is refused.
std::size_t cosignatures_under(std::string_view note, const std::vector<PublicKey>& witnesses);

}  // namespace signalbox::evidence
