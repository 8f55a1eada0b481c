// Private keys: the key file and the folder that holds them.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <tuple>

#include <fmt/core.h>
#include <sodium.h>
#include <sys/stat.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/evidence/keys.hpp"

namespace signalbox::evidence {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kFormat = "signalbox/key/v1";
constexpr std::string_view kSuffix = ".key";
constexpr std::size_t kMaxKeyFileBytes = 16 << 10;
constexpr std::int64_t kMaxOperations = 16;                      // of Argon2id, when reading
constexpr std::int64_t kMaxMemoryBytes = std::int64_t{1} << 30;  // likewise

unsigned char* bytes(std::string& octets) {
  return reinterpret_cast<unsigned char*>(octets.data());
}
const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

std::string derive(const std::string& password, std::string_view salt, unsigned long long operations,
                   std::size_t memory_bytes) {
  std::string key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, '\0');
  if (crypto_pwhash(bytes(key), key.size(), password.data(), password.size(), bytes(salt), operations,
                    memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return {};
  }
  return key;
}

Error broken(std::string_view what) {
  return {ErrorKind::bad_input, fmt::format("key file: {}", what), {}};
}

Result<std::string> decrypt(const Json& file, std::string_view vkey, const std::string& password) {
  SIGNALBOX_TRY(const std::string salt, from_base64(file["salt"].as_string()));
  SIGNALBOX_TRY(const std::string nonce, from_base64(file["nonce"].as_string()));
  SIGNALBOX_TRY(const std::string sealed, from_base64(file["secret"].as_string()));
  const std::int64_t operations = file["operations"].as_integer();
  const std::int64_t memory_bytes = file["memory_bytes"].as_integer();
  if (salt.size() != crypto_pwhash_SALTBYTES ||
      nonce.size() != crypto_aead_xchacha20poly1305_ietf_NPUBBYTES ||
      sealed.size() != 32 + crypto_aead_xchacha20poly1305_ietf_ABYTES || operations < 1 ||
      operations > kMaxOperations || memory_bytes < 8192 || memory_bytes > kMaxMemoryBytes) {
    return fail(broken("a parameter of its encryption is out of range"));
  }
  std::string key = derive(password, salt, static_cast<unsigned long long>(operations),
                           static_cast<std::size_t>(memory_bytes));
  if (key.empty())
    return fail(ErrorKind::unavailable, "not enough memory to derive the key from the password");
  std::string seed(32, '\0');
  const int opened =
      crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(seed), nullptr, nullptr, bytes(sealed), sealed.size(),
                                                 bytes(vkey), vkey.size(), bytes(nonce), bytes(key));
  sodium_memzero(key.data(), key.size());
  if (opened != 0) return fail(ErrorKind::denied, "wrong password, or the key file was changed");
  return seed;
}

Result<Json> parse_file(std::string_view text) {
  SIGNALBOX_TRY(Json file, parse_json(text, {.max_bytes = kMaxKeyFileBytes, .max_depth = 8}));
  if (file["format"].as_string() != kFormat)
    return fail(broken(fmt::format("its format is not {}", kFormat)));
  return file;
}

Result<StoredKey> describe(const Json& file) {
  StoredKey out;
  SIGNALBOX_TRY(out.key, parse_vkey(file["public"].as_string()));
  for (const Json& role : file["roles"].items()) out.roles.emplace_back(role.as_string());
  out.encrypted = file["cipher"].as_string() != "none";
  if (const Json* revoked = file.find("revoked")) {
    SIGNALBOX_TRY(out.revoked_at, parse_rfc3339((*revoked)["at"].as_string()));
    out.revocation_reason = std::string((*revoked)["reason"].as_string());
    out.retroactive = (*revoked)["retroactive"].as_bool();
  }
  return out;
}

Status check_mode(const fs::path& path, mode_t allowed) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return fail(error_from_errno(errno, path.string()));
  if ((info.st_mode & 0777 & ~allowed) != 0) {
    return fail(ErrorKind::denied,
                fmt::format("{}: others may read it (mode {:04o})", path.string(), info.st_mode & 0777),
                fmt::format("chmod {:o} {}", allowed, path.string()));
  }
  return {};
}

Json revocation(Time at, const std::string& reason, bool retroactive) {
  return Json::object({{"at", to_rfc3339(at)}, {"reason", reason}, {"retroactive", retroactive}});
}

// A fresh key in `path`, in the place of what may be there.
Result<PublicKey> write_new(const fs::path& path, std::string name,
                            const std::optional<std::string>& password,
                            const std::vector<std::string>& roles) {
  const SigningKey key = SigningKey::generate(std::move(name));
  SIGNALBOX_TRY(Json file, parse_json(key.serialize(password)));
  Json list = Json::array();
  for (const std::string& role : roles) list.push_back(role);
  file.set("roles", std::move(list));
  SIGNALBOX_CHECK(write_file_atomically(path, file.pretty() + "\n", 0600));
  return key.public_key();
}

}  // namespace

