#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/recording/recording.hpp"
#include "instruments/profile/analysis/check.hpp"
#include "instruments/profile/analysis/predicates.hpp"
#include "instruments/profile/commands.hpp"
#include "instruments/profile/profile_file.hpp"
#include "instruments/profile/recorded_statement.hpp"
#include "instruments/profile/work_options.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kRows = 20;
constexpr std::string_view kUsage = "signalbox profile check BASE… -- NEW…";

// The files of one side.
struct Side {
  std::vector<ProfileFile> files;

  CheckSide runs(std::optional<double> work) const {
    CheckSide out;
    for (const ProfileFile& file : files) {
      out.runs.push_back(file.named());
      if (const auto of_run = work ? work : work_units(file.profile)) out.work.push_back(*of_run);
    }
    if (out.work.size() != out.runs.size()) out.work.clear();
    return out;
  }
  // Of one file its digest, of several that of their digests.
  std::string digest() const {
    if (files.size() == 1) return files.front().sha256;
    std::vector<std::string> digests;
    for (const ProfileFile& file : files) digests.push_back(file.sha256);
    return to_hex(sha256(join(digests, "\n")));
  }
};

// What stands before `--` and after it; of two files without it, one each.
struct Sides {
  Side base;
  Side fresh;
};

Result<Sides> read_sides(const cli::Arguments& arguments, cli::Context& context) {
  const std::vector<std::string>& words = arguments.positionals();
  const std::size_t before = arguments.separator_.value_or(words.size() == 2 ? 1 : 0);
  if (before == 0 || before == words.size()) {
    return fail(ErrorKind::bad_input,
                "profiles of the base and of the candidate are wanted, with -- between them",
                std::string(kUsage));
  }
  Sides out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    context.progress.update(i, words.size(), "profiles");
    SIGNALBOX_TRY(ProfileFile file, read_profile_file(words[i], arguments, context));
    (i < before ? out.base : out.fresh).files.push_back(std::move(file));
  }
  return out;
}

Result<Report> recorded(const Sides& sides, const CheckResult& result, Report report, cli::Context& context) {
  const ProfileFile& candidate = sides.fresh.files.front();
  evidence::Statement statement;
  for (const ProfileFile& file : sides.fresh.files)
    add_profile(statement, file.profile, file.name, file.sha256);
  statement.predicate_type = std::string(kRegressionPredicate);
  statement.predicate = regression_predicate(candidate.profile, result, sides.base.digest());
  add_commit(statement, candidate.profile);
  SIGNALBOX_CHECK(recording::record_statement(std::move(statement), context, report));
  return report;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const config::Node section, signalbox::section(context.workspace, "profile"));
  SIGNALBOX_TRY(const Budgets budgets, parse_budgets(section["budgets"]));
  SIGNALBOX_TRY(const WorkOptions work, work_options(arguments));
  SIGNALBOX_TRY(const std::size_t rows, count_option(arguments, "--top", kRows));
  SIGNALBOX_TRY(const Sides sides, read_sides(arguments, context));
  CheckOptions options;
  options.value = arguments.get("--value");
  SIGNALBOX_TRY(const CheckResult result,
                check(sides.base.runs(work.base), sides.fresh.runs(work.fresh), budgets, options));
  Report report = check_report(result, rows);
  if (context.record) {
    SIGNALBOX_TRY(report, recorded(sides, result, std::move(report), context));
  }
  if (arguments.get_or("--fail-on", "regress") == "never" && report.verdict == Verdict::fail)
    report.verdict = Verdict::warn;
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command check_command() {
  cli::Command command;
  command.name = "check";
  command.summary = "Judge whether anything became slower, from runs of both sides";
  command.details =
      "With three runs or more on each side, functions and the total are compared by Welch's t test on the "
      "means of "
      "runs; with fewer, by a z test on samples. Of the functions with half a percent of either side, at "
      "most one "
      "in twenty of those called regressed is so by chance (Benjamini and Hochberg); a regression is 5 % of "
      "what it "
      "cost before and 0.5 % of all, or more.\n\n"
      "Costs are those per unit of work where --work, or the profiles, tell the units; else shares, which "
      "cannot "
      "show that everything became slower alike, and the answer says so. Budgets, allowed functions and "
      "owners are "
      "those of `profile: budgets:` in signalbox.yaml.\n\n"
      "Exit code 0 is no regression, 1 a regression or a budget that is exceeded, 2 bad or missing input.";
  command.options = work_option_list();
  command.options.push_back({.name = "--fail-on",
                             .value = "WHAT",
                             .help = "what is exit code 1: regress, the default, or never",
                             .choices = {"regress", "never"}});
  command.options.push_back(value_option());
  command.options.push_back(input_format_option());
  command.options.push_back({.name = "--top", .value = "N", .help = "rows of the table; default 20"});
  command.positionals = {{"BASE… -- NEW", "profiles of runs before and after; two files need no --",
                          cli::Positional::Count::at_least_one}};
  command.run = run;
  return command;
}

}  // namespace signalbox::profile
