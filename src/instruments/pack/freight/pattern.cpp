#include "instruments/pack/freight/pattern.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::pack {
namespace {

// Sums of the two sides up to a length, rising, 0 among them.
std::vector<Length> sums_of(Length a, Length b, Length most) {
  std::vector<Length> out;
  for (Length i = 0; i <= most; i += a)
    for (Length j = i; j <= most; j += b) out.push_back(j);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

class FiveBlocks {
 public:
  FiveBlocks(Length length, Length width, Length a, Length b)
      : a_(a),
        b_(b),
        xs_(sums_of(a, b, length)),
        ys_(sums_of(a, b, width)),
        rests_x_(rests_of(xs_)),
        rests_y_(rests_of(ys_)),
        known_(xs_.size() * ys_.size()) {
    most_.reserve(known_.size());
    for (const Length x : xs_) {
      for (const Length y : ys_)
        most_.push_back(static_cast<std::int64_t>((static_cast<ExactVolume>(x) * y) /
                                                  (static_cast<ExactVolume>(a_) * b_)));
    }
  }

  Pattern run() {
    Pattern out;
    const int x = static_cast<int>(xs_.size()) - 1;
    const int y = static_cast<int>(ys_.size()) - 1;
    out.bound = most_in(x, y);
    best_in(x, y);
    place(x, y, 0, 0, out.pieces);
    return out;
  }

 private:
  // How a rectangle is divided: at xs_[x1], xs_[x2] and ys_[y1], ys_[y2]. Whole: nothing is in it, or one
  // grid.
  struct Division {
    std::int64_t count = -1;  // -1: not yet divided
    int x1 = -1;              // -1: a grid of rectangles that lie alike
    int x2 = 0;
    int y1 = 0;
    int y2 = 0;
    bool across = false;  // of the grid
  };

  static std::size_t at(int index) { return static_cast<std::size_t>(index); }
  std::size_t place_of(int x, int y) const { return at(x) * ys_.size() + at(y); }
  std::int64_t most_in(int x, int y) const { return most_[place_of(x, y)]; }

  // The largest sum that is at most what is left beside another.
  int rest_x(int whole, int part) const { return rests_x_[at(whole) * xs_.size() + at(part)]; }
  int rest_y(int whole, int part) const { return rests_y_[at(whole) * ys_.size() + at(part)]; }
  static std::vector<int> rests_of(const std::vector<Length>& sums) {
    std::vector<int> out(sums.size() * sums.size());
    for (std::size_t whole = 0; whole < sums.size(); ++whole) {
      std::size_t rest = whole;
      for (std::size_t part = 0; part <= whole; ++part) {
        while (sums[rest] > sums[whole] - sums[part]) --rest;
        out[whole * sums.size() + part] = static_cast<int>(rest);
      }
    }
    return out;
  }

  // By reference: it stays where it is.
  const Division& best_in(int x, int y) {
    Division& best = known_[place_of(x, y)];
    if (best.count >= 0) return best;
    const std::int64_t along = (xs_[at(x)] / a_) * (ys_[at(y)] / b_);
    const std::int64_t across = (xs_[at(x)] / b_) * (ys_[at(y)] / a_);
    best.count = std::max(along, across);
    best.across = across > along;
    const std::int64_t most = most_in(x, y);
    if (best.count == most) return best;
    cut(x, y, most, best);
    if (best.count < most) pinwheel(x, y, most, best);
    return best;
  }

  // Into two by one cut.
  void cut(int x, int y, std::int64_t most, Division& best) {
    for (int i = 1; i < x && best.count < most && ++cuts_ <= kMostCuts; ++i) {
      const int other = rest_x(x, i);
      if (other == 0 || most_in(i, y) + most_in(other, y) <= best.count) continue;
      const std::int64_t count = best_in(i, y).count + best_in(other, y).count;
      if (count > best.count) best = {count, i, i, 0, y, false};
    }
    for (int j = 1; j < y && best.count < most && ++cuts_ <= kMostCuts; ++j) {
      const int other = rest_y(y, j);
      if (other == 0 || most_in(x, j) + most_in(x, other) <= best.count) continue;
      const std::int64_t count = best_in(x, j).count + best_in(x, other).count;
      if (count > best.count) best = {count, 0, x, j, j, false};
    }
  }

  // Into five: four around one.
  void pinwheel(int x, int y, std::int64_t most, Division& best) {
    const auto row = [&](int column) { return &most_[place_of(column, 0)]; };
    const int* const above = &rests_y_[at(y) * ys_.size()];
    for (int x1 = 1; x1 < x; ++x1) {
      const int right_of_1 = rest_x(x, x1);
      const std::int64_t* const most_x1 = row(x1);
      const std::int64_t* const most_right_of_1 = row(right_of_1);
      for (int x2 = x1; x2 < x; ++x2) {
        const int right_of_2 = rest_x(x, x2);
        const int between = rest_x(x2, x1);
        const std::int64_t* const most_x2 = row(x2);
        const std::int64_t* const most_right_of_2 = row(right_of_2);
        const std::int64_t* const most_between = row(between);
        for (int y1 = 1; y1 < y; ++y1) {
          const std::int64_t beside = most_x2[y1] + most_x1[above[y1]];
          for (int y2 = y1; y2 < y; ++y2) {
            if (best.count == most || ++pinwheels_ > kMostPinwheels) return;
            const int middle = rests_y_[at(y2) * ys_.size() + at(y1)];
            std::int64_t hope =
                beside + most_right_of_2[y2] + most_right_of_1[above[y2]] + most_between[middle];
            if (hope <= best.count) continue;
            const std::array<std::pair<int, int>, 5> parts{
                {{x2, y1}, {right_of_2, y2}, {right_of_1, above[y2]}, {x1, above[y1]}, {between, middle}}};
            std::int64_t count = 0;
            for (const auto& [part_x, part_y] : parts) {
              hope -= most_in(part_x, part_y);
              count += best_in(part_x, part_y).count;
              if (count + hope <= best.count) break;
            }
            if (count > best.count) best = {count, x1, x2, y1, y2, false};
          }
        }
      }
    }
  }

  void place(int x, int y, Length left, Length front, std::vector<PatternPiece>& out) {
    const Division it = best_in(x, y);
    if (it.count == 0) return;
    if (it.x1 < 0) {
      const Length along_x = it.across ? b_ : a_;
      const Length along_y = it.across ? a_ : b_;
      for (Length i = 0; i + along_x <= xs_[at(x)]; i += along_x)
        for (Length j = 0; j + along_y <= ys_[at(y)]; j += along_y)
          out.push_back({left + i, front + j, it.across});
      return;
    }
    const Length x1 = xs_[at(it.x1)];
    const Length x2 = xs_[at(it.x2)];
    const Length y1 = ys_[at(it.y1)];
    const Length y2 = ys_[at(it.y2)];
    place(it.x2, it.y1, left, front, out);
    place(rest_x(x, it.x2), it.y2, left + x2, front, out);
    place(rest_x(x, it.x1), rest_y(y, it.y2), left + x1, front + y2, out);
    place(it.x1, rest_y(y, it.y1), left, front + y1, out);
    place(rest_x(it.x2, it.x1), rest_y(it.y2, it.y1), left + x1, front + y1, out);
  }

  Length a_;
  Length b_;
  std::vector<Length> xs_;
  std::vector<Length> ys_;
  std::vector<int> rests_x_;  // by the whole and the part
  std::vector<int> rests_y_;
  std::vector<std::int64_t> most_;  // by x and y: as many as there is room for
  std::vector<Division> known_;     // by x and y
  std::int64_t cuts_ = 0;
  std::int64_t pinwheels_ = 0;
};

}  // namespace

Pattern best_pattern(Length length, Length width, Length a, Length b, bool may_lie_across) {
  if (may_lie_across && a != b) return FiveBlocks(length, width, a, b).run();
  Pattern out;
  for (Length x = 0; x + a <= length; x += a)
    for (Length y = 0; y + b <= width; y += b) out.pieces.push_back({x, y, false});
  out.bound = static_cast<std::int64_t>(out.pieces.size());
  return out;
}

}  // namespace signalbox::pack
