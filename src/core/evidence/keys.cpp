#include "core/evidence/keys.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/ed25519.hpp"
#include "core/evidence/ed25519_verifier.hpp"

namespace signalbox::evidence {
namespace {

constexpr char kEd25519Type = 0x01;
constexpr char kCosignatureType = 0x04;
constexpr char kOtherType = static_cast<char>(0xff);
constexpr std::size_t kMaxNameBytes = 200;
constexpr std::size_t kMaxKeyTextBytes = 16 << 10;
constexpr int kMinRsaBits = 2048;
constexpr std::string_view kOpensshType = "ssh-ed25519";

using Algorithm = PublicKey::Algorithm;
template <class T, void (*Free)(T*)>
struct Freer {
  void operator()(T* pointer) const { Free(pointer); }
};
using Pkey = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX, EVP_MD_CTX_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

bool is_ed25519(Algorithm algorithm) {
  return algorithm == Algorithm::ed25519 || algorithm == Algorithm::cosignature;
}

char note_type(Algorithm algorithm) {
  if (algorithm == Algorithm::cosignature) return kCosignatureType;
  return algorithm == Algorithm::ed25519 ? kEd25519Type : kOtherType;
}

Pkey to_pkey(const PublicKey& key) {
  if (is_ed25519(key.algorithm)) {
    return Pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(key.octets), key.octets.size()));
  }
  const unsigned char* at = bytes(key.octets);
  return Pkey(d2i_PUBKEY(nullptr, &at, static_cast<long>(key.octets.size())));
}

std::string note_key(const PublicKey& key) {
  return note_type(key.algorithm) + key.octets;
}

Result<PublicKey> named(std::string_view name, std::string octets, Algorithm algorithm) {
  if (!is_key_name(name)) {
    return fail(ErrorKind::bad_input, fmt::format("\"{}\" cannot name a key", printable(name.substr(0, 200))),
                "a name has no white space and no '+'");
  }
  if (is_ed25519(algorithm)) {
    if (octets.size() != kEd25519KeyBytes)
      return fail(ErrorKind::bad_input, "an Ed25519 public key has 32 octets");
    if (!is_ed25519_key(octets))
      return fail(ErrorKind::bad_input, "the 32 octets are no valid Ed25519 public key");
  }
  return PublicKey{std::string(name), std::move(octets), algorithm};
}

// SubjectPublicKeyInfo of a P-256 key with its point uncompressed (RFC 5480): one spelling a key, so that the
// same key with its point compressed does not count as another.
Result<std::string> p256_der(EVP_PKEY* pkey) {
  constexpr std::string_view head(
      "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03"
      "\x42\x00\x04",
      27);
  constexpr int kCoordinateBytes = 32;
  std::string out(head);
  for (const char* name : {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y}) {
    BIGNUM* number = nullptr;
    if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1)
      return fail(ErrorKind::bad_input, "a P-256 public key without a point");
    const std::unique_ptr<BIGNUM, Freer<BIGNUM, BN_free>> coordinate(number);
    std::string octets(kCoordinateBytes, '\0');
    BN_bn2binpad(coordinate.get(), reinterpret_cast<unsigned char*>(octets.data()), kCoordinateBytes);
    out += octets;
  }
  return out;
}

