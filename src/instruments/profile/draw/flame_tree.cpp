#include "instruments/profile/draw/flame_tree.hpp"

#include <algorithm>
#include <cmath>

#include "instruments/profile/draw/flame_builder.hpp"
#include "instruments/profile/draw/flame_facts.hpp"

namespace signalbox::profile {

namespace {

constexpr double kConfidence = 0.95;
constexpr double kDeviations = 1.96;  // of a normal distribution, to either side, hold 95 % of it

}  // namespace

FlameTree make_flame_tree(const Profile& profile, const FlameOptions& options) {
  const std::size_t value = options.value.value_or(profile.default_value);
  FlameBuilder builder(options);
  builder.add(profile, value, FlameBuilder::Side::now);
  FlameTree tree = std::move(builder).finish();
  if (value < profile.value_types.size()) tree.value = profile.value_types[value];
  tree.facts = facts_of(profile, tree.samples());
  return tree;
}

FlameShare share_of(const FlameTree& tree, std::int64_t value) {
  FlameShare out;
  if (tree.total() <= 0) return out;
  out.share = std::clamp(static_cast<double>(value) / static_cast<double>(tree.total()), 0.0, 1.0);
  if (tree.samples() <= 0) return out;
  const auto n = static_cast<double>(tree.samples());
  out.interval = stats::wilson(out.share * n, n, kConfidence);
  out.may_be_nothing = out.share <= kDeviations * std::sqrt(out.share * (1 - out.share) / n);
  return out;
}

FlameChange change_of(const FlameTree& tree, const FlameNode& node) {
  const auto now = static_cast<double>(node.now.total);
  const double base = static_cast<double>(node.base.total) * tree.base_factor;
  FlameChange out;
  out.change = now - base;
  out.relative = std::max(now, base) > 0 ? out.change / std::max(now, base) : 0;
  const auto deviation = [](double value, std::int64_t samples) {
    return samples > 0 ? value / std::sqrt(static_cast<double>(samples)) : 0;
  };
  out.may_be_nothing = std::abs(out.change) <= kDeviations * std::hypot(deviation(now, node.now.samples),
                                                                        deviation(base, node.base.samples));
  return out;
}

}  // namespace signalbox::profile
