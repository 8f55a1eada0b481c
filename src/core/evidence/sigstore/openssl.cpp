#include "core/evidence/sigstore/openssl.hpp"

#include <chrono>

#include <openssl/x509_vfy.h>

namespace signalbox::evidence::sigstore {
namespace {

constexpr int kSecurityLevel = 2;  // 112 bits: no SHA-1, no RSA below 2048
constexpr int kMinRsaBits = 2048;

using DigestContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX, EVP_MD_CTX_free>>;

// How signatures of a key are made.
struct Scheme {
  bool known = false;
  const EVP_MD* digest = nullptr;  // null: the algorithm has its own
};

Scheme scheme_of(EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return {true, nullptr};
  if (EVP_PKEY_is_a(key, "RSA") == 1) return {EVP_PKEY_get_bits(key) >= kMinRsaBits, EVP_sha256()};
  char group[64] = {};
  if (EVP_PKEY_is_a(key, "EC") != 1 || EVP_PKEY_get_group_name(key, group, sizeof group, nullptr) != 1)
    return {};
  const std::string_view name(group);
  if (name == "prime256v1") return {true, EVP_sha256()};
  if (name == "secp384r1") return {true, EVP_sha384()};
  if (name == "secp521r1") return {true, EVP_sha512()};
  return {};
}

}  // namespace

Result<Certificate> read_certificate(std::string_view der) {
  const unsigned char* at = bytes(der);
  Certificate certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate || at != bytes(der) + der.size())
    return fail(ErrorKind::bad_input, "not an X.509 certificate");
  return certificate;
}

Result<Key> read_key(std::string_view der) {
  const unsigned char* at = bytes(der);
  Key key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != bytes(der) + der.size())
    return fail(ErrorKind::bad_input, "not a public key (SubjectPublicKeyInfo)");
  return key;
}

bool is_signed(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const Scheme scheme = scheme_of(key);
  const DigestContext context(EVP_MD_CTX_new());
  if (!scheme.known || !context ||
      EVP_DigestVerifyInit(context.get(), nullptr, scheme.digest, nullptr, key) != 1)
    return false;
  return EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message),
                          message.size()) == 1;
}

Result<Anchors> anchors_of(const std::vector<std::string>& chain, Time at) {
  Anchors out{{X509_STORE_new(), {}}, Certificates(sk_X509_new_null())};
  for (std::size_t i = 0; i < chain.size(); ++i) {
    SIGNALBOX_TRY(Certificate certificate, read_certificate(chain[i]));
    if (i + 1 == chain.size()) {
      X509_STORE_add_cert(out.store.get(), certificate.get());
    } else {
      sk_X509_push(out.between.get(), certificate.release());
    }
  }
  X509_VERIFY_PARAM* const rules = X509_STORE_get0_param(out.store.get());
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  X509_VERIFY_PARAM_set_time(rules,
                             std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count());
  return out;
}

}  // namespace signalbox::evidence::sigstore
