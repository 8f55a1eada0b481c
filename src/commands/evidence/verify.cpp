#include <algorithm>
#include <functional>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/demand.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/parallel.hpp"
#include "core/base/text.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/checkpoint_memory.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/redaction.hpp"
#include "core/evidence/trust_change.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::string_view kTlogProof = "c2sp.org/tlog-proof@";
constexpr std::string_view kNoteSignature = "\n\n\xe2\x80\x94 ";
constexpr std::size_t kEntriesAtOnce = 1024;

// What one run of the command works with.
struct Verification {
  const cli::Arguments& arguments;
  cli::Context& context;
  const Demand& demand;
  Report& report;
  ev::CheckpointMemory memory = ev::CheckpointMemory::of_this_machine();

  void passed(const std::string& name, const std::string& asked, std::string answer) const {
    report.checks.push_back({name, Verdict::pass, asked, std::move(answer), {}, {}, {}, {}});
  }
  void failed(const std::string& name, const std::string& asked, std::string answer,
              const std::string& reason) const {
    report.checks.push_back({name, Verdict::fail, asked, std::move(answer), reason, {}, {}, {}});
  }
};

// The key among those trusted that signed a checkpoint as the log it names.
std::optional<ev::PublicKey> signer_of(const std::string& note, const Demand& demand) {
  for (const ev::PublicKey& key : demand.log_keys) {
    if (ev::open_checkpoint(note, key)) return key;
  }
  return {};
}

// A checkpoint that holds.
struct ShownCheckpoint {
  const ev::PublicKey& log;
  const std::string& note;
  // Shows that it extends one of so many entries; nothing where that is not known.
  std::function<Result<std::optional<std::vector<Sha256>>>(std::uint64_t size)> proof_from;
  // An older one proves what it proves; a log as it is now must not be older than it was.
  enum class Of { the_past, now } of = Of::the_past;
  enum class Keep { yes, no } keep = Keep::yes;
};

Result<std::optional<std::vector<Sha256>>> no_proof(std::uint64_t /*size*/) {
  return std::optional<std::vector<Sha256>>();
}

// Beside the newest one of the same log that was seen; into `row`. Whether it is to be remembered.
Result<bool> compared_with(const std::optional<ev::Checkpoint>& seen, const ShownCheckpoint& it, Check& row) {
  const ev::Checkpoint shown = *ev::open_checkpoint(it.note, it.log);
  const bool is_older = seen && seen->size > shown.size;
  row.verdict = Verdict::pass;
  if (is_older && it.of == ShownCheckpoint::Of::the_past) {
    row.answer = fmt::format("{} entries, older than the {} seen before", shown.size, seen->size);
    return false;
  }
  std::optional<std::vector<Sha256>> proof;
  if (seen && seen->size < shown.size) {
    SIGNALBOX_TRY(proof, it.proof_from(seen->size));
    if (!proof) {
      row.verdict = Verdict::warn;
      row.answer =
          fmt::format("{} entries; that it extends the {} seen before is not shown", shown.size, seen->size);
      row.reason = "consistency";
      row.remedy = fmt::format("signalbox evidence bundle … --from {}", seen->size);
      return false;
    }
  }
  if (seen) {
    if (const auto extends = ev::check_extends(*seen, shown, proof.value_or(std::vector<Sha256>()));
        !extends) {
      row.verdict = Verdict::fail;
      row.answer = extends.error().message;
      row.reason = is_older ? "rollback" : "fork";
      return false;
    }
  }
  row.answer = seen ? fmt::format("{}, {} seen before", counted(shown.size, "entry", "entries"),
                                  counted(seen->size, "was", "were"))
                    : counted(shown.size, "entry", "entries") + ", seen for the first time";
  if (it.keep == ShownCheckpoint::Keep::no) row.answer += "; not remembered: its witnesses are missing";
  return it.keep == ShownCheckpoint::Keep::yes;
}

