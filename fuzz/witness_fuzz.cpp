// Any octets as a request to a witness and as its answers: one spelling of what was read, and nothing
// unsigned is cosigned.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/checkpoint.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/witness_request.hpp"

namespace ev = signalbox::evidence;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ev::PublicKey published =
      *ev::parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  if (const auto request = ev::parse_witness_request(text)) {
    if (ev::write_witness_request(*request) != text) std::abort();
    if (const auto note = ev::parse_note(request->checkpoint)) {
      const auto by = ev::cosigned_by(*note, {ev::witness_key(published)});
      if (by && !by->empty()) std::abort();
    }
  }
  if (const auto tree_size = ev::parse_tree_size(text)) {
    if (std::to_string(*tree_size) + "\n" != text) std::abort();
  }
  (void)ev::split_cosignature(text);
  return 0;
}
