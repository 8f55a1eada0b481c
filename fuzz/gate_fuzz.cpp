// Any octets as a gate and as a freeze: read, or refused with the place. What was read keeps what it
// promises.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/gates/expression.hpp"
#include "core/gates/gate.hpp"

namespace gates = signalbox::gates;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = signalbox::config::parse_yaml({reinterpret_cast<const char*>(data), size}, "f");
  if (!node) return 0;
  const auto gate = gates::parse_gate(*node);
  if (!gate && !gate.error().message.starts_with("f:")) std::abort();
  if (gate) {
    if (gate->name.empty() || gate->threshold < 1 || gate->type.empty() == gate->command.empty())
      std::abort();
    const auto tokens = gates::scan_expression(gate->require);
    if (!tokens || !gates::refuse_impure(*tokens)) std::abort();
  }
  const auto freeze = gates::parse_freeze(*node);
  if (!freeze && !freeze.error().message.starts_with("f:")) std::abort();
  if (freeze && freeze->end <= freeze->start) std::abort();
  return 0;
}
