// `evidence bundle` and `unbundle`: evidence and its proofs in one file, and out of it again.
#include "core/evidence/bundle.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using Count = cli::Positional::Count;

Result<std::vector<std::uint64_t>> chosen(const cli::Arguments& arguments, const cli::Context& context,
                                          const ev::Ledger& ledger) {
  std::vector<std::uint64_t> out;
  for (const std::string& text : arguments.positionals()) {
    if (const auto index = parse_integer(text)) {
      out.push_back(static_cast<std::uint64_t>(*index));
      continue;
    }
    ev::Query query;
    SIGNALBOX_TRY(query.subject, subject_from_argument(context, text));
    query.limit = ev::kMaxBundleEntries;
    SIGNALBOX_TRY(const std::vector<ev::Entry> entries, ledger.query(query));
    if (entries.empty())
      return fail(ErrorKind::not_found, fmt::format("no evidence about {}", printable(text)));
    for (const ev::Entry& entry : entries) out.push_back(entry.index);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<cli::Outcome> bundle(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  SIGNALBOX_TRY(const std::vector<std::uint64_t> indexes, chosen(arguments, context, book.ledger()));
  std::uint64_t from = 0;
  if (const auto size = arguments.get("--from")) {
    SIGNALBOX_TRY(from, number_from(*size, "size of the log"));
  }
  SIGNALBOX_TRY(ev::Bundle made, ev::make_bundle(book.ledger(), indexes, from));
  if (arguments.has("--complete")) {
    if (arguments.positionals().size() != 1 || parse_integer(arguments.positionals().front()))
      return fail(ErrorKind::bad_input, "--complete goes with one subject",
                  "signalbox evidence bundle git:HEAD --complete");
    SIGNALBOX_TRY(const ev::Subject subject, subject_from_argument(context, arguments.positionals().front()));
    SIGNALBOX_CHECK(ev::add_whole_log(made, book.ledger(), subject_text(subject)));
  }
  if (arguments.get_or("--format", "signalbox") != "sigstore")
    return cli::Outcome(cli::Artifact{ev::write_bundle(made)});
  if (made.entries.size() != 1)
    return fail(ErrorKind::bad_input,
                fmt::format("a Sigstore bundle holds one envelope, not {}", made.entries.size()));
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(made.entries.front().envelope));
  return cli::Outcome(cli::Artifact{ev::write_sigstore_bundle(envelope, envelope.signatures.front().keyid)});
}

Result<cli::Outcome> unbundle(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(const std::string text, read_input(arguments.positionals().front()));
  SIGNALBOX_TRY(const ev::Bundle parsed, ev::parse_bundle(text));
  std::string out;
  for (const ev::BundleEntry& entry : parsed.entries) out += entry.envelope + "\n";
  return cli::Outcome(cli::Artifact{std::move(out)});
}

}  // namespace

cli::Command bundle_command() {
  cli::Command command = {
      .name = "bundle",
      .summary = "Write evidence and its proofs into one file for offline checks",
      .options = {{.name = "--from",
                   .value = "SIZE",
                   .help = "and the proof that the log extends one of SIZE entries"},
                  {.name = "--complete",
                   .help = "and all records of the log: nothing about the subject is missing"}},
      .positionals = {{"WHAT", "indexes, or subjects as --subject takes them", Count::at_least_one}},
      .run = reading<bundle>,
      .formats = {"signalbox", "sigstore"}};
  for (cli::Option& option : server_options()) command.options.push_back(std::move(option));
  return command;
}

cli::Command unbundle_command() {
  return {.name = "unbundle",
          .summary = "Print the envelopes of a bundle, one a line",
          .positionals = {{"FILE", "the bundle"}},
          .run = unbundle,
          .formats = {"jsonl"}};
}

}  // namespace signalbox::evidence_command
