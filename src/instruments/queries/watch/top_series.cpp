#include "instruments/queries/watch/top_series.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::queries {
namespace {

constexpr std::chrono::minutes kHalfLife{10};
constexpr std::chrono::minutes kStaysFor{30};
constexpr double kForgottenMs = 1e-6;

}  // namespace

void TopSeries::add(const std::map<SeriesLabels, Counters>& deltas, Time now) {
  const double passed = last_ == Time{} ? 0 : std::chrono::duration<double>(now - last_).count();
  const double fade = std::exp2(-std::max(0.0, passed) / std::chrono::duration<double>(kHalfLife).count());
  last_ = now;
  for (auto& [labels, weight] : weights_) weight.recent_ms *= fade;
  for (const auto& [labels, counters] : deltas) weights_[labels].recent_ms += counters.total_exec_ms;

  std::vector<std::pair<double, SeriesLabels>> order;
  for (const auto& [labels, weight] : weights_) order.emplace_back(-weight.recent_ms, labels);
  std::sort(order.begin(), order.end());
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const SeriesLabels& labels = order[rank].second;
    Weight& weight = weights_[labels];
    if (rank < 2 * n_ && weight.recent_ms > kForgottenMs) weight.good_at = now;
    const auto found = shown_.find(labels);
    if (found == shown_.end() && rank < n_ && weight.recent_ms > kForgottenMs)
      shown_.emplace(labels, Counters{});
    if (found != shown_.end() && now - weight.good_at >= kStaysFor) {
      other_ += found->second;
      shown_.erase(found);
    }
  }
  // However they change places, there are never more than four times as many as were asked for.
  for (std::size_t rank = order.size(); rank-- > 0 && shown_.size() > 4 * n_;) {
    const auto found = shown_.find(order[rank].second);
    if (found == shown_.end()) continue;
    other_ += found->second;
    shown_.erase(found);
  }
  std::erase_if(weights_, [&](const auto& each) {
    return each.second.recent_ms <= kForgottenMs && !shown_.contains(each.first);
  });

  for (const auto& [labels, counters] : deltas) {
    const auto found = shown_.find(labels);
    (found == shown_.end() ? other_ : found->second) += counters;
  }
}

}  // namespace signalbox::queries
