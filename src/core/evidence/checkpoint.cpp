#include "core/evidence/checkpoint.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxNoteBytes = 1'000'000;
constexpr std::size_t kMaxNoteSignatures = 100;
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::string_view kSignaturePrefix = "\xe2\x80\x94 ";  // em dash, space

Error broken(std::string_view what) {
  return {ErrorKind::bad_input, fmt::format("signed note: {}", what), {}};
}

Result<NoteSignature> parse_signature_line(std::string_view line) {
  if (line.substr(0, kSignaturePrefix.size()) != kSignaturePrefix)
    return fail(broken("a line below the text is no signature"));
  line.remove_prefix(kSignaturePrefix.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space)))
    return fail(broken("a signature without a key name"));
  auto octets = from_base64(line.substr(space + 1));
  if (!octets) return fail(broken(octets.error().message));
  if (octets->size() <= kKeyIdBytes) return fail(broken("a signature is too short"));
  return NoteSignature{std::string(line.substr(0, space)), std::move(*octets)};
}

}  // namespace

Result<Note> parse_note(std::string_view octets) {
  if (octets.size() > kMaxNoteBytes)
    return fail(broken(fmt::format("{} bytes; at most {}", octets.size(), kMaxNoteBytes)));
  if (!is_utf8(octets)) return fail(broken("not UTF-8"));
  if (std::any_of(octets.begin(), octets.end(),
                  [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; })) {
    return fail(broken("holds a control character"));
  }
  const std::size_t end_of_text = octets.rfind("\n\n");
  if (end_of_text == std::string_view::npos) return fail(broken("no blank line between text and signatures"));
  Note note{std::string(octets.substr(0, end_of_text + 1)), {}};
  std::string_view block = octets.substr(end_of_text + 2);
  if (block.empty() || block.back() != '\n')
    return fail(broken("no signatures, or the last line does not end"));
  block.remove_suffix(1);
  for (const std::string_view line : split(block, '\n')) {
    if (note.signatures.size() == kMaxNoteSignatures)
      return fail(broken(fmt::format("more than {} signatures", kMaxNoteSignatures)));
    SIGNALBOX_TRY(NoteSignature signature, parse_signature_line(line));
    note.signatures.push_back(std::move(signature));
  }
  return note;
}

std::string signature_line(const NoteSignature& signature) {
  return fmt::format("{}{} {}\n", kSignaturePrefix, signature.name, to_base64(signature.octets));
}

std::string write_note(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) out += signature_line(signature);
  return out;
}

Note signed_alone_by(const PublicKey& key, const Note& note) {
  Note out{note.text, {}};
  std::copy_if(note.signatures.begin(), note.signatures.end(), std::back_inserter(out.signatures),
               [&](const NoteSignature& signature) {
                 return signature.name == key.name && signature.octets.starts_with(key.id_octets());
               });
  return out;
}

std::string sign_note(std::string_view text, const SigningKey& key) {
  return write_note(
      {std::string(text), {{key.public_key().name, key.public_key().id_octets() + key.sign(text)}}});
}

Result<std::vector<PublicKey>> verify_note(const Note& note, const std::vector<PublicKey>& known) {
  std::vector<PublicKey> out;
  for (const NoteSignature& signature : note.signatures) {
    const std::string_view id = std::string_view(signature.octets).substr(0, kKeyIdBytes);
    const auto key = std::find_if(known.begin(), known.end(), [&](const PublicKey& candidate) {
      return candidate.name == signature.name && candidate.id_octets() == id;
    });
    if (key == known.end()) continue;
    if (!verify(*key, note.text, std::string_view(signature.octets).substr(kKeyIdBytes))) {
      return fail(
          ErrorKind::bad_input,
          fmt::format("signed note: the signature of {} ({}) does not fit the text", key->name, key->id()));
    }
    if (std::none_of(out.begin(), out.end(), [&](const PublicKey& other) { return other.same_key(*key); }))
      out.push_back(*key);
  }
  return out;
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     to_base64(as_octets(checkpoint.root)));
}

Result<Checkpoint> parse_checkpoint(std::string_view note_text) {
  const auto refuse = [](std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("checkpoint: {}", what));
  };
  if (note_text.empty() || note_text.back() != '\n') return refuse("the last line does not end");
  note_text.remove_suffix(1);
  const std::vector<std::string_view> parts = split(note_text, '\n');
  if (parts.size() < 3) return refuse("fewer than the three lines origin, size and root");
  if (std::any_of(parts.begin(), parts.end(), [](std::string_view line) { return line.empty(); }))
    return refuse("a line is empty");
  const auto size = parse_integer(parts[1]);
  if (!size || *size < 0 || fmt::format("{}", *size) != parts[1])
    return refuse("the size is no decimal number");
  const auto octets = from_base64(parts[2]);
  if (!octets || octets->size() != 32) return refuse("the root is not 32 octets in base64");
  SIGNALBOX_TRY(const Sha256 root, sha256_from_octets(*octets));
  return Checkpoint{std::string(parts[0]), static_cast<std::uint64_t>(*size), root};
}

}  // namespace signalbox::evidence
