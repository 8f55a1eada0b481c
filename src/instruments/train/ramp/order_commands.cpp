// status, pause, resume, abort: what a person sees and says of a ramp that another process may carry out.
#include "instruments/train/ramp/commands.hpp"
#include "instruments/train/ramp/orders.hpp"
#include "instruments/train/ramp/ramp_report.hpp"
#include "instruments/train/ramp/station.hpp"

namespace signalbox::train::ramp {
namespace {

cli::Option reason_option() {
  return {.name = "--reason", .value = "TEXT", .help = "why, for the log"};
}
cli::Option key_option() {
  return {.name = "--key", .value = "NAME", .help = "the key that signs; by default this machine's"};
}
cli::Positional train_positional() {
  return {"TRAIN", "its name; by default the last one that was on its way", cli::Positional::Count::optional};
}

Result<cli::Outcome> run_status(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Station station, find_train(context, arguments.positional(0), Access::read));
  return cli::Outcome(ramp_report(station.ramp, context.clock.now()));
}

cli::Handler order(OrderEvent::What what) {
  return [what](const cli::Arguments& arguments, cli::Context& context) -> Result<cli::Outcome> {
    SIGNALBOX_TRY(Station station, find_train(context, arguments.positional(0), Access::append));
    SIGNALBOX_CHECK(check_order(station.ramp, what));
    BookLog log(station.book, station.trust, station.ramp.train, station.ramp.begun.service);
    SIGNALBOX_CHECK(log.append_order(what, arguments.get_or("--reason", ""), arguments.get("--key")));
    SIGNALBOX_TRY(const TrainEvents events, log.read());
    const Ramp ramp = fold(events);
    Report report = ramp_report(ramp, context.clock.now());
    const bool is_watched_over = ramp.lease && ramp.lease->expires > context.clock.now();
    if (!is_watched_over && !is_over(ramp.phase)) {
      report.findings.push_back({"train/no-controller",
                                 Severity::warning,
                                 "the order is in the log, and nobody carries it out",
                                 {},
                                 "signalbox train depart " + ramp.train});
    }
    return cli::Outcome(std::move(report));
  };
}

}  // namespace

cli::Command status_command() {
  cli::Command command;
  command.name = "status";
  command.summary = "Show where a train stands: weights, time left, what the judges say, who acts";
  command.positionals = {train_positional()};
  command.run = run_status;
  return command;
}

cli::Command pause_command() {
  cli::Command command;
  command.name = "pause";
  command.summary = "Keep the weight where it is until somebody resumes";
  command.details = "A breach still takes the traffic back while it is paused.";
  command.options = {reason_option(), key_option()};
  command.positionals = {train_positional()};
  command.run = order(OrderEvent::What::pause);
  return command;
}

cli::Command resume_command() {
  cli::Command command;
  command.name = "resume";
  command.summary = "Go on after a pause; the hold goes on where it stopped";
  command.options = {reason_option(), key_option()};
  command.positionals = {train_positional()};
  command.run = order(OrderEvent::What::resume);
  return command;
}

cli::Command abort_command() {
  cli::Command command;
  command.name = "abort";
  command.summary = "End a ramp that has not departed yet: all traffic goes back";
  command.details =
      "Says so to the controller, which takes the traffic back; where none runs, signalbox train rollback "
      "does it "
      "itself.";
  command.options = {reason_option(), key_option()};
  command.positionals = {train_positional()};
  command.run = order(OrderEvent::What::abort);
  return command;
}

}  // namespace signalbox::train::ramp
