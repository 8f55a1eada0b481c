#include "instruments/pack/check/footing.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "instruments/pack/check/equilibrium.hpp"

namespace signalbox::pack {
namespace {

using Point = std::array<Length, 2>;

struct Contact {
  Point low{};
  Point high{};
  bool is_real() const { return low[0] < high[0] && low[1] < high[1]; }
};

Contact contact_of(const Placement& upper, const Placement& lower) {
  Contact out;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    out.low[axis] = std::max(upper.at[axis], lower.at[axis]);
    out.high[axis] = std::min(upper.at[axis] + upper.size[axis], lower.at[axis] + lower.size[axis]);
  }
  return out;
}

std::array<Point, 4> corners_of(const Contact& contact) {
  return {{contact.low, {contact.high[0], contact.low[1]}, contact.high, {contact.low[0], contact.high[1]}}};
}

// Twice the area of a triangle: over 0 where it goes round to the left.
ExactVolume turn_of(const Point& a, const Point& b, const Point& c) {
  return static_cast<ExactVolume>(b[0] - a[0]) * (c[1] - a[1]) -
         static_cast<ExactVolume>(b[1] - a[1]) * (c[0] - a[0]);
}

// Andrew's monotone chain.
std::vector<Point> hull_of(std::vector<Point> points) {
  std::ranges::sort(points);
  std::vector<Point> out;
  for (int pass = 0; pass < 2; ++pass) {
    const std::size_t begin = out.size();
    for (const Point& point : points) {
      while (out.size() >= begin + 2 && turn_of(out[out.size() - 2], out.back(), point) <= 0) out.pop_back();
      out.push_back(point);
    }
    out.pop_back();
    std::ranges::reverse(points);
  }
  return out;
}

double part_of(Length at, const Placement& of, std::size_t axis) {
  return static_cast<double>(at - of.at[axis]) / static_cast<double>(of.size[axis]);
}

}  // namespace

bool rests_on_corners(const Placement& upper, const std::vector<const Placement*>& below) {
  for (const bool right : {false, true})
    for (const bool back : {false, true}) {
      const bool rests = std::ranges::any_of(below, [&](const Placement* lower) {
        const Contact contact = contact_of(upper, *lower);
        return contact.is_real() &&
               (right ? contact.high[0] == upper.at[0] + upper.size[0] : contact.low[0] == upper.at[0]) &&
               (back ? contact.high[1] == upper.at[1] + upper.size[1] : contact.low[1] == upper.at[1]);
      });
      if (!rests) return false;
    }
  return true;
}

bool middle_is_held(const Placement& upper, const std::vector<const Placement*>& below) {
  std::vector<Point> points;  // doubled, so that the middle is one
  for (const Placement* lower : below) {
    const Contact contact = contact_of(upper, *lower);
    if (contact.is_real())
      for (const Point& corner : corners_of(contact)) points.push_back({2 * corner[0], 2 * corner[1]});
  }
  if (points.empty()) return false;
  const std::vector<Point> hull = hull_of(std::move(points));
  const Point middle{2 * upper.at[0] + upper.size[0], 2 * upper.at[1] + upper.size[1]};
  for (std::size_t i = 0; i < hull.size(); ++i)
    if (turn_of(hull[i], hull[(i + 1) % hull.size()], middle) < 0) return false;
  return true;
}

Balance balance_of(const Order& order, std::span<const Placement> placements) {
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::vector<Body> bodies;
  std::vector<std::size_t> body_of(placements.size(), kNone);
  for (std::size_t i = 0; i < placements.size(); ++i) {
    if (placements[i].at[2] == 0) continue;
    body_of[i] = bodies.size();
    bodies.push_back({static_cast<double>(std::max<Mass>(order.items[placements[i].item].weight, 1000))});
  }
  if (bodies.size() > kMostBalanced) return Balance::too_many;
  std::vector<Touch> touches;
  for (std::size_t i = 0; i < placements.size(); ++i) {
    const Placement& upper = placements[i];
    if (body_of[i] == kNone) continue;
    for (std::size_t j = 0; j < placements.size(); ++j) {
      const Placement& lower = placements[j];
      if (lower.at[2] + lower.size[2] != upper.at[2]) continue;
      const Contact contact = contact_of(upper, lower);
      if (!contact.is_real()) continue;
      for (const Point& corner : corners_of(contact))
        touches.push_back({body_of[i], part_of(corner[0], upper, 0), part_of(corner[1], upper, 1),
                           body_of[j] == kNone ? Touch::kFloor : body_of[j], part_of(corner[0], lower, 0),
                           part_of(corner[1], lower, 1)});
    }
  }
  return can_balance(bodies, touches) ? Balance::stands : Balance::tips;
}

}  // namespace signalbox::pack
