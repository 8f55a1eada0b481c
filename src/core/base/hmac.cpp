#include "core/base/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace signalbox {

Sha256 hmac_sha256(std::string_view key, std::string_view octets) {
  Sha256 out{};
  unsigned int size = 0;
  // A null key would mean the key of the call before.
  static constexpr char kNone = 0;
  ::HMAC(EVP_sha256(), key.empty() ? &kNone : key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(octets.data()), octets.size(), out.data(), &size);
  return out;
}

bool is_same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace signalbox
