// Any octets as a bundle of ours and as one of Sigstore: read or refused; without a log's key none holds.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/bundle.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bundle = ev::parse_bundle(text)) {
    if (ev::check_bundle(*bundle, {}).empty()) std::abort();
    for (const ev::BundleEntry& entry : bundle->entries)
      (void)ev::check_record(entry.index, entry.record, entry.envelope, entry.salt);
    (void)ev::check_complete(*bundle);
    if (!ev::parse_bundle(ev::write_bundle(*bundle))) std::abort();
  }
  (void)ev::parse_sigstore_bundle(text);
  return 0;
}
