#include "instruments/pack/batch.hpp"

#include <algorithm>
#include <mutex>

#include "core/base/parallel.hpp"
#include "instruments/pack/choose/bounds.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kChunk = 16;  // orders that one thread takes at a time

// Things lie as they were measured, turned about the vertical alone, where that goes into some box.
Order kept_flat(const Order& order, const std::vector<Box>& boxes) {
  Order out = order;
  for (Item& item : out.items) {
    if (!(item.turns & kThisSideUp)) continue;
    const TurnSet before = item.turns;
    item.turns = static_cast<TurnSet>(item.turns & kThisSideUp);
    if (!why_nowhere(item, boxes).empty()) item.turns = before;
  }
  return out;
}

}  // namespace

std::vector<Planned> plan_all(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                              const PlanRequest& request, cli::Progress& progress, const Starts& starts) {
  std::vector<Planned> out(orders.size());
  std::mutex drawing;
  std::size_t done = 0;
  for_each_in_parallel((orders.size() + kChunk - 1) / kChunk, [&](std::size_t chunk) {
    const std::size_t begin = chunk * kChunk;
    const std::size_t end = std::min(orders.size(), begin + kChunk);
    for (std::size_t i = begin; i < end; ++i) {
      const auto began = std::chrono::steady_clock::now();
      PlanRequest with_start;
      if (!starts.empty()) {
        with_start = request;
        with_start.start = start_for(starts, orders[i], boxes);
      }
      auto plan = plan_order(orders[i], boxes, starts.empty() ? request : with_start);
      out[i].took =
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
      if (plan) {
        out[i].plan = std::move(*plan);
      } else {
        out[i].why = plan.error();
      }
    }
    const std::lock_guard lock(drawing);
    done += end - begin;
    progress.update(done, orders.size(), "orders");
  });
  progress.finish();
  return out;
}

std::vector<Planned> baseline_of(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                                 const PlanRequest& request, cli::Progress& progress) {
  std::vector<Order> flat;
  flat.reserve(orders.size());
  for (const Order& order : orders) flat.push_back(kept_flat(order, boxes));
  PlanRequest simple = request;
  simple.objective = fewest_boxes();
  simple.effort = 1;
  return plan_all(flat, boxes, simple, progress);
}

Totals totals_of(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                 const std::vector<Planned>& planned, const Asked& asked, const std::vector<bool>& counted) {
  Totals out;
  const RulesAsked& rules = asked.rules;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    if (!counted[i] || !planned[i].plan) continue;
    const Plan& plan = *planned[i].plan;
    ++out.orders;
    out.boxes += plan.packages.size();
    out.at_bound += static_cast<std::int64_t>(plan.packages.size()) == plan.bound_boxes ? 1 : 0;
    out.proven += plan.proof == Proof::optimal ? 1 : 0;
    double contents = 0;
    double inner = 0;
    for (const Package& package : plan.packages) {
      const Box& box = boxes[package.box];
      const double fill = fill_of(package, box);
      contents += fill * litres(box.inner);
      inner += litres(box.inner);
      out.outer_l += litres(box.outer);
      out.board_mm2 += board_mm2(box);
      const Bill bill =
          bill_of(rules.rules, box.outer, box.tare + contents_of(orders[i], package), rules.account);
      out.billed_lb += bill.billed_lb;
      out.actual_lb += bill.actual_lb;
      out.dim_parcels += bill.dim_lb > bill.actual_lb ? 1 : 0;
      out.surcharges += bill.surcharges.size();
      if (asked.prices) {
        const auto priced = least_price(asked.prices->rates, asked.prices->rules, asked.prices->zone,
                                        box.outer, box.tare + contents_of(orders[i], package), rules.account);
        out.money += (priced ? priced->money : 0) + box.cost.value_or(0);
        out.unpriced += priced ? 0 : 1;
      }
      auto& [count, fills] = out.by_box[box.sku];
      ++count;
      fills += fill;
    }
    out.contents_l += contents;
    out.inner_l += inner;
    out.fills += contents / inner;
  }
  return out;
}

std::int64_t billed_lb_of(const Order& order, const std::vector<Box>& boxes, const Plan& plan,
                          const RulesAsked& rules) {
  std::int64_t out = 0;
  for (const Package& package : plan.packages)
    out += bill_of(rules.rules, boxes[package.box].outer,
                   boxes[package.box].tare + contents_of(order, package), rules.account)
               .billed_lb;
  return out;
}

}  // namespace signalbox::pack
