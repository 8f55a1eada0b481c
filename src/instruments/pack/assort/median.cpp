#include "instruments/pack/assort/median.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace signalbox::pack {
namespace {

constexpr int kRounds = 400;          // of the relaxation
constexpr int kPatience = 15;         // rounds without a better bound, before steps get shorter
constexpr std::int64_t kScale = 256;  // multipliers are counted in parts of one
__extension__ typedef __int128 ExactSum;

using Choice = std::vector<std::size_t>;

class MedianSearch {
 public:
  MedianSearch(const MedianProblem& problem, std::size_t k) : problem_(problem) {
    for (std::size_t size = 0; size < problem.sizes; ++size)
      if (problem.must[size]) must_.push_back(size);
    k_ = std::min(problem.sizes, std::max(k, must_.size()));
  }

  MedianAnswer run(const Choice& start) {
    MedianAnswer out;
    if (k_ == 0) return out;
    best_ = greedy(must_);
    best_cost_ = cost_of(best_);
    exchange(best_, best_cost_);
    if (!start.empty() && start.size() <= k_) try_choice(greedy(start));
    if (best_cost_.first < kUnserved) relax();
    std::sort(best_.begin(), best_.end());
    out.chosen = best_;
    out.cost = best_cost_;
    out.unserved = static_cast<std::size_t>(best_cost_.first / kUnserved);
    out.bound = std::min(bound_, best_cost_.first);
    return out;
  }

 private:
  ServiceCost cost_of(const Choice& choice) const {
    ServiceCost out;
    for (std::size_t order = 0; order < problem_.orders(); ++order) {
      ServiceCost least = problem_.cost(order, choice[0]);
      for (const std::size_t size : choice) least = std::min(least, problem_.cost(order, size));
      out += least;
    }
    return out;
  }

  bool has(const Choice& choice, std::size_t size) const {
    return std::find(choice.begin(), choice.end(), size) != choice.end();
  }

  // These sizes, and those that bring most beside them.
  Choice greedy(Choice out) const {
    constexpr ServiceCost kNone{std::numeric_limits<std::int64_t>::max(), 0};
    std::vector<ServiceCost> now(problem_.orders(), kNone);
    const auto take = [&](std::size_t size) {
      for (std::size_t order = 0; order < now.size(); ++order)
        now[order] = std::min(now[order], problem_.cost(order, size));
    };
    for (const std::size_t size : out) take(size);
    while (out.size() < k_) {
      ServiceCost best = kNone;
      std::size_t best_size = problem_.sizes;
      for (std::size_t size = 0; size < problem_.sizes; ++size) {
        if (has(out, size)) continue;
        ServiceCost cost;
        for (std::size_t order = 0; order < now.size(); ++order)
          cost += std::min(now[order], problem_.cost(order, size));
        if (best_size != problem_.sizes && cost >= best) continue;
        best = cost;
        best_size = size;
      }
      out.push_back(best_size);
      take(best_size);
    }
    return out;
  }

  // Of each order the least and the second least cost within a choice, and who has the least.
  struct Served {
    ServiceCost least{std::numeric_limits<std::int64_t>::max(), 0};
    ServiceCost second{std::numeric_limits<std::int64_t>::max(), 0};
    std::size_t by = 0;
  };
  std::vector<Served> served_by(const Choice& choice) const {
    std::vector<Served> out(problem_.orders());
    for (std::size_t order = 0; order < out.size(); ++order)
      for (std::size_t at = 0; at < choice.size(); ++at) {
        const ServiceCost& cost = problem_.cost(order, choice[at]);
        Served& it = out[order];
        if (cost < it.least) {
          it.second = it.least;
          it.least = cost;
          it.by = at;
        } else {
          it.second = std::min(it.second, cost);
        }
      }
    return out;
  }

