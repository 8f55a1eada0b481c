#include "instruments/pack/solve/statics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace signalbox::pack {
namespace {

constexpr std::size_t kMostPlaces = 16;  // the nearest of those on which a piece rests
constexpr double kHair = 1e-12;

// A corner of where a piece touches the one below, as seen from where its force acts.
struct Place {
  std::size_t below = 0;
  double x = 0;
  double y = 0;
};

// What acts on a piece from above: the force, and its moments about the origin.
struct Force {
  double up = 0;
  double x = 0;
  double y = 0;
};

double cross(const Place& a, const Place& b) {
  return a.x * b.y - a.y * b.x;
}

// Shares of three places that together act at the origin; false: it is not between them.
bool between(const Place& a, const Place& b, const Place& c, std::array<double, 3>& shares) {
  shares = {cross(b, c), cross(c, a), cross(a, b)};
  const double sum = shares[0] + shares[1] + shares[2];
  if (std::abs(sum) < kHair) return false;
  for (double& share : shares) share /= sum;
  return std::ranges::all_of(shares, [](double share) { return share >= -kHair; });
}

class Pile {
 public:
  Pile(const Cargo& cargo, const std::vector<Stowed>& pieces) : cargo_(cargo), pieces_(pieces) {}

  bool stands() {
    if (std::ranges::count_if(pieces_, [](const Stowed& piece) { return piece.at[2] > 0; }) >
        static_cast<std::ptrdiff_t>(kMostBalanced))
      return false;
    std::vector<std::size_t> falling(pieces_.size());
    std::iota(falling.begin(), falling.end(), std::size_t{0});
    std::ranges::stable_sort(falling, std::greater<>(), [&](std::size_t i) { return pieces_[i].at[2]; });
    on_.assign(pieces_.size(), {});
    return std::ranges::all_of(falling, [&](std::size_t i) { return hand_on(i); });
  }

 private:
  bool hand_on(std::size_t i) {
    const Stowed& piece = pieces_[i];
    if (piece.at[2] == 0) return true;  // the floor holds whatever acts within the piece
    Force all = on_[i];
    const double weight = std::max(cargo_.types[static_cast<std::size_t>(piece.type)].weight, 1e-6);
    all.up += weight;
    all.x += weight * (piece.at[0] + piece.size[0] / 2.0);
    all.y += weight * (piece.at[1] + piece.size[1] / 2.0);
    const double x = all.x / all.up;
    const double y = all.y / all.up;
    std::vector<Place> places;
    for (std::size_t j = 0; j < pieces_.size(); ++j) {
      const Stowed& below = pieces_[j];
      if (below.at[2] + below.size[2] != piece.at[2]) continue;
      std::array<double, 2> low{};
      std::array<double, 2> high{};
      bool touches = true;
      for (std::size_t axis = 0; axis < 2; ++axis) {
        low[axis] = std::max(piece.at[axis], below.at[axis]);
        high[axis] = std::min(piece.at[axis] + piece.size[axis], below.at[axis] + below.size[axis]);
        touches = touches && low[axis] < high[axis];
      }
      if (!touches) continue;
      if (low[0] <= x && x <= high[0] && low[1] <= y && y <= high[1]) {
        act(j, all.up, x, y);
        return true;
      }
      for (const double px : {low[0], high[0]})
        for (const double py : {low[1], high[1]}) places.push_back({j, px - x, py - y});
    }
    return share_out(places, all.up, x, y);
  }

  bool share_out(std::vector<Place>& places, double up, double x, double y) {
    std::ranges::stable_sort(places, {}, [](const Place& at) { return at.x * at.x + at.y * at.y; });
    if (places.size() > kMostPlaces) places.resize(kMostPlaces);
    for (std::size_t c = 2; c < places.size(); ++c)
      for (std::size_t b = 1; b < c; ++b)
        for (std::size_t a = 0; a < b; ++a) {
          std::array<double, 3> shares{};
          if (!between(places[a], places[b], places[c], shares)) continue;
          const std::array<std::size_t, 3> which{a, b, c};
          for (std::size_t k = 0; k < 3; ++k)
            act(places[which[k]].below, up * std::max(0.0, shares[k]), x + places[which[k]].x,
                y + places[which[k]].y);
          return true;
        }
    return false;
  }

  void act(std::size_t below, double up, double x, double y) {
    on_[below].up += up;
    on_[below].x += up * x;
    on_[below].y += up * y;
  }

  const Cargo& cargo_;
  const std::vector<Stowed>& pieces_;
  std::vector<Force> on_;
};

}  // namespace

bool nothing_tips(const Cargo& cargo, const std::vector<Stowed>& pieces) {
  return Pile(cargo, pieces).stands();
}

}  // namespace signalbox::pack
