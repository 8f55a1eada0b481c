#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/assort/lattice.hpp"
#include "instruments/pack/assort/lock.hpp"
#include "instruments/pack/assort/service.hpp"
#include "instruments/pack/batch.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/read/tables.hpp"

namespace signalbox::pack {
namespace {

// All that a lock is made of, as it was asked for.
struct Question {
  std::string file;
  std::string history;  // the file's digest
  std::vector<Order> orders;
  std::vector<Box> sizes;
  std::vector<std::string> must;
  std::size_t k = 0;
  Asked asked;
};

Result<Length> step_of(const std::string& text) {
  SIGNALBOX_TRY(const Length step, parse_length(text));
  if (step < kInch / 4)
    return fail(ErrorKind::bad_input, "--grid: a quarter of an inch is the finest", "--grid 1in");
  return step;
}

Result<std::vector<Box>> sizes_of(const cli::Arguments& arguments, const std::vector<Order>& orders) {
  std::vector<Box> out;
  if (arguments.has("--boxes")) {
    SIGNALBOX_TRY(out, boxes_of(arguments));
  }
  const auto grid = arguments.get("--grid");
  if (!grid && out.empty())
    return fail(ErrorKind::bad_input, "of which sizes is chosen?",
                "--boxes FILE names some, --grid 1in makes sizes that the history suggests");
  if (!grid) return out;
  Lattice lattice;
  SIGNALBOX_TRY(lattice.step, step_of(*grid));
  lattice.wall = *wall_of_flute(arguments.get_or("--flute", "C"));
  if (const auto most = arguments.get("--max-weight")) {
    SIGNALBOX_TRY(lattice.max_weight, parse_mass(*most));
  }
  SIGNALBOX_TRY(lattice.grams_per_m2, number_of(arguments, "--board-grams", 0, 10'000, 0));
  SIGNALBOX_TRY(const std::int64_t most, number_of(arguments, "--sizes", 1, 1000, 60));
  lattice.most = static_cast<std::size_t>(most);
  for (Box& box : lattice_sizes(orders, lattice)) {
    const bool known =
        std::any_of(out.begin(), out.end(), [&](const Box& other) { return other.sku == box.sku; });
    if (!known && out.size() < kMaxBoxes) out.push_back(std::move(box));
  }
  return out;
}

Result<Question> question_of(const cli::Arguments& arguments, const Clock& clock) {
  Question out;
  out.file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(out.file));
  out.history = to_hex(sha256(text));
  SIGNALBOX_TRY(out.orders, read_orders(text, out.file, {arguments.get_or("--columns", "")}));
  SIGNALBOX_TRY(out.sizes, sizes_of(arguments, out.orders));
  SIGNALBOX_CHECK(area_of(arguments, 75));
  SIGNALBOX_TRY(out.asked, request_of(arguments, clock));
  SIGNALBOX_TRY(const std::int64_t k,
                number_of(arguments, "--k", 1, static_cast<std::int64_t>(kMaxBoxes), 8));
  out.k = std::min(static_cast<std::size_t>(k), out.sizes.size());
  if (const auto must = arguments.get("--must"))
    for (const std::string_view each : split(*must, ',')) out.must.emplace_back(trim(each));
  for (const std::string& sku : out.must)
    if (std::none_of(out.sizes.begin(), out.sizes.end(), [&](const Box& box) { return box.sku == sku; }))
      return fail(ErrorKind::bad_input, fmt::format("--must: there is no size '{}'", printable(sku)));
  if (out.must.size() > out.k)
    return fail(ErrorKind::bad_input, fmt::format("--must names {} sizes, --k {}", out.must.size(), out.k));
  if (out.orders.size() > kMaxServed || out.orders.size() * out.sizes.size() > kMaxCells)
    return fail(ErrorKind::bad_input,
                fmt::format("{} orders and {} sizes are more than {} pairs", out.orders.size(),
                            out.sizes.size(), kMaxCells),
                "take a sample of the history, or fewer sizes");
  return out;
}

MedianProblem problem_of(const Question& question, cli::Progress& progress) {
  MedianProblem out;
  out.sizes = question.sizes.size();
  for (const Box& box : question.sizes)
    out.must.push_back(std::find(question.must.begin(), question.must.end(), box.sku) != question.must.end());
  out.costs = service_costs(question.orders, question.sizes, question.asked.request, [&](std::size_t done) {
    progress.update(done, question.orders.size(), "orders");
  });
  progress.finish();
  return out;
}

// The answers for 1 … k sizes; each begins with the one before.
std::vector<MedianAnswer> curve_of(const MedianProblem& problem, std::size_t k) {
  std::vector<MedianAnswer> out;
  const std::size_t least = static_cast<std::size_t>(
      std::max<std::ptrdiff_t>(1, std::count(problem.must.begin(), problem.must.end(), true)));
  for (std::size_t i = least; i <= k; ++i)
    out.push_back(best_sizes(problem, i, out.empty() ? std::vector<std::size_t>{} : out.back().chosen));
  return out;
}

AssortmentLock lock_of(const Question& question, const MedianAnswer& answer) {
  AssortmentLock out;
  out.history = question.history;
  out.candidates = digest_of_boxes(question.sizes);
  out.objective = question.asked.request.objective.name;
  out.support = question.asked.request.support.percent;
  out.k = static_cast<std::int64_t>(question.k);
  out.must = question.must;
  out.orders = static_cast<std::int64_t>(question.orders.size());
  out.unserved = static_cast<std::int64_t>(answer.unserved);
  out.cost = answer.cost.first - out.unserved * kUnserved;
  out.bound = answer.bound;
  for (const std::size_t size : answer.chosen) out.boxes.push_back(question.sizes[size]);
  return out;
}

// How far the choice is from what no choice is below, in percent.
double gap_percent(const MedianAnswer& answer) {
  if (answer.cost.first == 0) return 0;
  return 100.0 * static_cast<double>(answer.cost.first - answer.bound) /
         static_cast<double>(answer.cost.first);
}

Table curve_table(const std::vector<MedianAnswer>& curve) {
  Table out;
  out.title = "cost by the number of sizes";
  out.columns = {{"sizes", Column::Align::right},
                 {"cost", Column::Align::right},
                 {"at least", Column::Align::right},
                 {"gap %", Column::Align::right},
                 {"orders that no one size takes", Column::Align::right}};
  for (const MedianAnswer& each : curve)
    out.rows.push_back(
        {std::to_string(each.chosen.size()),
         std::to_string(each.cost.first - static_cast<std::int64_t>(each.unserved) * kUnserved),
         each.unserved > 0 ? "" : std::to_string(each.bound),
         each.unserved > 0 ? "" : fmt::format("{:.2f}", gap_percent(each)),
         {std::to_string(each.unserved), each.unserved > 0 ? Tone::caution : Tone::plain}});
  return out;
}

Chart curve_chart(const std::vector<MedianAnswer>& curve, const std::string& unit) {
  Chart out;
  out.title = "cost by the number of sizes";
  out.x_label = "sizes";
  out.y_label = unit;
  Series cost{"chosen", {}, {}};
  Series bound{"no choice is below", {}, {}};
  for (const MedianAnswer& each : curve) {
    if (each.unserved > 0) continue;
    for (Series* series : {&cost, &bound}) series->x.push_back(static_cast<double>(each.chosen.size()));
    cost.y.push_back(static_cast<double>(each.cost.first));
    bound.y.push_back(static_cast<double>(each.bound));
  }
  out.series = {std::move(cost), std::move(bound)};
  return out;
}

// Orders of which each size is the cheapest of the chosen.
Table size_table(const Question& question, const MedianProblem& problem, const MedianAnswer& answer) {
  std::vector<std::size_t> serves(answer.chosen.size(), 0);
  for (std::size_t order = 0; order < problem.orders(); ++order) {
    std::size_t best = 0;
    for (std::size_t at = 1; at < answer.chosen.size(); ++at)
      if (problem.cost(order, answer.chosen[at]) < problem.cost(order, answer.chosen[best])) best = at;
    if (problem.cost(order, answer.chosen[best]).first < kUnserved) ++serves[best];
  }
  Table out;
  out.title = "sizes";
  out.columns = {{"box"}, {"inside (mm)"}, {"outside (in)"}, {"orders", Column::Align::right}};
  for (std::size_t at = 0; at < answer.chosen.size(); ++at) {
    const Box& box = question.sizes[answer.chosen[at]];
    const auto three = [](const Size& size, LengthUnit unit) {
      return fmt::format("{} x {} x {}", to_text(size[0], unit), to_text(size[1], unit),
                         to_text(size[2], unit));
    };
    out.rows.push_back({printable(box.sku), three(box.inner, LengthUnit::mm),
                        three(box.outer, LengthUnit::in), std::to_string(serves[at])});
  }
  return out;
}

// The whole history planned with the chosen sizes, and with all of --boxes: splits and mixes included.
void tell_plans(Report& report, const Question& question, const AssortmentLock& lock,
                const std::vector<Box>& before, cli::Progress& progress) {
  const std::vector<Planned> planned =
      plan_all(question.orders, lock.boxes, question.asked.request, progress);
  std::vector<bool> all(question.orders.size(), true);
  Totals now = totals_of(question.orders, lock.boxes, planned, question.asked, all);
  report.facts.push_back({"planned with them: orders", now.orders, ""});
  report.facts.push_back({"planned with them: billed", now.billed_lb, "lb"});
  for (const Planned& each : planned)
    if (!each.plan) {
      report.verdict = Verdict::fail;
      report.findings.push_back(
          {"pack/no-plan", Severity::error, each.why.message, std::nullopt, each.why.hint});
    }
  if (before.empty()) return;
  const std::vector<Planned> was = plan_all(question.orders, before, question.asked.request, progress);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = planned[i].plan && was[i].plan;
  const Totals old = totals_of(question.orders, before, was, question.asked, all);
  now = totals_of(question.orders, lock.boxes, planned, question.asked, all);
  report.facts.push_back(
      {fmt::format("planned with all {} of --boxes: billed", before.size()), old.billed_lb, "lb"});
  report.facts.push_back({"of the same orders with the chosen", now.billed_lb, "lb"});
}

// 0 where the file says exactly what would be chosen now.
Report judge_lock(const std::string& file, const AssortmentLock& is, const AssortmentLock& now) {
  Report out;
  out.instrument = "pack";
  out.title = "Assortment of " + printable(file);
  out.verdict = is == now ? Verdict::pass : Verdict::fail;
  const auto differ = [&](const char* what, bool same) {
    if (!same)
      out.findings.push_back({"pack/lock", Severity::error, fmt::format("the {} changed", what), std::nullopt,
                              "choose again with --lock, and look at what changed"});
  };
  differ("history", is.history == now.history);
  differ("sizes of which was chosen", is.candidates == now.candidates);
  differ("objective, or the rules that hold", is.objective == now.objective);
  differ("rule of support", is.support == now.support);
  differ("number of sizes, or which must be", is.k == now.k && is.must == now.must);
  differ("choice", is.boxes == now.boxes);
  differ("cost or bound", is.cost == now.cost && is.bound == now.bound && is.unserved == now.unserved &&
                              is.orders == now.orders);
  out.summary = is == now ? fmt::format("{} say what would be chosen now", counted(is.boxes.size(), "size"))
                          : "what would be chosen now is another thing";
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Question question, question_of(arguments, context.clock));
  const MedianProblem problem = problem_of(question, context.progress);
  const std::vector<MedianAnswer> curve = curve_of(problem, question.k);
  const MedianAnswer& answer = curve.back();
  const AssortmentLock lock = lock_of(question, answer);
  if (const auto locked = arguments.get("--locked")) {
    SIGNALBOX_TRY(const std::string text, text_of_file(*locked));
    SIGNALBOX_TRY(const AssortmentLock is, read_lock(text, *locked));
    return judge_lock(*locked, is, lock);
  }
  if (const auto file = arguments.get("--lock")) SIGNALBOX_CHECK(replace_file(*file, lock_text(lock)));
  Report out;
  out.instrument = "pack";
  out.title = "Sizes for the orders of " + printable(question.file);
  out.verdict = Verdict::pass;
  out.summary = fmt::format("{} of {} for {}", counted(answer.chosen.size(), "size"), question.sizes.size(),
                            counted(question.orders.size(), "order"));
  if (answer.unserved > 0)
    out.findings.push_back(
        {"pack/unserved", Severity::error,
         fmt::format("{} go into none of the chosen sizes", counted(answer.unserved, "order")), std::nullopt,
         "more sizes, or larger ones"});
  const bool is_billed = question.asked.request.objective.name.starts_with("billed:");
  const std::string unit = is_billed ? "lb" : "";
  out.facts.push_back({"cost, each order in one size", lock.cost, unit});
  if (answer.unserved == 0) {
    out.facts.push_back({"no choice of so many costs less than", lock.bound, unit});
    out.facts.push_back({"gap", std::round(gap_percent(answer) * 100) / 100, "%"});
  }
  out.tables.push_back(size_table(question, problem, answer));
  out.tables.push_back(curve_table(curve));
  if (Chart chart = curve_chart(curve, is_billed ? "billed, lb" : "cost"); chart.series[0].x.size() > 1)
    out.charts.push_back(std::move(chart));
  std::vector<Box> before;
  if (arguments.has("--boxes")) {
    SIGNALBOX_TRY(before, boxes_of(arguments));
  }
  tell_plans(out, question, lock, before, context.progress);
  auto data = parse_json(lock_text(lock));
  if (data) out.data = std::move(*data);
  return out;
}

}  // namespace

cli::Command assortment_command() {
  cli::Command out;
  out.name = "assortment";
  out.summary = "Choose the few box sizes that serve an order history best, and lock them";
  out.details =
      "Each order of the history goes into one box of one of the sizes; an order that goes into one box of "
      "none "
      "goes into several of a size. The sizes chosen are those that cost least so, by --objective, and what "
      "no "
      "other choice of as many is below is told. Then the history is planned with them, splits and mixtures "
      "included. The lock file says which sizes, and digests of what they were chosen from; --boxes takes it "
      "in "
      "every command.";
  out.positionals = {{"HISTORY", "orders as CSV or one JSON a line; - is standard input"}};
  out.options = packing_options();
  std::erase_if(out.options, [](const cli::Option& option) { return option.name == "--keep"; });
  out.options.push_back({"--k", "N", "so many sizes (8)", {}, false});
  out.options.push_back({"--must", "SKUS", "sizes that stay, with commas", {}, false});
  out.options.push_back(
      {"--grid", "STEP", "sizes are made too: outer sides in steps of that, as 1in", {}, false});
  out.options.push_back(
      {"--sizes", "N", "so many of --grid, those that most orders ask for (60)", {}, false});
  out.options.push_back(
      {"--flute", "NAME", "of the board of --grid: thickness (C)", {"E", "B", "C", "BC"}, false});
  out.options.push_back(
      {"--board-grams", "N", "of --grid: what a square metre of board weighs (0)", {}, false});
  out.options.push_back({"--max-weight", "WEIGHT", "of --grid: what a box may weigh, as 40lb", {}, false});
  out.options.push_back({"--lock", "FILE", "write the chosen sizes there", {}, false});
  out.options.push_back({"--locked",
                         "FILE",
                         "exit code 1 where that lock says something else than would be chosen",
                         {},
                         false});
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