void compare_with_memory(const Verification& run, const ShownCheckpoint& it) {
  using Shown = ev::CheckpointMemory::Shown;
  Check row{.name = "log " + it.log.name, .asked = "extends what was seen of the log before"};
  const auto look =
      [&](const std::vector<std::optional<ev::Checkpoint>>& seen) -> Result<std::optional<Shown>> {
    SIGNALBOX_TRY(const bool is_to_be_kept, compared_with(seen.front(), it, row));
    return is_to_be_kept ? std::optional(Shown{0, it.note}) : std::optional<Shown>();
  };
  if (const Status extended = run.memory.extend({it.log}, look); !extended)
    return run.failed(row.name, row.asked, extended.error().message, "memory");
  run.report.checks.push_back(std::move(row));
}

// Whether its witnesses allow that it is remembered.
ShownCheckpoint::Keep ask_for_witnesses(const Verification& run, const std::string& file,
                                        const std::string& note) {
  auto check = judge_witnesses(file, note, run.demand);
  if (!check) return ShownCheckpoint::Keep::yes;
  const bool are_missing = check->verdict == Verdict::fail;
  run.report.checks.push_back(std::move(*check));
  return are_missing ? ShownCheckpoint::Keep::no : ShownCheckpoint::Keep::yes;
}

// Whether the log's key counted when the checkpoint was signed. `newest`: of its entries, the log's own word;
// without it the earliest time at which a trusted witness saw the checkpoint; without one now.
void judge_log_key(const Verification& run, const ev::PublicKey& log, const std::string& note,
                   std::optional<Time> newest) {
  const ev::Trust& trust = run.demand.trust;
  if (ev::objection_to_log(trust, log, newest.value_or(run.demand.now)).empty()) return;
  const auto parsed = ev::parse_note(note);
  const auto by = parsed ? ev::cosigned_by(*parsed, run.demand.witnesses) : fail(parsed.error());
  std::optional<Time> signed_at = newest;
  for (const ev::Cosignature& one : by.value_or(std::vector<ev::Cosignature>())) {
    if (!newest && (!signed_at || one.time < *signed_at)) signed_at = one.time;
  }
  const std::string why = ev::objection_to_log(trust, log, signed_at.value_or(run.demand.now));
  const std::string asked = "its key counted when it was signed";
  if (why.empty())
    return run.passed("log " + log.name, asked, "a witness saw it at " + to_rfc3339(*signed_at));
  run.report.checks.push_back(
      {.name = "log " + log.name,
       .verdict = Verdict::fail,
       .asked = asked,
       .answer = why + (newest      ? fmt::format("; its newest entry is of {}", to_rfc3339(*newest))
                        : signed_at ? fmt::format("; a witness saw it at {}", to_rfc3339(*signed_at))
                                    : std::string("; when it was signed nothing shows")),
       .reason = "log",
       .remedy =
           signed_at ? "" : "signalbox evidence verify --at TIME, where you know that it is from then"});
}

// A checkpoint that says nothing of when its entries came, nor what it goes on from.
void remember(const Verification& run, const ev::PublicKey& log, const std::string& note,
              const std::string& file) {
  judge_log_key(run, log, note, std::nullopt);
  const ShownCheckpoint::Keep keep = ask_for_witnesses(run, file, note);
  compare_with_memory(run, {log, note, no_proof, ShownCheckpoint::Of::the_past, keep});
}

Time logged_at(const ev::BundleEntry& entry) {
  const auto record = parse_json(entry.record);
  return Time{std::chrono::milliseconds(record ? (*record)["time"].as_integer() : 0)};
}

// What was looked through for statements of erasure.
struct Place {
  std::string_view name;  // "the bundle"
  const ev::Trust& trust;
};

// A statement that may say that an envelope was erased.
struct Said {
  std::uint64_t index = 0;
  Time logged;
  std::string_view envelope;
};

