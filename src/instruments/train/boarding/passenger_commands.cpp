#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/boarder.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/boarding/evidence_finder.hpp"
#include "instruments/train/boarding/train_report.hpp"

namespace signalbox::train {
namespace {

// "#12" and "pr-12" are the same; else the id, or a revision: a commit that it brings.
Result<const Seat*> find_seat(const git::Repository& repository, const Train& train,
                              const std::string& name) {
  const auto number = pull_request_from(name);
  const std::string id = number ? fmt::format("pr-{}", *number) : to_lower(name);
  if (const Seat* const seat = train.find(id)) return seat;
  const auto commit = number ? Result<std::string>(std::string()) : repository.resolve(name);
  std::vector<std::string> ids;
  for (const Seat& seat : train.seats) {
    const std::vector<std::string>& brought = seat.record.commits;
    if (commit && std::find(brought.begin(), brought.end(), *commit) != brought.end()) return &seat;
    ids.push_back(seat.record.id);
  }
  const auto near = nearest(id, ids);
  return fail(
      ErrorKind::not_found, fmt::format("{} is not on the train {}", printable(name), train.id),
      near ? fmt::format("did you mean {}?", *near) : fmt::format("signalbox train show {}", train.id));
}

// A move of one passenger after the other, each signed.
class Conductor {
 public:
  Conductor(OpenDesk& desk, cli::Context& context, const Train& train, const Seat& seat, Signatory signatory,
            std::optional<std::uint64_t> exception)
      : desk_(desk),
        context_(context),
        id_(seat.record.id),
        exception_(exception),
        writer_(*desk.book, desk.desk, train, std::move(signatory), context.clock.now()) {}

  // The rule that forbids the move is the error.
  Status move(SeatState to, std::string reason = {}, std::optional<std::uint64_t> evidence = {}) {
    const PassengerEvent event{seat().record, seat().state, to, std::move(reason), evidence, exception_};
    SIGNALBOX_TRY(const evidence::Receipt receipt,
                  writer_.append(event, context_.workspace.name, remedy_for(to)));
    recorded_.push_back(receipt.index);
    return {};
  }

  const Train& train() const { return writer_.train(); }
  const Seat& seat() const { return *train().find(id_); }

  Report report(const std::string& title) const {
    Report report = train_report(train(), desk_.desk.rules(), context_.clock.now());
    report.title = title;
    report.verdict = Verdict::pass;
    std::vector<std::string> indexes;
    for (const std::uint64_t index : recorded_) indexes.push_back(fmt::format("log #{}", index));
    report.facts.push_back(
        {"recorded", fmt::format("{}, signed by {}", join(indexes, ", "), writer_.signer()), ""});
    return report;
  }

 private:
  std::string remedy_for(SeatState to) const {
    if (to == SeatState::approved) {
      return fmt::format("signalbox evidence key new NAME --role {}, trust it, and approve with --key NAME",
                         desk_.desk.rules().approver_role);
    }
    return next_step(train(), seat(), desk_.desk.rules()).command;
  }

