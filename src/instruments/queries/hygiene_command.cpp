#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/hygiene/hygiene.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::hours kUsualAge{7 * 24};

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context&) {
  HygieneOptions options;
  SIGNALBOX_TRY(const Duration age, duration_of(arguments, "--min-age", kUsualAge, Duration(1)));
  options.least_counted_s = std::chrono::duration<double>(age).count();
  SIGNALBOX_TRY(ServerLink link, ServerLink::open(dsn_of(arguments)));
  std::vector<ServerLink> replicas;
  for (const std::string& address : arguments.all("--replica")) {
    auto replica = ServerLink::open(address);
    if (!replica) return fail_in("--replica", std::move(replica).error());
    replicas.push_back(std::move(*replica));
  }
  SIGNALBOX_TRY(
      const HygieneFacts facts,
      read_hygiene(link, replicas, arguments.has("--bloat") ? LeafDensity::read : LeafDensity::leave));
  return hygiene_report(facts, judge_hygiene(facts, options), link.identity(), options);
}

}  // namespace

cli::Command hygiene_command() {
  cli::Command out;
  out.name = "hygiene";
  out.summary = "Find indexes nobody reads, tables that are not vacuumed, and numbers that run out";
  out.details =
      "Of one database: indexes that are unused, the same as another, covered by another, or invalid; "
      "foreign keys "
      "without one; dead rows and who keeps them; how near the numbers of transactions and of sequences are "
      "to their "
      "end. Each comes with the statement that puts it right; nothing is changed. Exit 1 where something "
      "must not "
      "wait: an invalid index, a sequence or the numbers of transactions near their end.";
  out.options = {dsn_option(),
                 {"--replica",
                  "ADDRESS",
                  "of a replica: an index that is read there is used; may be given several times",
                  {},
                  true},
                 {"--min-age",
                  "TIME",
                  "for how long uses have to be counted before one is called unused; 7d by default",
                  {},
                  false},
                 {"--bloat",
                  "",
                  "reads each B-tree from end to end with pgstattuple, and tells those that are half empty",
                  {},
                  false}};
  out.run = run;
  out.anywhere = true;
  return out;
}

}  // namespace signalbox::queries