// What became of an entry whose envelope is gone: a statement has to say so, signed by whom it names as its
// approver.
Check judge_erased(std::uint64_t index, std::string_view record, const std::vector<Said>& statements,
                   const Place& place) {
  Check check{
      .name = fmt::format("entry {}", index),
      .verdict = Verdict::fail,
      .asked = "its envelope",
      .answer = fmt::format("is not in {}, and no statement in it says that it was erased", place.name),
      .reason = "erased"};
  for (const Said& said : statements) {
    const auto envelope = ev::parse_envelope(said.envelope);
    const auto statement = envelope ? ev::parse_statement(envelope->payload) : fail(envelope.error());
    auto order = statement ? ev::erasure_in(*statement, record) : std::nullopt;
    if (!order) continue;
    if (const std::string why = why_not_approved(*envelope, *statement, *order, said.logged, place.trust);
        !why.empty()) {
      check.answer =
          fmt::format("is not in {}; entry {} says that it was erased, but {}", place.name, said.index, why);
      continue;
    }
    check.verdict = Verdict::pass;
    check.reason.clear();
    check.answer =
        to_text(ev::Erased{std::move(*order), said.index, said.logged}) + "; that it existed holds";
    return check;
  }
  return check;
}

Check judge_erased(const ev::Bundle& bundle, const ev::BundleEntry& gone, const ev::Trust& trust) {
  std::vector<Said> statements;
  for (const ev::BundleEntry& entry : bundle.entries)
    statements.push_back({entry.index, logged_at(entry), entry.envelope});
  return judge_erased(gone.index, gone.record, statements, Place{"the bundle", trust});
}

Result<Check> judge_erased(const ev::Ledger& ledger, const ev::Entry& gone, const ev::Trust& trust) {
  SIGNALBOX_TRY(const Json record, parse_json(gone.record));
  ev::Query query;
  SIGNALBOX_TRY(query.subject, ev::subject_from_text(record["envelope"].as_string()));
  query.type = std::string(ev::kErasureType);
  query.newest_first = false;
  SIGNALBOX_TRY(const std::vector<ev::Entry> found, ev::all_entries(ledger, std::move(query)));
  std::vector<Said> statements;
  for (const ev::Entry& one : found) statements.push_back({one.index, one.time, one.envelope});
  return judge_erased(gone.index, gone.record, statements, Place{"the log", trust});
}

std::string list_of(const std::vector<std::uint64_t>& indexes) {
  constexpr std::size_t kShown = 20;
  std::vector<std::string> out;
  for (std::size_t i = 0; i < indexes.size() && i < kShown; ++i) out.push_back(std::to_string(indexes[i]));
  if (indexes.size() > kShown) out.emplace_back("…");
  return join(out, ", ");
}

void report_completeness(const Verification& run, const std::string& name, const ev::Completeness& found) {
  const std::string asked = fmt::format("these are all entries about {}", found.subject);
  for (const std::string& doubt : found.doubts) run.failed(name, asked, doubt, "incomplete");
  if (!found.doubts.empty()) return;
  run.passed(name, asked,
             fmt::format("these are all {} entries about {} among {}: {}", found.indexes.size(),
                         found.subject, found.size, found.indexes.empty() ? "none" : list_of(found.indexes)));
}

Status verify_complete(const Verification& run, const ev::Bundle& bundle, const std::string& file) {
  const auto wanted = run.arguments.get("--complete");
  if (!bundle.complete && !wanted) return {};
  const std::string asked = "nothing about the subject is missing";
  if (!bundle.complete) {
    run.failed(file, asked, "the bundle does not hold the records that would show it", "incomplete");
    return {};
  }
  SIGNALBOX_TRY(ev::Completeness found, ev::check_complete(bundle));
  if (wanted) {
    SIGNALBOX_TRY(const ev::Subject subject, subject_from_argument(run.context, *wanted));
    if (subject_text(subject) != found.subject)
      found.doubts.push_back("the bundle speaks of " + found.subject + ", not of " + subject_text(subject));
  }
  report_completeness(run, file, found);
  return {};
}

