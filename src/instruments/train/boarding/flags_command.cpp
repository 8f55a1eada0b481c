#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/boarding/flags.hpp"

namespace signalbox::train {
namespace {

// Trains on which passengers ride behind a flag.
std::string riders_of(const std::vector<Train>& trains, const std::string& flag) {
  std::vector<std::string> out;
  for (const Train& train : trains) {
    for (const Seat& seat : train.seats) {
      for (const std::string& name : seat.record.flags) {
        if (name == flag) out.push_back(fmt::format("{} ({})", seat.record.id, train.id));
      }
    }
  }
  return join(out, ", ");
}

Result<cli::Outcome> run_flags(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const OpenDesk opened, desk_for_reading(arguments, context));
  const Desk& desk = opened.desk;
  SIGNALBOX_TRY(const auto references, count_references(desk.repository, desk.head, desk.flags));
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Feature flags at {}", desk.head.substr(0, 7));
  report.findings = judge_flags(desk.flags, references, context.clock.now());
  report.verdict = report.findings.empty() ? Verdict::pass : Verdict::warn;
  report.summary = fmt::format("{} flags, {} to look at", desk.flags.size(), report.findings.size());
  Table table;
  table.columns = {{"flag"},      {"default"}, {"kind"},
                   {"owner"},     {"expires"}, {"named", Column::Align::right},
                   {"passengers"}};
  Json list = Json::array();
  for (const Flag& flag : desk.flags) {
    const std::string expires = flag.expires ? to_rfc3339(*flag.expires).substr(0, 10) : std::string();
    const std::uint64_t count = references.at(flag.name);
    const std::string riders = riders_of(desk.trains, flag.name);
    table.rows.push_back({flag.name, flag.on_by_default ? "on" : "off", std::string(name_of(flag.kind)),
                          printable(flag.owner), expires, std::to_string(count), riders});
    list.push_back(Json::object({{"name", flag.name},
                                 {"default", flag.on_by_default},
                                 {"kind", name_of(flag.kind)},
                                 {"owner", flag.owner},
                                 {"expires", expires},
                                 {"references", count},
                                 {"passengers", riders}}));
  }
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  report.data = Json::object({{"flags", std::move(list)}});
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command flags_command() {
  cli::Command command;
  command.name = "flags";
  command.summary = "List the feature flags, and warn of those that expired or that nothing names";
  command.details =
      "The registry is train.flags of the configuration; the tree of --head is searched for each name.";
  command.options = desk_options();
  command.run = run_flags;
  return command;
}

}  // namespace signalbox::train
