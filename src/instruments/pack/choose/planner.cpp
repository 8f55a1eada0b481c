#include "instruments/pack/choose/planner.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/bounds.hpp"
#include "instruments/pack/choose/every_way.hpp"
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
  // A small order is dealt out in every way, which may end the matter.
  if (auto dealt = every_way(packer, order, boxes, request, found.cost)) {
    if (dealt->plan) keep(std::move(*dealt->plan), dealt->cost);
    if (dealt->proven && found.plan) {
      found.plan->proof = Proof::optimal;
      return;
    }
  }
  auto several = cheaper_split(packer, floor, order, boxes, request, found.cost);
  if (!several) return;
  several->proof = Proof::bounded;
  const Cost cost = cost_of(order, boxes, *several, request.objective);
  keep(std::move(*several), cost);
}

}  // namespace

namespace {

// Each line with those of these turns that it may take, where it may take one. Nothing: it is the same order.
std::optional<Order> less_free(const Order& order, TurnSet turns) {
  Order out = order;
  bool changed = false;
  for (Item& item : out.items) {
    const TurnSet kept = static_cast<TurnSet>(item.turns & turns);
    if (kept == 0 || kept == item.turns) continue;
    item.turns = kept;
    changed = true;
  }
  if (!changed) return std::nullopt;
  return out;
}

// The lines of one who ships.
Result<Plan> plan_of_one(const Order& order, std::span<const Box> boxes, const PlanRequest& request) {
  const Counts all = all_of(order);
  const CostFloor floor(order, boxes, request.objective);
  const std::int64_t least = least_boxes(order, all, boxes);
  const Cost bound = floor.of(all, least);
  const auto is_least = [&](const Found& found) {
    return found.plan && (found.plan->proof == Proof::optimal || !(bound < found.cost));
  };
  // A quick search first, which the time does not cut short: a longer one begins with what it found.
  Found best;
  if (request.start && check_plan(order, boxes, *request.start, request.support).empty()) {
    best.plan = request.start;
    best.plan->proof = Proof::bounded;
    best.cost = cost_of(order, boxes, *request.start, request.objective);
  }
  std::optional<std::chrono::steady_clock::time_point> until;
  if (request.time) until = std::chrono::steady_clock::now() + *request.time;
  Packer packer(order, boxes, request);
  search(packer, order, boxes, request, floor, best);
  if (request.effort > 1 && !is_least(best)) {
    packer.deepen(until);
    search(packer, order, boxes, request, floor, best);
  }
  for (const TurnSet turns : {kAsMeasured, kThisSideUp}) {
    if (!packer.is_exhaustive() || packer.is_out_of_time() || is_least(best)) break;
    const auto restricted = less_free(order, turns);
    if (!restricted) continue;
    Packer narrow(*restricted, boxes, request);
    search(narrow, *restricted, boxes, request, floor, best);
    narrow.deepen(until);
    search(narrow, *restricted, boxes, request, floor, best);
    // What is proven of fewer turns is not proven of all.
    if (best.plan && best.plan->proof == Proof::optimal) best.plan->proof = Proof::bounded;
  }
  if (!best.plan || static_cast<std::int64_t>(best.plan->packages.size()) > request.max_packages)
    return fail(ErrorKind::conflict, fmt::format("order '{}': no plan with at most {} packages was found",
                                                 printable(order.id), request.max_packages));
  if (is_least(best)) best.plan->proof = Proof::optimal;
  best.plan->bound_boxes = best.plan->packages.size() == 1 ? 1 : least;
  // Of what counts most no plan has less than the best.
  const bool is_known = best.plan->proof == Proof::optimal && request.objective.told == 0;
  best.plan->bound = (is_known ? best.cost : bound).parts[request.objective.told];
  return std::move(*best.plan);
}

std::vector<std::string> sources_of(const Order& order) {
  std::vector<std::string> out;
  for (const Item& item : order.items)
    if (std::find(out.begin(), out.end(), item.source) == out.end()) out.push_back(item.source);
  return out;
}

// The boxes of which any are left, and where each stands among all.
struct LeftBoxes {
  std::vector<Box> boxes;
  std::vector<std::size_t> of;
};
LeftBoxes left_of(std::span<const Box> boxes, const Plan& used) {
  LeftBoxes out;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    Box box = boxes[i];
    if (box.stock) {
      for (const Package& package : used.packages) *box.stock -= package.box == i ? 1 : 0;
      if (*box.stock <= 0) continue;
    }
    out.boxes.push_back(std::move(box));
    out.of.push_back(i);
  }
  return out;
}

// Each who ships by itself.
Result<Plan> plan_of_each(const Order& order, std::span<const Box> boxes, const PlanRequest& request,
                          const std::vector<std::string>& sources) {
  Plan out;
  out.proof = Proof::optimal;
  const bool limited = std::ranges::any_of(boxes, [](const Box& box) { return box.stock.has_value(); });
  for (const std::string& source : sources) {
    Order part{order.id, {}};
    std::vector<std::size_t> lines;
    for (std::size_t i = 0; i < order.items.size(); ++i)
      if (order.items[i].source == source) {
        part.items.push_back(order.items[i]);
        lines.push_back(i);
      }
    PlanRequest rest = request;
    rest.start.reset();
    rest.max_packages -= static_cast<std::int64_t>(out.packages.size());
    const LeftBoxes left = left_of(boxes, out);
    SIGNALBOX_CHECK(has_place_for_each(part, left.boxes));
    SIGNALBOX_TRY(const Plan plan, plan_of_one(part, left.boxes, rest));
    for (Package package : plan.packages) {
      package.box = left.of[package.box];
      for (Placement& placement : package.placements) placement.item = lines[placement.item];
      out.packages.push_back(std::move(package));
    }
    // Of what others left nothing follows for all.
    const std::int64_t least = least_boxes(part, all_of(part), boxes);
    const Cost floor = CostFloor(part, boxes, request.objective).of(all_of(part), least);
    out.bound_boxes += limited ? least : plan.bound_boxes;
    out.bound += limited ? floor.parts[request.objective.told] : plan.bound;
    if (plan.proof != Proof::optimal) out.proof = Proof::bounded;
  }
  // What was left by the first may not have been what was best for all, and a known plan may be cheaper.
  if (limited) out.proof = Proof::bounded;
  if (request.start && check_plan(order, boxes, *request.start, request.support).empty() &&
      cost_of(order, boxes, *request.start, request.objective) <
          cost_of(order, boxes, out, request.objective)) {
    Plan known = *request.start;
    known.bound_boxes = out.bound_boxes;
    known.bound = out.bound;
    known.proof = Proof::bounded;
    return known;
  }
  return out;
}

}  // namespace

Result<Plan> plan_order(const Order& order, std::span<const Box> boxes, const PlanRequest& request) {
  SIGNALBOX_CHECK(has_place_for_each(order, boxes));
  const std::vector<std::string> sources = sources_of(order);
  SIGNALBOX_TRY(Plan plan, sources.size() > 1 ? plan_of_each(order, boxes, request, sources)
                                              : plan_of_one(order, boxes, request));
  const auto violations = check_plan(order, boxes, plan, request.support);
  if (!violations.empty())
    return fail(ErrorKind::internal,
                fmt::format("order '{}': the plan is withheld, since it is not valid: {}",
                            printable(order.id), violations[0].message));
  return plan;
}

}  // namespace signalbox::pack
