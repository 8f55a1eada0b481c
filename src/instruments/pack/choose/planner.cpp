#include "instruments/pack/choose/planner.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/bounds.hpp"
#include "instruments/pack/choose/packer.hpp"
#include "instruments/pack/choose/split.hpp"

namespace signalbox::pack {
namespace {

Status has_place_for_each(const Order& order, std::span<const Box> boxes) {
  std::string message;
  for (const Item& item : order.items) {
    const std::string why = why_nowhere(item, boxes);
    if (!why.empty()) message += (message.empty() ? "" : "; ") + why;
  }
  if (message.empty()) return {};
  return fail(ErrorKind::bad_input, fmt::format("order '{}': {}", printable(order.id), message),
              "add a box that is large enough, or send it as freight");
}

}  // namespace

Result<Plan> plan_order(const Order& order, std::span<const Box> boxes, const PlanRequest& request) {
  SIGNALBOX_CHECK(has_place_for_each(order, boxes));
  const Counts all = all_of(order);
  Packer packer(order, boxes, request);
  std::optional<Plan> best;
  if (auto one = packer.cheapest(all)) {
    best.emplace();
    best->packages.push_back(std::move(one->package));
    best->bound_boxes = 1;
    best->bound = least_cost(order, boxes, request.objective, request.objective.told, 1);
    const Cost cost = cost_of(order, boxes, *best, request.objective);
    const std::int64_t of_two = least_cost(order, boxes, request.objective, 0, 2);
    best->proof = one->proven && cost.parts[0] < of_two ? Proof::optimal : Proof::bounded;
    if (cost.parts[0] > of_two && request.max_packages > 1)
      if (auto several = cheaper_split(packer, order, boxes, request, cost)) {
        several->bound_boxes = 1;
        several->bound = best->bound;
        best = std::move(several);
      }
  } else {
    best = split_order(packer, order, boxes, request);
    if (best)
      best->bound = least_cost(order, boxes, request.objective, request.objective.told, best->bound_boxes);
  }
  if (!best || static_cast<std::int64_t>(best->packages.size()) > request.max_packages)
    return fail(ErrorKind::conflict, fmt::format("order '{}': no plan with at most {} packages was found",
                                                 printable(order.id), request.max_packages));
  const auto violations = check_plan(order, boxes, *best, request.support);
  if (!violations.empty())
    return fail(ErrorKind::internal,
                fmt::format("order '{}': the plan is withheld, since it is not valid: {}",
                            printable(order.id), violations[0].message));
  return std::move(*best);
}

}  // namespace signalbox::pack
