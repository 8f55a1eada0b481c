#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/commands.hpp"
#include "instruments/pack/measure/roi.hpp"
#include "instruments/pack/options.hpp"

namespace signalbox::pack {
namespace {

std::string text_of(const Range& range) {
  return range.low == range.high ? fmt::format("{:.0f}", range.low)
                                 : fmt::format("{:.0f} to {:.0f}", range.low, range.high);
}

std::string months_text(const std::optional<double>& months) {
  return months ? fmt::format("{:.1f}", *months) : "never";
}

Json range_json(const Range& range) {
  return Json::object({{"low", range.low}, {"high", range.high}});
}

Json months_json(const std::optional<double>& months) {
  return months ? Json(*months) : Json();
}

Result<Investment> asked_for(const cli::Arguments& arguments) {
  Investment out;
  out.name = "as asked";
  const auto read = [&](const char* option, Range& range, bool needed, double least) -> Status {
    const auto word = arguments.get(option);
    if (!word && needed)
      return fail(ErrorKind::bad_input, fmt::format("{} is missing", option),
                  "--shipments 100000 --lb-saved 1.2..1.8 --cost-per-lb 1.5, or --investments FILE");
    if (!word) return {};
    auto value = range_from(*word, least);
    if (!value)
      return fail(ErrorKind::bad_input, fmt::format("{}: {}", option, value.error().message),
                  value.error().hint);
    range = *value;
    return {};
  };
  SIGNALBOX_CHECK(read("--shipments", out.shipments, true, 0));
  SIGNALBOX_CHECK(read("--lb-saved", out.pounds_saved, true, -kLargestFigure));
  SIGNALBOX_CHECK(read("--cost-per-lb", out.cost_per_pound, true, 0));
  SIGNALBOX_CHECK(read("--capex", out.capex, false, 0));
  SIGNALBOX_CHECK(read("--material", out.material, false, -kLargestFigure));
  SIGNALBOX_CHECK(read("--labour", out.labour, false, -kLargestFigure));
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  std::vector<Investment> investments;
  if (const auto file = arguments.get("--investments")) {
    SIGNALBOX_TRY(const std::string text, text_of_file(*file));
    SIGNALBOX_TRY(investments, read_investments(text, *file));
  } else {
    SIGNALBOX_TRY(Investment one, asked_for(arguments));
    investments.push_back(std::move(one));
  }
  Report out;
  out.instrument = "pack";
  out.title = "What it saves in a year";
  Table table;
  table.title = "investments";
  table.columns = {{"what"},
                   {"material", Column::Align::right},
                   {"labour", Column::Align::right},
                   {"freight saved", Column::Align::right},
                   {"net a year", Column::Align::right},
                   {"capex", Column::Align::right},
                   {"payback (months)", Column::Align::right},
                   {"at best", Column::Align::right},
                   {"at worst", Column::Align::right}};
  Json rows = Json::array();
  bool all_pay = true;
  for (const Investment& each : investments) {
    const Return it = return_of(each);
    all_pay = all_pay && it.payback.has_value();
    table.rows.push_back({printable(each.name),
                          text_of(each.material),
                          text_of(each.labour),
                          text_of(it.freight),
                          {text_of(it.net), it.net.low > 0    ? Tone::good
                                            : it.net.high < 0 ? Tone::bad
                                                              : Tone::caution},
                          text_of(each.capex),
                          months_text(it.payback),
                          months_text(it.payback_low),
                          months_text(it.payback_high)});
    rows.push_back(Json::object({{"name", each.name},
                                 {"freight", range_json(it.freight)},
                                 {"net", range_json(it.net)},
                                 {"payback_months", months_json(it.payback)},
                                 {"payback_best", months_json(it.payback_low)},
                                 {"payback_worst", months_json(it.payback_high)}}));
  }
  out.verdict = all_pay ? Verdict::pass : Verdict::fail;
  out.summary = investments.size() == 1
                    ? fmt::format("freight {} a year", text_of(return_of(investments[0]).freight))
                    : fmt::format("{} beside one another", counted(investments.size(), "investment"));
  out.tables.push_back(std::move(table));
  out.data = Json::object({{"investments", std::move(rows)}});
  return out;
}

}  // namespace

cli::Command roi_command() {
  cli::Command out;
  out.name = "roi";
  out.summary = "Tell what fewer billed pounds save in a year, and when a change has paid for itself";
  out.details =
      "Each figure is a number or a range, as 1.2..1.8: the outcome is a range then, from all that speaks "
      "against it "
      "together to all that speaks for it. Exit code 1 where something never pays.";
  out.options = {{"--shipments", "N", "a year", {}, false},
                 {"--lb-saved", "N", "billed pounds that each saves", {}, false},
                 {"--cost-per-lb", "MONEY", "what a billed pound costs", {}, false},
                 {"--capex", "MONEY", "paid once", {}, false},
                 {"--material", "MONEY", "more a year", {}, false},
                 {"--labour", "MONEY", "more a year; less is negative", {}, false},
                 {"--investments",
                  "FILE",
                  "several, as CSV: name, shipments, pounds_saved, cost_per_pound, capex, material, labour",
                  {},
                  false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::pack
