// The commands of `signalbox queries`, one a file, and the options that several have.
#pragma once

#include <memory>
#include <string>

#include "core/cli/command.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

cli::Command doctor_command();
cli::Command watch_command();
cli::Command top_command();
cli::Command show_command();
cli::Command log_command();
cli::Command plan_command();
cli::Command ash_command();
cli::Command locks_command();
cli::Command triage_command();
cli::Command compare_command();
cli::Command snapshot_command();
cli::Command export_command();
cli::Command advise_command();
cli::Command hygiene_command();
cli::Command act_command();
cli::Command incident_command();
cli::Command explain_command();
cli::Command setup_command();

// --dsn, the server that is asked itself.
cli::Option dsn_option();
std::string dsn_of(const cli::Arguments& arguments);
// --server, --since, --until: of what was kept.
std::vector<cli::Option> kept_options();

// A store with what is asked of it.
struct Asked {
  std::unique_ptr<store::Database> database;
  KeptServer server;
  Span span;
};
// bad_input for times that are none; see KeptStatements::find_server. Without --since: kUsualSpan before
// the last reading.
Result<Asked> ask_kept(const cli::Arguments& arguments, const cli::Context& context);
inline constexpr std::chrono::minutes kUsualSpan{15};
Result<Time> time_of(std::string_view text, std::string_view option, Time now);  // "15m" ago, or RFC 3339
// "TIME/TIME": each RFC 3339, or so long ago.
Result<Span> span_of(std::string_view text, std::string_view option, Time now);
// A whole number from 1 to `most`.
Result<std::size_t> count_of(const cli::Arguments& arguments, std::string_view option, std::size_t usual,
                             std::size_t most);
Result<Duration> duration_of(const cli::Arguments& arguments, std::string_view option, Duration usual,
                             Duration least);

}  // namespace signalbox::queries
