#include "instruments/profile/draw/flame_difference.hpp"

#include <algorithm>

#include "instruments/profile/draw/flame_builder.hpp"
#include "instruments/profile/draw/flame_facts.hpp"

namespace signalbox::profile {

namespace {

double factor_of(const FlameTree& tree, const FlameDifferenceOptions& options) {
  const FlameNode& root = tree.nodes.front();
  if (options.normalize == Normalize::total)
    return root.base.total > 0 ? static_cast<double>(root.now.total) / static_cast<double>(root.base.total)
                               : 1;
  return options.base_work > 0 && options.new_work > 0 ? options.new_work / options.base_work : 1;
}

}  // namespace

FlameTree make_flame_difference(const Profile& base, const Profile& next,
                                const FlameDifferenceOptions& options) {
  const std::size_t value = options.flame.value.value_or(next.default_value);
  FlameBuilder builder(options.flame);
  if (value < next.value_types.size()) {
    builder.add(next, value, FlameBuilder::Side::now);
    builder.add(base, find_value(base, next.value_types[value].type), FlameBuilder::Side::base);
  }
  FlameTree tree = std::move(builder).finish();
  tree.is_difference = true;
  if (value < next.value_types.size()) tree.value = next.value_types[value];
  tree.base_factor = factor_of(tree, options);
  tree.facts = facts_of(next, tree.samples());
  for (auto& [key, text] : facts_of(base, tree.nodes.front().base.samples))
    tree.facts.emplace_back("base " + key, std::move(text));
  return tree;
}

std::vector<std::uint32_t> vanished_nodes(const FlameTree& tree, std::size_t most) {
  std::vector<std::uint32_t> found;
  for (std::uint32_t i = 1; i < tree.nodes.size(); ++i) {
    const FlameNode& node = tree.nodes[i];
    if (node.now.total == 0 && node.base.total > 0 &&
        (node.parent == 0 || tree.nodes[node.parent].now.total > 0))
      found.push_back(i);
  }
  std::stable_sort(found.begin(), found.end(), [&](std::uint32_t a, std::uint32_t b) {
    return tree.nodes[a].base.total > tree.nodes[b].base.total;
  });
  found.resize(std::min(found.size(), most));
  return found;
}

}  // namespace signalbox::profile
