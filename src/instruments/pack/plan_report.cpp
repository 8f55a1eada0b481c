#include "instruments/pack/plan_report.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/choose/objective.hpp"

namespace signalbox::pack {
namespace {

std::string mm3(const std::array<Length, 3>& lengths) {
  return fmt::format("{} x {} x {}", to_text(lengths[0], LengthUnit::mm), to_text(lengths[1], LengthUnit::mm),
                     to_text(lengths[2], LengthUnit::mm));
}

Table steps_of(const PlanDocument& document, std::size_t index) {
  const Package& package = document.plan.packages[index];
  const Box& box = document.boxes[package.box];
  Table out;
  out.title = fmt::format("package {}: {}, {} mm inside, {:.1f} % full, {} g", index + 1, printable(box.sku),
                          mm3(box.inner), 100 * fill_of(package, box),
                          to_text(contents_of(document.order, package) + box.tare, MassUnit::g));
  out.columns = {{"step", Column::Align::right}, {"SKU"}, {"at x, y, z (mm)"}, {"stands as (mm)"}};
  for (std::size_t i = 0; i < package.placements.size(); ++i) {
    const Placement& placement = package.placements[i];
    out.rows.push_back({std::to_string(i + 1), printable(document.order.items[placement.item].sku),
                        mm3(placement.at), mm3(placement.size)});
  }
  return out;
}

}  // namespace

Report plan_report(const PlanDocument& document) {
  Report out;
  out.instrument = "pack";
  out.title = "Plan for order " + printable(document.order.id);
  out.verdict = Verdict::pass;
  std::string boxes;
  std::int64_t units = 0;
  for (const Package& package : document.plan.packages) {
    boxes += (boxes.empty() ? "" : ", ") + printable(document.boxes[package.box].sku);
    units += static_cast<std::int64_t>(package.placements.size());
  }
  out.summary = fmt::format("{} in {}: {}", counted(static_cast<std::uint64_t>(units), "unit"),
                            counted(document.plan.packages.size(), "box", "boxes"), boxes);
  out.facts.push_back({"boxes", document.plan.packages.size(), ""});
  out.facts.push_back({"boxes at least", document.plan.bound_boxes, ""});
  out.facts.push_back({"proof", name_of(document.plan.proof), ""});
  for (std::size_t i = 0; i < document.plan.packages.size(); ++i) out.tables.push_back(steps_of(document, i));
  out.data = to_json(document);
  return out;
}

}  // namespace signalbox::pack
