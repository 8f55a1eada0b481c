#include "instruments/pack/choose/planner.hpp"

#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/bounds.hpp"
#include "instruments/pack/choose/floor.hpp"
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

// Nothing is dearer.
constexpr Cost kNoPlan{{std::numeric_limits<std::int64_t>::max() / 2, 0, 0, 0}};

struct Found {
  std::optional<Plan> plan;
  Cost cost = kNoPlan;
};

// One box, or several that cost less; what was found before stays where nothing is cheaper.
void search(Packer& packer, const Order& order, std::span<const Box> boxes, const PlanRequest& request,
            const CostFloor& floor, Found& found) {
  const Counts all = all_of(order);
  const auto keep = [&](Plan plan, const Cost& cost) {
    found.plan = std::move(plan);
    found.cost = cost;
  };
  if (auto one = packer.cheapest(all, found.cost)) {
    const bool is_least = one->proven && !(floor.of(all, 2) < one->cost);
    keep({{std::move(one->package)}, 1, 0, is_least ? Proof::optimal : Proof::bounded}, one->cost);
    if (is_least) return;
  }
  auto several = cheaper_split(packer, floor, order, boxes, request, found.cost);
  if (!several) return;
  several->proof = Proof::bounded;
  const Cost cost = cost_of(order, boxes, *several, request.objective);
  keep(std::move(*several), cost);
}

}  // namespace

Result<Plan> plan_order(const Order& order, std::span<const Box> boxes, const PlanRequest& request) {
  SIGNALBOX_CHECK(has_place_for_each(order, boxes));
  const Counts all = all_of(order);
  const CostFloor floor(order, boxes, request.objective);
  const std::int64_t least = least_boxes(order, all, boxes);
  const Cost bound = floor.of(all, least);
  const auto is_least = [&](const Found& found) {
    return found.plan && (found.plan->proof == Proof::optimal || !(bound < found.cost));
  };
  // A quick search first, which the time does not cut short: a longer one begins with what it found.
  Found best;
  Packer packer(order, boxes, request);
  search(packer, order, boxes, request, floor, best);
  if (request.effort > 1 && !is_least(best)) {
    packer.deepen();
    search(packer, order, boxes, request, floor, best);
  }
  if (!best.plan || static_cast<std::int64_t>(best.plan->packages.size()) > request.max_packages)
    return fail(ErrorKind::conflict, fmt::format("order '{}': no plan with at most {} packages was found",
                                                 printable(order.id), request.max_packages));
  if (is_least(best)) best.plan->proof = Proof::optimal;
  best.plan->bound_boxes = best.plan->packages.size() == 1 ? 1 : least;
  best.plan->bound = bound.parts[request.objective.told];
  const auto violations = check_plan(order, boxes, *best.plan, request.support);
  if (!violations.empty())
    return fail(ErrorKind::internal,
                fmt::format("order '{}': the plan is withheld, since it is not valid: {}",
                            printable(order.id), violations[0].message));
  return std::move(*best.plan);
}

}  // namespace signalbox::pack
