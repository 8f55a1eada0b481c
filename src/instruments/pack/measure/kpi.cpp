#include "instruments/pack/measure/kpi.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/choose/objective.hpp"
#include "instruments/pack/read/csv.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

const std::vector<std::string_view> kColumns{"order",    "package", "day",    "station", "family",
                                             "carrier",  "box",     "reason", "damaged", "returned",
                                             "invoiced", "cost",    "weight", "seconds"};
constexpr double kSquareFoot = 0.09290304;  // m²

Result<PackedParcel> read_parcel(const CsvHeader& header, const CsvRow& row) {
  PackedParcel out;
  const auto text = [&](std::string_view column) { return std::string(trim(header.cell(row, column))); };
  out.order = text("order");
  if (out.order.empty()) return fail(header.at(row, "order", Error{ErrorKind::bad_input, "no order"}));
  SIGNALBOX_TRY(const std::int64_t package, header.integer(row, "package", 1, 1'000'000, 1));
  out.package = static_cast<std::size_t>(package - 1);
  const auto day = day_from(text("day"));
  if (!day) return fail(header.at(row, "day", day.error()));
  out.day = *day;
  out.station = text("station");
  out.family = text("family");
  out.carrier = text("carrier");
  out.box = text("box");
  if (out.box.empty())
    return fail(header.at(row, "box", Error{ErrorKind::bad_input, "which box was taken?"}));
  out.reason = text("reason");
  if (header.has("damaged")) {
    SIGNALBOX_TRY(out.damaged, header.flag(row, "damaged"));
  }
  if (header.has("returned")) {
    SIGNALBOX_TRY(out.returned, header.flag(row, "returned"));
  }
  if (!text("invoiced").empty()) {
    SIGNALBOX_TRY(const Mass pounds, header.mass(row, "invoiced"));
    if (pounds % kPound != 0)
      return fail(header.at(row, "invoiced", Error{ErrorKind::bad_input, "carriers bill whole pounds"}));
    out.invoiced_lb = pounds / kPound;
  }
  if (!text("cost").empty()) {
    auto cost = cost_from(text("cost"));
    if (!cost) return fail(header.at(row, "cost", cost.error()));
    out.cost = *cost;
  }
  if (!text("weight").empty()) {
    SIGNALBOX_TRY(out.weight, header.mass(row, "weight"));
  }
  if (!text("seconds").empty()) {
    SIGNALBOX_TRY(const std::int64_t seconds, header.integer(row, "seconds", 0, 7 * 86'400, 0));
    out.took = std::chrono::seconds(seconds);
  }
  return out;
}

std::string period_of(Day day, Period period) {
  if (period == Period::all) return "";
  if (period == Period::week) {
    const std::chrono::weekday weekday(day);
    day -= weekday - std::chrono::Monday;
  }
  return to_text(day);
}

class Figures {
 public:
  Figures(std::span<const PlanDocument> plans, std::span<const Box> boxes, const std::vector<RulePack>& rules,
          const std::string& carrier, Account account, Period period, By by)
      : plans_(plans),
        boxes_(boxes),
        rules_(rules),
        carrier_(carrier),
        account_(account),
        period_(period),
        by_(by) {
    for (std::size_t i = 0; i < plans.size(); ++i) by_order_.emplace(plans[i].order.id, i);
  }

  Status add(const PackedParcel& parcel) {
    const auto found = by_order_.find(parcel.order);
    if (found == by_order_.end() || parcel.package >= plans_[found->second].plan.packages.size()) {
      ++answer.unknown;
      return {};
    }
    const PlanDocument& plan = plans_[found->second];
    const Package& package = plan.plan.packages[parcel.package];
    const Box& recommended = plan.boxes[package.box];
    const Box* known = taken(plan, parcel.box, recommended);
    if (!known) ++answer.unknown_boxes;
    const Box& box = known ? *known : recommended;
    KeyFigures& row = answer.rows[{period_of(parcel.day, period_), of_what(parcel)}];
    if (seen_.insert(parcel.order).second) add_order(row, plan);
    const Package inside = without(package, parcel.left_out);
    const Mass weight = parcel.weight.value_or(box.tare + contents_of(plan.order, inside));
    SIGNALBOX_TRY(const RulePack rule,
                  rules_on(rules_, parcel.carrier.empty() ? carrier_ : parcel.carrier, parcel.day));
    const Bill bill = bill_of(rule, box.outer, weight, account_);
    const std::int64_t units = static_cast<std::int64_t>(inside.placements.size());
    ++row.parcels;
    row.units += units;
    row.contents_l += contents_litres(inside);
    row.inner_l += litres(box.inner);
    row.dim_parcels += bill.dim_lb > bill.actual_lb ? 1 : 0;
    row.billed_lb += bill.billed_lb;
    row.actual_lb += as_number(weight, MassUnit::lb);
    row.board_m2 += static_cast<double>(board_mm2(box)) / 1e6;
    const bool same = parcel.box == recommended.sku;
    row.as_recommended += same ? 1 : 0;
    row.without_reason += !same && parcel.reason.empty() ? 1 : 0;
    row.damaged += parcel.damaged.value_or(false) ? 1 : 0;
    row.returned += parcel.returned.value_or(false) ? 1 : 0;
    row.damage_told += parcel.damaged ? 1 : 0;
    row.return_told += parcel.returned ? 1 : 0;
    row.invoiced += parcel.invoiced_lb ? 1 : 0;
    row.adjusted += parcel.invoiced_lb && *parcel.invoiced_lb > bill.billed_lb ? 1 : 0;
    row.priced_units += parcel.cost ? units : 0;
    row.cost += parcel.cost.value_or(0);
    row.left_out += static_cast<std::int64_t>(package.placements.size()) - units;
    row.timed += parcel.took ? 1 : 0;
    row.seconds += std::chrono::duration<double>(parcel.took.value_or(std::chrono::milliseconds(0))).count();
    return {};
  }

  KpiAnswer answer;

 private:
  static double contents_litres(const Package& package) {
    double out = 0;
    for (const Placement& placement : package.placements) out += litres(placement.size);
    return out;
  }

  static Package without(const Package& package, const std::vector<std::size_t>& left_out) {
    Package out{package.box, {}};
    for (std::size_t i = 0; i < package.placements.size(); ++i)
      if (std::ranges::find(left_out, i) == left_out.end()) out.placements.push_back(package.placements[i]);
    return out;
  }

  const Box* taken(const PlanDocument& plan, const std::string& sku, const Box& recommended) const {
    if (sku == recommended.sku) return &recommended;
    for (const Box& box : boxes_)
      if (box.sku == sku) return &box;
    for (const Box& box : plan.boxes)
      if (box.sku == sku) return &box;
    return nullptr;
  }

  std::string of_what(const PackedParcel& parcel) const {
    switch (by_) {
      case By::nothing:
        return "";
      case By::station:
        return parcel.station;
      case By::family:
        return parcel.family;
      case By::carrier:
        return parcel.carrier;
    }
    return "";
  }

  // What an order is, whatever its parcels are: as it was planned.
  static void add_order(KeyFigures& row, const PlanDocument& plan) {
    double contents = 0;
    double inner = 0;
    for (const Package& package : plan.plan.packages) {
      contents += contents_litres(package);
      inner += litres(plan.boxes[package.box].inner);
    }
    ++row.orders;
    row.fills += inner > 0 ? contents / inner : 0;
    for (const Item& item : plan.order.items) {
      ++row.lines;
      row.line_fills += inner > 0 ? litres(item.size) * static_cast<double>(item.quantity) / inner : 0;
    }
  }

  std::span<const PlanDocument> plans_;
  std::span<const Box> boxes_;
  const std::vector<RulePack>& rules_;
  const std::string& carrier_;
  Account account_;
  Period period_;
  By by_;
  std::map<std::string, std::size_t> by_order_;
  std::set<std::string> seen_;
};

}  // namespace

KeyFigures::Known KeyFigures::board_ft2_a_unit() const {
  return over(board_m2 / kSquareFoot, static_cast<double>(units));
}

Result<std::vector<PackedParcel>> read_packed(std::string_view text, std::string_view name) {
  SIGNALBOX_TRY(const CsvSheet sheet, read_csv_sheet(text, name, kColumns, {"order", "day", "box"}));
  if (sheet.rows.empty()) return fail(ErrorKind::bad_input, fmt::format("{}: no parcel in it", name));
  std::vector<PackedParcel> out;
  for (const CsvRow& row : sheet.rows) {
    SIGNALBOX_TRY(PackedParcel parcel, read_parcel(sheet.header, row));
    out.push_back(std::move(parcel));
  }
  return out;
}

Result<KpiAnswer> key_figures(std::span<const PackedParcel> packed, std::span<const PlanDocument> plans,
                              std::span<const Box> boxes, const std::vector<RulePack>& rules,
                              const std::string& carrier, Account account, Period period, By by) {
  Figures figures(plans, boxes, rules, carrier, account, period, by);
  for (const PackedParcel& parcel : packed) SIGNALBOX_CHECK(figures.add(parcel));
  return std::move(figures.answer);
}

}  // namespace signalbox::pack
