#include "core/evidence/ed25519_verifier.hpp"

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <utility>

#include <openssl/evp.h>
#include <sodium.h>

#include "core/evidence/ed25519.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kScalarOctets = 32;
constexpr std::size_t kSha512Octets = 64;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// By OpenSSL, which is about twice as fast at it as libsodium.
std::string sha512(std::initializer_list<std::string_view> parts) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  std::string out(kSha512Octets, '\0');
  bool is_done =
      algorithm != nullptr && context && EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1;
  for (const std::string_view part : parts)
    is_done = is_done && EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1;
  if (!is_done ||
      EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), nullptr) != 1)
    std::abort();
  return out;
}

std::string reduced(const std::string& hash) {
  std::string out(kScalarOctets, '\0');
  crypto_core_ed25519_scalar_reduce(reinterpret_cast<unsigned char*>(out.data()),
                                    reinterpret_cast<const unsigned char*>(hash.data()));
  return out;
}

// Below the order of the group: what comes of it reduced is itself.
bool is_scalar(std::string_view octets) {
  std::string wide(octets);
  wide.resize(kSha512Octets, '\0');
  return reduced(wide) == octets;
}

const edwards25519::Multiples& multiples_of_base() {
  static const edwards25519::Multiples multiples(edwards25519::base());
  return multiples;
}

// The multiples of the neutral element are of use to nobody, but are no fault either.
edwards25519::Point negated_point(std::string_view key) {
  const auto point = edwards25519::point_of(key);
  return point ? edwards25519::negate(*point) : edwards25519::neutral();
}

bool has_small_order(const edwards25519::Point& point) {
  using edwards25519::double_of;
  return edwards25519::is_neutral(double_of(double_of(double_of(point))));
}

}  // namespace

Ed25519Table::Ed25519Table(std::string_view key) : key_(key), of_negated_key_(negated_point(key)) {}

bool Ed25519Table::holds(std::string_view message, std::string_view signature) const {
  if (signature.size() != kEd25519SignatureBytes) return false;
  const std::string_view r = signature.substr(0, kEd25519KeyBytes), s = signature.substr(kEd25519KeyBytes);
  if (!is_scalar(s)) return false;
  // R = [S]B - [k]A
  const std::string k = reduced(sha512({r, key_, message}));
  const edwards25519::Point point =
      of_negated_key_.add_to(multiples_of_base().add_to(edwards25519::neutral(), s), k);
  return edwards25519::octets_of(point) == r && !has_small_order(point);
}

Ed25519Verifier::Ed25519Verifier(std::string key) : key_(std::move(key)) {}

bool Ed25519Verifier::verify(std::string_view message, std::string_view signature) const {
  const Ed25519Table* const made = table();
  return (made != nullptr && made->holds(message, signature)) || ed25519_verify(key_, message, signature);
}

const Ed25519Table* Ed25519Verifier::table() const {
  if (asked_.fetch_add(1, std::memory_order_relaxed) < kSignaturesBeforeTable) return nullptr;
  std::call_once(made_, [&] {
    if (is_ed25519_key(key_)) table_ = std::make_unique<const Ed25519Table>(key_);
  });
  return table_.get();
}

}  // namespace signalbox::evidence
