// `evidence watch`: follows a log that somebody else keeps, and cries out where it tells two stories.
#include <algorithm>
#include <thread>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/demand.hpp"
#include "commands/evidence/tile_http.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/given_keys.hpp"
#include "core/evidence/log_follower.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using Kind = ev::Look::Kind;

constexpr Duration kEvery = std::chrono::minutes(1);
constexpr std::size_t kMaxNoteBytes = 1'000'000;

// One log under watch, and where this machine remembers it.
struct Watched {
  std::string where;
  std::unique_ptr<ev::TileSource> source;
  ev::PublicKey log;
  std::vector<std::string> signers;
  ev::CheckpointMemory memory = ev::CheckpointMemory::of_this_machine();

  // The signed note that contradicts what was seen, kept until somebody takes it away.
  std::filesystem::path alarm_file() const { return memory.file_of(log).string() + ".alarm"; }
  // What --record says of it, signed, until the log has it.
  std::filesystem::path statement_file() const { return alarm_file().string() + ".envelope"; }
};

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::first:
      return "seen for the first time, and believed";
    case Kind::unchanged:
      return "as before";
    case Kind::grew:
      return "extends what was seen before";
    case Kind::rollback:
      return "rollback";
    case Kind::fork:
      return "fork";
    case Kind::tampered:
      return "tampered";
  }
  return "";
}

// The key among those given or trusted whose name is the origin of the served checkpoint.
Result<ev::PublicKey> key_of_log(const cli::Arguments& arguments, const cli::Context& context,
                                 const ev::TileSource& source) {
  std::vector<ev::PublicKey> known;
  for (const std::string& given : arguments.all("--key")) {
    SIGNALBOX_TRY(const std::vector<ev::PublicKey> keys, ev::read_given_keys(given));
    known.insert(known.end(), keys.begin(), keys.end());
  }
  if (known.empty()) {
    SIGNALBOX_TRY(const ev::Trust trust, workspace_trust(context.workspace));
    known = ev::log_keys_of(trust, context.clock.now());
  }
  if (known.size() == 1) return known.front();
  SIGNALBOX_TRY(const std::string text, source.read("checkpoint"));
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(text));
  SIGNALBOX_TRY(const ev::Checkpoint checkpoint, ev::parse_checkpoint(note.text));
  for (const ev::PublicKey& key : known) {
    if (key.name == checkpoint.origin) return key;
  }
  return fail(
      ErrorKind::bad_input,
      fmt::format("the log calls itself {}, and no key of it is known here", printable(checkpoint.origin)),
      "give its verifier key with --key, or with the role log in the trust file");
}

Result<Watched> watched_from(const cli::Arguments& arguments, const cli::Context& context) {
  Watched out;
  out.where = arguments.positionals().front();
  SIGNALBOX_TRY(out.source, tile_source(out.where));
  SIGNALBOX_TRY(out.log, key_of_log(arguments, context, *out.source));
  for (const std::string& given : arguments.all("--signer")) {
    SIGNALBOX_TRY(const std::vector<ev::PublicKey> keys, ev::read_given_keys(given));
    for (const ev::PublicKey& key : keys) out.signers.push_back(key.id());
  }
  return out;
}

// Both checkpoints as a statement of this workspace, where --record asks for it. It is signed before the
// alarm stands, so that a watch that is killed in between logs it later, and once: the log knows an envelope
// that it has.
Status sign_conflict(const Watched& watched, const ev::Look& look, cli::Context& context) {
  if (!context.record || look.kind == Kind::tampered) return {};
  SIGNALBOX_TRY(std::string seen, read_file(watched.memory.file_of(watched.log), kMaxNoteBytes));
  const ev::Alarm alarm{look.kind == Kind::fork ? ev::Alarm::Kind::fork : ev::Alarm::Kind::rollback,
                        context.clock.now(),
                        watched.log.vkey(),
                        std::move(seen),
                        look.note,
                        watched.where};
  SIGNALBOX_TRY(ev::Statement statement, ev::conflict_statement(alarm));
  SIGNALBOX_TRY(ev::EvidenceBook book, remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const std::optional<ev::Subject> commit, book.clean_commit());
  if (commit) statement.subjects.push_back(*commit);
  SIGNALBOX_TRY(const std::string payload, ev::write_statement(statement));
  SIGNALBOX_TRY(const ev::SigningKey key, book.signing_key());
  return write_file_atomically(watched.statement_file(),
                               ev::write_envelope(ev::sign_envelope(ev::kPayloadType, payload, {&key})));
}

