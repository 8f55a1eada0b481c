#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/parallel.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/batch_record.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kChunk = 64;  // plans that one thread writes at a time

Table box_table(const Totals& totals) {
  Table out;
  out.title = "boxes";
  out.columns = {{"box"}, {"used", Column::Align::right}, {"full % in the mean", Column::Align::right}};
  for (const auto& [sku, used] : totals.by_box)
    out.rows.push_back({printable(sku), std::to_string(used.first),
                        fmt::format("{:.1f}", 100 * used.second / static_cast<double>(used.first))});
  return out;
}

std::string share(double part, double whole) {
  return whole > 0 ? fmt::format("{:.1f}", 100 * part / whole) : "";
}

// The same orders both ways.
Table saving_table(const Totals& before, const Totals& now) {
  Table out;
  out.title = "beside the baseline";
  out.columns = {{""},
                 {"baseline", Column::Align::right},
                 {"plans", Column::Align::right},
                 {"saved", Column::Align::right},
                 {"saved %", Column::Align::right}};
  const auto row = [&](const char* name, double was, double is, int places) {
    const double saved = was - is;
    out.rows.push_back({name,
                        fmt::format("{:.{}f}", was, places),
                        fmt::format("{:.{}f}", is, places),
                        {fmt::format("{:.{}f}", saved, places), saved > 0   ? Tone::good
                                                                : saved < 0 ? Tone::bad
                                                                            : Tone::plain},
                        share(saved, was)});
  };
  if (before.money > 0)
    row("cost", static_cast<double>(before.money) / 1e6, static_cast<double>(now.money) / 1e6, 2);
  row("billed weight (lb)", static_cast<double>(before.billed_lb), static_cast<double>(now.billed_lb), 0);
  row("board (m²)", static_cast<double>(before.board_mm2) / 1e6, static_cast<double>(now.board_mm2) / 1e6, 1);
  row("boxes", static_cast<double>(before.boxes), static_cast<double>(now.boxes), 0);
  row("volume shipped (m³)", before.outer_l / 1000, now.outer_l / 1000, 2);
  row("parcels billed by size", static_cast<double>(before.dim_parcels), static_cast<double>(now.dim_parcels),
      0);
  row("surcharges", static_cast<double>(before.surcharges), static_cast<double>(now.surcharges), 0);
  return out;
}

Json totals_json(const Totals& totals) {
  return Json::object(
      {{"orders", totals.orders},
       {"boxes", totals.boxes},
       {"at_bound", totals.at_bound},
       {"proven", totals.proven},
       {"billed_lb", totals.billed_lb},
       {"actual_lb", totals.actual_lb},
       {"dim_parcels", totals.dim_parcels},
       {"surcharges", totals.surcharges},
       {"board_m2", static_cast<double>(totals.board_mm2) / 1e6},
       {"outer_l", totals.outer_l},
       {"inner_l", totals.inner_l},
       {"contents_l", totals.contents_l},
       {"fill_order_avg", totals.orders > 0 ? totals.fills / static_cast<double>(totals.orders) : 0}});
}

double rounded(double value) {
  return std::round(value * 10) / 10;
}

Report batch_report(const std::string& file, const std::vector<Planned>& planned, const Totals& totals,
                    const Asked& asked) {
  Report out;
  out.instrument = "pack";
  out.title = "Plans for the orders of " + printable(file);
  out.verdict = totals.orders == planned.size() ? Verdict::pass : Verdict::fail;
  out.summary = fmt::format("{} in {}, billed {} lb by {}", counted(totals.orders, "order"),
                            counted(totals.boxes, "box", "boxes"), totals.billed_lb, asked.rules.rules.id);
  if (totals.orders < planned.size())
    out.summary += fmt::format("; {} without a plan", planned.size() - totals.orders);
  const double count = std::max<double>(1, static_cast<double>(totals.orders));
  const double parcels = std::max<double>(1, static_cast<double>(totals.boxes));
  out.facts.push_back({"orders", planned.size(), ""});
  out.facts.push_back({"boxes", totals.boxes, ""});
  out.facts.push_back({"billed", totals.billed_lb, "lb"});
  if (asked.prices) {
    out.facts.push_back({"cost, with boxes", money_text(totals.money), ""});
    out.facts.push_back({"parcels without a price", totals.unpriced, ""});
  }
  out.facts.push_back({"parcels billed by their size",
                       rounded(100 * static_cast<double>(totals.dim_parcels) / parcels), "%"});
  out.facts.push_back({"orders with as few boxes as the bound allows", totals.at_bound, ""});
  out.facts.push_back({"orders whose plan is proven optimal", totals.proven, ""});
  out.facts.push_back({"boxes full, mean of orders", rounded(100 * totals.fills / count), "%"});
  out.facts.push_back({"boxes full, by volume",
                       totals.inner_l > 0 ? rounded(100 * totals.contents_l / totals.inner_l) : 0, "%"});
  out.facts.push_back({"board", rounded(static_cast<double>(totals.board_mm2) / 1e6), "m²"});
  for (const Planned& each : planned)
    if (!each.plan)
      out.findings.push_back(
          {"pack/no-plan", Severity::error, each.why.message, std::nullopt, each.why.hint});
  out.tables.push_back(box_table(totals));
  return out;
}

Json per_order(const std::vector<Order>& orders, const std::vector<Planned>& planned) {
  Json out = Json::array();
  for (std::size_t i = 0; i < planned.size(); ++i) {
    Json row = Json::object({{"order", orders[i].id}, {"us", planned[i].took.count()}});
    if (planned[i].plan) {
      row.set("boxes", planned[i].plan->packages.size());
      row.set("bound", planned[i].plan->bound_boxes);
      row.set("proof", name_of(planned[i].plan->proof));
    }
    out.push_back(std::move(row));
  }
  return out;
}

