// Any octets as a gate and as a freeze: read, or refused with the place. What was read keeps what it
// promises.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/gates/exception.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/freeze_table.hpp"
#include "core/gates/gate.hpp"

namespace gates = signalbox::gates;

namespace {
// A freeze by a file names one that is not there.
const gates::FileSource kNoFiles;
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = signalbox::config::parse_yaml({reinterpret_cast<const char*>(data), size}, "f");
  if (!node) return 0;
  const auto gate = gates::parse_gate(*node);
  if (!gate && !gate.error().message.starts_with("f:")) std::abort();
  if (gate) {
    const bool asks = gate->kind == gates::GateKind::evidence || gate->kind == gates::GateKind::slo;
    const bool runs = gate->kind == gates::GateKind::command;
    if (gate->name.empty() || gate->threshold < 1 || (asks && gate->type.empty()) ||
        runs == gate->command.empty())
      std::abort();
    if (const auto* people = std::get_if<gates::ApprovalRule>(&gate->rule)) {
      if (people->count < 1 || people->roles.empty()) std::abort();
    }
    const auto tokens = gates::scan_expression(gate->require);
    if (!tokens || !gates::refuse_impure(*tokens)) std::abort();
  }
  const auto people = gates::parse_approval_policy(*node);
  if (!people && !people.error().message.starts_with("f:")) std::abort();
  const auto exceptions = gates::parse_exception_policy(*node);
  if (!exceptions && !exceptions.error().message.starts_with("f:")) std::abort();
  if (exceptions && (exceptions->max_targets == 0 || exceptions->longest > gates::kLongestException))
    std::abort();
  const auto freeze = gates::parse_freeze(*node, kNoFiles);
  if (!freeze && !freeze.error().message.starts_with("f:")) std::abort();
  if (!freeze) return 0;
  const signalbox::Time now{std::chrono::seconds(1'772'528'400)};
  const auto answer = gates::ask_freezes({*freeze}, now, "");
  if (!answer) return 0;
  for (const gates::FrozenSpan& span : answer->in_force) {
    if (span.end <= span.start || span.start > now || span.end <= now || *answer->free_from < span.end)
      std::abort();
  }
  return 0;
}
