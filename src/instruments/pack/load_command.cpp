#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/scaled.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/options.hpp"
#include "instruments/pack/read/thpack.hpp"
#include "instruments/pack/solve/search.hpp"

namespace signalbox::pack {
namespace {

struct Loaded {
  double fill = 0;   // of the container
  double cargo = 0;  // volume of all cargo over the container's
  std::size_t pieces = 0;
  std::int64_t offered = 0;
  Plan plan;
};

// The order of what was loaded alone: what stays behind is no fault of the plan.
Order order_of_loaded(const Order& order, const Plan& plan) {
  Order out = order;
  for (Item& item : out.items) item.quantity = 0;
  for (const Placement& placement : plan.packages[0].placements) ++out.items[placement.item].quantity;
  return out;
}

Result<Loaded> load(const LoadingProblem& problem, Support support, std::chrono::milliseconds time) {
  const ScaledCargo cargo = scaled(problem.order, all_of(problem.order), problem.container, support);
  Effort effort;
  effort.until = std::chrono::steady_clock::now() + time;
  effort.max_width = 1 << 20;
  effort.parallel = true;
  const Stowage stowage = fill(cargo.cargo, effort);
  Loaded out;
  out.plan.packages.push_back({0, placements_of(problem.order, cargo, stowage)});
  const std::vector<Box> boxes{problem.container};
  const auto violations = check_plan(order_of_loaded(problem.order, out.plan), boxes, out.plan, support);
  if (!violations.empty())
    return fail(ErrorKind::internal,
                fmt::format("problem {}: the plan is withheld, since it is not valid: {}", problem.order.id,
                            violations[0].message));
  out.fill = fill_of(out.plan.packages[0], problem.container);
  out.pieces = stowage.pieces.size();
  for (const Item& item : problem.order.items) {
    out.offered += item.quantity;
    out.cargo += static_cast<double>(volume_of(item.size)) * static_cast<double>(item.quantity) /
                 static_cast<double>(volume_of(problem.container.inner));
  }
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  const auto unit = length_unit_from(arguments.get_or("--unit", "cm"));
  SIGNALBOX_TRY(const std::vector<LoadingProblem> problems, read_thpack(text, file, *unit));
  SIGNALBOX_TRY(const Support support, support_of(arguments, 0));
  SIGNALBOX_TRY(const std::int64_t first,
                number_of(arguments, "--first", 1, static_cast<std::int64_t>(problems.size()), 1));
  SIGNALBOX_TRY(const std::int64_t count,
                number_of(arguments, "--count", 1, 10'000, static_cast<std::int64_t>(problems.size())));
  SIGNALBOX_TRY(const std::chrono::milliseconds time, duration_from(arguments.get_or("--time", "10s")));
  Report out;
  out.instrument = "pack";
  out.title = "Containers of " + printable(file);
  Table table;
  table.title = "problems";
  table.columns = {{"problem"},
                   {"full %", Column::Align::right},
                   {"cargo %", Column::Align::right},
                   {"pieces", Column::Align::right},
                   {"of", Column::Align::right}};
  Json data = Json::array();
  double sum = 0;
  const std::size_t begin = static_cast<std::size_t>(first) - 1;
  const std::size_t end = std::min(problems.size(), begin + static_cast<std::size_t>(count));
  for (std::size_t i = begin; i < end; ++i) {
    context.progress.update(i - begin, end - begin, "problems");
    SIGNALBOX_TRY(const Loaded loaded, load(problems[i], support, time));
    sum += loaded.fill;
    table.rows.push_back({problems[i].order.id, fmt::format("{:.2f}", 100 * loaded.fill),
                          fmt::format("{:.2f}", 100 * loaded.cargo), std::to_string(loaded.pieces),
                          std::to_string(loaded.offered)});
    data.push_back(Json::object({{"problem", problems[i].order.id},
                                 {"fill", loaded.fill},
                                 {"cargo", loaded.cargo},
                                 {"pieces", loaded.pieces}}));
  }
  context.progress.finish();
  const double mean = sum / static_cast<double>(end - begin);
  out.verdict = Verdict::pass;
  out.summary =
      fmt::format("{} loaded, {:.2f} % full in the mean", counted(end - begin, "container"), 100 * mean);
  out.facts.push_back({"mean fill", 100 * mean, "%"});
  out.facts.push_back({"time for each", time.count(), "ms"});
  out.tables.push_back(std::move(table));
  out.data = Json::object({{"mean_fill", mean}, {"problems", std::move(data)}});
  return out;
}

}  // namespace

cli::Command load_command() {
  cli::Command out;
  out.name = "load";
  out.summary = "Fill one container as full as it goes";
  out.details =
      "Problems as Bischoff and Ratcliff's files have them: which pieces go in, how, so that the container "
      "is fullest. As there, nothing is asked of support "
      "unless --support says so.";
  out.positionals = {{"FILE", "problems in the thpack format; - is standard input"}};
  out.options = {{"--time", "DURATION", "for each problem: 10s", {}, false},
                 {"--first", "N", "begin with the Nth problem", {}, false},
                 {"--count", "N", "that many problems", {}, false},
                 {"--unit", "UNIT", "what the file's lengths are: cm", {"mm", "cm", "m", "in", "ft"}, false},
                 {"--support",
                  "RULE",
                  "how much of each underside rests on what is below: none (default), area:75 …",
                  {},
                  false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
