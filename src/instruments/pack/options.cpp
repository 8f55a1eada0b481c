#include "instruments/pack/options.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/assort/lock.hpp"
#include "instruments/pack/kept/plan_store.hpp"
#include "instruments/pack/read/tables.hpp"

namespace signalbox::pack {

std::vector<cli::Option> packing_options() {
  std::vector<cli::Option> out{
      {"--boxes", "FILE", "the boxes that may be taken, as CSV, or an assortment.lock", {}, false},
      {"--box-columns", "NAMES", "the columns of --boxes, where its first row does not name them", {}, false},
      {"--columns",
       "NAMES",
       "the columns of the orders, as order,sku,qty,l_mm,w_mm,h_mm,weight_g, where their first row does not "
       "name them",
       {},
       false},
      {"--support",
       "RULE",
       "how each thing rests on what is below: area:75 (default), area:1 to area:100, of its underside; "
       "corners, "
       "all four; static, nothing tips by forces and moments; none",
       {},
       false},
      {"--objective",
       "WHAT",
       "what is to be least: billed (default): pounds that the carrier bills, then board, in however many "
       "boxes; "
       "boxes: their number, then pounds, then board; volume: of the boxes, outside; cost: money, by --rates",
       {"billed", "boxes", "volume", "cost"},
       false},
      {"--effort",
       "LEVEL",
       "how long is searched where a first packing does not do: fast, best (default), prove",
       {"fast", "best", "prove"},
       false},
      {"--time", "DURATION", "at most this for one order, as 50ms; by the effort alone without", {}, false},
      {"--rates",
       "FILE",
       "what carriers ask, as CSV: carrier, service, zone, lb, price, surcharge; the least cost is wanted "
       "then",
       {},
       false},
      {"--zone", "ZONE", "of --rates", {}, false},
      {"--keep", "", "the plans stay where the console of `signalbox serve` shows them", {}, false},
      {"--start",
       "FILE",
       "plans of these orders that are known: where one is valid and nothing better is found, it stays",
       {},
       false},
      {"--max-packages", "N", "no plan with more boxes", {}, false}};
  for (cli::Option& option : rule_options()) out.push_back(std::move(option));
  return out;
}

Result<std::string> text_of_file(const std::string& file) {
  if (file != "-") return read_file(file);
  std::string out(std::istreambuf_iterator<char>(std::cin), {});
  if (out.size() > kMaxFileBytes) return fail(ErrorKind::bad_input, "standard input is too large");
  return out;
}

Result<Starts> starts_of(const cli::Arguments& arguments) {
  Starts out;
  const auto file = arguments.get("--start");
  if (!file) return out;
  SIGNALBOX_TRY(std::vector<PlanDocument> plans, plans_of(*file));
  for (PlanDocument& plan : plans) {
    std::string order = plan.order.id;
    out.insert_or_assign(std::move(order), std::move(plan));
  }
  return out;
}

std::optional<Plan> start_for(const Starts& starts, const Order& order, const std::vector<Box>& boxes) {
  const auto found = starts.find(order.id);
  if (found == starts.end() || found->second.order.items.size() != order.items.size()) return std::nullopt;
  const PlanDocument& known = found->second;
  for (std::size_t i = 0; i < order.items.size(); ++i)
    if (known.order.items[i].sku != order.items[i].sku || known.order.items[i].size != order.items[i].size)
      return std::nullopt;
  Plan out = known.plan;
  for (Package& package : out.packages) {
    const Box& was = known.boxes[package.box];
    const auto now = std::find_if(boxes.begin(), boxes.end(), [&](const Box& box) {
      return box.sku == was.sku && box.inner == was.inner && box.outer == was.outer;
    });
    if (now == boxes.end()) return std::nullopt;
    package.box = static_cast<std::size_t>(now - boxes.begin());
  }
  return out;
}

Status keep_plans(const std::vector<PlanDocument>& plans, const RulesAsked& rules,
                  const cli::Context& context) {
  SIGNALBOX_TRY(const auto database, open_plan_store(context.workspace, context.store));
  std::vector<std::pair<KeptPlan, std::string>> rows;
  rows.reserve(plans.size());
  for (const PlanDocument& plan : plans)
    rows.emplace_back(kept_plan(plan, rules.rules, rules.account, context.clock.now()), to_json(plan).dump());
  return PlanStore(*database).put(rows);
}

Result<std::vector<PlanDocument>> plans_of(const std::string& file) {
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  std::vector<PlanDocument> out;
  // A whole document, or one a line.
  const auto all = lines(text);
  if (all.size() < 2 || !all[0].starts_with('{') || !all[0].ends_with('}')) {
    SIGNALBOX_TRY(PlanDocument document, read_plan_document(text, file));
    out.push_back(std::move(document));
    return out;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (trim(all[i]).empty()) continue;
    SIGNALBOX_TRY(PlanDocument document, read_plan_document(all[i], fmt::format("{}:{}", file, i + 1)));
    out.push_back(std::move(document));
  }
  return out;
}

Result<std::vector<Box>> boxes_of(const cli::Arguments& arguments) {
  const auto file = arguments.get("--boxes");
  if (!file)
    return fail(ErrorKind::bad_input, "which boxes are there?",
                "--boxes FILE: CSV with sku, inner_l_mm, inner_w_mm, inner_h_mm …");
  SIGNALBOX_TRY(const std::string text, text_of_file(*file));
  if (is_lock(text)) {
    SIGNALBOX_TRY(AssortmentLock lock, read_lock(text, *file));
    return std::move(lock.boxes);
  }
  return read_boxes_csv(text, *file, {arguments.get_or("--box-columns", "")});
}

Result<std::vector<Order>> orders_of(const cli::Arguments& arguments, const std::string& file) {
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  return read_orders(text, file, {arguments.get_or("--columns", "")});
}

Result<Support> support_of(const cli::Arguments& arguments, int fallback) {
  const auto word = arguments.get("--support");
  if (!word) return Support{fallback};
  const auto support = support_from(*word);
  if (!support)
    return fail(ErrorKind::bad_input, fmt::format("--support: '{}' is no rule", printable(*word)),
                "area:75, corners, static or none");
  return *support;
}

Result<Support> area_of(const cli::Arguments& arguments, int fallback) {
  SIGNALBOX_TRY(const Support support, support_of(arguments, fallback));
  if (support.rule != Support::Rule::area)
    return fail(ErrorKind::bad_input, "--support: here it is by area alone", "area:75 or none");
  return support;
}

Result<std::int64_t> number_of(const cli::Arguments& arguments, std::string_view option, std::int64_t low,
                               std::int64_t high, std::int64_t fallback) {
  const auto word = arguments.get(option);
  if (!word) return fallback;
  const auto value = parse_integer(*word);
  if (!value || *value < low || *value > high)
    return fail(ErrorKind::bad_input,
                fmt::format("{}: a whole number between {} and {} is meant", option, low, high));
  return *value;
}

Result<Size> size_from(std::string_view option, std::string_view text) {
  const auto parts = split(text, 'x');
  if (parts.size() != 3)
    return fail(ErrorKind::bad_input, fmt::format("{}: '{}' is not three lengths", option, printable(text)),
                fmt::format("{} 11.1x8x6in", option));
  const std::string_view last = trim(parts[2]);
  const std::size_t unit_at = last.find_first_not_of("0123456789./ ");
  const auto unit =
      unit_at == std::string_view::npos ? std::nullopt : length_unit_from(trim(last.substr(unit_at)));
  Size out{};
  for (std::size_t i = 0; i < 3; ++i) {
    SIGNALBOX_TRY(out[i], parse_length(parts[i], unit));
  }
  return out;
}

Result<std::chrono::milliseconds> duration_from(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits{
      {{"ms", 1}, {"min", 60'000}, {"s", 1000}}};
  for (const auto& [unit, factor] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto value = parse_integer(text.substr(0, text.size() - unit.size()));
    if (value && *value > 0 && *value <= 86'400'000 / factor)
      return std::chrono::milliseconds(*value * factor);
    break;
  }
  return fail(ErrorKind::bad_input, fmt::format("'{}' is no duration", printable(text)), "50ms, 10s or 2min");
}

std::vector<cli::Option> rule_options() {
  return {{"--carrier", "NAME", "whose rules: ups (default), fedex, usps, or one of --rules", {}, false},
          {"--on", "DATE", "the rules of that day, as 2026-07-12; today's without", {}, false},
          {"--account", "KIND", "which divisor: daily (default) or retail", {"daily", "retail"}, false},
          {"--divisor", "N", "cubic inches a pound, where an agreement says so", {}, false},
          {"--rules", "FILE", "rules of your own, as YAML, beside those in the program", {}, false}};
}

Result<RulesAsked> rules_of(const cli::Arguments& arguments, const Clock& clock) {
  RulesAsked out;
  std::vector<RulePack> packs = shipped_rules();
  if (const auto file = arguments.get("--rules")) {
    SIGNALBOX_TRY(const std::string text, text_of_file(*file));
    SIGNALBOX_TRY(const std::vector<RulePack> own, read_rules(text, *file));
    // One's own come first: where they speak of the same carrier and day, they hold.
    packs.insert(packs.begin(), own.begin(), own.end());
  }
  out.day = std::chrono::floor<std::chrono::days>(clock.now());
  if (const auto day = arguments.get("--on")) {
    SIGNALBOX_TRY(out.day, day_from(*day));
  }
  SIGNALBOX_TRY(out.rules, rules_on(packs, arguments.get_or("--carrier", "ups"), out.day));
  out.account = arguments.get_or("--account", "daily") == "retail" ? Account::retail : Account::daily;
  if (arguments.has("--divisor")) {
    SIGNALBOX_TRY(const std::int64_t divisor, number_of(arguments, "--divisor", 1, 100'000, 0));
    out.rules.daily_divisor = out.rules.retail_divisor = divisor;
    out.rules.id += fmt::format("/{}", divisor);
  }
  out.all = std::move(packs);
  return out;
}

Result<std::shared_ptr<const PriceList>> prices_of(const cli::Arguments& arguments, const RulesAsked& rules,
                                                   const std::string& file) {
  auto out = std::make_shared<PriceList>();
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  SIGNALBOX_TRY(out->rates, read_rates(text, file));
  const auto zone = arguments.get("--zone");
  if (!zone)
    return fail(ErrorKind::bad_input, "to which zone of the rates?", "--zone ZONE, as the table names it");
  out->zone = *zone;
  out->account = rules.account;
  bool known = false;
  for (const Service& each : out->rates.services) {
    known = known || each.zone == *zone;
    const bool has = std::any_of(out->rules.begin(), out->rules.end(),
                                 [&](const RulePack& pack) { return pack.carrier == each.carrier; });
    if (has) continue;
    if (each.carrier == rules.rules.carrier) {
      out->rules.push_back(rules.rules);
    } else {
      SIGNALBOX_TRY(RulePack pack, rules_on(rules.all, each.carrier, rules.day));
      out->rules.push_back(std::move(pack));
    }
  }
  if (!known)
    return fail(ErrorKind::bad_input, fmt::format("{}: no rate to a zone '{}'", file, printable(*zone)));
  return std::shared_ptr<const PriceList>(std::move(out));
}

Result<Asked> request_of(const cli::Arguments& arguments, const Clock& clock) {
  Asked out;
  SIGNALBOX_TRY(out.rules, rules_of(arguments, clock));
  const std::string objective = arguments.get_or("--objective", "billed");
  if (const auto file = arguments.get("--rates")) {
    SIGNALBOX_TRY(out.prices, prices_of(arguments, out.rules, *file));
  } else if (objective == "cost") {
    return fail(ErrorKind::bad_input, "what does a parcel cost?", "--rates FILE --zone ZONE");
  }
  if (out.prices && (objective == "cost" || !arguments.has("--objective"))) {
    out.request.objective = least_money(out.prices);
  } else {
    out.request.objective = objective == "volume"  ? least_volume()
                            : objective == "boxes" ? fewest_then_billed(out.rules.rules, out.rules.account)
                                                   : least_billed(out.rules.rules, out.rules.account);
  }
  const std::string effort = arguments.get_or("--effort", "best");
  out.request.effort = effort == "fast" ? 1 : effort == "best" ? 300 : 5000;
  SIGNALBOX_TRY(out.request.support, support_of(arguments, 75));
  SIGNALBOX_TRY(out.request.max_packages, number_of(arguments, "--max-packages", 1, 1'000'000, 1000));
  if (const auto time = arguments.get("--time")) {
    SIGNALBOX_TRY(out.request.time, duration_from(*time));
  }
  return out;
}

}  // namespace signalbox::pack
