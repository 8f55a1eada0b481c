// Ed25519 keys: made, kept, named. A public key is known by its name and its 32 octets; a key id is a hint,
// never trusted.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence {

class Ed25519Verifier;

struct PublicKey {
  std::string name;    // "builder@host"; no white space, no '+'
  std::string octets;  // 32 for Ed25519; DER SubjectPublicKeyInfo for the others
  enum class Algorithm : std::uint8_t {
    ed25519,      // note signature type 0x01
    ecdsa_p256,   // no type of its own: 0xff
    rsa_pss,      // likewise
    cosignature,  // 0x04: the Ed25519 key of a witness, which signs checkpoints with their time and nothing
                  // else
    certified,    // 0xff: a key made for one signature, known by its certificate and verified with it alone
  } algorithm = Algorithm::ed25519;
  std::shared_ptr<const Ed25519Verifier> verifier = {};  // of a key that is `prepared`, which copies share

  // First 4 octets of SHA-256(name ‖ 0x0A ‖ type ‖ key) (C2SP signed-note).
  std::string id_octets() const;
  std::string id() const;    // the same as 8 hexadecimal digits
  std::string vkey() const;  // "name+8hex+base64(type‖key)"; empty for ECDSA and RSA
  bool same_key(const PublicKey& other) const {
    return algorithm == other.algorithm && octets == other.octets;
  }
};

// A name that a signed note can carry: not empty, at most 200 octets of UTF-8, no white space, control
// character or '+'.
bool is_key_name(std::string_view name);

Result<PublicKey> parse_vkey(std::string_view text);
// vkey, PEM, OpenSSH ("ssh-ed25519 AAAA…") or minisign public key text.
Result<PublicKey> parse_public_key(std::string_view text, std::string_view name);
std::string to_pem(const PublicKey& key);
std::string to_openssh(const PublicKey& key);  // Ed25519 alone, as the next; empty for others
std::string to_minisign(const PublicKey& key);

// With the key of a witness, `message` is the text of a checkpoint, and the signature begins with its time.
bool verify(const PublicKey& key, std::string_view message, std::string_view signature);
// The same key, for those who will verify many of its signatures: with the verdicts that it had, in less time
// from the 65th on, where it is an Ed25519 key.
PublicKey prepared(PublicKey key);

// A private key in memory; wiped at the end of its life.
class SigningKey {
 public:
  static SigningKey generate(std::string name);
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  ~SigningKey();
  const PublicKey& public_key() const { return public_; }
  std::string sign(std::string_view message) const;  // 64 octets

  // The key file: JSON, encrypted (Argon2id, XChaCha20-Poly1305) when a password is given.
  std::string serialize(const std::optional<std::string>& password) const;
  static Result<SigningKey> parse(std::string_view text, const std::optional<std::string>& password);

 private:
  SigningKey() = default;
  PublicKey public_;
  std::array<std::uint8_t, 64> secret_{};
};

// What the key store knows of one of its keys without a password.
struct StoredKey {
  PublicKey key;
  std::vector<std::string> roles;  // "builder", "log" …
  bool encrypted = false;
  std::optional<Time> revoked_at;
  std::string revocation_reason;
  bool retroactive = false;  // the revocation reaches signatures from before it
};

// Keys in a folder, one file each, mode 0600 in a folder of mode 0700. A file that others may read is refused
// (denied, hint chmod).
class KeyStore {
 public:
  explicit KeyStore(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // conflict when the name is taken
  Result<PublicKey> create(std::string name, const std::optional<std::string>& password,
                           const std::vector<std::string>& roles = {"builder"});
  // A key that is revoked is refused (denied), so is a wrong or missing password.
  Result<SigningKey> load(std::string_view name, const std::optional<std::string>& password = {}) const;
  Result<std::vector<PublicKey>> list() const;
  Result<std::vector<StoredKey>> stored() const;  // by name
  Result<StoredKey> find(std::string_view name) const;
  Status revoke(std::string_view name, Time at, const std::string& reason, bool retroactive);
  // A new key under the same name and with the same roles; the old one is kept, revoked from `at` on. A key
  // of a log is refused (conflict): it is the log's name.
  Result<PublicKey> rotate(std::string_view name, const std::optional<std::string>& password, Time at,
                           const std::string& reason);
  bool has(std::string_view name) const;

 private:
  std::filesystem::path file_of(std::string_view name, std::string_view old_id = {}) const;
  Result<std::string> read(std::string_view name) const;
  std::filesystem::path folder_;
};

}  // namespace signalbox::evidence
