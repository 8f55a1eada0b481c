// Any octets as folded stacks: what is read is written and read again, and is written the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/formats/folded.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  SkippedLines skipped;
  const auto profile = read_folded({reinterpret_cast<const char*>(data), size}, skipped);
  if (!profile) return 0;
  FoldedOptions options;
  options.names = FoldedNames::whole;
  options.mark_kernel = options.mark_jit = true;
  const std::string text = write_folded(*profile, options);
  if (text.empty()) return 0;  // nothing but counts of 0
  SkippedLines none;
  const auto again = read_folded(text, none);
  if (!again || none.count != 0 || write_folded(*again, options) != text) std::abort();
  return 0;
}
