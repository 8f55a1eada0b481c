#include <filesystem>
#include <iostream>
#include <iterator>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/queries/catalog/plan_catalog_reading.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/plans/plan_report.hpp"

namespace signalbox::queries {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<std::string> text_of(const std::string& name, const cli::Arguments& arguments, cli::Context& context) {
  if (name == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::error_code error;
  if (!is_number(name) || std::filesystem::exists(name, error)) return read_file(name);
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(PlanSample sample, KeptPlans(*asked.database).find(asked.server.id, *parse_integer(name)));
  return std::move(sample.plan);
}

std::string shown_name(const std::string& name) {
  return name == "-" ? "standard input" : is_number(name) ? "plan " + name : name;
}

Result<Plan> plan_named(const std::string& name, const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::string text, text_of(name, arguments, context));
  auto plan = read_plan(text);
  if (!plan) return fail_in(shown_name(name), std::move(plan).error());
  return plan;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  const auto name = arguments.positional(0);
  if (!name)
    return fail(ErrorKind::bad_input, "which plan?", "signalbox queries plan FILE, or - for standard input");
  SIGNALBOX_TRY(const Plan plan, plan_named(*name, arguments, context));
  const bool diagnosing = arguments.has("--diagnose") || arguments.has("--dsn");
  PlanCatalog catalog;
  if (arguments.has("--dsn")) {
    SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn_of(arguments)));
    SIGNALBOX_TRY(catalog, read_plan_catalog(link, plan));
  }
  return plan_report(plan, "Plan of " + shown_name(*name),
                     diagnosing ? ShowDiagnoses::yes : ShowDiagnoses::no, diagnose(plan, catalog));
}

Result<cli::Outcome> diff(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Plan before, plan_named(*arguments.positional(0), arguments, context));
  SIGNALBOX_TRY(const Plan after, plan_named(*arguments.positional(1), arguments, context));
  return plan_diff_report(before, after);
}

}  // namespace

cli::Command plan_command() {
  cli::Command comparing;
  comparing.name = "diff";
  comparing.summary = "Tell two plans of one statement apart, node by node";
  const cli::Option server{
      "--server", "NAME", "whose plan a number is of, where several are watched", {}, false};
  comparing.positionals = {{"BEFORE", "a plan: a file, -, or its number", cli::Positional::Count::one},
                           {"AFTER", "another", cli::Positional::Count::one}};
  comparing.options = {server};
  comparing.run = diff;

  cli::Command out;
  out.name = "plan";
  out.summary = "Tell where the time of a plan goes, and what is wrong with it";
  out.details =
      "Reads what EXPLAIN printed, as JSON, YAML, XML or text, also in psql's frames or with lines that a "
      "terminal "
      "broke, and what "
      "auto_explain wrote. The time of a node is its own: what is below it, what CTEs and sub-selects took, "
      "and what "
      "parallel processes did at the same time is reckoned out.";
  out.positionals = {{"PLAN", "a file, - for standard input, or the number of a plan that is kept",
                      cli::Positional::Count::optional}};
  out.options = {
      {"--diagnose", "", "what is wrong with it, and what to do", {}, false},
      {"--dsn",
       "ADDRESS",
       "diagnoses with what the catalogue of this server says of its tables, where it was executed",
       {},
       false},
      server};
  out.commands = {std::move(comparing)};
  out.run = run;
  return out;
}

}  // namespace signalbox::queries
