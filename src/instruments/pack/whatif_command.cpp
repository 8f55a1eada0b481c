#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/choose/objective.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/document/plan_document.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

// Parcels of one box, by the rules of two days.
struct Change {
  std::size_t parcels = 0;
  std::int64_t before_lb = 0;
  std::int64_t after_lb = 0;
  std::size_t before_surcharges = 0;
  std::size_t after_surcharges = 0;
  std::size_t dearer = 0;
  std::size_t cheaper = 0;
};

void add(Change& change, const Bill& before, const Bill& after) {
  ++change.parcels;
  change.before_lb += before.billed_lb;
  change.after_lb += after.billed_lb;
  change.before_surcharges += before.surcharges.size();
  change.after_surcharges += after.surcharges.size();
  change.dearer += after.billed_lb > before.billed_lb ? 1 : 0;
  change.cheaper += after.billed_lb < before.billed_lb ? 1 : 0;
}

std::vector<Cell> row_of(const std::string& name, const Change& change) {
  const std::int64_t more = change.after_lb - change.before_lb;
  return {name,
          std::to_string(change.parcels),
          std::to_string(change.before_lb),
          std::to_string(change.after_lb),
          {fmt::format("{:+}", more), more > 0   ? Tone::bad
                                      : more < 0 ? Tone::good
                                                 : Tone::plain},
          std::to_string(change.dearer),
          std::to_string(change.cheaper),
          fmt::format("{:+}", static_cast<std::int64_t>(change.after_surcharges) -
                                  static_cast<std::int64_t>(change.before_surcharges))};
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  SIGNALBOX_TRY(const RulesAsked before, rules_of(arguments, context.clock));
  const auto then = arguments.get("--then");
  if (!then) return fail(ErrorKind::bad_input, "which rules instead?", "--then 2026-07-12");
  SIGNALBOX_TRY(const Day day, day_from(*then));
  SIGNALBOX_TRY(const RulePack after, rules_on(before.all, before.rules.carrier, day));
  std::map<std::string, Change> by_box;
  Change all;
  std::size_t line = 0;
  for (const std::string_view each : lines(text)) {
    ++line;
    if (trim(each).empty()) continue;
    SIGNALBOX_TRY(const PlanDocument document, read_plan_document(each, fmt::format("{}:{}", file, line)));
    for (const Package& package : document.plan.packages) {
      const Box& box = document.boxes[package.box];
      const Mass weight = box.tare + contents_of(document.order, package);
      const Bill was = bill_of(before.rules, box.outer, weight, before.account);
      const Bill is = bill_of(after, box.outer, weight, before.account);
      add(by_box[box.sku], was, is);
      add(all, was, is);
    }
  }
  Report out;
  out.instrument = "pack";
  out.title = fmt::format("{} instead of {}", after.id, before.rules.id);
  out.verdict = Verdict::pass;
  out.summary = fmt::format("{}: {} lb billed, {} lb before, {:+} lb", counted(all.parcels, "parcel"),
                            all.after_lb, all.before_lb, all.after_lb - all.before_lb);
  out.facts.push_back({"parcels", all.parcels, ""});
  out.facts.push_back({"billed before", all.before_lb, "lb"});
  out.facts.push_back({"billed then", all.after_lb, "lb"});
  out.facts.push_back({"source", after.source, ""});
  Table table;
  table.title = "by box";
  table.columns = {{"box"},
                   {"parcels", Column::Align::right},
                   {"before (lb)", Column::Align::right},
                   {"then (lb)", Column::Align::right},
                   {"change (lb)", Column::Align::right},
                   {"dearer", Column::Align::right},
                   {"cheaper", Column::Align::right},
                   {"surcharges", Column::Align::right}};
  for (const auto& [sku, change] : by_box) table.rows.push_back(row_of(printable(sku), change));
  out.tables.push_back(std::move(table));
  out.data = Json::object({{"before", before.rules.id},
                           {"then", after.id},
                           {"parcels", all.parcels},
                           {"before_lb", all.before_lb},
                           {"then_lb", all.after_lb}});
  return out;
}

}  // namespace

cli::Command whatif_command() {
  cli::Command out;
  out.name = "whatif";
  out.summary = "Bill plans by the rules of another day";
  out.details =
      "The boxes stay as they are planned: what `signalbox pack batch --on` would choose by the other rules "
      "is another question.";
  out.positionals = {{"PLANS", "what `pack batch --plans` wrote; - is standard input"}};
  out.options = rule_options();
  out.options.push_back({"--then", "DATE", "the day whose rules are tried", {}, false});
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
