#include "core/gates/freeze.hpp"

#include <algorithm>

namespace signalbox::gates {

Result<Freeze> parse_freeze(const config::Node& node) {
  SIGNALBOX_CHECK(node.only({"name", "reason", "start", "end", "environments"}));
  Freeze freeze;
  SIGNALBOX_TRY(freeze.name, node["name"].text());
  if (freeze.name.empty()) return node["name"].wrong("a freeze has a name");
  if (node["reason"].exists()) {
    SIGNALBOX_TRY(freeze.reason, node["reason"].text());
  }
  SIGNALBOX_TRY(freeze.start, node["start"].time());
  SIGNALBOX_TRY(freeze.end, node["end"].time());
  if (freeze.end <= freeze.start) {
    return node["end"].wrong("the freeze ends at " + to_rfc3339(freeze.end) + ", before it starts at " +
                             to_rfc3339(freeze.start));
  }
  if (node["environments"].exists()) {
    SIGNALBOX_TRY(freeze.environments, node["environments"].texts());
  }
  return freeze;
}

std::vector<Freeze> freezes_at(const std::vector<Freeze>& freezes, Time at, std::string_view environment) {
  std::vector<Freeze> out;
  for (const Freeze& freeze : freezes) {
    const auto& meant = freeze.environments;
    const bool here = environment.empty() || meant.empty() ||
                      std::find(meant.begin(), meant.end(), environment) != meant.end();
    if (here && freeze.start <= at && at < freeze.end) out.push_back(freeze);
  }
  std::stable_sort(out.begin(), out.end(), [](const Freeze& a, const Freeze& b) { return a.end > b.end; });
  return out;
}

}  // namespace signalbox::gates
