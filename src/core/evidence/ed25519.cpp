#include "core/evidence/ed25519.hpp"

#include <cstdlib>

#include <sodium.h>

namespace signalbox::evidence {
namespace {

static_assert(kEd25519KeyBytes == crypto_sign_PUBLICKEYBYTES);
static_assert(kEd25519SignatureBytes == crypto_sign_BYTES);

const unsigned char* bytes(std::string_view octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

void need_sodium() {
  static const bool is_ready = sodium_init() >= 0;
  if (!is_ready) std::abort();
}

}  // namespace

bool is_ed25519_key(std::string_view octets) {
  need_sodium();
  return octets.size() == kEd25519KeyBytes && crypto_core_ed25519_is_valid_point(bytes(octets)) == 1;
}

bool ed25519_verify(std::string_view key, std::string_view message, std::string_view signature) {
  need_sodium();
  return key.size() == kEd25519KeyBytes && signature.size() == kEd25519SignatureBytes &&
         crypto_sign_verify_detached(bytes(signature), bytes(message), message.size(), bytes(key)) == 0;
}

}  // namespace signalbox::evidence
