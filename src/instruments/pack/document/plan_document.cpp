#include "instruments/pack/document/plan_document.hpp"

#include <map>

#include "core/base/digest.hpp"
#include "instruments/pack/choose/objective.hpp"

namespace signalbox::pack {
namespace {

Json lengths(const Size& size) {
  Json out = Json::array();
  for (const Length side : size) out.push_back(as_number(side, LengthUnit::mm));
  return out;
}

Json turns_json(TurnSet turns) {
  Json out = Json::array();
  for (int turn = 0; turn < 6; ++turn)
    if ((turns >> turn) & 1) out.push_back(turn);
  return out;
}

Json item_json(const Item& item) {
  Json out = Json::object({{"sku", item.sku},
                           {"qty", item.quantity},
                           {"size", lengths(item.size)},
                           {"weight", as_number(item.weight, MassUnit::g)}});
  if (item.turns != kAnyTurn) out.set("turns", turns_json(item.turns));
  if (item.no_stack) out.set("no_stack", true);
  if (item.bottom_only) out.set("bottom_only", true);
  if (item.max_load) out.set("max_load", as_number(*item.max_load, MassUnit::g));
  if (item.max_per_box) out.set("max_per_box", *item.max_per_box);
  if (item.returnable_only) out.set("returnable", true);
  if (!item.source.empty()) out.set("source", item.source);
  if (item.stop > 0) out.set("stop", item.stop);
  return out;
}

// The percent of an area, the name of another rule.
Json support_json(const Support& support) {
  return support.rule == Support::Rule::area ? Json(support.percent) : Json(to_text(support));
}

Json order_json(const Order& order) {
  Json items = Json::array();
  for (const Item& item : order.items) items.push_back(item_json(item));
  return Json::object({{"id", order.id}, {"items", std::move(items)}});
}

Json box_json(const Box& box) {
  Json out = Json::object({{"sku", box.sku},
                           {"inner", lengths(box.inner)},
                           {"outer", lengths(box.outer)},
                           {"tare", as_number(box.tare, MassUnit::g)}});
  if (box.max_weight) out.set("max_weight", as_number(*box.max_weight, MassUnit::g));
  if (box.stock) out.set("stock", *box.stock);
  if (box.cost) out.set("cost", static_cast<double>(*box.cost) / 1e6);
  if (box.returnable) out.set("returnable", true);
  if (!box.source.empty()) out.set("source", box.source);
  if (box.axles) {
    Json axles = Json::object({{"kingpin", as_number(box.axles->kingpin, LengthUnit::mm)},
                               {"rear", as_number(box.axles->rear, LengthUnit::mm)}});
    if (box.axles->max_kingpin) axles.set("max_kingpin", as_number(*box.axles->max_kingpin, MassUnit::g));
    if (box.axles->max_rear) axles.set("max_rear", as_number(*box.axles->max_rear, MassUnit::g));
    out.set("axles", std::move(axles));
  }
  return out;
}

Json package_json(const PlanDocument& document, const Package& package) {
  const Box& box = document.boxes[package.box];
  Json placements = Json::array();
  for (const Placement& placement : package.placements)
    placements.push_back(Json::object({{"sku", document.order.items[placement.item].sku},
                                       {"item", placement.item},
                                       {"turn", placement.turn},
                                       {"at", lengths(placement.at)},
                                       {"size", lengths(placement.size)}}));
  return Json::object({{"box", box.sku},
                       {"weight_g", as_number(contents_of(document.order, package) + box.tare, MassUnit::g)},
                       {"fill", fill_of(package, box)},
                       {"placements", std::move(placements)}});
}

}  // namespace

double fill_of(const Package& package, const Box& box) {
  ExactVolume filled = 0;
  for (const Placement& placement : package.placements) filled += volume_of(placement.size);
  return static_cast<double>(filled) / static_cast<double>(volume_of(box.inner));
}

PlanDocument document_of(const Order& order, std::span<const Box> offered, Support support,
                         std::string_view objective, const Plan& plan) {
  PlanDocument out;
  Json asked = Json::object(
      {{"order", order_json(order)}, {"support", support_json(support)}, {"objective", objective}});
  Json boxes = Json::array();
  for (const Box& box : offered) boxes.push_back(box_json(box));
  asked.set("boxes", std::move(boxes));
  out.id = to_hex(sha256(asked.canonical()));
  out.order = order;
  out.support = support;
  out.objective = objective;
  out.plan = plan;
  std::map<std::size_t, std::size_t> kept;
  for (Package& package : out.plan.packages) {
    const auto [found, is_new] = kept.emplace(package.box, out.boxes.size());
    if (is_new) out.boxes.push_back(offered[package.box]);
    package.box = found->second;
  }
  return out;
}

Json to_json(const PlanDocument& document) {
  Json boxes = Json::array();
  for (const Box& box : document.boxes) boxes.push_back(box_json(box));
  Json packages = Json::array();
  for (const Package& package : document.plan.packages) packages.push_back(package_json(document, package));
  return Json::object(
      {{"plan_id", document.id},
       {"order", order_json(document.order)},
       {"boxes", std::move(boxes)},
       {"support", support_json(document.support)},
       {"objective", document.objective},
       {"bound", Json::object({{"boxes", document.plan.bound_boxes}, {"objective", document.plan.bound}})},
       {"proof", name_of(document.plan.proof)},
       {"packages", std::move(packages)}});
}

}  // namespace signalbox::pack
