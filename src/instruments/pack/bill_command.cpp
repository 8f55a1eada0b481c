#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/options.hpp"
#include "instruments/pack/plan_report.hpp"

namespace signalbox::pack {
namespace {

// "11.1x8x6in": the unit at the end is of all three.
Result<Size> dims_of(std::string_view text) {
  const auto parts = split(text, 'x');
  if (parts.size() != 3)
    return fail(ErrorKind::bad_input, fmt::format("--dims: '{}' is not three lengths", printable(text)),
                "--dims 11.1x8x6in");
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

Table trim_table(const std::vector<Trim>& found) {
  Table out;
  out.title = "what an inch is worth";
  out.columns = {{"side"}, {"cut (in)", Column::Align::right}, {"saves (lb)", Column::Align::right}, {"and"}};
  constexpr std::array<const char*, 3> kSides{"length", "width", "height"};
  for (const Trim& each : found)
    out.rows.push_back({kSides[each.side],
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
  SIGNALBOX_TRY(const Size size, dims_of(*dims));
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
