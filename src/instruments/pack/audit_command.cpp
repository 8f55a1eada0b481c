#include <map>

#include <fmt/format.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/pack/audit/audit.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kMostShown = 100;

// What the lines of one reason come to.
struct Sum {
  std::size_t lines = 0;
  std::size_t claims = 0;
  std::int64_t over_lb = 0;
  Money over = 0;
};

Table reason_table(const std::map<Reason, Sum>& sums, bool has_money) {
  Table out;
  out.title = "by reason";
  out.columns = {{"reason"},
                 {"lines", Column::Align::right},
                 {"claims", Column::Align::right},
                 {"over (lb)", Column::Align::right}};
  if (has_money) out.columns.push_back({"over", Column::Align::right});
  for (const auto& [reason, sum] : sums) {
    std::vector<Cell> row{std::string(name_of(reason)), std::to_string(sum.lines), std::to_string(sum.claims),
                          fmt::format("{:+}", sum.over_lb)};
    if (has_money) row.emplace_back(money_text(sum.over));
    out.rows.push_back(std::move(row));
  }
  return out;
}

Table line_table(const Audit& audit) {
  Table out;
  out.title = "lines that differ";
  out.columns = {{"tracking"},
                 {"order"},
                 {"reason"},
                 {"asked (lb)", Column::Align::right},
                 {"due (lb)", Column::Align::right},
                 {"over", Column::Align::right},
                 {"why"}};
  for (const AuditedLine& each : audit.lines) {
    if (each.reason == Reason::agrees || out.rows.size() == kMostShown) continue;
    out.rows.push_back({printable(each.line.tracking),
                        printable(each.line.order),
                        {std::string(name_of(each.reason)), is_claim(each) ? Tone::bad : Tone::quiet},
                        std::to_string(each.line.billed_lb),
                        std::to_string(each.line.billed_lb - each.over_lb),
                        each.over_amount ? money_text(*each.over_amount) : "",
                        each.why});
  }
  return out;
}

Json line_json(const AuditedLine& each) {
  Json out = Json::object({{"tracking", each.line.tracking},
                           {"order", each.line.order},
                           {"reason", name_of(each.reason)},
                           {"claim", is_claim(each)},
                           {"asked_lb", each.line.billed_lb},
                           {"over_lb", each.over_lb},
                           {"why", each.why}});
  if (each.over_amount) out.set("over", static_cast<double>(*each.over_amount) / 1e6);
  return out;
}

Report audit_report(const std::string& file, const Audit& audit, const std::vector<PlanDocument>& plans) {
  std::map<Reason, Sum> sums;
  Sum claimed;
  bool has_money = false;
  for (const AuditedLine& each : audit.lines) {
    Sum& sum = sums[each.reason];
    for (Sum* to : {&sum, &claimed}) {
      if (to == &claimed && !is_claim(each)) continue;
      ++to->lines;
      to->claims += is_claim(each) ? 1 : 0;
      to->over_lb += each.over_lb;
      to->over += each.over_amount.value_or(0);
    }
    has_money = has_money || each.over_amount.has_value();
  }
  Report out;
  out.instrument = "pack";
  out.title = "Invoice " + printable(file);
  out.verdict = claimed.lines == 0 ? Verdict::pass : Verdict::fail;
  out.summary = fmt::format("{} of {} ask too much: {:+} lb", claimed.lines,
                            counted(audit.lines.size(), "line"), claimed.over_lb);
  if (has_money) out.summary += ", " + money_text(claimed.over);
  out.facts.push_back({"lines", audit.lines.size(), ""});
  out.facts.push_back({"lines that agree", sums[Reason::agrees].lines, ""});
  out.facts.push_back({"lines that ask too much", claimed.lines, ""});
  out.facts.push_back({"asked too much", claimed.over_lb, "lb"});
  if (has_money) out.facts.push_back({"asked too much, money", money_text(claimed.over), ""});
  out.facts.push_back({"lines billed above what was predicted",
                       std::count_if(audit.lines.begin(), audit.lines.end(),
                                     [](const AuditedLine& each) { return each.over_lb > 0; }),
                       ""});
  out.facts.push_back({"parcels planned and not on the invoice", audit.not_billed.size(), ""});
  for (std::size_t i = 0; i < audit.not_billed.size() && i < kMostShown; ++i)
    out.findings.push_back(
        {"pack/not-billed", Severity::note,
         fmt::format("order '{}', package {}, is on no line",
                     printable(plans[audit.not_billed[i].first].order.id), audit.not_billed[i].second + 1),
         std::nullopt, "was it carried?"});
  out.tables.push_back(reason_table(sums, has_money));
  out.tables.push_back(line_table(audit));
  Json lines = Json::array();
  for (const AuditedLine& each : audit.lines) lines.push_back(line_json(each));
  out.data =
      Json::object({{"lines", std::move(lines)}, {"claims", claimed.lines}, {"over_lb", claimed.over_lb}});
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const std::string file = *arguments.positional(0);
  SIGNALBOX_TRY(const std::string text, text_of_file(file));
  SIGNALBOX_TRY(const std::vector<InvoiceLine> lines, read_invoice(text, file));
  const auto plans_file = arguments.get("--plans");
  if (!plans_file)
    return fail(ErrorKind::bad_input, "which plans were carried?",
                "--plans FILE, as `signalbox pack batch --plans` writes them");
  SIGNALBOX_TRY(const std::vector<PlanDocument> plans, plans_of(*plans_file));
  SIGNALBOX_TRY(const RulesAsked asked, rules_of(arguments, context.clock));
  AuditRules rules;
  rules.all = asked.all;
  rules.carrier = asked.rules.carrier;
  rules.day = asked.day;
  rules.account = asked.account;
  if (arguments.has("--divisor")) rules.divisor = asked.rules.daily_divisor;
  RateTable rates;
  if (const auto rates_file = arguments.get("--rates")) {
    SIGNALBOX_TRY(const std::string rates_text, text_of_file(*rates_file));
    SIGNALBOX_TRY(rates, read_rates(rates_text, *rates_file));
    rules.rates = &rates;
  }
  SIGNALBOX_TRY(const Audit audit, audit_invoice(lines, plans, rules));
  if (const auto claims = arguments.get("--claims"))
    SIGNALBOX_CHECK(replace_file(*claims, claims_csv(audit, plans)));
  return audit_report(file, audit, plans);
}

}  // namespace

cli::Command audit_command() {
  cli::Command out;
  out.name = "audit";
  out.summary = "Hold a carrier's invoice against our own bills, and write what is to be claimed";
  out.details =
      "Each line is matched to a package of a plan by its order. What differs has a reason: unknown, "
      "duplicate, "
      "arithmetic, dimensions, weight, rule, surcharge, price, pounds. Exit code 1 where a line asks too "
      "much.";
  out.positionals = {
      {"INVOICE",
       "CSV with tracking, order, billed_lb, and package, service, zone, day, l, w, h, weight, "
       "surcharges, amount"}};
  out.options = {
      {"--plans", "FILE", "what was planned, one JSON a line", {}, false},
      {"--rates", "FILE", "what the carrier asks, as CSV: amounts are judged too", {}, false},
      {"--claims", "FILE", "write the lines that ask too much there, as CSV with the evidence", {}, false}};
  for (cli::Option& option : rule_options()) out.options.push_back(std::move(option));
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