Result<PublicKey> parse_pem(std::string_view text, std::string_view name) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  const Pkey pkey(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  if (!pkey)
    return fail(ErrorKind::bad_input, "not a public key in PEM", "it begins with -----BEGIN PUBLIC KEY-----");
  if (EVP_PKEY_is_a(pkey.get(), "ED25519") == 1) {
    std::string octets(32, '\0');
    std::size_t length = octets.size();
    EVP_PKEY_get_raw_public_key(pkey.get(), reinterpret_cast<unsigned char*>(octets.data()), &length);
    return named(name, std::move(octets), Algorithm::ed25519);
  }
  char group[64] = {};
  const bool p256 = EVP_PKEY_is_a(pkey.get(), "EC") == 1 &&
                    EVP_PKEY_get_group_name(pkey.get(), group, sizeof group, nullptr) == 1 &&
                    std::string_view(group) == "prime256v1";
  const bool rsa = EVP_PKEY_is_a(pkey.get(), "RSA") == 1 && EVP_PKEY_get_bits(pkey.get()) >= kMinRsaBits;
  if (!p256 && !rsa) {
    return fail(ErrorKind::bad_input, "a public key of a kind that is not read",
                "Ed25519, ECDSA P-256 and RSA from 2048 bits are");
  }
  if (p256) {
    SIGNALBOX_TRY(std::string octets, p256_der(pkey.get()));
    return named(name, std::move(octets), Algorithm::ecdsa_p256);
  }
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(pkey.get(), &der);
  if (length <= 0) return fail(ErrorKind::bad_input, "a public key that has no DER form");
  std::string octets(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return named(name, std::move(octets), Algorithm::rsa_pss);
}

std::string ssh_string(std::string_view octets) {
  const auto size = static_cast<std::uint32_t>(octets.size());
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
  return out + std::string(octets);
}

Result<PublicKey> parse_openssh(std::string_view text, std::string_view name) {
  std::string_view body = trim(text.substr(kOpensshType.size()));
  body = body.substr(0, body.find_first_of(" \t\n"));
  SIGNALBOX_TRY(const std::string octets, from_base64(body));
  const std::string head = ssh_string(kOpensshType);
  if (octets.size() != head.size() + 36 ||
      octets.substr(0, head.size() + 4) != head + std::string("\0\0\0\x20", 4)) {
    return fail(ErrorKind::bad_input, "not an OpenSSH Ed25519 public key");
  }
  return named(name, octets.substr(head.size() + 4), Algorithm::ed25519);
}

// A comment line, then base64 of "Ed", 8 octets of key id and the key; the second line alone is fine too.
Result<PublicKey> parse_minisign(std::string_view text, std::string_view name) {
  const std::vector<std::string_view> rows = lines(text);
  SIGNALBOX_TRY(const std::string octets, from_base64(trim(rows.empty() ? text : rows.back())));
  if (octets.size() != 42 || octets.substr(0, 2) != "Ed")
    return fail(ErrorKind::bad_input, "not a minisign public key");
  return named(name, octets.substr(10), Algorithm::ed25519);
}

// DER of a P-256 signature given as r ‖ s, 32 octets each; what is DER already stays.
std::string ecdsa_der(std::string_view signature) {
  if (signature.size() != 64) return std::string(signature);
  const std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG, ECDSA_SIG_free>> parts(ECDSA_SIG_new());
  ECDSA_SIG_set0(parts.get(), BN_bin2bn(bytes(signature), 32, nullptr),
                 BN_bin2bn(bytes(signature) + 32, 32, nullptr));
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(parts.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

enum class Padding { none, pss };

bool verify_with_sha256(const Pkey& pkey, Padding padding, std::string_view message,
                        std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  if (!pkey || !context ||
      EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, pkey.get()) != 1)
    return false;
  if (padding == Padding::pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                                  EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_AUTO) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                          message.size()) == 1;
}

}  // namespace

bool is_key_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || !is_utf8(name)) return false;
  if (std::any_of(name.begin(), name.end(),
                  [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '+'; }))
    return false;
  // White space beyond ASCII: U+0085, U+00A0, U+1680, U+2000-U+200A, U+2028, U+2029, U+202F, U+205F, U+3000.
  for (const std::string_view space : {"\xc2\x85", "\xc2\xa0", "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9",
                                       "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"}) {
    if (name.find(space) != std::string_view::npos) return false;
  }
  for (std::size_t at = name.find("\xe2\x80"); at != std::string_view::npos;
       at = name.find("\xe2\x80", at + 1)) {
    const auto last = static_cast<unsigned char>(name[at + 2]);
    if (last >= 0x80 && last <= 0x8a) return false;
  }
  return true;
}

std::string PublicKey::id_octets() const {
  return std::string(as_octets(sha256(name + "\n" + note_key(*this))).substr(0, 4));
}

std::string PublicKey::id() const {
  return to_hex(std::string_view(id_octets()));
}

