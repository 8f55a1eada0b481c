#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/freight/pallet.hpp"
#include "instruments/pack/options.hpp"
#include "instruments/pack/read/words.hpp"

namespace signalbox::pack {
namespace {

constexpr double kCubicFoot = 28316846.592;  // mm³

Result<PalletKind> pallet_of(const cli::Arguments& arguments) {
  const std::string name = arguments.get_or("--pallet", "gma");
  PalletKind out;
  if (const auto known = pallet_named(name)) {
    out = *known;
  } else {
    SIGNALBOX_TRY(const Size size, size_from("--pallet", name));
    out = {name, size[0], size[1], size[2], 0, kMaxMass / 2};
  }
  if (const auto tare = arguments.get("--tare")) {
    SIGNALBOX_TRY(out.tare, parse_mass(*tare));
  }
  if (const auto most = arguments.get("--max-load")) {
    SIGNALBOX_TRY(out.max_load, parse_mass(*most));
  }
  return out;
}

// "16x12x10in,20lb".
Result<Item> case_of(const cli::Arguments& arguments, const std::string& text) {
  Item out;
  out.sku = "case";
  const std::size_t comma = text.find(',');
  SIGNALBOX_TRY(out.size, size_from("--case", text.substr(0, comma)));
  if (comma != std::string::npos) {
    SIGNALBOX_TRY(out.weight, parse_mass(text.substr(comma + 1)));
  }
  SIGNALBOX_TRY(out.turns, turns_from(arguments.get_or("--turn", "up")));
  SIGNALBOX_TRY(out.quantity, number_of(arguments, "--qty", 1, 1'000'000, 1'000'000));
  if (const auto most = arguments.get("--max-on-top")) {
    SIGNALBOX_TRY(out.max_load, parse_mass(*most));
  }
  return out;
}

struct PalletFigures {
  std::int64_t units = 0;
  Length height = 0;  // with the deck
  Mass gross = 0;
  double cube = 0;     // load over footprint and the height that may be
  double density = 0;  // lb a cubic foot, by the greatest sides with the pallet
};

PalletFigures figures_of(const PlanDocument& document, const Package& package, const PalletKind& pallet,
                         Length max_height) {
  PalletFigures out;
  const Box& box = document.boxes[package.box];
  Size low = box.inner;
  Size high{};
  double volume = 0;
  out.gross = pallet.tare;
  for (const Placement& placement : package.placements) {
    ++out.units;
    out.gross += document.order.items[placement.item].weight;
    volume += litres(placement.size);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      low[axis] = std::min(low[axis], placement.at[axis]);
      high[axis] = std::max(high[axis], placement.at[axis] + placement.size[axis]);
    }
  }
  out.height = high[2] + pallet.deck;
  Size greatest{std::max(pallet.length, high[0] - low[0]), std::max(pallet.width, high[1] - low[1]),
                out.height};
  out.cube = volume / litres({pallet.length, pallet.width, max_height - pallet.deck});
  out.density = as_number(out.gross, MassUnit::lb) / (litres(greatest) * 1e6 / kCubicFoot);
  return out;
}

struct Loaded {
  PlanDocument document;
  std::vector<std::int64_t> layers;  // of cases; empty: mixed
  std::int64_t bound = 0;            // cases on one pallet; 0: not known
};

Report pallet_report(const Loaded& loaded, const PalletKind& pallet, Length max_height) {
  Report out;
  out.instrument = "pack";
  out.title = "Load of pallet " + printable(pallet.name);
  out.verdict = Verdict::pass;
  Table table;
  table.title = "pallets";
  table.columns = {{"pallet", Column::Align::right},      {"units", Column::Align::right},
                   {"height (in)", Column::Align::right}, {"gross (lb)", Column::Align::right},
                   {"cube %", Column::Align::right},      {"lb a cu ft", Column::Align::right},
                   {"class", Column::Align::right}};
  Json pallets = Json::array();
  std::int64_t units = 0;
  for (std::size_t i = 0; i < loaded.document.plan.packages.size(); ++i) {
    const PalletFigures it =
        figures_of(loaded.document, loaded.document.plan.packages[i], pallet, max_height);
    units += it.units;
    const std::string freight = it.gross > 0 ? std::string(freight_class(it.density)) : "";
    table.rows.push_back({std::to_string(i + 1), std::to_string(it.units), to_text(it.height, LengthUnit::in),
                          fmt::format("{:.1f}", as_number(it.gross, MassUnit::lb)),
                          fmt::format("{:.1f}", 100 * it.cube), fmt::format("{:.2f}", it.density), freight});
    pallets.push_back(Json::object({{"units", it.units},
                                    {"height_in", as_number(it.height, LengthUnit::in)},
                                    {"gross_lb", as_number(it.gross, MassUnit::lb)},
                                    {"cube", it.cube},
                                    {"density_pcf", it.density},
                                    {"class", freight}}));
  }
  out.summary = fmt::format("{} on {}", counted(static_cast<std::uint64_t>(units), "unit"),
                            counted(loaded.document.plan.packages.size(), "pallet"));
  out.facts.push_back({"proof", name_of(loaded.document.plan.proof), ""});
  if (loaded.bound > 0) {
    std::string layers;
    for (const std::int64_t cases : loaded.layers)
      layers += (layers.empty() ? "" : ", ") + std::to_string(cases);
    out.facts.push_back({"cases in the layers", layers, ""});
    out.facts.push_back({"cases at most", loaded.bound, ""});
  } else {
    out.facts.push_back({"pallets at least", loaded.document.plan.bound_boxes, ""});
  }
  out.tables.push_back(std::move(table));
  out.data = to_json(loaded.document);
  out.data.set("pallets", std::move(pallets));
  return out;
}

Result<Loaded> load_cases(const cli::Arguments& arguments, const PalletRequest& request) {
  SIGNALBOX_TRY(PalletLoad load, load_pallet(request));
  const std::vector<Box> boxes{load.box};
  // Where a whole load of layers does not bear itself, so few layers that it does.
  auto violations = check_plan(load.order, boxes, load.plan, request.support);
  while (!violations.empty() && load.layers.size() > 1) {
    auto& placements = load.plan.packages[0].placements;
    placements.resize(placements.size() - static_cast<std::size_t>(load.layers.back()));
    load.order.items[0].quantity -= load.layers.back();
    load.layers.pop_back();
    load.plan.proof = Proof::heuristic;
    violations = check_plan(load.order, boxes, load.plan, request.support);
  }
  if (!violations.empty())
    return fail(ErrorKind::conflict, "no load is valid: " + violations[0].message,
                arguments.has("--interlock") ? "without --interlock the layers lie alike" : "");
  Loaded out;
  out.bound = load.bound;
  out.layers = load.layers;
  out.document = document_of(load.order, boxes, request.support, "pallet", load.plan);
  return out;
}

Result<Loaded> load_order(const cli::Arguments& arguments, const std::string& file, const Box& pallet,
                          Support support) {
  SIGNALBOX_TRY(const std::vector<Order> orders, orders_of(arguments, file));
  if (orders.size() != 1)
    return fail(ErrorKind::bad_input, fmt::format("there are {} orders in it", orders.size()),
                "a file without the column `order` is one load");
  PlanRequest request;
  request.support = support;
  request.effort = 300;
  const std::vector<Box> boxes{pallet};
  SIGNALBOX_TRY(const Plan plan, plan_order(orders[0], boxes, request));
  Loaded out;
  out.document = document_of(orders[0], boxes, support, "pallet", plan);
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  PalletRequest request;
  SIGNALBOX_TRY(request.pallet, pallet_of(arguments));
  if (const auto height = arguments.get("--max-height")) {
    SIGNALBOX_TRY(request.max_height, parse_length(*height));
  }
  if (const auto overhang = arguments.get("--overhang"); overhang && *overhang != "0") {
    SIGNALBOX_TRY(request.overhang, parse_length(*overhang));
  }
  SIGNALBOX_TRY(request.support, area_of(arguments, 75));
  const auto one_case = arguments.get("--case");
  const auto file = arguments.positional(0);
  if (one_case.has_value() == file.has_value())
    return fail(ErrorKind::bad_input, "what goes on the pallet?",
                "--case 16x12x10in,20lb, or a file of things as `pack plan` reads them");
  if (request.max_height <= request.pallet.deck)
    return fail(ErrorKind::bad_input, "the pallet alone is higher than the load may be");
  if (file) {
    SIGNALBOX_TRY(const Loaded loaded,
                  load_order(arguments, *file, box_of(request.pallet, request.max_height, request.overhang),
                             request.support));
    return pallet_report(loaded, request.pallet, request.max_height);
  }
  SIGNALBOX_TRY(request.item, case_of(arguments, *one_case));
  if (arguments.has("--interlock")) request.layers = PalletRequest::Layers::interlock;
  SIGNALBOX_TRY(const Loaded loaded, load_cases(arguments, request));
  return pallet_report(loaded, request.pallet, request.max_height);
}

}  // namespace