// The checkpoint of a bundle that holds: its key, its witnesses, what was seen before.
void remember_bundle(const Verification& run, const ev::Bundle& bundle, const std::string& file) {
  const auto log = signer_of(bundle.checkpoint, run.demand);
  if (!log) return;
  std::optional<Time> newest;
  for (const ev::BundleEntry& entry : bundle.entries)
    newest = std::max(newest.value_or(logged_at(entry)), logged_at(entry));
  judge_log_key(run, *log, bundle.checkpoint, newest);
  const ShownCheckpoint::Keep keep = ask_for_witnesses(run, file, bundle.checkpoint);
  const auto proof_from = [&](std::uint64_t size) -> Result<std::optional<std::vector<Sha256>>> {
    return size == bundle.consistency_from ? std::optional(bundle.consistency) : std::nullopt;
  };
  compare_with_memory(run, {*log, bundle.checkpoint, proof_from, ShownCheckpoint::Of::the_past, keep});
}

Status verify_bundle(const Verification& run, const ev::Bundle& bundle, const std::string& file) {
  const std::string asked = "the log holds exactly this";
  const std::vector<std::string> failures = ev::check_bundle(bundle, run.demand.log_keys);
  for (const std::string& line : failures) run.failed(file, asked, line, "log");
  if (failures.empty()) {
    run.passed(file, asked, fmt::format("{} entries under the signed checkpoint", bundle.entries.size()));
    remember_bundle(run, bundle, file);
    SIGNALBOX_CHECK(verify_complete(run, bundle, file));
  }
  const auto note = ev::parse_note(bundle.checkpoint);
  const auto checkpoint = note ? ev::parse_checkpoint(note->text) : fail(note.error());
  const std::uint64_t log_size = checkpoint ? checkpoint->size : 0;
  const std::size_t witnesses = witnesses_under(bundle.checkpoint, run.demand);
  for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
    const ev::BundleEntry& entry = bundle.entries[i];
    if (entry.envelope.empty()) {
      run.report.checks.push_back(judge_erased(bundle, entry, run.demand.trust));
      continue;
    }
    SIGNALBOX_TRY(Check check,
                  judge(fmt::format("entry {}", entry.index), entry.envelope,
                        gates::Vouched{entry.index, logged_at(entry), log_size, witnesses}, run.demand));
    check.evidence = static_cast<std::int64_t>(entry.index);
    run.report.checks.push_back(std::move(check));
    run.context.progress.update(i + 1, bundle.entries.size(), "envelopes");
  }
  run.context.progress.finish();
  return {};
}

// The leaf hash that a proof is asked about: of the record in a file, or as it was given.
Result<Sha256> leaf_asked_for(const cli::Arguments& arguments) {
  if (const auto hex = arguments.get("--leaf")) return sha256_from_hex(*hex);
  const auto file = arguments.get("--record-file");
  if (!file) {
    return fail(ErrorKind::bad_input, "a proof proves one record: which? give --record-file or --leaf",
                "signalbox evidence prove ENTRY --format record -o entry.record");
  }
  SIGNALBOX_TRY(const std::string record, read_input(*file));
  return ev::leaf_hash(record);
}

Status verify_proof(const Verification& run, const std::string& text, const std::string& file) {
  auto proof = ev::parse_tlog_proof(text);
  if (!proof) return fail_in(file, std::move(proof).error());
  SIGNALBOX_TRY(const Sha256 leaf, leaf_asked_for(run.arguments));
  const std::string asked = "the log holds this record";
  const auto log = signer_of(proof->checkpoint, run.demand);
  if (!log) {
    run.failed(file, asked, "checkpoint: no trusted log key signed it, or it was changed", "checkpoint");
    return {};
  }
  const ev::Checkpoint checkpoint = *ev::open_checkpoint(proof->checkpoint, *log);
  const auto included =
      ev::verify_inclusion(proof->index, checkpoint.size, leaf, proof->hashes, checkpoint.root);
  if (!included) {
    run.failed(file, asked,
               fmt::format("record or proof of entry {}: {}", proof->index, included.error().message),
               "proof");
    return {};
  }
  run.passed(file, asked,
             fmt::format("as entry {} of {} in {}", proof->index, checkpoint.size, checkpoint.origin));
  remember(run, *log, proof->checkpoint, file);
  return {};
}

