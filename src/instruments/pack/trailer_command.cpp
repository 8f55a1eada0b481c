#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/freight/trailer.hpp"
#include "instruments/pack/freight/vehicles.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

Result<std::optional<Axles>> axles_of(const cli::Arguments& arguments) {
  const auto kingpin = arguments.get("--kingpin");
  const auto rear = arguments.get("--rear");
  if (!kingpin && !rear) {
    if (arguments.has("--max-kingpin") || arguments.has("--max-rear"))
      return fail(ErrorKind::bad_input, "where are kingpin and axles?", "--kingpin 3ft --rear 40ft");
    return std::optional<Axles>();
  }
  if (!kingpin || !rear)
    return fail(ErrorKind::bad_input, "where are kingpin and axles?", "--kingpin 3ft --rear 40ft");
  Axles out;
  SIGNALBOX_TRY(out.kingpin, parse_length(*kingpin));
  SIGNALBOX_TRY(out.rear, parse_length(*rear));
  if (out.rear <= out.kingpin) return fail(ErrorKind::bad_input, "the axles are behind the kingpin");
  if (const auto most = arguments.get("--max-kingpin")) {
    SIGNALBOX_TRY(out.max_kingpin, parse_mass(*most));
  }
  if (const auto most = arguments.get("--max-rear")) {
    SIGNALBOX_TRY(out.max_rear, parse_mass(*most));
  }
  return std::optional<Axles>(out);
}

Result<Box> trailer_of(const cli::Arguments& arguments) {
  Box out;
  out.sku = arguments.get_or("--trailer", "53ft");
  if (const auto known = vehicle_named(out.sku)) {
    out.inner = known->inner;
  } else if (out.sku.find('x') != std::string::npos) {
    SIGNALBOX_TRY(out.inner, size_from("--trailer", out.sku));
  } else {
    return fail(ErrorKind::bad_input, fmt::format("no vehicle is called '{}'", printable(out.sku)),
                join(vehicle_names(), ", ") + ", or its inside, as 630x98.5x108in");
  }
  out.outer = out.inner;
  if (const auto most = arguments.get("--max-weight")) {
    SIGNALBOX_TRY(out.max_weight, parse_mass(*most));
  }
  SIGNALBOX_TRY(out.axles, axles_of(arguments));
  return out;
}

// The orders as the vehicle comes to them: as the file has them, or as --stops says.
Result<std::vector<Order>> stops_of(const cli::Arguments& arguments, std::vector<Order> orders) {
  const auto names = arguments.get("--stops");
  if (!names) return orders;
  std::vector<Order> out;
  for (const std::string_view name : split(*names, ',')) {
    const auto found = std::find_if(orders.begin(), orders.end(),
                                    [&](const Order& order) { return order.id == trim(name); });
    if (found == orders.end())
      return fail(ErrorKind::bad_input, fmt::format("--stops: no order is called '{}'", printable(name)));
    out.push_back(std::move(*found));
    orders.erase(found);
  }
  if (!orders.empty())
    return fail(ErrorKind::bad_input,
                fmt::format("--stops: when is '{}' unloaded?", printable(orders[0].id)));
  return out;
}

std::string feet(Length length) {
  return fmt::format("{:.2f}", as_number(length, LengthUnit::ft));
}

