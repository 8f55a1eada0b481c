// `evidence log import`: a log that was exported, or that a server keeps, becomes the one of this store.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/demand.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"
#include "core/evidence/ledger_import.hpp"
#include "core/remote/served_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// What was signed of a log, where its files are, and what its entries commit to.
struct Origin {
  ev::PublicKey log;
  std::string note;
  std::unique_ptr<ev::TileSource> files;    // of a folder
  std::optional<remote::ServedLog> server;  // or of a server
  ev::EnvelopeReader envelope_of;

  const ev::TileSource& source() const { return server ? server->files() : *files; }
};

// The key among those that are trusted now that signed it.
Result<ev::PublicKey> signer_of(const std::string& note, const Demand& demand) {
  for (const ev::PublicKey& key : demand.log_keys) {
    const bool counts = ev::objection_to_log(demand.trust, key, demand.now).empty();
    if (counts && ev::open_checkpoint(note, key)) return key;
  }
  SIGNALBOX_TRY(const ev::Note parsed, ev::parse_note(note));
  SIGNALBOX_TRY(const ev::Checkpoint claimed, ev::parse_checkpoint(parsed.text));
  return fail(ErrorKind::denied,
              fmt::format("checkpoint: no trusted key of the log {} signed it", printable(claimed.origin)),
              "give the log's verifier key with --key");
}

bool has_its_witnesses(const std::string& note, const Demand& demand) {
  const auto check = judge_witnesses("log", note, demand);
  return !check || check->verdict != Verdict::fail;
}

Result<Origin> origin_in_folder(const std::string& folder, const Demand& demand) {
  if (!std::filesystem::is_directory(folder))
    return fail(ErrorKind::not_found, printable(folder) + ": no folder and no address of a server",
                "signalbox evidence log export DIR --envelopes, where the log is");
  Origin out;
  out.files = ev::tiles_in(folder);
  SIGNALBOX_TRY(out.note, out.files->read("checkpoint"));
  SIGNALBOX_TRY(out.log, signer_of(out.note, demand));
  out.envelope_of = ev::exported_envelopes(std::filesystem::path(folder) / ev::kEnvelopesFile);
  return out;
}

Result<Origin> origin_on_server(const std::string& address, const Demand& demand,
                                const cli::Arguments& arguments) {
  SIGNALBOX_TRY(const auto until, end_of_asking(arguments));
  SIGNALBOX_TRY(remote::Server server, remote::server_from(address));
  std::vector<ev::PublicKey> keys;
  for (const ev::PublicKey& key : demand.log_keys) {
    if (ev::objection_to_log(demand.trust, key, demand.now).empty()) keys.push_back(key);
  }
  if (keys.empty())
    return fail(ErrorKind::denied, "a server is not believed without the key of its log",
                "give it with --key, or the role log in the trust file");
  const auto witnesses = [&](const remote::SignedState& state) {
    return has_its_witnesses(state.note, demand);
  };
  using Remember = remote::ServedLog::Believing::Remember;
  Origin out;
  SIGNALBOX_TRY(out.server,
                remote::ServedLog::open(std::move(server),
                                        {keys, ev::CheckpointMemory::of_this_machine(), witnesses,
                                         remote::kWitnessPatience, Remember::no},  // once the entries hold
                                        until));
  out.log = out.server->state().log;
  out.note = out.server->state().note;
  if (!out.server->state().is_signed())
    return fail(ErrorKind::not_found, fmt::format("{}: the log there is empty", out.server->origin()));
  return out;
}

// Before anything is written: it goes on from what this machine has seen of the log.
Status compare_with_memory(const Origin& origin, ev::CheckpointMemory& memory, bool is_to_be_kept) {
  using Shown = ev::CheckpointMemory::Shown;
  SIGNALBOX_TRY(const ev::Checkpoint shown, ev::open_checkpoint(origin.note, origin.log));
  return memory.extend(
      {origin.log},
      [&](const std::vector<std::optional<ev::Checkpoint>>& all) -> Result<std::optional<Shown>> {
        const std::optional<ev::Checkpoint>& seen = all.front();
        if (seen) {
          std::vector<Sha256> proof;
          if (seen->size > 0 && seen->size < shown.size) {
            const ev::ServedTree tree(origin.source(), shown.size);
            SIGNALBOX_TRY(proof, ev::consistency_proof(seen->size, shown.size, tree.hashes()));
          }
          SIGNALBOX_CHECK(ev::check_extends(*seen, shown, proof));
        }
        return is_to_be_kept ? std::optional(Shown{0, origin.note}) : std::optional<Shown>();
      });
}

