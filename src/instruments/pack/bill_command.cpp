#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/options.hpp"
#include "instruments/pack/plan_report.hpp"

namespace signalbox::pack {
namespace {

Table trim_table(const std::vector<Trim>& found) {
  Table out;
  out.title = "what an inch is worth";
  out.columns = {{"side"}, {"cut (in)", Column::Align::right}, {"saves (lb)", Column::Align::right}, {"and"}};
  for (const Trim& each : found)
    out.rows.push_back({kSideNames[each.side],
                        to_text(each.by, LengthUnit::in),
                        {std::to_string(each.saved_lb), each.saved_lb > 0 ? Tone::good : Tone::plain},
                        join(each.surcharges_saved, ", ")});
  return out;
}

// What every pack of the carrier bills, with its days.
Table history_table(const RulesAsked& rules, const Size& size, Mass weight) {
  Table out;
  out.title = "by the rules of other days";
  out.columns = {{"from"}, {"to"}, {"billed (lb)", Column::Align::right}, {"rule"}};
  for (const RulePack& pack : rules.all) {
    if (pack.carrier != rules.rules.carrier) continue;
    const Bill bill = bill_of(pack, size, weight, rules.account);
    out.rows.push_back(
        {to_text(pack.from), pack.to ? to_text(*pack.to) : "", std::to_string(bill.billed_lb), pack.id});
  }
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const auto dims = arguments.get("--dims");
  const auto weighs = arguments.get("--weight");
  if (!dims || !weighs)
    return fail(ErrorKind::bad_input, "what is billed?", "--dims 11.1x8x6in --weight 3.2lb");
  SIGNALBOX_TRY(const Size size, size_from("--dims", *dims));
  SIGNALBOX_TRY(const Mass weight, parse_mass(*weighs));
  SIGNALBOX_TRY(const RulesAsked rules, rules_of(arguments, context.clock));
  const Bill bill = bill_of(rules.rules, size, weight, rules.account);
  Report out;
  out.instrument = "pack";
  out.title = fmt::format("Billed weight by {} on {}", rules.rules.carrier, to_text(rules.day));
  out.verdict = bill.over_maximum.empty() ? Verdict::pass : Verdict::fail;
  out.summary = told(bill);
  out.facts.push_back({"billed", bill.billed_lb, "lb"});
  out.facts.push_back({"actual weight, rounded up", bill.actual_lb, "lb"});
  out.facts.push_back({"dimensional weight", bill.dim_lb, "lb"});
  out.facts.push_back({"rule", rules.rules.id, ""});
  out.facts.push_back({"source", rules.rules.source, ""});
  out.tables.push_back(trim_table(trims(rules.rules, size, weight, rules.account)));
  out.tables.push_back(surcharge_table(distances(rules.rules, size, weight, rules.account), bill));
  out.tables.push_back(history_table(rules, size, weight));
  out.data = to_json(bill);
  return out;
}

}  // namespace

cli::Command bill_command() {
  cli::Command out;
  out.name = "bill";
  out.summary = "Say what a carrier bills a parcel by, and what an inch less is worth";
  out.details =
      "Sides are rounded, multiplied and divided in whole numbers; the rule's id, days and source are told. "
      "Exit code 1 where the carrier does not take the parcel.";
  out.options = {{"--dims", "LxWxH", "its outer sides, as 11.1x8x6in", {}, false},
                 {"--weight", "WEIGHT", "as 3.2lb", {}, false}};
  for (cli::Option& option : rule_options()) out.options.push_back(std::move(option));
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
