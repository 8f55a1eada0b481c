#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/health_reader.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/boarding/event_writer.hpp"

namespace signalbox::train::after {
namespace {

Result<cli::Outcome> run_health(const cli::Arguments& arguments, cli::Context& context) {
  const std::string train = *arguments.positional(0);
  SIGNALBOX_TRY(Office office, open_office(context, context.record ? Access::append : Access::read));
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, train));
  SIGNALBOX_TRY(const Health health, read_health(events, office.policy, context.clock.now()));
  Report report = health_report(health);
  if (context.record) {
    const auto make = [&](const TrainEvents&, const Aftermath&) -> Result<NewEvent> {
      NewEvent event;
      event.kind = "health";
      event.predicate = health_predicate(health);
      event.also_about = commit_subjects({health.ending.commit}, context.workspace.name);
      event.key = arguments.get("--key");
      return event;
    };
    SIGNALBOX_TRY(const evidence::Receipt receipt, append_to(office, train, make));
    report.facts.push_back({"recorded", fmt::format("log #{}", receipt.index), ""});
    report.data.set("recorded", receipt.index);
  }
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command health_command() {
  cli::Command command;
  command.name = "health";
  command.summary = "Show how a release is since it left: figures, incidents, what is still to be done";
  command.details =
      "Figures are asked of the metrics server of the policy, at the time that `health.after` names, a day "
      "after all "
      "traffic by default, or now where that has not come. A figure that is not there is never a success. "
      "With "
      "--record it is a signed statement train/health/v1.";
  command.options = {key_option()};
  command.positionals = {{"TRAIN", "its name"}};
  command.run = run_health;
  return command;
}

}  // namespace signalbox::train::after
