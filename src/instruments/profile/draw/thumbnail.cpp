#include "instruments/profile/draw/thumbnail.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/base/json.hpp"
#include "instruments/profile/draw/box_class.hpp"
#include "instruments/profile/draw/node_limit.hpp"

namespace signalbox::profile {

namespace {

constexpr double kWidth = 1000;

}  // namespace

std::string thumbnail_json(const FlameTree& tree) {
  const FlameTree small = limited(tree, kThumbnailBoxes);
  const auto whole = static_cast<double>(small.total());
  std::vector<double> left(small.nodes.size(), 0);
  std::vector<double> next(small.nodes.size(), 0);  // where the next child of each begins
  std::uint32_t rows = 1;
  Json boxes = Json::array();
  for (std::size_t i = 0; i < small.nodes.size(); ++i) {
    const FlameNode& node = small.nodes[i];
    if (i > 0) {
      left[i] = next[node.parent];
      next[node.parent] += static_cast<double>(node.now.total);
      next[i] = left[i];
    }
    if (node.depth >= kThumbnailRows || whole <= 0) continue;
    const auto at = [&](double value) {
      return static_cast<std::int64_t>(std::lround(std::clamp(kWidth * value / whole, 0.0, kWidth)));
    };
    const std::int64_t from = at(left[i]);
    const std::int64_t width = at(left[i] + static_cast<double>(node.now.total)) - from;
    if (width < 1) continue;
    rows = std::max(rows, node.depth + 1);
    boxes.push_back(Json::Array{from, width, node.depth, kind_class(small.frames[node.frame])});
  }
  return Json::object({{"rows", rows}, {"boxes", std::move(boxes)}}).dump();
}

}  // namespace signalbox::profile
