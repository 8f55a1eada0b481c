// Octets of a terminal as keys, in pieces cut anywhere, and what a live table makes of them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/base/text.hpp"
#include "instruments/profile/live/top_view.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view octets(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::size_t piece = 1 + data[0] % 8;
  KeyReader reader;
  TopView view("app", TopOrder::self);
  const auto press = [&](const std::vector<Key>& keys) {
    for (const Key& key : keys) {
      if (key.kind == Key::Kind::text && !signalbox::is_utf8(key.text)) __builtin_trap();
      view.press(key);
    }
  };
  while (!octets.empty()) {
    press(reader.take(octets.substr(0, piece)));
    octets.remove_prefix(std::min(piece, octets.size()));
  }
  press(reader.settle());
  for (const std::string& line : view.draw({8, 40})) {
    if (line.find('\n') != std::string::npos) __builtin_trap();
  }
  return 0;
}
