#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/measure/trim.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

Table worth_table(const std::vector<TrimWorth>& worth, bool has_money) {
  Table out;
  out.title = "what an inch is worth";
  out.columns = {{"box"},
                 {"side"},
                 {"cut (in)", Column::Align::right},
                 {"parcels", Column::Align::right},
                 {"cheaper", Column::Align::right},
                 {"saves (lb)", Column::Align::right},
                 {"surcharges", Column::Align::right},
                 {"with room", Column::Align::right},
                 {"of them saves (lb)", Column::Align::right}};
  if (has_money) out.columns.push_back({"saves", Column::Align::right});
  for (const TrimWorth& each : worth) {
    std::vector<Cell> row{printable(each.box),
                          kSideNames[each.side],
                          to_text(each.by, LengthUnit::in),
                          std::to_string(each.parcels),
                          std::to_string(each.cheaper),
                          {std::to_string(each.saved_lb), each.saved_lb > 0 ? Tone::good : Tone::plain},
                          std::to_string(each.surcharges),
                          std::to_string(each.with_room),
                          std::to_string(each.saved_with_room_lb)};
    if (has_money) row.emplace_back(money_text(each.saved));
    out.rows.push_back(std::move(row));
  }
  return out;
}

Json worth_json(const std::vector<TrimWorth>& worth) {
  Json out = Json::array();
  for (const TrimWorth& each : worth)
    out.push_back(Json::object({{"box", each.box},
                                {"side", kSideNames[each.side]},
                                {"cut_in", as_number(each.by, LengthUnit::in)},
                                {"parcels", each.parcels},
                                {"cheaper", each.cheaper},
                                {"saved_lb", each.saved_lb},
                                {"surcharges", each.surcharges},
                                {"with_room", each.with_room},
                                {"saved_with_room_lb", each.saved_with_room_lb},
                                {"saved", static_cast<double>(each.saved) / 1e6}}));
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::vector<PlanDocument> plans, plans_of(file));
  SIGNALBOX_TRY(const RulesAsked rules, rules_of(arguments, context.clock));
  std::shared_ptr<const PriceList> prices;
  if (const auto rates = arguments.get("--rates")) {
    SIGNALBOX_TRY(prices, prices_of(arguments, rules, *rates));
  }
  ParcelPrice price;
  if (prices)
    price = [&prices](const Size& outer, Mass weight) -> std::optional<Money> {
      const auto priced =
          least_price(prices->rates, prices->rules, prices->zone, outer, weight, prices->account);
      return priced ? std::optional(priced->money) : std::nullopt;
    };
  const std::vector<TrimWorth> worth = trim_worth(plans, rules.rules, rules.account, price);
  Report out;
  out.instrument = "pack";
  out.title = "What an inch is worth, over the plans of " + printable(file);
  out.verdict = Verdict::pass;
  out.summary = worth.empty() || worth[0].saved_lb <= 0
                    ? "no side is worth an inch by " + rules.rules.id
                    : fmt::format("most by the {} of '{}': {} lb over {} by {}", kSideNames[worth[0].side],
                                  printable(worth[0].box), worth[0].saved_lb,
                                  counted(worth[0].parcels, "parcel"), rules.rules.id);
  out.facts.push_back({"plans", plans.size(), ""});
  out.facts.push_back({"rule", rules.rules.id, ""});
  out.facts.push_back({"source", rules.rules.source, ""});
  out.tables.push_back(worth_table(worth, prices != nullptr));
  out.data = Json::object({{"rule", rules.rules.id}, {"trims", worth_json(worth)}});
  return out;
}

}  // namespace

cli::Command trim_command() {
  cli::Command out;
  out.name = "trim";
  out.summary = "Rank what an inch less of each side of each box saves, over plans";
  out.details =
      "Each side is cut so far that it rounds to an inch less. `with room` are the parcels whose contents, "
      "as they "
      "are packed, leave that much room along it: those save without another packing.";
  out.positionals = {{"PLANS", "what `pack batch --plans` wrote; - is standard input"}};
  out.options = {{"--rates", "FILE", "what carriers ask, as CSV: savings are money too", {}, false},
                 {"--zone", "ZONE", "of --rates", {}, false}};
  for (cli::Option& option : rule_options()) out.options.push_back(std::move(option));
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
