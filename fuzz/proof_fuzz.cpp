// Any octets as a tlog-proof, as a tile's path and as the hashes of a proof: read or refused, in one
// spelling, and no proof of nonsense holds.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/evidence/bundle.hpp"

namespace ev = signalbox::evidence;

namespace {

void judge_hashes(std::string_view octets) {
  if (octets.size() < 16) return;
  std::uint64_t numbers[2] = {};
  for (int i = 0; i < 16; ++i) numbers[i / 8] = numbers[i / 8] << 8 | static_cast<std::uint8_t>(octets[i]);
  std::vector<signalbox::Sha256> proof;
  for (std::size_t at = 16; at + 32 <= octets.size(); at += 32)
    proof.push_back(*signalbox::sha256_from_octets(octets.substr(at, 32)));
  const signalbox::Sha256 nowhere{};
  if (ev::verify_inclusion(numbers[0], numbers[1], nowhere, proof, nowhere) && numbers[1] != 1) std::abort();
  if (ev::verify_consistency(numbers[0], numbers[1], proof, nowhere, ev::empty_root()) &&
      numbers[0] == numbers[1]) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto proof = ev::parse_tlog_proof(text)) {
    const auto again = ev::parse_tlog_proof(ev::write_tlog_proof(*proof));
    if (!again || again->hashes != proof->hashes || again->index != proof->index) std::abort();
  }
  bool is_entries = false;
  if (const auto tile = ev::parse_tile_path(text, is_entries)) {
    if ((is_entries ? ev::entries_path(*tile) : ev::tile_path(*tile)) != text) std::abort();
  }
  judge_hashes(text);
  return 0;
}
