#include <iostream>
#include <iterator>

#include "core/base/file.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/plans/plan_report.hpp"

namespace signalbox::queries {
namespace {

Result<Plan> read_file_or_input(const std::string& name) {
  std::string text;
  if (name == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    SIGNALBOX_TRY(text, read_file(name));
  }
  auto plan = read_plan(text);
  if (!plan) return fail_in(name == "-" ? "standard input" : name, std::move(plan).error());
  return plan;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  const auto name = arguments.positional(0);
  if (!name)
    return fail(ErrorKind::bad_input, "which plan?", "signalbox queries plan FILE, or - for standard input");
  SIGNALBOX_TRY(const Plan plan, read_file_or_input(*name));
  return plan_report(plan, "Plan of " + (*name == "-" ? "standard input" : *name),
                     arguments.has("--diagnose") ? Diagnosing::yes : Diagnosing::no);
}

Result<cli::Outcome> diff(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(const Plan before, read_file_or_input(*arguments.positional(0)));
  SIGNALBOX_TRY(const Plan after, read_file_or_input(*arguments.positional(1)));
  return plan_diff_report(before, after);
}

}  // namespace

cli::Command plan_command() {
  cli::Command comparing;
  comparing.name = "diff";
  comparing.summary = "Tell two plans of one statement apart, node by node";
  comparing.positionals = {{"BEFORE", "a plan", cli::Positional::Count::one},
                           {"AFTER", "another", cli::Positional::Count::one}};
  comparing.run = diff;
  comparing.anywhere = true;

  cli::Command out;
  out.name = "plan";
  out.summary = "Tell where the time of a plan goes, and what is wrong with it";
  out.details =
      "Reads what EXPLAIN printed, as JSON or text, also in psql's frames or with lines that a terminal "
      "broke, and what "
      "auto_explain wrote. The time of a node is its own: what is below it, what CTEs and sub-selects took, "
      "and what "
      "parallel processes did at the same time is reckoned out.";
  out.positionals = {{"FILE", "a plan; - is standard input", cli::Positional::Count::optional}};
  out.options = {{"--diagnose", "", "what is wrong with it, and what to do", {}, false}};
  out.commands = {std::move(comparing)};
  out.run = run;
  out.anywhere = true;
  return out;
}

}  // namespace signalbox::queries