Result<Report> report_of(const Origin& origin, const ev::Imported& imported, store::Database& database,
                         cli::Context& context) {
  SIGNALBOX_TRY(const ev::Ledger ledger, ev::Ledger::open_read_only(database));
  SIGNALBOX_TRY(const ev::Ledger::Audit audit, ledger.audit([&](std::uint64_t done, std::uint64_t total) {
    context.progress.update(done, total, "entries audited");
  }));
  context.progress.finish();
  Report report;
  report.instrument = "evidence";
  report.title = "Import of " + origin.log.name;
  report.verdict = audit.failures.empty() ? Verdict::pass : Verdict::fail;
  report.summary = audit.failures.empty()
                       ? fmt::format("{} entries, {} of them new; every leaf, tile and root holds",
                                     imported.size, imported.size - imported.before)
                       : fmt::format("{} things do not hold", audit.failures.size());
  for (const std::string& line : audit.failures)
    report.findings.push_back({"evidence/log", Severity::error, line, {}, "ask who keeps the log"});
  report.facts = {{"entries", imported.size, ""},
                  {"new", imported.size - imported.before, ""},
                  {"verifier key", origin.log.vkey(), ""}};
  if (imported.erased > 0) report.facts.push_back({"erased", imported.erased, ""});
  const bool is_ours = ev::KeyStore(keys_directory()).has(origin.log.name);
  report.facts.push_back(
      {"goes on here", is_ours ? "yes, its key is on this machine" : "no, its key is elsewhere", ""});
  report.next = {is_ours ? "signalbox evidence log status" : "signalbox evidence log fork"};
  report.data = Json::object({{"size", imported.size},
                              {"new", imported.size - imported.before},
                              {"origin", origin.log.name},
                              {"failures", audit.failures.size()}});
  return report;
}

Result<cli::Outcome> log_import(const cli::Arguments& arguments, cli::Context& context) {
  if (remote::is_server(context.store))
    return fail(ErrorKind::bad_input, "a log is imported into a store here, not into a server's",
                "signalbox evidence log import " + context.store);
  SIGNALBOX_TRY(const Demand demand, demand_from(arguments, context));
  const std::string& where = arguments.positionals().front();
  auto origin =
      remote::is_server(where) ? origin_on_server(where, demand, arguments) : origin_in_folder(where, demand);
  const std::string_view whom = remote::is_server(where) ? "the server" : "the export";
  if (!origin) return caught(std::move(origin).error(), whom);
  if (origin->server) {
    origin->envelope_of = [&](const ev::Entry& recorded) -> Result<std::optional<ev::SealedEnvelope>> {
      SIGNALBOX_TRY(ev::Entry entry, origin->server->with_envelope(recorded));
      if (entry.envelope.empty()) return std::optional<ev::SealedEnvelope>();
      return std::optional(ev::SealedEnvelope{std::move(entry.salt), std::move(entry.envelope)});
    };
  }
  if (!has_its_witnesses(origin->note, demand))
    return caught({ErrorKind::conflict, "its checkpoint lacks the witnesses that trust asks for",
                   remote::is_server(where) ? std::string(kRemedyOfWitnesses) : std::string()},
                  whom);
  auto memory = ev::CheckpointMemory::of_this_machine();
  if (const Status extends = compare_with_memory(*origin, memory, false); !extends)
    return caught(extends.error(), whom);
  const std::string store =
      context.store.empty() ? "sqlite:" + context.workspace.database().string() : context.store;
  SIGNALBOX_TRY(const auto database, store::open_database(store));
  const auto imported = ev::import_log(
      *database, origin->source(), origin->log, origin->note, origin->envelope_of,
      [&](std::uint64_t done, std::uint64_t total) { context.progress.update(done, total, "entries"); });
  context.progress.finish();
  if (!imported) return caught(imported.error(), whom);
  SIGNALBOX_CHECK(compare_with_memory(*origin, memory, true));
  SIGNALBOX_TRY(Report report, report_of(*origin, *imported, *database, context));
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command log_import_command() {
  return {
      .name = "import",
      .summary =
          "Take a log that was exported with its envelopes, or that a server keeps, into the store here",
      .details =
          "Its checkpoint has to be signed by a trusted key of the role log (or --key), every record to hash "
          "to "
          "the root that was signed, and every envelope to be what its record commits to; else nothing is "
          "written. A store that holds the beginning of the log goes on from there. Where the log's key is "
          "on "
          "this machine the log goes on here; else it is read, or goes on under another name with 'log "
          "fork'.",
      .options = {{.name = "--key",
                   .value = "KEY",
                   .help = "key of the log or of a witness; by default those of the trust file",
                   .repeated = true},
                  {.name = "--timeout",
                   .value = "DURATION",
                   .help = "of a server: how long it may take over all of it, 5m by default"}},
      .positionals = {{"LOG", "folder that 'log export --envelopes' wrote, or https://HOST"}},
      .run = log_import};
}

}  // namespace signalbox::evidence_command
