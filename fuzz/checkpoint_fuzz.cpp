// Any octets as a signed note and as a checkpoint: there is one spelling of what was read, the one given.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/checkpoint.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ev::PublicKey published =
      *ev::parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  if (const auto note = ev::parse_note(text)) {
    if (ev::write_note(*note) != text) std::abort();
    (void)ev::verify_note(*note, {published});
    (void)ev::parse_checkpoint(note->text);
  }
  if (const auto checkpoint = ev::parse_checkpoint(text)) {
    if (!text.starts_with(ev::checkpoint_text(*checkpoint))) std::abort();
  }
  return 0;
}
