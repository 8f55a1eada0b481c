#include "instruments/pack/solve/exact.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace signalbox::pack {
namespace {

struct Piece {
  std::int32_t type = 0;
  std::int32_t same = 0;                                // pieces of its type
  std::vector<std::pair<std::int32_t, Extent>> stands;  // turn and sides, each size once
};

// Relation 2 * axis + 0: the first of a pair is before the second along that axis; + 1: behind it.
constexpr std::uint8_t kAllRelations = 0b111111;

constexpr std::size_t kPairs = kMostExact * (kMostExact - 1) / 2;

// A half-made choice: what is still open, and how far each piece is pushed by what is chosen.
struct State {
  std::array<std::uint8_t, kMostExact> turns{};  // of a piece's stands, those left
  std::array<Extent, kMostExact> least{};        // sides that it has at least, by the stands left
  std::array<Extent, kMostExact> from{};         // no nearer to the corner than that
  std::array<Extent, kMostExact> tail{};         // what must be behind it
  std::array<std::uint8_t, kPairs> relations{};  // of a pair, those left
  std::uint64_t decided_low = 0;                 // pairs whose relation is chosen, by index
  std::uint64_t decided_high = 0;
  std::array<std::array<std::uint16_t, kMostExact>, 3> behind{};  // pieces right behind a piece, as bits

