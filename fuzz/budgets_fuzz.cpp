// Any octets as budgets, as an expression over names and as a part of the time: read, or refused.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/analysis/budgets.hpp"
#include "instruments/profile/analysis/filter.hpp"
#include "instruments/profile/analysis/function_identity.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string name = stable_name(text, Naming::native);
  if (name.size() > text.size() || name.empty() != text.empty()) std::abort();
  if (const auto slice = parse_time_slice(text); slice && slice->end_ns <= slice->begin_ns) std::abort();
  if (const auto pattern = NamePattern::compile(text)) pattern->matches(text);
  const auto node = signalbox::config::parse_yaml(text, "f");
  if (!node) return 0;
  const auto budgets = parse_budgets(*node);
  if (!budgets) {
    if (!budgets.error().message.starts_with("f:")) std::abort();
    return 0;
  }
  for (const FunctionBudget& budget : budgets->functions) {
    if (!budget.max_share && !budget.max_ns_per_op) std::abort();
    if (budget.max_share && !(*budget.max_share > 0 && *budget.max_share <= 1)) std::abort();
  }
  budgets->allows(text);
  budgets->owner_of(text);
  return 0;
}