cli::Command pallet_command() {
  cli::Command out;
  out.name = "pallet";
  out.summary = "Load pallets: equal cases in layers, or things of many kinds";
  out.details =
      "Equal cases lie in layers whose pattern is divided by guillotine cuts and pinwheels. Things of many "
      "kinds are "
      "packed as into a box, on as few pallets as are found. Each load is judged by the checker before it is "
      "shown.";
  out.positionals = {
      {"FILE", "things of many kinds, as CSV or JSON; without it --case", cli::Positional::Count::optional}};
  out.options = {
      {"--pallet",
       "KIND",
       "gma (default, 48 x 40 in), eur (1200 x 800 mm), or its sides, as 48x40x5.5in",
       {},
       false},
      {"--case", "SIDES", "of equal cases, and what one weighs, as 16x12x10in,20lb", {}, false},
      {"--qty", "N", "so many cases at most", {}, false},
      {"--turn",
       "HOW",
       "how a case may stand: up (default), any, none, or sides that may be upright",
       {},
       false},
      {"--max-height", "LENGTH", "with the pallet: 60in (default)", {}, false},
      {"--overhang", "LENGTH", "over each side of the pallet: 0 (default)", {}, false},
      {"--interlock", "", "every second layer is turned about", {}, false},
      {"--max-load", "WEIGHT", "on the pallet; of gma 2800lb, of eur 1500kg", {}, false},
      {"--max-on-top", "WEIGHT", "that may lie on one case", {}, false},
      {"--tare", "WEIGHT", "of the empty pallet: 0 (default)", {}, false},
      {"--support", "RULE", "area:75 (default), area:1 to area:100, none", {}, false},
      {"--columns", "NAMES", "the columns of FILE, where its first row does not name them", {}, false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
