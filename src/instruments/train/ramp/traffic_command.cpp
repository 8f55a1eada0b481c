#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/ramp/commands.hpp"
#include "instruments/train/ramp/station.hpp"

namespace signalbox::train::ramp {
namespace {

Result<cli::Outcome> run_traffic(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const git::Repository repository, git::Repository::open(context.workspace.root));
  Begin begin;
  SIGNALBOX_TRY(begin.commit, repository.resolve(arguments.get_or("--head", "HEAD")));
  begin.policy_ref = arguments.get_or("--policy-ref", "");
  SIGNALBOX_TRY(const Policy policy, policy_of(context, repository, begin));
  const DriverSettings& settings = policy.ramp.driver;
  if (arguments.has("--init")) {
    SIGNALBOX_CHECK(allowance_of(policy.configuration)());
    SIGNALBOX_CHECK(write_first_file(settings));
    const auto& file = std::get<WeightFileSettings>(settings.kind);
    return cli::Outcome(cli::Artifact{
        fmt::format("{} is there: include it, and send requests to {}\n", file.file, file.upstream),
        Verdict::none});
  }
  const auto driver = make_driver(settings, policy.configuration);
  StepOrder order;
  order.candidate = "the candidate";
  SIGNALBOX_TRY(const Observation seen, driver->observe(order));
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Traffic, as {} tells it", driver->name());
  report.summary = !seen.weight       ? std::string("the driver cannot tell")
                   : *seen.weight > 0 ? fmt::format("{} % on the candidate", *seen.weight)
                                      : std::string("0 % on the candidate: the live version has all of it");
  if (!seen.step.empty()) report.facts.push_back({"last step", printable(seen.step), ""});
  if (seen.token) report.facts.push_back({"newest token", *seen.token, ""});
  report.data = Json::object({{"driver", driver->name()},
                              {"weight", seen.weight ? Json(*seen.weight) : Json()},
                              {"step", seen.step},
                              {"token", seen.token ? Json(*seen.token) : Json()}});
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command traffic_command() {
  cli::Command command;
  command.name = "traffic";
  command.summary = "Ask the driver where the traffic goes; write its first weight file";
  command.options = {
      {.name = "--init", .help = "write the weight file of nginx or HAProxy where there is none"},
      {.name = "--head", .value = "REF", .help = "the commit that would depart; by default HEAD"},
      {.name = "--policy-ref",
       .value = "REF",
       .help = "read the policy from here instead of the last release"}};
  command.run = run_traffic;
  return command;
}

}  // namespace signalbox::train::ramp