Status verify_checkpoint(const Verification& run, const std::string& text, const std::string& file) {
  if (auto note = ev::parse_note(text); !note) return fail_in(file, std::move(note).error());
  const auto log = signer_of(text, run.demand);
  if (!log) {
    run.failed(file, "signed by its log", "checkpoint: no trusted log key signed it, or it was changed",
               "checkpoint");
    return {};
  }
  run.passed(file, "signed by its log",
             fmt::format("{} entries of {}", ev::open_checkpoint(text, *log)->size, log->name));
  remember(run, *log, text, file);
  return {};
}

// The envelope of a document: itself, or what a Sigstore bundle holds.
Result<std::string> envelope_in(const Document& document) {
  const bool is_bundle = document.text.find("\"mediaType\"") != std::string_view::npos;
  auto envelope = is_bundle ? ev::parse_sigstore_bundle(document.text) : ev::parse_envelope(document.text);
  if (!envelope) return fail_in(document.name, std::move(envelope).error());
  return is_bundle ? ev::write_envelope(*envelope) : std::string(document.text);
}

// Judged on all processors; a condition has one evaluator, so with one they take turns.
Status verify_envelopes(const Verification& run, const std::string& text, const std::string& file) {
  const std::vector<Document> all = documents_of(file, text);
  if (all.empty()) return fail(ErrorKind::bad_input, file + ": holds no envelope");
  std::vector<std::optional<Result<Check>>> checks(all.size());
  const auto judge_one = [&](std::size_t i) {
    const auto envelope = envelope_in(all[i]);
    checks[i] = envelope ? judge(all[i].name, *envelope, {}, run.demand) : fail(envelope.error());
  };
  for (std::size_t begin = 0; begin < all.size(); begin += kEntriesAtOnce) {
    const std::size_t count = std::min(kEntriesAtOnce, all.size() - begin);
    if (run.demand.condition) {
      for (std::size_t i = 0; i < count; ++i) judge_one(begin + i);
    } else {
      for_each_in_parallel(count, [&](std::size_t i) { judge_one(begin + i); });
    }
    run.context.progress.update(begin + count, all.size(), "envelopes");
  }
  run.context.progress.finish();
  for (std::optional<Result<Check>>& check : checks) {
    if (!*check) return fail(std::move(*check).error());
    run.report.checks.push_back(std::move(**check));
  }
  return {};
}

Status verify_file(const Verification& run, const std::string& file) {
  SIGNALBOX_TRY(const std::string text, read_input(file));
  if (text.starts_with(kTlogProof)) return verify_proof(run, text, file);
  if (text.find(ev::kBundleType) != std::string::npos) {
    auto bundle = ev::parse_bundle(text);
    if (!bundle) return fail_in(file, std::move(bundle).error());
    return verify_bundle(run, *bundle, file);
  }
  if (text.find(kNoteSignature) != std::string::npos) return verify_checkpoint(run, text, file);
  return verify_envelopes(run, text, file);
}

// The log's own word about its key is worth nothing: it must be one that is trusted here, and tell the same
// story as before.
Status verify_log_key(const Verification& run, const ev::Ledger& ledger) {
  if (ledger.size() == 0) return {};
  SIGNALBOX_TRY(const std::string checkpoint, ledger.checkpoint());
  const auto log = signer_of(checkpoint, run.demand);
  if (!log) {
    const auto key = ledger.log_key();
    run.failed(
        "log", "signed by a trusted log key",
        fmt::format("checkpoint: signed by {}, which is not trusted here", key ? key->vkey() : "nobody"),
        "log");
    return {};
  }
  SIGNALBOX_TRY(const ev::Entry newest, ledger.entry(ledger.size() - 1));
  judge_log_key(run, *log, checkpoint, newest.time);
  SIGNALBOX_TRY(const std::string witnessed, ledger.checkpoint_holding(0));
  const ShownCheckpoint::Keep keep = ask_for_witnesses(run, "log " + log->name, witnessed);
  const auto proof_from = [&](std::uint64_t size) -> Result<std::optional<std::vector<Sha256>>> {
    SIGNALBOX_TRY(auto proof, ledger.prove_consistency(size, ledger.size()));
    return std::optional(std::move(proof));
  };
  compare_with_memory(run, {*log, checkpoint, proof_from, ShownCheckpoint::Of::now, keep});
  return {};
}