std::string PublicKey::vkey() const {
  return is_ed25519(algorithm) ? fmt::format("{}+{}+{}", name, id(), to_base64(note_key(*this)))
                               : std::string();
}

Result<PublicKey> parse_vkey(std::string_view text) {
  text = trim(text);
  const std::size_t first = text.find('+');
  const std::size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos || text.size() > kMaxKeyTextBytes) {
    return fail(ErrorKind::bad_input, "not a verifier key", "it looks like name+1a2b3c4d+base64");
  }
  SIGNALBOX_TRY(const std::string octets, from_base64(text.substr(second + 1)));
  if (octets.size() != 1 + kEd25519KeyBytes || (octets[0] != kEd25519Type && octets[0] != kCosignatureType))
    return fail(ErrorKind::bad_input, "a verifier key that is not Ed25519");
  const Algorithm algorithm = octets[0] == kEd25519Type ? Algorithm::ed25519 : Algorithm::cosignature;
  SIGNALBOX_TRY(PublicKey key, named(text.substr(0, first), octets.substr(1), algorithm));
  if (key.id() != text.substr(first + 1, second - first - 1)) {
    return fail(ErrorKind::bad_input,
                fmt::format("verifier key: the key id is not that of the key, which is {}", key.id()));
  }
  return key;
}

Result<PublicKey> parse_public_key(std::string_view text, std::string_view name) {
  text = trim(text);
  if (text.empty() || text.size() > kMaxKeyTextBytes) {
    return fail(ErrorKind::bad_input, fmt::format("a public key of {} bytes", text.size()));
  }
  if (text.find("-----BEGIN ") == 0) return parse_pem(text, name);
  if (text.find(kOpensshType) == 0) return parse_openssh(text, name);
  if (std::count(text.begin(), text.end(), '+') >= 2 && text.find('\n') == std::string_view::npos) {
    if (auto key = parse_vkey(text)) return key;
  }
  if (auto key = parse_minisign(text, name)) return key;
  auto key = parse_vkey(text);
  if (key) return key;
  return fail(ErrorKind::bad_input, "not a public key: " + key.error().message,
              "PEM, OpenSSH, minisign and verifier keys are read");
}

std::string to_pem(const PublicKey& key) {
  const Pkey pkey = to_pkey(key);
  const Bio bio(BIO_new(BIO_s_mem()));
  if (!pkey || PEM_write_bio_PUBKEY(bio.get(), pkey.get()) != 1) return {};
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string to_openssh(const PublicKey& key) {
  if (key.algorithm != Algorithm::ed25519) return {};
  return fmt::format("{} {} {}\n", kOpensshType, to_base64(ssh_string(kOpensshType) + ssh_string(key.octets)),
                     key.name);
}

std::string to_minisign(const PublicKey& key) {
  if (key.algorithm != Algorithm::ed25519) return {};
  const std::string id(as_octets(sha256(key.octets)).substr(0, 8));
  return fmt::format("untrusted comment: {}\n{}\n", key.name, to_base64("Ed" + id + key.octets));
}

PublicKey prepared(PublicKey key) {
  if (key.algorithm == Algorithm::ed25519) key.verifier = std::make_shared<const Ed25519Verifier>(key.octets);
  return key;
}

bool verify(const PublicKey& key, std::string_view message, std::string_view signature) {
  switch (key.algorithm) {
    case Algorithm::ed25519:
      return key.verifier ? key.verifier->verify(message, signature)
                          : ed25519_verify(key.octets, message, signature);
    case Algorithm::cosignature: {
      const auto parts = split_cosignature(signature);
      return parts && ed25519_verify(key.octets, cosigned_message(parts->time_s, message), parts->signature);
    }
    case Algorithm::ecdsa_p256:
      return verify_with_sha256(to_pkey(key), Padding::none, message, ecdsa_der(signature));
    case Algorithm::rsa_pss:
      return verify_with_sha256(to_pkey(key), Padding::pss, message, signature);
    case Algorithm::certified:
      return false;
  }
  return false;
}

}  // namespace signalbox::evidence
