// `evidence prove` and `consistency`: that an entry is in the log, and that the log goes on from what it was.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// The newest that holds the entry, or the one that is asked for: a log keeps no older ones, so that those
// come from whoever kept them.
Result<std::string> checkpoint_to_prove_under(const cli::Arguments& arguments, const ev::Ledger& ledger,
                                              std::uint64_t index) {
  std::string out;
  if (const auto file = arguments.get("--checkpoint")) {
    SIGNALBOX_TRY(out, read_input(*file));
    SIGNALBOX_TRY(const ev::PublicKey log, ledger.log_key());
    const auto given = ev::open_checkpoint(out, log);
    if (!given)  // a fault of the file, and none of whoever keeps the log
      return fail(ErrorKind::bad_input, fmt::format("{}: {}", printable(*file), given.error().message));
    if (given->size > 0 && given->size <= ledger.size()) {
      SIGNALBOX_TRY(const std::string newest, ledger.checkpoint());
      SIGNALBOX_TRY(const ev::Checkpoint now, ev::open_checkpoint(newest, log));
      SIGNALBOX_TRY(const std::vector<Sha256> proof, ledger.prove_consistency(given->size, now.size));
      SIGNALBOX_CHECK(ev::check_extends(*given, now, proof));
    }
  } else {
    SIGNALBOX_TRY(out, ledger.checkpoint_holding(index));
  }
  const auto size = arguments.get("--size");
  if (!size) return out;
  SIGNALBOX_TRY(const std::uint64_t wanted, number_from(*size, "size of the log"));
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(out));
  SIGNALBOX_TRY(const ev::Checkpoint parsed, ev::parse_checkpoint(note.text));
  if (parsed.size == wanted) return out;
  return fail(ErrorKind::not_found,
              fmt::format("the checkpoint is of {} entries, not of {}: the log keeps its newest one alone",
                          parsed.size, wanted),
              "give the one that somebody kept: --checkpoint FILE");
}

Result<cli::Outcome> prove(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  ev::TlogProof proof;
  SIGNALBOX_TRY(proof.index, find_entry(book.ledger(), arguments.positionals().front()));
  if (arguments.get_or("--format", "tlog-proof") == "record") {
    SIGNALBOX_TRY(ev::Entry entry, book.ledger().entry(proof.index));
    return cli::Outcome(cli::Artifact{std::move(entry.record)});
  }
  SIGNALBOX_TRY(proof.checkpoint, checkpoint_to_prove_under(arguments, book.ledger(), proof.index));
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(proof.checkpoint));
  SIGNALBOX_TRY(const ev::Checkpoint parsed, ev::parse_checkpoint(note.text));
  SIGNALBOX_TRY(proof.hashes, book.ledger().prove_inclusion(proof.index, parsed.size));
  return cli::Outcome(cli::Artifact{ev::write_tlog_proof(proof)});
}

Result<cli::Outcome> consistency(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  SIGNALBOX_TRY(const std::uint64_t from, number_from(arguments.positionals().at(0), "size"));
  SIGNALBOX_TRY(const std::uint64_t to, number_from(arguments.positionals().at(1), "size"));
  SIGNALBOX_TRY(const std::vector<Sha256> proof, book.ledger().prove_consistency(from, to));
  std::string out;
  for (const Sha256& hash : proof) out += to_base64(as_octets(hash)) + "\n";
  return cli::Outcome(cli::Artifact{std::move(out)});
}

std::vector<cli::Option> prove_options() {
  std::vector<cli::Option> out = server_options();
  out.insert(out.begin(), {{.name = "--size", .value = "N", .help = "in the log of N entries"},
                           {.name = "--checkpoint",
                            .value = "FILE",
                            .help = "under this one, which was kept; by default the newest"}});
  return out;
}

}  // namespace

cli::Command prove_command() {
  return {.name = "prove",
          .summary = "Print the proof that an entry is in the log, or the record it proves",
          .options = prove_options(),
          .positionals = {{"ENTRY", "index or leaf hash"}},
          .run = reading<prove>,
          .formats = {"tlog-proof", "record"}};
}

cli::Command consistency_command() {
  return {.name = "consistency",
          .summary = "Print the proof that one size of the log extends another",
          .options = server_options(),
          .positionals = {{"FROM", "old size"}, {"TO", "new size"}},
          .run = reading<consistency>,
          .formats = {"base64"}};
}

}  // namespace signalbox::evidence_command