// What witnesses found is no matter of what the store says now.
Status verify_alarms(const Verification& run, store::Database& database) {
  SIGNALBOX_TRY(const bool there, store::has_table(database, "evidence_alarm"));
  if (!there) return {};
  SIGNALBOX_TRY(const ev::PublicKey log, ev::Ledger::open_read_only(database)->log_key());
  if (const Status quiet = ev::refuse_alarmed(database, log.vkey()); !quiet)
    run.failed("log " + log.name, "no witness holds another one", quiet.error().message, "alarm");
  return {};
}

Status verify_complete_log(const Verification& run, const ev::Ledger& ledger) {
  const auto wanted = run.arguments.get("--complete");
  if (!wanted) return {};
  SIGNALBOX_TRY(const ev::Subject subject, subject_from_argument(run.context, *wanted));
  SIGNALBOX_TRY(const std::string text, ledger.checkpoint());
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(text));
  SIGNALBOX_TRY(const ev::Checkpoint checkpoint, ev::parse_checkpoint(note.text));
  SIGNALBOX_TRY(const ev::Completeness found, ev::replay_ledger(ledger, subject_text(subject), checkpoint,
                                                                [&](std::uint64_t done, std::uint64_t total) {
                                                                  run.context.progress.update(done, total,
                                                                                              "records");
                                                                }));
  run.context.progress.finish();
  report_completeness(run, "log", found);
  return {};
}

// The trust file is the one that root keys brought into force, where it or the log asks for that.
Status verify_trust(const Verification& run, const ev::Ledger& ledger) {
  if (run.demand.trust.digest.empty()) return {};  // whoever verifies has other keys in mind
  SIGNALBOX_TRY(const ev::TrustInForce said, ev::trust_in_force(ledger));
  if (auto row = ev::judge_trust(run.demand.trust, said)) run.report.checks.push_back(std::move(*row));
  return {};
}

// The log here, or that of a server, copied by the log keys that count now.
Result<ev::EvidenceBook> book_to_verify(const Verification& run) {
  const cli::Context& context = run.context;
  if (!remote::is_server(context.store))
    return ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store);
  Demand demand = run.demand;
  std::erase_if(demand.log_keys, [&](const ev::PublicKey& key) {
    return !ev::objection_to_log(demand.trust, key, demand.now).empty();
  });
  if (!demand.log_keys.empty()) return book_of_server(demand, run.arguments, context);
  return fail(ErrorKind::denied, "a server is not believed without the key of its log",
              "give it with --key, or the role log in the trust file");
}