// On all processors: a document has the digest of what was asked.
std::vector<PlanDocument> documents_of(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                                       const std::vector<Planned>& planned, const Asked& asked) {
  std::vector<std::size_t> with_plan;
  for (std::size_t i = 0; i < planned.size(); ++i)
    if (planned[i].plan) with_plan.push_back(i);
  std::vector<PlanDocument> out(with_plan.size());
  for_each_in_parallel((out.size() + kChunk - 1) / kChunk, [&](std::size_t chunk) {
    for (std::size_t i = chunk * kChunk; i < std::min(out.size(), (chunk + 1) * kChunk); ++i)
      out[i] = document_of(orders[with_plan[i]], boxes, asked.request.support, asked.request.objective.name,
                           *planned[with_plan[i]].plan);
  });
  return out;
}

Status write_plans(const std::string& file, const std::vector<PlanDocument>& documents) {
  std::vector<std::string> parts((documents.size() + kChunk - 1) / kChunk);
  for_each_in_parallel(parts.size(), [&](std::size_t chunk) {
    for (std::size_t i = chunk * kChunk; i < std::min(documents.size(), (chunk + 1) * kChunk); ++i) {
      parts[chunk] += to_json(documents[i]).dump();
      parts[chunk] += '\n';
    }
  });
  std::string text;
  for (const std::string& part : parts) text += part;
  return replace_file(file, text);
}

BatchEvidence evidence_of(const Totals& totals, std::size_t orders, const Asked& asked) {
  const auto share = [](double part, double whole) { return whole > 0 ? part / whole : 0; };
  BatchEvidence out;
  out.orders = static_cast<std::int64_t>(orders);
  out.without_plan = static_cast<std::int64_t>(orders - totals.orders);
  out.proven = static_cast<std::int64_t>(totals.proven);
  out.boxes = static_cast<std::int64_t>(totals.boxes);
  out.cube_util = share(totals.fills, static_cast<double>(totals.orders));
  out.dim_penetration = share(static_cast<double>(totals.dim_parcels), static_cast<double>(totals.boxes));
  out.billed_ratio = share(static_cast<double>(totals.billed_lb), static_cast<double>(totals.actual_lb));
  out.billed_lb = totals.billed_lb;
  out.objective = asked.request.objective.name;
  out.support = to_text(asked.request.support);
  out.rules = asked.rules.rules.id;
  out.rules_on = to_text(asked.rules.day);
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::vector<Box> boxes, boxes_of(arguments));
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::vector<Order> orders, orders_of(arguments, file));
  SIGNALBOX_TRY(const Asked asked, request_of(arguments, context.clock));
  SIGNALBOX_TRY(const Starts starts, starts_of(arguments));
  const std::vector<Planned> planned = plan_all(orders, boxes, asked.request, context.progress, starts);
  std::int64_t unverified = 0;
  if (arguments.has("--plans") || arguments.has("--keep") || context.record) {
    const std::vector<PlanDocument> documents = documents_of(orders, boxes, planned, asked);
    if (const auto plans = arguments.get("--plans")) SIGNALBOX_CHECK(write_plans(*plans, documents));
    if (arguments.has("--keep")) SIGNALBOX_CHECK(keep_plans(documents, asked.rules, context));
    if (context.record) unverified = count_unverified(documents);
  }
  std::vector<bool> all(orders.size(), true);
  const Totals totals = totals_of(orders, boxes, planned, asked, all);
  Report out = batch_report(file, planned, totals, asked);
  out.data = Json::object({{"totals", totals_json(totals)}, {"orders", per_order(orders, planned)}});
  BatchEvidence found = evidence_of(totals, orders.size(), asked);
  found.unverified = unverified;
  if (arguments.get_or("--baseline", "flat") == "flat") {
    const std::vector<Planned> baseline = baseline_of(orders, boxes, asked.request, context.progress);
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = planned[i].plan && baseline[i].plan;
    const Totals before = totals_of(orders, boxes, baseline, asked, all);
    const Totals now = totals_of(orders, boxes, planned, asked, all);
    out.tables.push_back(saving_table(before, now));
    out.facts.push_back({"saved beside the baseline", before.billed_lb - now.billed_lb, "lb"});
    out.data.set("baseline", totals_json(before));
    found.baseline.emplace();
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i])
        found.baseline->push_back({billed_lb_of(orders[i], boxes, *baseline[i].plan, asked.rules),
                                   billed_lb_of(orders[i], boxes, *planned[i].plan, asked.rules)});
  }
  if (context.record) SIGNALBOX_CHECK(record_batch(arguments, context, std::move(found), out));
  return out;
}

}  // namespace

cli::Command batch_command() {
  cli::Command out;
  out.name = "batch";
  out.summary = "Choose boxes for many orders, and tell what that saves";
  out.details =
      "The baseline is the same orders in the same boxes as people pack without a plan: things lie as they "
      "were measured, one packing is tried, the fewest "
      "and smallest boxes that it gives are taken. It is computed, not observed. --record leaves "
      "https://signalbox.dev/pack/batch/v1, which a gate of a train may ask for.";
  out.positionals = {{"ORDERS", "orders as CSV or one JSON a line; - is standard input"}};
  out.options = packing_options();
  out.options.push_back({"--plans", "FILE", "write each order's plan there, one JSON a line", {}, false});
  out.options.push_back({"--subject",
                         "SUBJECT",
                         "--record: about git:REF, a file, or NAME=ALG:HEX; else the commit",
                         {},
                         true});
  out.options.push_back({"--baseline", "WHAT", "flat (default), or none", {"flat", "none"}, false});
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
