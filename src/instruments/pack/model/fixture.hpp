// Orders and boxes for tests, in millimetres and grams.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack::fixture {

inline Size mm(Length length, Length width, Length height) {
  return {length * kMillimetre, width * kMillimetre, height * kMillimetre};
}

inline Item item(std::string sku, std::int64_t quantity, Size size, Mass grams = 1) {
  Item out;
  out.sku = std::move(sku);
  out.quantity = quantity;
  out.size = size;
  out.weight = grams * kGram;
  return out;
}

inline Box box(std::string sku, Size size) {
  Box out;
  out.sku = std::move(sku);
  out.inner = out.outer = size;
  return out;
}

// Whole numbers below a limit, the same for the same seed: Park and Miller's generator.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed % 2147483646 + 1) {}
  std::int64_t below(std::int64_t limit) {
    state_ = state_ * 16807 % 2147483647;
    return static_cast<std::int64_t>(state_) % limit;
  }
  std::int64_t between(std::int64_t low, std::int64_t high) { return low + below(high - low + 1); }

 private:
  std::uint64_t state_;
};

}  // namespace signalbox::pack::fixture
