#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/advice/advice.hpp"
#include "instruments/queries/catalog/plan_catalog_reading.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/kept_advice.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kUsualStatements = 20;
constexpr std::size_t kMostStatements = 200;

// "20%", as 0.2.
Result<double> share_of(const cli::Arguments& arguments, std::string_view option, double usual) {
  const auto given = arguments.get(option);
  if (!given) return usual;
  std::string_view text = *given;
  if (text.ends_with('%')) text.remove_suffix(1);
  const std::string number(text);
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0' || !(value >= 0 && value <= 100)) {
    return fail(ErrorKind::bad_input, fmt::format("{} {}: is no share", option, printable(*given)),
                "for example 20%");
  }
  return value / 100;
}

// Building an index keeps all writers of its table waiting: not where people are at work.
Status refuse_the_watched(const ServerIdentity& copy, const KeptServer& server, const Workload& workload) {
  if (copy.address != server.address || copy.database != workload.database) return {};
  return fail(
      ErrorKind::denied,
      fmt::format("--prove: {}, database {}, is the one that is watched, and no copy of it",
                  printable(copy.address), printable(copy.database)),
      "createdb --template of it, or a restored backup; its tables are locked while indexes are tried");
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  AdviceOptions options;
  SIGNALBOX_TRY(options.most_indexes, count_of(arguments, "--budget-indexes", options.most_indexes, 64));
  SIGNALBOX_TRY(options.most_size, share_of(arguments, "--budget-size", options.most_size));
  SIGNALBOX_TRY(options.least_gain, share_of(arguments, "--min-gain", options.least_gain));
  SIGNALBOX_TRY(const std::size_t most,
                count_of(arguments, "--statements", kUsualStatements, kMostStatements));
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(Workload workload, read_workload(*asked.database, asked.server.id, asked.span,
                                                 arguments.get_or("--database", ""), most));
  if (const auto address = arguments.get("--prove")) {
    SIGNALBOX_TRY(Copy copy, Copy::open(*address));
    SIGNALBOX_CHECK(refuse_the_watched(copy.link().identity(), asked.server, workload));
    SIGNALBOX_TRY(const Advice advice, prove(std::move(workload), copy, options, context.say));
    SIGNALBOX_CHECK(KeptAdvice(*asked.database)
                        .write(asked.server.id, advice.workload.database,
                               {context.clock.now(), kept_advice_json(advice)}));
    return advice_report(advice);
  }
  PlanCatalog catalog;
  if (arguments.has("--dsn")) {
    SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn_of(arguments)));
    std::vector<std::pair<std::string, std::string>> tables;
    for (const WorkStatement& each : workload.statements) {
      if (!each.plan) continue;
      for (const PlanNode& node : each.plan->nodes) {
        if (!node.relation.empty()) tables.emplace_back(node.schema, node.relation);
      }
    }
    SIGNALBOX_TRY(catalog, read_plan_catalog(link, tables));
  }
  return advice_report(propose(std::move(workload), catalog));
}

}  // namespace

cli::Command advise_command() {
  cli::Command out;
  out.name = "advise";
  out.summary = "Find the indexes that a database lacks, and prove on a copy what they gain";
  out.details =
      "Of the statements that `watch` has kept. With --prove each index that their plans ask for is built on "
      "a "
      "copy, the statements are measured before and after with values drawn from the copy's own rows, and "
      "what a "
      "written row costs is measured too; all of it is taken back. What pays is told with what it was "
      "measured "
      "to gain, beside those told before it, and the statement that makes it. Without --prove there are "
      "ideas "
      "alone, and no gain is claimed.";
  out.options = kept_options();
  for (cli::Option option : std::vector<cli::Option>{
           {"--prove",
            "ADDRESS",
            "a copy of the database, never the watched one: indexes are built there",
            {},
            false},
           {"--database", "NAME", "which one; by default that whose statements took most time", {}, false},
           {"--statements",
            "N",
            "how many are looked at, those that take most time first; 20 by default",
            {},
            false},
           {"--budget-indexes", "N", "how many indexes at most; 5 by default", {}, false},
           {"--budget-size",
            "SHARE",
            "how large they may be together, of the database; 10% by default",
            {},
            false},
           {"--min-gain",
            "SHARE",
            "how much of the time of the statements that it serves an index has to save; 20% by default",
            {},
            false},
           {"--dsn", "ADDRESS", "without --prove: the server is asked which indexes it has", {}, false}})
    out.options.push_back(std::move(option));
  out.run = run;
  return out;
}

}  // namespace signalbox::queries
