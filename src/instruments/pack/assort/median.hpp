// The k sizes of m that serve many orders at the least cost in all: the p-median problem.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace signalbox::pack {

// What serving costs: the first number counts, the second where the first is the same.
struct ServiceCost {
  std::int64_t first = 0;
  std::int64_t second = 0;

  auto operator<=>(const ServiceCost&) const = default;
  ServiceCost& operator+=(const ServiceCost& other) {
    first += other.first;
    second += other.second;
    return *this;
  }
};

// An order that a size does not serve. Sums of kMaxServed of them stay within 64 bits.
inline constexpr std::int64_t kUnserved = 1'000'000'000'000;
inline constexpr std::size_t kMaxServed = 1'000'000;

struct MedianProblem {
  std::size_t sizes = 0;
  std::vector<ServiceCost> costs;  // [order * sizes + size]
  std::vector<bool> must;          // sizes that are taken in any case

  std::size_t orders() const { return sizes == 0 ? 0 : costs.size() / sizes; }
  const ServiceCost& cost(std::size_t order, std::size_t size) const { return costs[order * sizes + size]; }
};

struct MedianAnswer {
  std::vector<std::size_t> chosen;  // sizes, rising
  ServiceCost cost;                 // with orders that are not served
  std::size_t unserved = 0;
  std::int64_t bound = 0;  // no choice of so many sizes costs less in the first number
};

// Adding the best size, again and again, then exchanging one for another as long as that is better (Teitz and
// Bart 1968), and the same from what a Lagrangian relaxation suggests, whose multipliers prove the bound
// (Cornuéjols, Fisher, Nemhauser 1977). The same problem has the same answer. Of fewer sizes than `must`
// names all those are taken. The multipliers are whole numbers: the bound has no rounding in it. `start`:
// sizes of an answer with fewer; with them one size more never costs more.
MedianAnswer best_sizes(const MedianProblem& problem, std::size_t k,
                        const std::vector<std::size_t>& start = {});

}  // namespace signalbox::pack