Report trailer_report(const TrailerRequest& request, const TrailerLoad& load) {
  const Box& trailer = request.trailer;
  const PlanDocument document =
      document_of(load.order, std::vector<Box>{trailer}, request.support, "trailer", load.plan);
  const Package& package = load.plan.packages[0];
  Report out;
  out.instrument = "pack";
  out.title = "Load of " + printable(trailer.sku);
  std::int64_t left = 0;
  for (const Item& item : load.left) left += item.quantity;
  out.summary = fmt::format("{} for {}{}", counted(package.placements.size(), "unit"),
                            counted(request.stops.size(), "stop"),
                            left > 0 ? fmt::format("; {} did not go in", left) : "");
  for (const Item& item : load.left)
    out.findings.push_back(
        {"pack/left", Severity::error,
         fmt::format("{} of '{}' for stop {} did not go in", item.quantity, printable(item.sku), item.stop),
         std::nullopt, "another vehicle"});
  for (const Violation& each : check_plan(load.order, std::vector<Box>{trailer}, load.plan, request.support))
    out.findings.push_back(
        {"pack/" + std::string(name_of(each.kind)), Severity::error, each.message, std::nullopt, ""});
  out.verdict = out.findings.empty() ? Verdict::pass : Verdict::fail;
  double volume = 0;
  Mass weight = 0;
  Length end = 0;
  for (const Placement& placement : package.placements) {
    volume += litres(placement.size);
    weight += load.order.items[placement.item].weight;
    end = std::max(end, placement.at[0] + placement.size[0]);
  }
  out.facts.push_back({"full", std::round(1000 * volume / litres(trailer.inner)) / 10, "%"});
  out.facts.push_back({"free at the rear", feet(trailer.inner[0] - end), "ft"});
  out.facts.push_back({"weighs", fmt::format("{:.0f}", as_number(weight, MassUnit::lb)), "lb"});
  out.data = to_json(document);
  if (trailer.axles) {
    const AxleLoads axles = axle_loads(load.order, package, *trailer.axles);
    out.facts.push_back(
        {"rests on the kingpin", fmt::format("{:.0f}", as_number(axles.kingpin, MassUnit::lb)), "lb"});
    out.facts.push_back(
        {"rests on the rear axles", fmt::format("{:.0f}", as_number(axles.rear, MassUnit::lb)), "lb"});
    out.facts.push_back({"moved to the rear for the axles", feet(load.shifted), "ft"});
    out.data.set("axle_loads", Json::object({{"kingpin_lb", as_number(axles.kingpin, MassUnit::lb)},
                                             {"rear_lb", as_number(axles.rear, MassUnit::lb)}}));
  }
  Table table;
  table.title = "stops";
  table.columns = {{"stop", Column::Align::right},
                   {"order"},
                   {"units", Column::Align::right},
                   {"from (ft)", Column::Align::right},
                   {"to (ft)", Column::Align::right}};
  Json stops = Json::array();
  for (std::size_t stop = 0; stop < request.stops.size(); ++stop) {
    std::size_t units = 0;
    for (const Placement& placement : package.placements)
      units += load.order.items[placement.item].stop == static_cast<std::int64_t>(stop) + 1 ? 1 : 0;
    table.rows.push_back({std::to_string(stop + 1), printable(request.stops[stop].id), std::to_string(units),
                          feet(load.begins[stop]), feet(load.ends[stop])});
    stops.push_back(Json::object({{"order", request.stops[stop].id},
                                  {"units", units},
                                  {"from_mm", as_number(load.begins[stop], LengthUnit::mm)},
                                  {"to_mm", as_number(load.ends[stop], LengthUnit::mm)}}));
  }
  out.data.set("stops", std::move(stops));
  out.data.set("left", left);
  out.tables.push_back(std::move(table));
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  TrailerRequest request;
  SIGNALBOX_TRY(request.trailer, trailer_of(arguments));
  SIGNALBOX_TRY(request.support, area_of(arguments, 75));
  SIGNALBOX_TRY(std::vector<Order> orders, orders_of(arguments, *arguments.positional(0)));
  SIGNALBOX_TRY(request.stops, stops_of(arguments, std::move(orders)));
  return trailer_report(request, load_trailer(request));
}

}  // namespace

cli::Command trailer_command() {
  cli::Command out;
  out.name = "trailer";
  out.summary = "Load a trailer or container for its stops, within its axles";
  out.details =
      "Each order is a stop. What goes out first stands nearest to the rear: nothing for a later stop lies "
      "on it or in "
      "its way. With --kingpin and --rear, measured from the front wall, it is told what rests on each; "
      "where an axle "
      "bears more than it may, all is moved to the rear. Exit code 1 where something did not go in or an "
      "axle bears "
      "too much.";
  out.positionals = {{"LOADS", "pallets and things as `pack batch` reads orders; - is standard input"}};
  out.options = {
      {"--trailer",
       "KIND",
       "53ft (default), iso20, iso40, iso40hc, or its inside, as 630x98.5x108in",
       {},
       false},
      {"--stops",
       "ORDERS",
       "in which order they are unloaded, with commas; as in the file without",
       {},
       false},
      {"--max-weight", "WEIGHT", "of the load", {}, false},
      {"--kingpin", "LENGTH", "from the front wall to the kingpin, as 3ft", {}, false},
      {"--rear", "LENGTH", "from the front wall to the middle of the rear axles", {}, false},
      {"--max-kingpin", "WEIGHT", "of the load that may rest there", {}, false},
      {"--max-rear", "WEIGHT", "of the load that may rest there", {}, false},
      {"--support", "RULE", "area:75 (default), area:1 to area:100, none", {}, false},
      {"--columns", "NAMES", "the columns of LOADS, where its first row does not name them", {}, false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
