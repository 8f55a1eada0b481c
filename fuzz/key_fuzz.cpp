// Any octets as a public key in each of its forms, and as a key file: what was read has one verifier key.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/keys.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto key = ev::parse_vkey(text)) {
    const auto again = ev::parse_vkey(key->vkey());
    if (!again || !again->same_key(*key)) std::abort();
  }
  if (const auto key = ev::parse_public_key(text, "name")) {
    const auto again = ev::parse_public_key(ev::to_pem(*key), key->name);
    if (!again || !again->same_key(*key)) std::abort();
    if (ev::verify(*key, "m", text)) std::abort();
  }
  (void)ev::SigningKey::parse(text, {});
  return 0;
}