  // The best exchange of one for another, as long as there is one.
  void exchange(Choice& choice, ServiceCost& cost) const {
    while (true) {
      const std::vector<Served> served = served_by(choice);
      ServiceCost best = cost;
      std::size_t out = 0;
      std::size_t in = problem_.sizes;
      for (std::size_t size = 0; size < problem_.sizes; ++size) {
        if (has(choice, size)) continue;
        ServiceCost with;                              // where nothing is given up for it
        std::vector<ServiceCost> more(choice.size());  // where that one is
        for (std::size_t order = 0; order < served.size(); ++order) {
          const ServiceCost& own = problem_.cost(order, size);
          const Served& it = served[order];
          const ServiceCost least = std::min(own, it.least);
          const ServiceCost without = std::min(own, it.second);
          with += least;
          more[it.by] += {without.first - least.first, without.second - least.second};
        }
        for (std::size_t at = 0; at < choice.size(); ++at) {
          if (problem_.must[choice[at]]) continue;
          ServiceCost total = with;
          total += more[at];
          if (total >= best) continue;
          best = total;
          out = at;
          in = size;
        }
      }
      if (in == problem_.sizes) return;
      choice[out] = in;
      cost = best;
    }
  }

  // The sizes that a relaxation with these multipliers takes, and its value in parts of one.
  ExactSum relaxed(const std::vector<std::int64_t>& multipliers, Choice& choice) const {
    std::vector<std::pair<ExactSum, std::size_t>> gains(problem_.sizes);
    for (std::size_t size = 0; size < problem_.sizes; ++size) gains[size].second = size;
    ExactSum value = 0;
    for (std::size_t order = 0; order < problem_.orders(); ++order) {
      value += multipliers[order];
      for (std::size_t size = 0; size < problem_.sizes; ++size)
        gains[size].first +=
            std::min<std::int64_t>(0, problem_.cost(order, size).first * kScale - multipliers[order]);
    }
    std::sort(gains.begin(), gains.end(), [&](const auto& a, const auto& b) {
      const bool a_must = problem_.must[a.second];
      const bool b_must = problem_.must[b.second];
      return a_must != b_must ? a_must : a < b;
    });
    choice.clear();
    for (std::size_t i = 0; i < k_; ++i) {
      value += gains[i].first;
      choice.push_back(gains[i].second);
    }
    return value;
  }

  void relax() {
    std::vector<std::int64_t> multipliers;
    for (const Served& it : served_by(best_))
      multipliers.push_back(std::min(it.least.first, kUnserved - 1) * kScale);
    double step = 1;
    int since = 0;
    Choice choice;
    ExactSum best_value = -1;
    for (int round = 0; round < kRounds && bound_ < best_cost_.first; ++round) {
      const ExactSum value = relaxed(multipliers, choice);
      if (value > best_value) {
        best_value = value;
        since = 0;
        // Costs are whole: what is above a whole number is at least the next.
        bound_ = static_cast<std::int64_t>((std::max<ExactSum>(0, value) + kScale - 1) / kScale);
      } else if (++since == kPatience) {
        step /= 2;
        since = 0;
      }
      try_choice(choice);
      std::vector<int> slope(multipliers.size());
      double squares = 0;
      for (std::size_t order = 0; order < slope.size(); ++order) {
        slope[order] = 1;
        for (const std::size_t size : choice)
          slope[order] -= problem_.cost(order, size).first * kScale < multipliers[order] ? 1 : 0;
        squares += static_cast<double>(slope[order]) * slope[order];
      }
      if (squares == 0 || step < 1e-4) break;
      const double gap = static_cast<double>(static_cast<ExactSum>(best_cost_.first) * kScale - value);
      const double length = step * std::max(gap, 1.0) / squares;
      for (std::size_t order = 0; order < slope.size(); ++order)
        multipliers[order] = std::clamp<std::int64_t>(
            multipliers[order] + std::llround(length * slope[order]), 0, (kUnserved - 1) * kScale);
    }
  }

  void try_choice(const Choice& choice) {
    ServiceCost cost = cost_of(choice);
    // Only what is near is worth an exchange.
    if (cost.first > best_cost_.first + best_cost_.first / 50) return;
    Choice better = choice;
    exchange(better, cost);
    if (cost >= best_cost_) return;
    best_ = std::move(better);
    best_cost_ = cost;
  }

  const MedianProblem& problem_;
  Choice must_;
  std::size_t k_ = 0;
  Choice best_;
  ServiceCost best_cost_;
  std::int64_t bound_ = 0;
};

}  // namespace

MedianAnswer best_sizes(const MedianProblem& problem, std::size_t k, const std::vector<std::size_t>& start) {
  return MedianSearch(problem, k).run(start);
}

}  // namespace signalbox::pack