  bool is_decided(std::size_t pair) const {
    return ((pair < 64 ? decided_low >> pair : decided_high >> (pair - 64)) & 1) != 0;
  }
  void decide(std::size_t pair) {
    if (pair < 64) {
      decided_low |= std::uint64_t{1} << pair;
    } else {
      decided_high |= std::uint64_t{1} << (pair - 64);
    }
  }
};

class Search {
 public:
  Search(const Cargo& cargo, std::uint64_t most_nodes,
         std::optional<std::chrono::steady_clock::time_point> until)
      : box_(cargo.box), most_nodes_(most_nodes), until_(until) {
    for (std::size_t type = 0; type < cargo.types.size(); ++type)
      for (std::int32_t i = 0; i < cargo.types[type].count; ++i) pieces_.push_back(piece_of(cargo, type));
    std::stable_sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) {
      return volume_of(a.stands.empty() ? Extent{} : a.stands[0].second) >
             volume_of(b.stands.empty() ? Extent{} : b.stands[0].second);
    });
    for (std::size_t j = 1; j < pieces_.size(); ++j)
      for (std::size_t i = 0; i < j; ++i) pairs_.push_back({i, j});
  }

  ExactAnswer run() {
    ExactAnswer out;
    State root;
    out.fits = begin(root) ? descend(root) : Fits::no;
    out.nodes = nodes_;
    if (out.fits == Fits::yes) out.pieces = std::move(found_);
    return out;
  }

 private:
  Piece piece_of(const Cargo& cargo, std::size_t type) const {
    const CargoType& of = cargo.types[type];
    Piece out;
    out.type = static_cast<std::int32_t>(type);
    out.same = of.count;
    for (std::int32_t turn = 0; turn < 6; ++turn) {
      if (!((of.turns >> turn) & 1)) continue;
      Extent size{};
      for (std::size_t axis = 0; axis < 3; ++axis)
        size[axis] = of.size[static_cast<std::size_t>(kTurns[static_cast<std::size_t>(turn)][axis])];
      const bool goes_in = size[0] <= box_[0] && size[1] <= box_[1] && size[2] <= box_[2];
      const auto same = [&](const auto& stand) { return stand.second == size; };
      if (goes_in && std::none_of(out.stands.begin(), out.stands.end(), same))
        out.stands.emplace_back(turn, size);
    }
    return out;
  }

  bool begin(State& state) const {
    double volume = 0;
    for (const Piece& piece : pieces_)
      if (!piece.stands.empty()) volume += volume_of(piece.stands[0].second);
    if (volume > volume_of(box_) * (1 + 1e-12)) return false;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (pieces_[i].stands.empty()) return false;
      state.turns[i] = static_cast<std::uint8_t>((1U << pieces_[i].stands.size()) - 1);
      measure(state, i);
    }
    for (std::size_t pair = 0; pair < pairs_.size(); ++pair) {
      state.relations[pair] = kAllRelations;
      const auto& [i, j] = pairs_[pair];
      // Alike pieces are called by where they begin along the length: the later is not before the earlier.
      if (pieces_[i].type == pieces_[j].type)
        state.relations[pair] = static_cast<std::uint8_t>(kAllRelations & ~0b000010);
    }
    // A packing seen in a mirror is one too: of the first two the one is before the other, along whichever
    // axis.
    if (pieces_.size() > 1 && pieces_[0].same == 1 && pieces_[1].same == 1) state.relations[0] &= 0b010101;
    return narrow(state);
  }

  void measure(State& state, std::size_t i) const {
    Extent least = box_;
    for (std::size_t k = 0; k < pieces_[i].stands.size(); ++k)
      if ((state.turns[i] >> k) & 1)
        for (std::size_t axis = 0; axis < 3; ++axis)
          least[axis] = std::min(least[axis], pieces_[i].stands[k].second[axis]);
    state.least[i] = least;
  }

  // Sums of sides do not go into the 32 bits of one.
  bool has_room(std::int64_t before, std::int64_t side, std::int64_t behind, std::size_t axis) const {
    return before + side + behind <= box_[axis];
  }

  // Pushes what is behind `i`, and draws what is before it. False: a chain is longer than the box.
  bool push(State& state, std::size_t i, std::size_t axis) const {
    if (!has_room(state.from[i][axis], state.least[i][axis], state.tail[i][axis], axis)) return false;
    const std::int32_t end = state.from[i][axis] + state.least[i][axis];
    for (std::uint16_t rest = state.behind[axis][i]; rest != 0;
         rest = static_cast<std::uint16_t>(rest & (rest - 1))) {
      const auto j = static_cast<std::size_t>(std::countr_zero(rest));
      if (state.from[j][axis] >= end) continue;
      state.from[j][axis] = end;
      if (!push(state, j, axis)) return false;
    }
    return true;
  }
  bool draw(State& state, std::size_t j, std::size_t axis) const {
    if (!has_room(state.from[j][axis], state.least[j][axis], state.tail[j][axis], axis)) return false;
    const std::int32_t tail = state.tail[j][axis] + state.least[j][axis];
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (!((state.behind[axis][i] >> j) & 1) || state.tail[i][axis] >= tail) continue;
      state.tail[i][axis] = tail;
      if (!draw(state, i, axis)) return false;
    }
    return true;
  }

  bool is_behind(const State& state, std::size_t what, std::size_t of, std::size_t axis) const {
    for (std::uint16_t rest = state.behind[axis][of]; rest != 0;
         rest = static_cast<std::uint16_t>(rest & (rest - 1))) {
      const auto j = static_cast<std::size_t>(std::countr_zero(rest));
      if (j == what || is_behind(state, what, j, axis)) return true;
    }
    return false;
  }

  bool choose_relation(State& state, std::size_t pair, std::size_t relation) const {
    const std::size_t axis = relation / 2;
    auto [before, after] = pairs_[pair];
    if (relation % 2 == 1) std::swap(before, after);
    if (is_behind(state, before, after, axis)) return false;  // a ring
    state.relations[pair] = static_cast<std::uint8_t>(1U << relation);
    state.decide(pair);
    state.behind[axis][before] = static_cast<std::uint16_t>(state.behind[axis][before] | (1U << after));
    return push(state, before, axis) && draw(state, after, axis);
  }

  bool keep_turns(State& state, std::size_t i, std::uint8_t turns) const {
    state.turns[i] = turns;
    const Extent before = state.least[i];
    measure(state, i);
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (state.least[i][axis] > before[axis] && (!push(state, i, axis) || !draw(state, i, axis)))
        return false;
    return true;
  }

  bool stands(const State& state, std::size_t i, std::size_t k) const {
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (!has_room(state.from[i][axis], pieces_[i].stands[k].second[axis], state.tail[i][axis], axis))
        return false;
    return true;
  }

  bool can_be(const State& state, std::size_t pair, std::size_t relation) const {
    const std::size_t axis = relation / 2;
    auto [before, after] = pairs_[pair];
    if (relation % 2 == 1) std::swap(before, after);
    return has_room(state.from[before][axis],
                    std::int64_t{state.least[before][axis]} + state.least[after][axis],
                    state.tail[after][axis], axis);
  }

  // Takes away what can no longer be, and chooses where one thing is left, until nothing changes. False:
  // something has no choice left.
  bool narrow(State& state) const {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < pieces_.size(); ++i) {
        std::uint8_t left = 0;
        for (std::size_t k = 0; k < pieces_[i].stands.size(); ++k)
          if (((state.turns[i] >> k) & 1) && stands(state, i, k))
            left = static_cast<std::uint8_t>(left | (1U << k));
        if (left == 0) return false;
        if (left == state.turns[i]) continue;
        changed = true;
        if (!keep_turns(state, i, left)) return false;
      }
      for (std::size_t pair = 0; pair < pairs_.size(); ++pair) {
        if (state.is_decided(pair)) continue;
        std::uint8_t left = 0;
        for (std::size_t relation = 0; relation < 6; ++relation)
          if (((state.relations[pair] >> relation) & 1) && can_be(state, pair, relation))
            left = static_cast<std::uint8_t>(left | (1U << relation));
        if (left == 0) return false;
        state.relations[pair] = left;
        if (std::popcount(left) > 1) continue;
        changed = true;
        if (!choose_relation(state, pair, static_cast<std::size_t>(std::countr_zero(left)))) return false;
      }
    }
    return true;
  }

  // The turn of a piece, or the relation of a pair, with the fewest ways left.
  struct Choice {
    bool is_turn = false;
    std::size_t of = 0;
    int options = 7;
  };

  Choice next(const State& state) const {
    Choice out;
    for (std::size_t pair = 0; pair < pairs_.size(); ++pair) {
      if (state.is_decided(pair)) continue;
      const int options = std::popcount(state.relations[pair]);
      if (options < out.options) out = {false, pair, options};
    }
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const int options = std::popcount(state.turns[i]);
      if (options > 1 && options <= out.options) out = {true, i, options};
    }
    return out;
  }

  bool is_given_up() const {
    return nodes_ > most_nodes_ || (until_ && std::chrono::steady_clock::now() >= *until_);
  }

  Fits descend(const State& state) {
    const Choice choice = next(state);
    if (choice.options == 7) {
      keep(state);
      return Fits::yes;
    }
    Fits out = Fits::no;
    const std::uint8_t open = choice.is_turn ? state.turns[choice.of] : state.relations[choice.of];
    for (std::size_t option = 0; option < 6; ++option) {
      if (!((open >> option) & 1)) continue;
      ++nodes_;
      if (is_given_up()) return Fits::unknown;
      State child = state;
      const bool stands_so = choice.is_turn
                                 ? keep_turns(child, choice.of, static_cast<std::uint8_t>(1U << option))
                                 : choose_relation(child, choice.of, option);
      if (!stands_so || !narrow(child)) continue;
      const Fits below = descend(child);
      if (below == Fits::yes) return below;
      if (below == Fits::unknown) out = below;
      if (is_given_up()) return Fits::unknown;
    }
    return out;
  }

  void keep(const State& state) {
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      const auto k = static_cast<std::size_t>(std::countr_zero(state.turns[i]));
      const auto& [turn, size] = pieces_[i].stands[k];
      found_.push_back({pieces_[i].type, turn, state.from[i], size});
    }
  }

  Extent box_;
  std::uint64_t most_nodes_;
  std::optional<std::chrono::steady_clock::time_point> until_;
  std::uint64_t nodes_ = 0;
  std::vector<Piece> pieces_;
  std::vector<std::pair<std::size_t, std::size_t>> pairs_;
  std::vector<Stowed> found_;
};

}  // namespace

ExactAnswer fits_exactly(const Cargo& cargo, std::uint64_t most_nodes,
                         std::optional<std::chrono::steady_clock::time_point> until) {
  std::size_t count = 0;
  for (const CargoType& type : cargo.types) count += static_cast<std::size_t>(type.count);
  if (count > kMostExact) return {};
  return Search(cargo, most_nodes, until).run();
}

}  // namespace signalbox::pack
