#include "instruments/pack/plan_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/choose/objective.hpp"
#include "instruments/pack/measure/trim.hpp"

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

std::string told(const Bill& bill) {
  std::string out = fmt::format("{} x {} x {} in", bill.sides_in[0], bill.sides_in[1], bill.sides_in[2]);
  if (bill.dim_lb > 0)
    out += fmt::format(", {} cu in / {} = {} lb", bill.volume_in3, bill.divisor, bill.dim_lb);
  out += fmt::format("; weighs {} lb; billed {} lb by {}", bill.actual_lb, bill.billed_lb, bill.rule);
  for (const BilledSurcharge& each : bill.surcharges) out += fmt::format("; {}: {}", each.id, each.why);
  for (const std::string& why : bill.over_maximum) out += "; not taken: " + why;
  return out;
}

Json to_json(const Bill& bill) {
  Json sides = Json::array();
  for (const std::int64_t side : bill.sides_in) sides.push_back(side);
  Json surcharges = Json::array();
  for (const BilledSurcharge& each : bill.surcharges)
    surcharges.push_back(Json::object({{"id", each.id}, {"why", each.why}}));
  Json over = Json::array();
  for (const std::string& why : bill.over_maximum) over.push_back(why);
  return Json::object({{"rule", bill.rule},
                       {"sides_in", std::move(sides)},
                       {"volume_in3", bill.volume_in3},
                       {"divisor", bill.divisor},
                       {"actual_lb", bill.actual_lb},
                       {"dim_lb", bill.dim_lb},
                       {"billed_lb", bill.billed_lb},
                       {"surcharges", std::move(surcharges)},
                       {"over_maximum", std::move(over)}});
}

Table surcharge_table(const std::vector<Distance>& distances, const Bill& bill) {
  Table out;
  out.title = "distance to a surcharge";
  out.columns = {{"surcharge"}, {"by"}, {"left", Column::Align::right}, {"unit"}};
  for (const BilledSurcharge& each : bill.surcharges)
    out.rows.push_back({{each.id, Tone::bad}, each.why, "charged", ""});
  for (const Distance& each : distances)
    out.rows.push_back(
        {each.id, each.what, fmt::format("{:.2f}", each.left), each.unit == "in3" ? "cu in" : each.unit});
  return out;
}

namespace {

// The trims of all packages, those that save most first, and how near each is to a surcharge.
void tell_worth(Report& report, const PlanDocument& document, const RulesAsked& rules) {
  struct Row {
    std::size_t package;
    Trim trim;
    bool has_room;
  };
  std::vector<Row> rows;
  Table near;
  near.title = "distance to a surcharge";
  near.columns = {
      {"package", Column::Align::right}, {"surcharge"}, {"by"}, {"left", Column::Align::right}, {"unit"}};
  for (std::size_t i = 0; i < document.plan.packages.size(); ++i) {
    const Package& package = document.plan.packages[i];
    const Box& box = document.boxes[package.box];
    const Mass weight = box.tare + contents_of(document.order, package);
    for (Trim& trim : trims(rules.rules, box.outer, weight, rules.account)) {
      const bool has_room = room_beside(package, box, trim.side) >= trim.by;
      rows.push_back({i, std::move(trim), has_room});
    }
    for (const Distance& each : distances(rules.rules, box.outer, weight, rules.account))
      near.rows.push_back({std::to_string(i + 1), each.id, each.what, fmt::format("{:.2f}", each.left),
                           each.unit == "in3" ? "cu in" : each.unit});
  }
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::pair(a.trim.saved_lb, a.trim.surcharges_saved.size()) >
           std::pair(b.trim.saved_lb, b.trim.surcharges_saved.size());
  });
  Table worth;
  worth.title = "what an inch is worth";
  worth.columns = {{"package", Column::Align::right},    {"side"}, {"cut (in)", Column::Align::right},
                   {"saves (lb)", Column::Align::right}, {"and"},  {"contents leave room"}};
  for (const Row& row : rows)
    worth.rows.push_back(
        {std::to_string(row.package + 1),
         kSideNames[row.trim.side],
         to_text(row.trim.by, LengthUnit::in),
         {std::to_string(row.trim.saved_lb), row.trim.saved_lb > 0 ? Tone::good : Tone::plain},
         join(row.trim.surcharges_saved, ", "),
         row.has_room ? "yes" : "no"});
  report.tables.push_back(std::move(worth));
  report.tables.push_back(std::move(near));
}

}  // namespace