Status log_conflict(const Watched& watched, cli::Context& context) {
  if (!context.record || !std::filesystem::exists(watched.statement_file())) return {};
  SIGNALBOX_TRY(const std::string envelope, read_file(watched.statement_file(), ev::kMaxEnvelopeBytes));
  SIGNALBOX_TRY(ev::EvidenceBook book, remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_CHECK(book.append({envelope}, ev::Repeats::skipped));
  std::error_code ignored;  // what stays is logged again, which changes nothing
  std::filesystem::remove(watched.statement_file(), ignored);
  return {};
}

// What was seen stays what is remembered; the note that contradicts it is kept beside, whatever becomes of
// the statement.
Status keep_alarm(const Watched& watched, const ev::Look& look, cli::Context& context) {
  if (std::filesystem::exists(watched.alarm_file())) return {};
  const Status said = sign_conflict(watched, look, context);
  SIGNALBOX_CHECK(write_file_atomically(watched.alarm_file(), look.note));
  SIGNALBOX_CHECK(said);
  return log_conflict(watched, context);
}

Result<ev::Look> look_once(const Watched& watched, cli::Context& context) {
  const ev::Watcher watcher{
      watched.log, watched.signers, context.clock.now(),
      [&](std::uint64_t done, std::uint64_t total) { context.progress.update(done, total, "entries"); }};
  using Shown = ev::CheckpointMemory::Shown;
  ev::Look look;
  const auto looking =
      [&](const std::vector<std::optional<ev::Checkpoint>>& seen) -> Result<std::optional<Shown>> {
    SIGNALBOX_TRY(look, look_at_log(*watched.source, seen.front(), watcher));
    context.progress.finish();
    if (!look.is_alarm()) return std::optional(Shown{0, look.note});
    SIGNALBOX_CHECK(keep_alarm(watched, look, context));
    return std::optional<Shown>();
  };
  SIGNALBOX_CHECK(watched.memory.extend({watched.log}, looking, ev::CheckpointMemory::Until::durable));
  return look;
}

Report report_of(const Watched& watched, const ev::Look& look) {
  Report report;
  report.instrument = "evidence";
  report.title = "Watch of " + watched.log.name;
  const std::string stated = fmt::format("{} entries, {}", look.shown.size, word_of(look.kind));
  report.summary = look.is_alarm() ? look.what : stated;
  report.verdict = look.is_alarm() ? Verdict::fail : look.warnings.empty() ? Verdict::pass : Verdict::warn;
  report.facts = {{"entries", look.shown.size, ""},
                  {"root", to_hex(look.shown.root), ""},
                  {"verifier key", watched.log.vkey(), ""}};
  for (const std::string& warning : look.warnings)
    report.findings.push_back({"evidence/watch", Severity::warning, warning, {}, "ask who keeps the log"});
  if (look.is_alarm()) {
    report.facts.push_back({"seen before", watched.memory.file_of(watched.log).string(), ""});
    report.facts.push_back({"shown now", watched.alarm_file().string(), ""});
    report.findings.push_back(
        {"evidence/watch",
         Severity::error,
         look.what,
         {},
         "believe nothing of this log until it is explained; both checkpoints are kept"});
  }
  report.data = Json::object({{"state", word_of(look.kind)},
                              {"alarm", look.is_alarm()},
                              {"size", look.shown.size},
                              {"root", to_hex(look.shown.root)},
                              {"checkpoint", look.note}});
  return report;
}

Report red(const Watched& watched, std::string what, std::string remedy) {
  Report report;
  report.instrument = "evidence";
  report.title = "Watch of " + watched.log.name;
  report.verdict = Verdict::fail;
  report.findings.push_back({"evidence/watch", Severity::error, what, {}, std::move(remedy)});
  report.summary = std::move(what);
  report.data = Json::object({{"state", "alarm"}, {"alarm", true}});
  return report;
}

// An alarm stands until somebody has looked at it, whatever the log shows later.
std::optional<Report> standing_alarm(const Watched& watched) {
  const std::filesystem::path file = watched.alarm_file();
  if (!std::filesystem::exists(file)) return std::nullopt;
  return red(watched,
             fmt::format("an alarm about the log {} stands: {} does not extend {}", watched.log.name,
                         file.string(), watched.memory.file_of(watched.log).string()),
             "once it is explained, move the first of them away");
}

void tell(const ev::Look& look, cli::Context& context) {
  if (!context.say) return;
  if (look.kind != Kind::unchanged)
    context.say(fmt::format("{} {} entries: {}", to_rfc3339(context.clock.now()), look.shown.size,
                            word_of(look.kind)));
  for (const std::string& warning : look.warnings) context.say(warning);
}

// One look as a report; an error where nobody can say now. What the log did not sign is an alarm too.
Result<Report> looked(const Watched& watched, cli::Context& context) {
  const auto look = look_once(watched, context);
  if (!look && look.error().kind == ErrorKind::conflict)
    return red(watched, look.error().message, "ask who keeps the log");
  if (!look) return fail(look.error());
  if (!look->is_alarm()) tell(*look, context);
  return report_of(watched, *look);
}

// Until an alarm, or for ever: what cannot be reached is tried again.
Result<cli::Outcome> follow(const Watched& watched, Duration every, cli::Context& context) {
  std::string problem;
  for (;;) {
    auto report = looked(watched, context);
    if (!report && report.error().kind != ErrorKind::unavailable) return fail(report.error());
    if (report && report->verdict == Verdict::fail) return cli::Outcome(std::move(*report));
    const std::string now = report ? std::string() : report.error().message;
    if (!now.empty() && now != problem && context.say) context.say(printable(now));
    problem = now;
    std::this_thread::sleep_for(every);
  }
}

Result<cli::Outcome> watch(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Watched watched, watched_from(arguments, context));
  if (auto alarm = standing_alarm(watched)) {
    SIGNALBOX_CHECK(log_conflict(watched, context));
    return cli::Outcome(std::move(*alarm));
  }
  Duration every = kEvery;
  if (const auto given = arguments.get("--every")) {
    SIGNALBOX_TRY(every, parse_duration(*given));
  }
  if (!arguments.has("--once")) return follow(watched, every, context);
  SIGNALBOX_TRY(Report report, looked(watched, context));
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command watch_command() {
  return {
      .name = "watch",
      .summary = "Follow a log that somebody else keeps: 1 where it forks or goes back",
      .details =
          "Each checkpoint has to extend the newest one that this machine has seen or verified, and every "
          "new "
          "entry is read and hashed to the root that the log signed. A log seen for the first time is "
          "believed "
          "as it is. On an alarm both checkpoints are kept and the command ends; it refuses to go on until "
          "somebody moved them away.",
      .options = {{.name = "--key",
                   .value = "KEY",
                   .help = "the log's verifier key; by default those of the role log in the trust file",
                   .repeated = true},
                  {.name = "--signer",
                   .value = "KEY",
                   .help = "a key that may sign entries: others are told",
                   .repeated = true},
                  {.name = "--every", .value = "DURATION", .help = "pause between two looks; 1m by default"},
                  {.name = "--once", .help = "look once and report"}},
      .positionals = {{"LOG", "https://HOST/evidence, or a folder of exported tiles"}},
      .run = watch};
}

}  // namespace signalbox::evidence_command
