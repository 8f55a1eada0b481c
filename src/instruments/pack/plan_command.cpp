#include <fmt/format.h>

#include "instruments/pack/commands.hpp"
#include "instruments/pack/options.hpp"
#include "instruments/pack/plan_report.hpp"

namespace signalbox::pack {
namespace {

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::vector<Box> boxes, boxes_of(arguments));
  SIGNALBOX_TRY(const std::vector<Order> orders, orders_of(arguments, *arguments.positional(0)));
  SIGNALBOX_TRY(Asked asked, request_of(arguments, context.clock));
  if (orders.size() != 1)
    return fail(ErrorKind::bad_input, fmt::format("there are {} orders in it", orders.size()),
                "signalbox pack batch plans many");
  SIGNALBOX_TRY(const Starts starts, starts_of(arguments));
  asked.request.start = start_for(starts, orders[0], boxes);
  SIGNALBOX_TRY(const Plan plan, plan_order(orders[0], boxes, asked.request));
  const PlanDocument document =
      document_of(orders[0], boxes, asked.request.support, asked.request.objective.name, plan);
  if (arguments.has("--keep")) SIGNALBOX_CHECK(keep_plans({document}, asked.rules, context));
  return plan_report(document, asked);
}

}  // namespace

cli::Command plan_command() {
  cli::Command out;
  out.name = "plan";
  out.summary = "Choose boxes for one order and show how to pack them";
  out.details =
      "The plan is checked by code that shares nothing with what made it before it is shown: everything "
      "inside, nothing in another, each thing on what "
      "carries it, as it may be turned, no box too heavy, each step reachable from above.";
  out.positionals = {{"ORDER", "one order, as JSON or CSV; - is standard input"}};
  out.options = packing_options();
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