SigningKey SigningKey::generate(std::string name) {
  if (sodium_init() < 0) std::abort();
  SigningKey key;
  key.public_.name = std::move(name);
  key.public_.octets.resize(32);
  crypto_sign_keypair(bytes(key.public_.octets), key.secret_.data());
  return key;
}

SigningKey::SigningKey(SigningKey&& other) noexcept
    : public_(std::move(other.public_)), secret_(other.secret_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

SigningKey& SigningKey::operator=(SigningKey&& other) noexcept {
  if (this != &other) {
    public_ = std::move(other.public_);
    secret_ = other.secret_;
    sodium_memzero(other.secret_.data(), other.secret_.size());
  }
  return *this;
}

SigningKey::~SigningKey() {
  sodium_memzero(secret_.data(), secret_.size());
}

std::string SigningKey::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(bytes(signature), nullptr, bytes(message), message.size(), secret_.data());
  return signature;
}

std::string SigningKey::serialize(const std::optional<std::string>& password) const {
  const std::string vkey = public_.vkey();
  std::string seed(reinterpret_cast<const char*>(secret_.data()), 32);
  Json file = Json::object({{"format", kFormat}, {"public", vkey}});
  if (password) {
    const std::string salt = random_octets(crypto_pwhash_SALTBYTES);
    const std::string nonce = random_octets(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    constexpr auto operations = crypto_pwhash_OPSLIMIT_INTERACTIVE;
    constexpr auto memory_bytes = crypto_pwhash_MEMLIMIT_INTERACTIVE;
    std::string key = derive(*password, salt, operations, memory_bytes);
    if (key.empty()) std::abort();  // 64 MiB could not be had
    std::string sealed(32 + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes(sealed), nullptr, bytes(seed), seed.size(), bytes(vkey),
                                               vkey.size(), nullptr, bytes(nonce), bytes(key));
    sodium_memzero(key.data(), key.size());
    file.set("cipher", "argon2id+xchacha20-poly1305");
    file.set("operations", static_cast<std::int64_t>(operations));
    file.set("memory_bytes", static_cast<std::int64_t>(memory_bytes));
    file.set("salt", to_base64(salt));
    file.set("nonce", to_base64(nonce));
    file.set("secret", to_base64(sealed));
  } else {
    file.set("cipher", "none");
    file.set("secret", to_base64(seed));
  }
  sodium_memzero(seed.data(), seed.size());
  return file.pretty() + "\n";
}

Result<SigningKey> SigningKey::parse(std::string_view text, const std::optional<std::string>& password) {
  if (sodium_init() < 0) std::abort();
  SIGNALBOX_TRY(const Json file, parse_file(text));
  SigningKey key;
  SIGNALBOX_TRY(key.public_, parse_vkey(file["public"].as_string()));
  std::string seed;
  if (file["cipher"].as_string() == "none") {
    SIGNALBOX_TRY(seed, from_base64(file["secret"].as_string()));
    if (seed.size() != 32) return fail(broken("the secret has not 32 octets"));
  } else {
    if (!password) {
      return fail(ErrorKind::denied, fmt::format("the key {} needs its password", key.public_.name),
                  "set SIGNALBOX_KEY_PASSWORD_FILE to a file that holds it, or run it in a terminal");
    }
    SIGNALBOX_TRY(seed, decrypt(file, key.public_.vkey(), *password));
  }
  std::string octets(32, '\0');
  crypto_sign_seed_keypair(bytes(octets), key.secret_.data(), bytes(std::string_view(seed)));
  sodium_memzero(seed.data(), seed.size());
  if (octets != key.public_.octets) return fail(broken("the secret is not that of its public key"));
  return key;
}

// "%-" comes of no name: a key that was rotated out lies beside its successor.
fs::path KeyStore::file_of(std::string_view name, std::string_view old_id) const {
  std::string file;
  for (const char c : name) {
    const bool plain = c != '/' && c != '%' && !(c == '.' && file.empty());
    file += plain ? std::string(1, c)
                  : fmt::format("%{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  if (!old_id.empty()) file += "%-" + std::string(old_id);
  return folder_ / (file + std::string(kSuffix));
}

Result<std::string> KeyStore::read(std::string_view name) const {
  const fs::path path = file_of(name);
  if (!fs::exists(path)) {
    std::vector<std::string> names;
    if (auto keys = list()) {
      for (const PublicKey& key : *keys) names.push_back(key.name);
    }
    const auto near = nearest(name, names);
    return fail(ErrorKind::not_found, fmt::format("no key {} in {}", printable(name), folder_.string()),
                near ? fmt::format("did you mean {}?", *near) : "signalbox evidence key list");
  }
  SIGNALBOX_CHECK(check_mode(folder_, 0700));
  SIGNALBOX_CHECK(check_mode(path, 0600));
  return read_file(path, kMaxKeyFileBytes);
}

Result<PublicKey> KeyStore::create(std::string name, const std::optional<std::string>& password,
                                   const std::vector<std::string>& roles) {
  if (!is_key_name(name)) {
    return fail(ErrorKind::bad_input, fmt::format("\"{}\" cannot name a key", printable(name)),
                "a name has no white space and no '+'");
  }
  if (has(name))
    return fail(ErrorKind::conflict, fmt::format("there is a key {} already", name),
                "revoke it, or take another name");
  if (!fs::exists(folder_)) {
    SIGNALBOX_CHECK(make_directories(folder_));
    if (::chmod(folder_.c_str(), 0700) != 0) return fail(error_from_errno(errno, folder_.string()));
  }
  SIGNALBOX_CHECK(check_mode(folder_, 0700));
  const fs::path path = file_of(name);
  return write_new(path, std::move(name), password, roles);
}

Result<PublicKey> KeyStore::rotate(std::string_view name, const std::optional<std::string>& password, Time at,
                                   const std::string& reason) {
  SIGNALBOX_TRY(const std::string text, read(name));
  SIGNALBOX_TRY(Json file, parse_file(text));
  SIGNALBOX_TRY(const StoredKey old, describe(file));
  if (old.revoked_at) return fail(ErrorKind::conflict, fmt::format("the key {} is revoked already", name));
  if (std::find(old.roles.begin(), old.roles.end(), "log") != old.roles.end()) {
    return fail(ErrorKind::conflict,
                fmt::format("{} signs a log: its key is the log's name, and does not change", name),
                "signalbox evidence log fork goes on under another name");
  }
  file.set("revoked", revocation(at, reason, false));
  SIGNALBOX_CHECK(write_file_atomically(file_of(name, old.key.id()), file.pretty() + "\n", 0600));
  return write_new(file_of(name), std::string(name), password, old.roles);
}

Result<SigningKey> KeyStore::load(std::string_view name, const std::optional<std::string>& password) const {
  SIGNALBOX_TRY(const std::string text, read(name));
  SIGNALBOX_TRY(const Json file, parse_file(text));
  SIGNALBOX_TRY(const StoredKey stored, describe(file));
  if (stored.revoked_at) {
    return fail(ErrorKind::denied,
                fmt::format("the key {} was revoked at {}", stored.key.name, to_rfc3339(*stored.revoked_at)),
                "make another one: signalbox evidence key new NAME");
  }
  return SigningKey::parse(text, password);
}

Result<std::vector<StoredKey>> KeyStore::stored() const {
  std::vector<StoredKey> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error)) {
    const std::string file = entry.path().filename().string();
    if (file.front() == '.' || entry.path().extension() != kSuffix) continue;
    SIGNALBOX_CHECK(check_mode(entry.path(), 0600));
    SIGNALBOX_TRY(const std::string text, read_file(entry.path(), kMaxKeyFileBytes));
    auto json = parse_file(text);
    if (!json) return fail_in(entry.path().string(), std::move(json).error());
    auto key = describe(*json);
    if (!key) return fail_in(entry.path().string(), std::move(key).error());
    out.push_back(std::move(*key));
  }
  if (error && error.value() != ENOENT) return fail(error_from_errno(error.value(), folder_.string()));
  std::sort(out.begin(), out.end(), [](const StoredKey& a, const StoredKey& b) {
    return std::tie(a.key.name, a.revoked_at) < std::tie(b.key.name, b.revoked_at);
  });
  return out;
}

Result<std::vector<PublicKey>> KeyStore::list() const {
  SIGNALBOX_TRY(const std::vector<StoredKey> keys, stored());
  std::vector<PublicKey> out;
  for (const StoredKey& key : keys) out.push_back(key.key);
  return out;
}

Result<StoredKey> KeyStore::find(std::string_view name) const {
  SIGNALBOX_TRY(const std::string text, read(name));
  SIGNALBOX_TRY(const Json file, parse_file(text));
  return describe(file);
}

Status KeyStore::revoke(std::string_view name, Time at, const std::string& reason, bool retroactive) {
  SIGNALBOX_TRY(const std::string text, read(name));
  SIGNALBOX_TRY(Json file, parse_file(text));
  if (file.find("revoked") != nullptr)
    return fail(ErrorKind::conflict, fmt::format("the key {} is revoked already", name));
  file.set("revoked", revocation(at, reason, retroactive));
  return write_file_atomically(file_of(name), file.pretty() + "\n", 0600);
}

bool KeyStore::has(std::string_view name) const {
  return fs::exists(file_of(name));
}

}  // namespace signalbox::evidence
