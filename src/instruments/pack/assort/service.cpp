#include "instruments/pack/assort/service.hpp"

#include <algorithm>
#include <mutex>
#include <numeric>

#include "core/base/parallel.hpp"
#include "instruments/pack/choose/packer.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kChunk = 8;  // orders that one thread takes at a time

bool is_within(const Box& small, const Box& large) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (small.inner[axis] > large.inner[axis]) return false;
  return true;
}

ServiceCost told(const Cost& cost) {
  return {std::min(cost.parts[0], kUnserved - 1), cost.parts[1]};
}

class Serving {
 public:
  Serving(std::span<const Box> sizes, const PlanRequest& request) : sizes_(sizes), request_(request) {
    request_.effort = 1;
    request_.time.reset();
    rising_.resize(sizes.size());
    std::iota(rising_.begin(), rising_.end(), std::size_t{0});
    std::stable_sort(rising_.begin(), rising_.end(), [&](std::size_t a, std::size_t b) {
      return volume_of(sizes[a].inner) < volume_of(sizes[b].inner);
    });
  }

  void serve(const Order& order, std::span<ServiceCost> out) const {
    std::fill(out.begin(), out.end(), ServiceCost{kUnserved, 0});
    const Counts all = all_of(order);
    Packer packer(order, sizes_, request_);
    std::vector<std::size_t> holds;
    std::vector<std::size_t> fails;
    for (const std::size_t size : rising_) {
      if (!packer.may_hold(size, all)) continue;
      // What goes into a box goes into a larger one as it stands.
      const bool sure = std::any_of(holds.begin(), holds.end(), [&](std::size_t other) {
        return is_within(sizes_[other], sizes_[size]);
      });
      const bool hopeless = !sure && std::any_of(fails.begin(), fails.end(), [&](std::size_t other) {
        return is_within(sizes_[size], sizes_[other]);
      });
      if (hopeless || (!sure && packer.settle(size, all) != Fits::yes)) {
        if (!hopeless) fails.push_back(size);
        continue;
      }
      if (!sure) holds.push_back(size);
      out[size] = told(packer.price_of(size, all));
    }
    if (holds.empty()) serve_by_several(order, out);
  }

 private:
  void serve_by_several(const Order& order, std::span<ServiceCost> out) const {
    for (std::size_t size = 0; size < sizes_.size(); ++size) {
      const auto one = sizes_.subspan(size, 1);
      if (const auto plan = plan_order(order, one, request_))
        out[size] = told(cost_of(order, one, *plan, request_.objective));
    }
  }

  std::span<const Box> sizes_;
  PlanRequest request_;
  std::vector<std::size_t> rising_;
};

}  // namespace

std::vector<ServiceCost> service_costs(const std::vector<Order>& orders, std::span<const Box> sizes,
                                       const PlanRequest& request,
                                       const std::function<void(std::size_t done)>& done) {
  std::vector<ServiceCost> out(orders.size() * sizes.size());
  const Serving serving(sizes, request);
  std::mutex telling;
  std::size_t through = 0;
  for_each_in_parallel((orders.size() + kChunk - 1) / kChunk, [&](std::size_t chunk) {
    const std::size_t end = std::min(orders.size(), (chunk + 1) * kChunk);
    for (std::size_t i = chunk * kChunk; i < end; ++i)
      serving.serve(orders[i], std::span(out).subspan(i * sizes.size(), sizes.size()));
    const std::lock_guard lock(telling);
    through += end - chunk * kChunk;
    done(through);
  });
  return out;
}

}  // namespace signalbox::pack
