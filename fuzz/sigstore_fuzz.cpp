// A trusted root and a Sigstore bundle with a zero octet between: read, judged or refused. What is written of
// an envelope that was read is read as the same, and who is certified is named.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/bundle.hpp"
#include "core/evidence/sigstore/certified.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t middle = text.find('\0');
  const auto document = signalbox::parse_json(text.substr(0, middle));
  const auto root =
      document ? ev::sigstore::parse_trusted_root(*document) : signalbox::fail(document.error());
  if (middle == std::string_view::npos) return 0;
  const auto envelope = ev::parse_sigstore_bundle(text.substr(middle + 1));
  if (!envelope) return 0;
  const auto again = ev::parse_envelope(ev::write_envelope(*envelope));
  if (!again || again->verification_material != envelope->verification_material) std::abort();
  if (!root || envelope->verification_material.empty()) return 0;
  const auto by = ev::sigstore::check_certified(*envelope, *root);
  if (by && (by->subject.empty() || by->issuer.empty() || by->key.empty())) std::abort();
  return 0;
}
