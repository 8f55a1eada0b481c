#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/parallel.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kChunk = 64;  // orders that one thread takes at a time

struct Planned {
  std::optional<Plan> plan;
  Error why;  // where there is none
  std::chrono::microseconds took{};
};

std::vector<Planned> plan_all(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                              const PlanRequest& request, cli::Progress& progress) {
  std::vector<Planned> out(orders.size());
  std::mutex drawing;
  std::size_t done = 0;
  for_each_in_parallel((orders.size() + kChunk - 1) / kChunk, [&](std::size_t chunk) {
    const std::size_t begin = chunk * kChunk;
    const std::size_t end = std::min(orders.size(), begin + kChunk);
    for (std::size_t i = begin; i < end; ++i) {
      const auto began = std::chrono::steady_clock::now();
      auto plan = plan_order(orders[i], boxes, request);
      out[i].took =
          std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
      if (plan) {
        out[i].plan = std::move(*plan);
      } else {
        out[i].why = plan.error();
      }
    }
    const std::lock_guard lock(drawing);
    done += end - begin;
    progress.update(done, orders.size(), "orders");
  });
  progress.finish();
  return out;
}

// What all plans come to.
struct Totals {
  std::size_t planned = 0;
  std::size_t boxes = 0;
  std::size_t at_bound = 0;
  std::size_t proven = 0;
  double fill_of_orders = 0;  // sum over orders of contents over boxes
  double contents_l = 0;
  double inner_l = 0;
  std::int64_t board_mm2 = 0;
  std::map<std::string, std::pair<std::size_t, double>> by_box;  // count, sum of fills
};

Totals totals_of(const std::vector<Planned>& planned, const std::vector<Box>& boxes) {
  Totals out;
  for (const Planned& each : planned) {
    if (!each.plan) continue;
    ++out.planned;
    out.boxes += each.plan->packages.size();
    out.at_bound += static_cast<std::int64_t>(each.plan->packages.size()) == each.plan->bound_boxes ? 1 : 0;
    out.proven += each.plan->proof == Proof::optimal ? 1 : 0;
    double contents = 0;
    double inner = 0;
    for (const Package& package : each.plan->packages) {
      const Box& box = boxes[package.box];
      const double fill = fill_of(package, box);
      contents += fill * litres(box.inner);
      inner += litres(box.inner);
      out.board_mm2 += board_mm2(box);
      auto& [count, fills] = out.by_box[box.sku];
      ++count;
      fills += fill;
    }
    out.contents_l += contents;
    out.inner_l += inner;
    out.fill_of_orders += contents / inner;
  }
  return out;
}

Table box_table(const Totals& totals) {
  Table out;
  out.title = "boxes";
  out.columns = {{"box"}, {"used", Column::Align::right}, {"full % in the mean", Column::Align::right}};
  for (const auto& [sku, used] : totals.by_box)
    out.rows.push_back({printable(sku), std::to_string(used.first),
                        fmt::format("{:.1f}", 100 * used.second / static_cast<double>(used.first))});
  return out;
}

Report batch_report(const std::string& file, const std::vector<Order>& orders,
                    const std::vector<Planned>& planned, const std::vector<Box>& boxes) {
  const Totals totals = totals_of(planned, boxes);
  Report out;
  out.instrument = "pack";
  out.title = "Plans for the orders of " + printable(file);
  out.verdict = totals.planned == planned.size() ? Verdict::pass : Verdict::fail;
  out.summary =
      fmt::format("{} in {}", counted(totals.planned, "order"), counted(totals.boxes, "box", "boxes"));
  if (totals.planned < planned.size())
    out.summary += fmt::format("; {} without a plan", planned.size() - totals.planned);
  const double count = std::max<double>(1, static_cast<double>(totals.planned));
  out.facts.push_back({"orders", planned.size(), ""});
  out.facts.push_back({"boxes", totals.boxes, ""});
  out.facts.push_back({"orders with as few boxes as the bound allows", totals.at_bound, ""});
  out.facts.push_back({"orders whose plan is proven optimal", totals.proven, ""});
  out.facts.push_back({"boxes full, mean of orders", 100 * totals.fill_of_orders / count, "%"});
  out.facts.push_back(
      {"boxes full, by volume", totals.inner_l > 0 ? 100 * totals.contents_l / totals.inner_l : 0, "%"});
  out.facts.push_back({"board", static_cast<double>(totals.board_mm2) / 1e6, "m²"});
  for (std::size_t i = 0; i < planned.size(); ++i)
    if (!planned[i].plan)
      out.findings.push_back(
          {"pack/no-plan", Severity::error, planned[i].why.message, std::nullopt, planned[i].why.hint});
  out.tables.push_back(box_table(totals));
  Json per_order = Json::array();
  for (std::size_t i = 0; i < planned.size(); ++i) {
    Json row = Json::object({{"order", orders[i].id}, {"us", planned[i].took.count()}});
    if (planned[i].plan) {
      row.set("boxes", planned[i].plan->packages.size());
      row.set("bound", planned[i].plan->bound_boxes);
      row.set("proof", name_of(planned[i].plan->proof));
    }
    per_order.push_back(std::move(row));
  }
  out.data = Json::object({{"orders", std::move(per_order)}});
  return out;
}

Status write_plans(const std::string& file, const std::vector<Order>& orders, const std::vector<Box>& boxes,
                   const std::vector<Planned>& planned, const Asked& asked) {
  std::string text;
  for (std::size_t i = 0; i < planned.size(); ++i) {
    if (!planned[i].plan) continue;
    text += to_json(document_of(orders[i], boxes, asked.request.support, asked.objective, *planned[i].plan))
                .dump();
    text += '\n';
  }
  return replace_file(file, text);
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::vector<Box> boxes, boxes_of(arguments));
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::vector<Order> orders, orders_of(arguments, file));
  SIGNALBOX_TRY(const Asked asked, request_of(arguments));
  const std::vector<Planned> planned = plan_all(orders, boxes, asked.request, context.progress);
  if (const auto plans = arguments.get("--plans"))
    SIGNALBOX_CHECK(write_plans(*plans, orders, boxes, planned, asked));
  return batch_report(file, orders, planned, boxes);
}

}  // namespace

cli::Command batch_command() {
  cli::Command out;
  out.name = "batch";
  out.summary = "Choose boxes for many orders";
  out.positionals = {{"ORDERS", "orders as CSV or one JSON a line; - is standard input"}};
  out.options = packing_options();
  out.options.push_back({"--plans", "FILE", "write each order's plan there, one JSON a line", {}, false});
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
