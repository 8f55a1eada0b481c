// Commands that read the log of a server, which is not believed.
#pragma once

#include <chrono>

#include "commands/evidence/demand.hpp"
#include "core/cli/command.hpp"
#include "core/evidence/recorder.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {

// --log-key and --timeout, for whoever reads a server's log.
std::vector<cli::Option> server_options();
// Whose logs are believed now: the keys of --log-key, else those of the role log; and which witnesses are
// asked for. What trust says of a key holds for one of --log-key too. denied where nobody is.
Result<Demand> believed_logs(const cli::Arguments& arguments, const cli::Context& context);
// Where a server's checkpoint lacks them although they were waited for.
inline constexpr std::string_view kRemedyOfWitnesses =
    "ask again: the server asks them about a second after its log grew; there 'signalbox evidence witness "
    "list' tells what keeps them";
// Until when all that is asked has to be answered: --timeout from now.
Result<std::chrono::steady_clock::time_point> end_of_asking(const cli::Arguments& arguments);

// The log that --store names, to be read: the one here, or a copy of a server's, brought up to date and held
// against the keys that are believed. not_found where nothing was ever recorded. conflict: the server was
// caught at a lie, or its log lacks the witnesses that trust asks for.
Result<evidence::EvidenceBook> book_to_read(const cli::Arguments& arguments, const cli::Context& context);
// The same of a server, for who judges witnesses and whose log it is by a demand of its own.
Result<evidence::EvidenceBook> book_of_server(const Demand& demand, const cli::Arguments& arguments,
                                              const cli::Context& context);

// What a server, or `whom` else, was caught at is an answer, and no fault of whoever asks: a report that
// fails. Other errors are passed on.
Result<cli::Outcome> caught(Error error, std::string_view whom = "the server");
// A command that reads by `book_to_read`, with that answer.
template <auto Run>
Result<cli::Outcome> reading(const cli::Arguments& arguments, cli::Context& context) {
  auto outcome = Run(arguments, context);
  if (outcome || !remote::is_server(context.store)) return outcome;
  return caught(std::move(outcome).error());
}

}  // namespace signalbox::evidence_command