  OpenDesk& desk_;
  cli::Context& context_;
  std::string id_;
  std::optional<std::uint64_t> exception_;
  EventWriter writer_;
  std::vector<std::uint64_t> recorded_;
};

// The passenger that was named, on a train that takes a change.
struct Found {
  const Train* train = nullptr;
  const Seat* seat = nullptr;
  std::optional<std::uint64_t> exception;
};

Result<Found> find_passenger(const OpenDesk& desk, const cli::Arguments& arguments, Time now) {
  Found out;
  SIGNALBOX_TRY(out.train, desk.desk.train(arguments.get("--train")));
  SIGNALBOX_TRY(out.seat, find_seat(desk.desk.repository, *out.train, *arguments.positional(0)));
  SIGNALBOX_TRY(out.exception, exception_of(arguments));
  const Platform platform{*out.train, desk.desk.trains, desk.desk.book, desk.desk.flags, now, out.exception};
  if (const auto closed = closed_refusal(platform))
    return fail(ErrorKind::conflict, fmt::format("{}: {}", closed->code, closed->message), closed->remedy);
  return out;
}

Result<cli::Outcome> run_approve(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(OpenDesk desk, desk_for_writing(arguments, context));
  SIGNALBOX_TRY(const Found found, find_passenger(desk, arguments, context.clock.now()));
  SIGNALBOX_TRY(Signatory signatory, signatory_of(arguments, desk));
  Conductor conductor(desk, context, *found.train, *found.seat, std::move(signatory), found.exception);
  SIGNALBOX_CHECK(conductor.move(SeatState::approved));
  if (!needs_dry_run(conductor.seat().record)) SIGNALBOX_CHECK(conductor.move(SeatState::aboard));
  return cli::Outcome(
      conductor.report(fmt::format("{} is {}", conductor.seat().record.id, name_of(conductor.seat().state))));
}

// What proves a dry run: signed by a trusted key, about one of the passenger's commits or one that holds it.
Status check_dry_run(const OpenDesk& desk, const EvidenceFinder& finder, const Seat& seat,
                     std::uint64_t index) {
  SIGNALBOX_TRY(const FoundEvidence evidence, finder.at(index));
  if (const std::string why = failing(evidence); !why.empty())
    return fail(ErrorKind::conflict, fmt::format("log #{} proves no dry run: {}", index, why),
                "run it again, and record what came of it");
  for (const std::string& commit : evidence.commits) {
    const auto holds = desk.desk.repository.is_ancestor(seat.record.commits.front(), commit);
    if (holds && *holds) return {};
  }
  return fail(ErrorKind::conflict,
              fmt::format("log #{} is about no commit that holds {}", index, seat.record.id),
              "signalbox evidence add json result.json --subject git:HEAD");
}

Result<cli::Outcome> run_dry_run(const cli::Arguments& arguments, cli::Context& context) {
  const auto text = arguments.get("--evidence");
  const auto index =
      text ? parse_integer(text->starts_with('#') ? std::string_view(*text).substr(1) : *text) : std::nullopt;
  if (!index || *index < 0) {
    return fail(ErrorKind::bad_input, "a dry run is proved by evidence",
                "--evidence N: the entry of the log that says how it went");
  }
  SIGNALBOX_TRY(OpenDesk desk, desk_for_writing(arguments, context));
  SIGNALBOX_TRY(const Found found, find_passenger(desk, arguments, context.clock.now()));
  const EvidenceFinder finder(desk.ledger(), desk.desk.policy.trust);
  SIGNALBOX_CHECK(check_dry_run(desk, finder, *found.seat, static_cast<std::uint64_t>(*index)));
  SIGNALBOX_TRY(Signatory signatory, signatory_of(arguments, desk));
  Conductor conductor(desk, context, *found.train, *found.seat, std::move(signatory), found.exception);
  SIGNALBOX_CHECK(conductor.move(SeatState::dry_run, {}, static_cast<std::uint64_t>(*index)));
  SIGNALBOX_CHECK(conductor.move(SeatState::aboard));
  return cli::Outcome(conductor.report(fmt::format("{} is aboard", conductor.seat().record.id)));
}

Result<cli::Outcome> run_bump(const cli::Arguments& arguments, cli::Context& context) {
  const std::string reason(trim(arguments.get_or("--reason", "")));
  if (reason.empty())
    return fail(ErrorKind::bad_input, "bumped without a reason", "--reason TEXT: its owner reads it");
  SIGNALBOX_TRY(OpenDesk desk, desk_for_writing(arguments, context));
  SIGNALBOX_TRY(const Found found, find_passenger(desk, arguments, context.clock.now()));
  const std::string train = found.train->id;
  const std::string id = found.seat->record.id;
  BoardingOptions options;
  SIGNALBOX_TRY(options.signatory, signatory_of(arguments, desk));
  options.exception = found.exception;
  Conductor conductor(desk, context, *found.train, *found.seat, *options.signatory, found.exception);
  SIGNALBOX_CHECK(conductor.move(SeatState::bumped, reason));
  for (Train& known : desk.desk.trains) {
    if (known.id == train) known = conductor.train();
  }
  Boarder boarder(context.workspace, desk.desk, &*desk.book, context.clock.now(), std::move(options));
  SIGNALBOX_TRY(const std::vector<std::string> seated, boarder.fill_slots(train));
  SIGNALBOX_TRY(const Train* const after, desk.desk.train(train));
  Report report = train_report(*after, desk.desk.rules(), context.clock.now());
  report.title = fmt::format("{} is bumped from {}", id, train);
  report.verdict = Verdict::pass;
  if (!seated.empty()) report.facts.push_back({"got its place", join(seated, ", "), ""});
  return cli::Outcome(std::move(report));
}

cli::Command passenger_command(std::string name, std::string summary) {
  cli::Command command;
  command.name = std::move(name);
  command.summary = std::move(summary);
  command.positionals = {{"PASSENGER", "its id, #123, or a commit that it brings"}};
  command.options = {train_option(), exception_option(), key_option()};
  for (cli::Option& option : desk_options()) command.options.push_back(std::move(option));
  return command;
}

}  // namespace

cli::Command approve_passenger_command() {
  cli::Command command = passenger_command("approve-passenger", "Approve a passenger's place on the train");
  command.details =
      "Signed by a key with the role that the rules name, approver by default, and not by the key that "
      "described the passenger. A passenger of high risk then needs a dry run; any other is aboard.";
  command.run = run_approve;
  return command;
}

cli::Command dry_run_command() {
  cli::Command command = passenger_command("dry-run", "Record the dry run that a high risk needs");
  command.details =
      "The evidence is an entry of the log that a trusted key signed, about a commit that holds the change: "
      "tests, or any statement whose `result` is pass.";
  command.options.push_back(
      {.name = "--evidence", .value = "#INDEX", .help = "entry of the log that says how it went"});
  command.run = run_dry_run;
  return command;
}

cli::Command bump_command() {
  cli::Command command = passenger_command("bump", "Take a passenger off the train");
  command.details =
      "Its place goes to who has waited longest. Its commits stay where they are: revert them, or keep "
      "them behind a flag.";
  command.options.push_back({.name = "--reason", .value = "TEXT", .help = "why; its owner reads it"});
  command.run = run_bump;
  return command;
}

}  // namespace signalbox::train