// The whole log: its audit, its key, then every envelope's signers.
Status verify_log(const Verification& run) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_verify(run));
  const ev::Ledger& ledger = book.ledger();
  SIGNALBOX_TRY(const ev::Ledger::Audit audit, ledger.audit([&](std::uint64_t done, std::uint64_t total) {
    run.context.progress.update(done, total, "entries");
  }));
  run.context.progress.finish();
  for (const std::string& line : audit.failures) run.failed("log", "nothing was changed", line, "log");
  if (audit.failures.empty()) {
    run.passed(
        "log", "nothing was changed",
        fmt::format("{}, {}", counted(audit.entries, "entry", "entries"), counted(audit.tiles, "tile")));
    SIGNALBOX_CHECK(verify_log_key(run, ledger));
    SIGNALBOX_CHECK(verify_alarms(run, book.database()));
    SIGNALBOX_CHECK(verify_trust(run, ledger));
    SIGNALBOX_CHECK(verify_complete_log(run, ledger));
  }
  std::size_t good = 0, witnesses = 0;
  if (ledger.size() > 0) {
    SIGNALBOX_TRY(const std::string checkpoint, ledger.checkpoint());
    witnesses = witnesses_under(checkpoint, run.demand);
  }
  ev::Query query;
  query.newest_first = false;
  query.limit = kEntriesAtOnce;
  for (query.from = 0;;) {
    SIGNALBOX_TRY(const std::vector<ev::Entry> entries, ledger.query(query));
    if (entries.empty()) break;
    query.from = entries.back().index + 1;
    for (const ev::Entry& entry : entries) {
      if (entry.envelope.empty()) {
        SIGNALBOX_TRY(Check erased, judge_erased(ledger, entry, run.demand.trust));
        if (erased.verdict != Verdict::pass) run.report.checks.push_back(std::move(erased));
        continue;
      }
      for (const std::string& line : ev::check_record(entry.index, entry.record, entry.envelope, entry.salt))
        run.failed(fmt::format("entry {}", entry.index), "its record is that of its envelope", line, "log");
      SIGNALBOX_TRY(Check check,
                    judge(fmt::format("entry {}", entry.index), entry.envelope,
                          gates::Vouched{entry.index, entry.time, ledger.size(), witnesses}, run.demand));
      check.evidence = static_cast<std::int64_t>(entry.index);
      if (check.verdict == Verdict::pass) ++good;
      if (check.verdict != Verdict::pass) run.report.checks.push_back(std::move(check));
    }
    run.context.progress.update(*query.from, audit.entries, "envelopes");
  }
  run.context.progress.finish();
  run.report.facts.push_back({"envelopes with trusted signatures", good, ""});
  return {};
}

void sum_up(const Demand& demand, Report& report) {
  const auto count = [&](Verdict verdict) {
    return std::count_if(report.checks.begin(), report.checks.end(),
                         [verdict](const Check& check) { return check.verdict == verdict; });
  };
  const auto failed = count(Verdict::fail);
  report.verdict = failed != 0 ? Verdict::fail : count(Verdict::warn) != 0 ? Verdict::warn : Verdict::pass;
  report.summary = failed == 0 ? "everything holds"
                               : fmt::format("{} of {} checks do not hold", failed, report.checks.size());
  if (demand.trust.self_trusted)
    report.summary += " (self-trusted: no trust file, only this machine's own keys count)";
}

Result<cli::Outcome> verify(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Demand demand, demand_from(arguments, context));
  Report report;
  report.instrument = "evidence";
  report.title = arguments.positionals().empty() ? "Verification of the log"
                                                 : "Verification of " + join(arguments.positionals(), ", ");
  const Verification run{arguments, context, demand, report};
  if (arguments.positionals().empty()) SIGNALBOX_CHECK(verify_log(run));
  for (const std::string& file : arguments.positionals()) SIGNALBOX_CHECK(verify_file(run, file));
  sum_up(demand, report);
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command verify_command() {
  cli::Command command;
  command.name = "verify";
  command.summary = "Check envelopes, bundles, proofs, checkpoints or the whole log, offline";
  command.details =
      "Without a file it recomputes the whole log and judges each envelope's signers. Checkpoints are "
      "compared with "
      "the newest one that this machine has seen of the same log: a log that went back, or tells two "
      "stories, is "
      "found.";
  command.options = demand_options();
  command.options.push_back(
      {.name = "--record-file", .value = "FILE", .help = "the record that a .tlog-proof must prove"});
  command.options.push_back({.name = "--leaf", .value = "HEX", .help = "or its leaf hash"});
  command.options.push_back({.name = "--complete",
                             .value = "SUBJECT",
                             .help = "and show that no entry about it is missing: every record is read"});
  command.positionals = {{"FILE", "envelope, JSON lines of them, bundle, .tlog-proof or checkpoint",
                          cli::Positional::Count::any}};
  command.options.push_back({.name = "--timeout",
                             .value = "DURATION",
                             .help = "with a server: how long it may take over all of it, 5m by default"});
  command.run = reading<verify>;
  return command;
}

}  // namespace signalbox::evidence_command
