// Any octets as a trust file: read, or refused with a place; who is read can be asked about.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/trust.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = signalbox::config::parse_yaml({reinterpret_cast<const char*>(data), size}, "f");
  if (!node) return 0;
  const auto trust = ev::parse_trust(*node);
  if (!trust) {
    if (!trust.error().message.starts_with("f:")) std::abort();
    return 0;
  }
  const ev::Envelope stranger{"t", "p", {{"00000000", std::string(64, 's')}}};
  for (const ev::Signer& signer : ev::judge_signers(stranger, *trust, {}, "a:b", {"name"})) {
    if (signer.valid) std::abort();
  }
  return 0;
}
