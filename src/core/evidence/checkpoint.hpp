// Signed notes and checkpoints: C2SP signed-note and tlog-checkpoint.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {

struct NoteSignature {
  std::string name;
  std::string octets;  // 4 octets of key id, then the signature
};
struct Note {
  std::string text;  // ends in a newline
  std::vector<NoteSignature> signatures;
};
Result<Note> parse_note(std::string_view octets);
std::string write_note(const Note& note);
std::string signature_line(const NoteSignature& signature);  // as a note has it, with its newline
// The note with the signatures of `key` alone.
Note signed_alone_by(const PublicKey& key, const Note& note);
std::string sign_note(std::string_view text, const SigningKey& key);
// The keys among `known` that signed it. A known key whose signature fails refuses the whole note; unknown
// ones are ignored.
Result<std::vector<PublicKey>> verify_note(const Note& note, const std::vector<PublicKey>& known);

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Sha256 root{};
  bool operator==(const Checkpoint&) const = default;
};
std::string checkpoint_text(const Checkpoint& checkpoint);
Result<Checkpoint> parse_checkpoint(std::string_view note_text);  // extension lines are read over

}  // namespace signalbox::evidence
