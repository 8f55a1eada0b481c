#include "core/gates/placeholders.hpp"

#include <algorithm>

namespace signalbox::gates {

std::string filled(std::string_view pattern, std::initializer_list<Placeholder> placeholders) {
  std::string out;
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('{'), pattern.size());
    out += pattern.substr(0, open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const auto* const found =
        std::find_if(placeholders.begin(), placeholders.end(),
                     [&](const Placeholder& one) { return pattern.starts_with(one.name); });
    const bool is_known = found != placeholders.end();
    out += is_known ? found->value : pattern.substr(0, 1);
    pattern.remove_prefix(is_known ? found->name.size() : 1);
  }
  return out;
}

}  // namespace signalbox::gates
