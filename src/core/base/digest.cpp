#include "core/base/digest.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <openssl/evp.h>

#include "core/base/encoding.hpp"

namespace signalbox {
namespace {

// Fetching an algorithm by name on each use costs more than hashing a short message (OpenSSL 3 "explicit
// fetch").
const EVP_MD* algorithm() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (md == nullptr) std::abort();
  return md;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

// A context that a stream of this thread is done with, for the next one: making one costs as much as hashing
// a short message.
Context& spare_context() {
  thread_local Context spare;
  return spare;
}

}  // namespace

struct Sha256Stream::State {
  Context context = std::move(spare_context());
  State() {
    if (!context) context.reset(EVP_MD_CTX_new());
    if (!context || EVP_DigestInit_ex2(context.get(), algorithm(), nullptr) != 1) std::abort();
  }
  ~State() { spare_context() = std::move(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256Stream::Sha256Stream() : state_(std::make_unique<State>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view octets) {
  if (EVP_DigestUpdate(state_->context.get(), octets.data(), octets.size()) != 1) std::abort();
}

Sha256 Sha256Stream::finish() {
  Sha256 digest{};
  if (EVP_DigestFinal_ex(state_->context.get(), digest.data(), nullptr) != 1) std::abort();
  return digest;
}

Sha256 sha256(std::string_view octets) {
  Sha256 digest{};
  thread_local const Context kept(EVP_MD_CTX_new());
  EVP_MD_CTX* const context = kept.get();
  if (context == nullptr || EVP_DigestInit_ex2(context, algorithm(), nullptr) != 1 ||
      EVP_DigestUpdate(context, octets.data(), octets.size()) != 1 ||
      EVP_DigestFinal_ex(context, digest.data(), nullptr) != 1) {
    std::abort();
  }
  return digest;
}

std::string to_hex(const Sha256& digest) {
  return to_hex(as_octets(digest));
}

Result<Sha256> sha256_from_hex(std::string_view hex) {
  if (hex.size() != 64) return fail(ErrorKind::bad_input, "a SHA-256 digest has 64 hexadecimal digits");
  SIGNALBOX_TRY(const std::string octets, from_hex(hex));
  return sha256_from_octets(octets);
}

bool is_sha256(std::string_view hex) {
  return hex.size() == 64 && is_lower_hex(hex);
}

Result<Sha256> sha256_from_octets(std::string_view octets) {
  if (octets.size() != 32) return fail(ErrorKind::bad_input, "a SHA-256 digest has 32 octets");
  Sha256 digest{};
  std::copy(octets.begin(), octets.end(), reinterpret_cast<char*>(digest.data()));
  return digest;
}

}  // namespace signalbox
