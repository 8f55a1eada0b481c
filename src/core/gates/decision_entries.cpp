#include "core/gates/decision_entries.hpp"

#include <set>

namespace signalbox::gates {

std::vector<std::uint64_t> entries_behind(const Json& decision) {
  std::set<std::uint64_t> out;
  const auto add = [&out](const Json& index) {
    if (index.is_integer() && index.as_integer() >= 0)
      out.insert(static_cast<std::uint64_t>(index.as_integer()));
  };
  for (const Json& condition : decision["conditions"].items()) {
    for (const Json& input : condition["inputs"].items()) add(input["index"]);
  }
  for (const Json& approval : decision["approvals"].items()) {
    for (const Json& index : approval["entries"].items()) add(index);
  }
  for (const Json& exception : decision["exceptions"].items()) {
    add(exception["request"]);
    add(exception["approval"]);
  }
  return {out.begin(), out.end()};
}

}  // namespace signalbox::gates
