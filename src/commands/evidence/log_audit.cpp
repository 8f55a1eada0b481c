// `evidence log audit`: everything of a log recomputed, of the one here or of what somebody serves.
#include <algorithm>
#include <chrono>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/demand.hpp"
#include "commands/evidence/tile_http.hpp"
#include "core/base/text.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/served_tree.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// What an audit came to, wherever the log is.
struct Audited {
  std::string origin;
  std::optional<ev::Checkpoint> checkpoint;  // nothing of an empty log
  std::uint64_t entries = 0, tiles = 0, erased = 0;
  std::size_t forks = 0, witnesses = 0;
  std::vector<std::string> failures;
};

std::function<void(std::uint64_t, std::uint64_t)> shown_in(cli::Progress& progress) {
  return [&progress](std::uint64_t done, std::uint64_t total) { progress.update(done, total, "entries"); };
}

// How often this log told two stories, as far as this store knows.
Result<std::size_t> forks_of(store::Database& database, const ev::PublicKey& log) {
  SIGNALBOX_TRY(const bool there, store::has_table(database, "evidence_alarm"));
  if (!there) return std::size_t{0};
  SIGNALBOX_TRY(const std::vector<ev::Alarm> all, ev::alarms(database));
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const ev::Alarm& alarm) { return alarm.log == log.vkey(); }));
}

Result<Audited> audit_here(const Demand& demand, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(ev::Ledger::Audit found, book.ledger().audit(shown_in(context.progress)));
  Audited out;
  out.entries = found.entries;
  out.tiles = found.tiles;
  out.erased = found.erased;
  out.failures = std::move(found.failures);
  if (book.ledger().size() == 0) return out;
  SIGNALBOX_TRY(const ev::PublicKey log, book.ledger().log_key());
  SIGNALBOX_TRY(const std::string text, book.ledger().checkpoint());
  out.origin = log.name;
  if (const auto checkpoint = ev::open_checkpoint(text, log)) out.checkpoint = *checkpoint;
  out.witnesses = witnesses_under(text, demand);
  SIGNALBOX_TRY(out.forks, forks_of(book.database(), log));
  return out;
}

// The served checkpoint, where one of the trusted log keys signed it.
Result<ev::Checkpoint> trusted_checkpoint(const std::string& text, const Demand& demand) {
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(text));
  for (const ev::PublicKey& key : demand.log_keys) {
    if (!ev::objection_to_log(demand.trust, key, demand.now).empty()) continue;
    if (auto checkpoint = ev::open_checkpoint(text, key)) return checkpoint;
  }
  SIGNALBOX_TRY(const ev::Checkpoint claimed, ev::parse_checkpoint(note.text));
  return fail(ErrorKind::denied,
              fmt::format("checkpoint: no trusted key of the log {} signed it", printable(claimed.origin)),
              "give the log's verifier key with --key");
}

Result<Audited> audit_served_log(const std::string& where, const Demand& demand, cli::Context& context) {
  SIGNALBOX_TRY(const std::unique_ptr<ev::TileSource> source, tile_source(where));
  SIGNALBOX_TRY(const std::string text, source->read("checkpoint"));
  SIGNALBOX_TRY(const ev::Checkpoint checkpoint, trusted_checkpoint(text, demand));
  SIGNALBOX_TRY(ev::ServedAudit found, ev::audit_served(*source, checkpoint, shown_in(context.progress)));
  Audited out;
  out.origin = checkpoint.origin;
  out.checkpoint = checkpoint;
  out.entries = found.entries;
  out.tiles = found.tiles;
  out.witnesses = witnesses_under(text, demand);
  out.failures = std::move(found.failures);
  return out;
}

Report report_of(const Audited& audit) {
  Report report;
  report.instrument = "evidence";
  report.title = "Audit of the log";
  report.verdict = audit.failures.empty() ? Verdict::pass : Verdict::fail;
  report.summary = audit.failures.empty() ? "every leaf, tile, root and the checkpoint hold"
                                          : fmt::format("{} things do not hold", audit.failures.size());
  report.facts = {
      {"entries", audit.entries, ""}, {"tiles", audit.tiles, ""}, {"failures", audit.failures.size(), ""}};
  if (audit.erased > 0) report.facts.push_back({"erased", audit.erased, ""});
  if (audit.forks > 0) report.facts.push_back({"forks", audit.forks, ""});
  for (const std::string& line : audit.failures)
    report.findings.push_back(
        {"evidence/log", Severity::error, line, {}, "restore the store from a copy, then audit again"});
  return report;
}

// `evidence/log-audit/v1` about the root that was audited.
Result<ev::Statement> audit_statement(const Audited& audit, Duration took) {
  if (!audit.checkpoint)
    return fail(ErrorKind::bad_input,
                "an empty log, or one without a checkpoint, is nothing to record about");
  ev::Statement out;
  out.subjects = {{audit.origin, {{"sha256", to_hex(audit.checkpoint->root)}}}};
  out.predicate_type = whole_type("evidence/log-audit/v1");
  out.predicate = Json::object({{"origin", audit.origin},
                                {"size", audit.checkpoint->size},
                                {"entries_checked", audit.entries},
                                {"tiles_checked", audit.tiles},
                                {"failures", audit.failures.size()},
                                {"forks", audit.forks},
                                {"witnesses", audit.witnesses},
                                {"duration_ms", took.count()}});
  return out;
}

Result<cli::Outcome> log_audit(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Demand demand, demand_from(arguments, context));
  const Time start = context.clock.now();
  const auto where = arguments.positional(0);
  auto audit = where ? audit_served_log(*where, demand, context) : audit_here(demand, context);
  if (!audit) return fail(std::move(audit).error());
  context.progress.finish();
  Report report = report_of(*audit);
  if (!context.record) return cli::Outcome(std::move(report));
  SIGNALBOX_TRY(ev::Statement statement, audit_statement(*audit, context.clock.now() - start));
  SIGNALBOX_TRY(const Report recorded, record_statement(context, std::move(statement), report.title));
  report.facts.insert(report.facts.end(), recorded.facts.begin(), recorded.facts.end());
  report.data = recorded.data;
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command audit_command() {
  return {.name = "audit",
          .summary = "Recompute every leaf, tile and root",
          .details =
              "Of the log here; or of the static files of one, in a folder or behind an address, whose "
              "checkpoint a trusted key of the role log must have signed. --record leaves evidence of the "
              "type evidence/log-audit/v1 about the root.",
          .options = {{.name = "--key",
                       .value = "KEY",
                       .help = "key of the log or of a witness; by default those of the trust file",
                       .repeated = true}},
          .positionals = {{"LOG", "https://HOST/evidence, or a folder of exported tiles",
                           cli::Positional::Count::optional}},
          .run = log_audit};
}

}  // namespace signalbox::evidence_command
