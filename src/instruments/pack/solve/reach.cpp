#include "instruments/pack/solve/reach.hpp"

#include <algorithm>

namespace signalbox::pack {
namespace {

constexpr std::size_t kWords = 17;  // 64 numbers in each: 0 to Reach::kCells

// The numbers up to a limit that are reached, a bit each.
class Sums {
 public:
  explicit Sums(std::size_t limit) : count_(limit / 64 + 1) { words_[0] = 1; }

  // One more piece, which can be put in with any of these sides, or not at all.
  void add(const std::array<std::int32_t, 3>& sides, std::size_t side_count) {
    std::array<std::uint64_t, kWords> next = words_;
    for (std::size_t i = 0; i < side_count; ++i) shift_into(next, static_cast<std::size_t>(sides[i]));
    words_ = next;
  }
  bool has(std::size_t sum) const { return (words_[sum / 64] >> (sum % 64)) & 1; }

 private:
  void shift_into(std::array<std::uint64_t, kWords>& next, std::size_t by) const {
    const std::size_t whole = by / 64;
    const std::size_t bits = by % 64;
    for (std::size_t i = count_; i-- > whole;) {
      std::uint64_t value = words_[i - whole] << bits;
      if (bits != 0 && i > whole) value |= words_[i - whole - 1] >> (64 - bits);
      next[i] |= value;
    }
  }

  std::size_t count_;  // words that are looked at
  std::array<std::uint64_t, kWords> words_{};
};

}  // namespace

Reach::Reach(const Cargo& cargo, const std::vector<std::int32_t>& left) {
  for (std::size_t axis = 0; axis < 3; ++axis) {
    cell_[axis] = (cargo.box[axis] + kCells - 1) / kCells;
    const std::size_t limit = static_cast<std::size_t>(cargo.box[axis] / cell_[axis]);
    Sums sums(limit);
    for (std::size_t type = 0; type < cargo.types.size(); ++type) {
      std::array<std::int32_t, 3> sides{};
      std::size_t count = 0;
      for (std::size_t turn = 0; turn < 6; ++turn) {
        if (!((cargo.types[type].turns >> turn) & 1)) continue;
        const std::int32_t side =
            cargo.types[type].size[static_cast<std::size_t>(kTurns[turn][axis])] / cell_[axis];
        if (side > 0 && static_cast<std::size_t>(side) <= limit &&
            std::find(sides.begin(), sides.begin() + static_cast<std::ptrdiff_t>(count), side) ==
                sides.begin() + static_cast<std::ptrdiff_t>(count))
          sides[count++] = side;
      }
      if (count == 0) continue;
      const std::int32_t smallest =
          *std::min_element(sides.begin(), sides.begin() + static_cast<std::ptrdiff_t>(count));
      const std::int32_t useful = std::min(left[type], static_cast<std::int32_t>(limit) / smallest);
      for (std::int32_t i = 0; i < useful; ++i) sums.add(sides, count);
    }
    tables_[axis].assign(limit + 2, 0);
    std::int32_t best = 0;
    for (std::size_t length = 0; length <= limit; ++length) {
      if (sums.has(length)) best = static_cast<std::int32_t>(length);
      tables_[axis][length] = best;
    }
    tables_[axis][limit + 1] = best;
  }
}

}  // namespace signalbox::pack
