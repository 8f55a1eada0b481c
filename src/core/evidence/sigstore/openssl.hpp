// OpenSSL's X.509 objects with an owner each, and what all of this folder asks of them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::evidence::sigstore {

template <class T, void (*Free)(T*)>
struct Freer {
  void operator()(T* pointer) const { Free(pointer); }
};
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

struct FreeStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using Certificates = std::unique_ptr<STACK_OF(X509), FreeStack>;

struct FreeOctets {
  void operator()(unsigned char* octets) const { OPENSSL_free(octets); }
};

inline const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

// What one of OpenSSL's writers of DER (`i2d_…`) makes of a value; empty where it cannot be written.
template <class Writer>
std::string der_of(const Writer& writer) {
  unsigned char* der = nullptr;
  const int length = writer(&der);
  const std::unique_ptr<unsigned char, FreeOctets> owner(der);
  return length <= 0 ? std::string()
                     : std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(length));
}

// The whole of the octets is one certificate or one SubjectPublicKeyInfo; else bad_input.
Result<Certificate> read_certificate(std::string_view der);
Result<Key> read_key(std::string_view der);

// Whether the signature is over the message: ECDSA on P-256, P-384 and P-521 with the digest of the curve's
// size, RSA PKCS #1 v1.5 from 2048 bits with SHA-256, Ed25519. Any other kind of key verifies nothing.
bool is_signed(EVP_PKEY* key, std::string_view message, std::string_view signature);

// A store that trusts the last certificate of `chain` alone and judges as of that moment; what OpenSSL holds
// too weak today (security level 2) is refused.
struct Anchors {
  std::unique_ptr<X509_STORE, Freer<X509_STORE, X509_STORE_free>> store;
  Certificates between;  // the others of the chain
};
Result<Anchors> anchors_of(const std::vector<std::string>& chain, Time at);

}  // namespace signalbox::evidence::sigstore
