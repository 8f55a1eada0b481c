#include "instruments/pack/solve/loads.hpp"

#include <algorithm>
#include <numeric>

namespace signalbox::pack {

bool loads_are_borne(const Cargo& cargo, const std::vector<Stowed>& pieces) {
  std::vector<std::size_t> falling(pieces.size());
  std::iota(falling.begin(), falling.end(), std::size_t{0});
  std::sort(falling.begin(), falling.end(), [&](std::size_t a, std::size_t b) {
    return pieces[a].at[2] != pieces[b].at[2] ? pieces[a].at[2] > pieces[b].at[2] : a < b;
  });
  std::vector<double> load(pieces.size(), 0);
  std::vector<std::pair<std::size_t, double>> below;
  for (const std::size_t i : falling) {
    const Stowed& upper = pieces[i];
    if (load[i] > cargo.types[static_cast<std::size_t>(upper.type)].max_load) return false;
    if (upper.at[2] == 0) continue;
    below.clear();
    double area = 0;
    for (std::size_t j = 0; j < pieces.size(); ++j) {
      const Stowed& lower = pieces[j];
      if (lower.at[2] + lower.size[2] != upper.at[2]) continue;
      const std::int32_t x = std::min(upper.at[0] + upper.size[0], lower.at[0] + lower.size[0]) -
                             std::max(upper.at[0], lower.at[0]);
      const std::int32_t y = std::min(upper.at[1] + upper.size[1], lower.at[1] + lower.size[1]) -
                             std::max(upper.at[1], lower.at[1]);
      if (x <= 0 || y <= 0) continue;
      below.emplace_back(j, static_cast<double>(x) * y);
      area += below.back().second;
    }
    const double handed = load[i] + cargo.types[static_cast<std::size_t>(upper.type)].weight;
    for (const auto& [j, contact] : below) load[j] += handed * contact / area;
  }
  return true;
}

}  // namespace signalbox::pack
