#include "instruments/pack/choose/every_way.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

namespace signalbox::pack {
namespace {

constexpr std::size_t kParts = 512;  // parts of an order, itself and nothing included
constexpr std::size_t kExhaustiveParts = 4096;

constexpr Cost kNever{{std::numeric_limits<std::int64_t>::max() / 4, 0, 0, 0}};

class EveryWay {
 public:
  EveryWay(Packer& packer, const Order& order, std::span<const Box> boxes, const PlanRequest& request,
           const Cost& than)
      : packer_(packer), order_(order), boxes_(boxes), request_(request), than_(than) {}

  // How many parts the order has; 0: more than `most`.
  static std::size_t parts_of(const Order& order, std::size_t most) {
    std::size_t out = 1;
    for (const Item& item : order.items) {
      if (item.quantity >= static_cast<std::int64_t>(most)) return 0;
      out *= static_cast<std::size_t>(item.quantity + 1);
      if (out > most) return 0;
    }
    return out;
  }

  Dealt run(std::size_t parts) {
    parts_.resize(parts);
    for (std::size_t i = 1; i < parts; ++i) begin(i);
    Dealt out;
    out.proven = true;
    best_.assign(parts, kNever);
    first_.assign(parts, 0);
    best_[0] = Cost{};
    for (std::size_t whole = 1; whole < parts; ++whole) deal(whole);
    for (;;) {
      const Cost& bound = best_.back();
      if (!(bound < than_)) break;
      if (packer_.is_out_of_time()) {
        out.proven = false;
        break;
      }
      if (!settle_ways(out)) continue;
      if (auto plan = plan_of_way()) {
        out.plan = std::move(plan);
        out.cost = bound;
      } else {
        out.proven = false;
      }
      break;
    }
    return out;
  }

 private:
  // Some of the order's units, and the boxes that may take them, the cheapest first.
  struct Part {
    Counts units;
    std::vector<std::pair<Cost, std::size_t>> boxes;
    std::size_t at = 0;  // boxes before it do not take them, or it is not known
    bool is_packed = false;

    const Cost& cost() const { return at < boxes.size() ? boxes[at].first : kNever; }
  };

  // The parts are counted by their units, as digits, the first line's lowest.
  Counts units_of(std::size_t index) const {
    Counts out;
    out.reserve(order_.items.size());
    for (const Item& item : order_.items) {
      const auto base = static_cast<std::size_t>(item.quantity + 1);
      out.push_back(static_cast<std::int64_t>(index % base));
      index /= base;
    }
    return out;
  }

  void begin(std::size_t index) {
    Part& part = parts_[index];
    part.units = units_of(index);
    const Mass weight = packer_.weight_of(part.units);
    for (std::size_t box = 0; box < boxes_.size(); ++box) {
      if (!packer_.may_hold(box, part.units)) continue;
      const Cost cost = request_.objective.price(boxes_[box], weight);
      if (cost < than_) part.boxes.emplace_back(cost, box);
    }
    std::sort(part.boxes.begin(), part.boxes.end());
  }

  // A part costs more than it did: so may what it is a part of.
  void deal_again(std::size_t part) {
    const auto holds = [&](std::size_t whole) {
      return std::ranges::equal(parts_[part].units, parts_[whole].units, std::less_equal<>());
    };
    for (std::size_t whole = part; whole < parts_.size(); ++whole)
      if (holds(whole)) deal(whole);
  }

  // best_[S]: of all ways to deal S out the cheapest; first_[S]: the part of it that has S's first unit.
  void deal(std::size_t whole) {
    best_[whole] = kNever;
    const Counts& units = parts_[whole].units;
    std::size_t first = 0;
    while (units[first] == 0) ++first;
    Counts taken(units.size(), 0);
    // All parts of `whole` that have a unit of its first line.
    std::size_t index = 0;
    for (;;) {
      std::size_t line = 0;
      std::size_t base = 1;
      for (; line < units.size(); ++line) {
        if (taken[line] < units[line]) {
          ++taken[line];
          index += base;
          break;
        }
        index -= base * static_cast<std::size_t>(taken[line]);
        taken[line] = 0;
        base *= static_cast<std::size_t>(order_.items[line].quantity + 1);
      }
      if (line == units.size()) return;
      if (taken[first] == 0) continue;
      const Part& part = parts_[index];
      if (part.at >= part.boxes.size()) continue;
      const Cost cost = part.cost() + best_[whole - index];
      if (!(cost < best_[whole])) continue;
      best_[whole] = cost;
      first_[whole] = index;
    }
  }

  // Of the cheapest way each part that is not yet packed. False: one is not, so the way is another now.
  bool settle_ways(Dealt& out) {
    for (std::size_t left = parts_.size() - 1; left != 0; left -= first_[left]) {
      Part& part = parts_[first_[left]];
      if (part.is_packed) continue;
      switch (packer_.settle(part.boxes[part.at].second, part.units)) {
        case Fits::yes:
          part.is_packed = true;
          continue;
        case Fits::unknown:
          out.proven = false;
          break;
        case Fits::no:
          break;
      }
      ++part.at;
      deal_again(first_[left]);
      return false;
    }
    return true;
  }

  // Nothing: there are not so many boxes, or not so many may be taken.
  std::optional<Plan> plan_of_way() const {
    Plan out;
    for (std::size_t left = parts_.size() - 1; left != 0; left -= first_[left]) {
      const Part& part = parts_[first_[left]];
      out.packages.push_back(packer_.packed(part.boxes[part.at].second, part.units));
    }
    if (static_cast<std::int64_t>(out.packages.size()) > request_.max_packages) return std::nullopt;
    for (std::size_t box = 0; box < boxes_.size(); ++box)
      if (boxes_[box].stock && std::ranges::count(out.packages, box, &Package::box) > *boxes_[box].stock)
        return std::nullopt;
    out.proof = Proof::bounded;
    return out;
  }

  Packer& packer_;
  const Order& order_;
  std::span<const Box> boxes_;
  const PlanRequest& request_;
  const Cost& than_;
  std::vector<Part> parts_;
  std::vector<Cost> best_;
  std::vector<std::size_t> first_;
};

}  // namespace

std::optional<Dealt> every_way(Packer& packer, const Order& order, std::span<const Box> boxes,
                               const PlanRequest& request, const Cost& than) {
  const std::size_t parts = EveryWay::parts_of(order, packer.is_exhaustive() ? kExhaustiveParts : kParts);
  if (parts < 2) return std::nullopt;
  return EveryWay(packer, order, boxes, request, than).run(parts);
}

}  // namespace signalbox::pack
