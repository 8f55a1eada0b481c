// Any octets as a file of `queries snapshot`: refused, or a side whose snapshot reads to the same side, and
// which can be compared with itself without a regression.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/queries/analysis/compared_side.hpp"

namespace queries = signalbox::queries;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto side = queries::parse_snapshot({reinterpret_cast<const char*>(data), size});
  if (!side) return 0;
  const std::string written = queries::write_snapshot(*side);
  const auto again = queries::parse_snapshot(written);
  if (!again || queries::write_snapshot(*again) != written) std::abort();
  queries::CompareOptions options;
  options.permutations = 10;
  const queries::ComparisonInput input = queries::compared(*side, *again);
  for (const auto& each : queries::compare(input, options).statements) {
    if (each.judgement == queries::Compared::Judgement::slower) std::abort();
  }
  return 0;
}