Json bill_json(const PlanDocument& document, const Package& package, const RulePack& rules, Account account) {
  const Box& box = document.boxes[package.box];
  const Mass weight = box.tare + contents_of(document.order, package);
  Json out = to_json(bill_of(rules, box.outer, weight, account));
  Json trims_json = Json::array();
  for (const Trim& trim : trims(rules, box.outer, weight, account))
    trims_json.push_back(Json::object({{"side", kSideNames[trim.side]},
                                       {"cut_in", as_number(trim.by, LengthUnit::in)},
                                       {"saved_lb", trim.saved_lb},
                                       {"surcharges_saved", trim.surcharges_saved.size()},
                                       {"has_room", room_beside(package, box, trim.side) >= trim.by}}));
  Json distances_json = Json::array();
  for (const Distance& each : distances(rules, box.outer, weight, account))
    distances_json.push_back(
        Json::object({{"surcharge", each.id}, {"by", each.what}, {"left", each.left}, {"unit", each.unit}}));
  out.set("trims", std::move(trims_json));
  out.set("distances", std::move(distances_json));
  return out;
}

// What each parcel costs by which service; a parcel without a price is a finding.
void tell_prices(Report& report, const PlanDocument& document, const Asked& asked) {
  Money total = 0;
  Json prices = Json::array();
  for (std::size_t i = 0; i < document.plan.packages.size(); ++i) {
    const Box& box = document.boxes[document.plan.packages[i].box];
    const auto priced =
        least_price(asked.prices->rates, asked.prices->rules, asked.prices->zone, box.outer,
                    box.tare + contents_of(document.order, document.plan.packages[i]), asked.rules.account);
    if (!priced) {
      report.findings.push_back({"pack/unpriced", Severity::warning,
                                 fmt::format("package {}: no service of the rates has a price for it", i + 1),
                                 std::nullopt, "add the row that is missing to --rates"});
      prices.push_back(Json());
      continue;
    }
    total += priced->money + box.cost.value_or(0);
    report.facts.push_back({fmt::format("package {} goes by", i + 1),
                            fmt::format("{} {}: {}", printable(priced->carrier), printable(priced->service),
                                        money_text(priced->money)),
                            ""});
    prices.push_back(Json::object({{"carrier", priced->carrier},
                                   {"service", priced->service},
                                   {"price", static_cast<double>(priced->money) / 1e6}}));
  }
  for (const std::string& warning : asked.prices->rates.warnings)
    report.findings.push_back(
        {"pack/rates", Severity::warning, warning, std::nullopt, "look whether that is a slip"});
  if (!report.findings.empty()) report.verdict = Verdict::warn;
  report.facts.push_back({"cost, with boxes", money_text(total), ""});
  report.data.set("prices", std::move(prices));
}

Report plan_report(const PlanDocument& document, const Asked& asked) {
  const RulesAsked& rules = asked.rules;
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
  out.data = to_json(document);
  std::int64_t billed = 0;
  Json bills = Json::array();
  for (std::size_t i = 0; i < document.plan.packages.size(); ++i) {
    const Package& package = document.plan.packages[i];
    const Box& box = document.boxes[package.box];
    const Bill bill =
        bill_of(rules.rules, box.outer, box.tare + contents_of(document.order, package), rules.account);
    billed += bill.billed_lb;
    bills.push_back(bill_json(document, package, rules.rules, rules.account));
    out.facts.push_back({fmt::format("package {}", i + 1), told(bill), ""});
    out.tables.push_back(steps_of(document, i));
  }
  out.facts.push_back({"billed", billed, "lb"});
  if (document.objective.starts_with("billed:") || document.objective.starts_with("boxes:"))
    out.facts.push_back({"billed at least", document.plan.bound, "lb"});
  tell_worth(out, document, rules);
  out.data.set("bills", std::move(bills));
  if (asked.prices) tell_prices(out, document, asked);
  return out;
}

}  // namespace signalbox::pack
