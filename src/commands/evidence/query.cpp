// `evidence query`: entries by subject, type, time, signer and expression.
#include "commands/evidence/query.hpp"

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/entry_filter.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::size_t kListed = 50;

// The newest that the filter lets through, as many as the query wants.
Result<std::vector<ev::Entry>> matching(const ev::Ledger& ledger, const ev::Query& query, EntryFilter& filter,
                                        cli::Progress& progress) {
  if (filter.lets_all_through()) return ledger.query(query);
  const std::uint64_t log_size = ledger.size();
  const std::size_t wanted = query.limit;
  std::vector<ev::Entry> out;
  std::uint64_t read = 0;
  SIGNALBOX_CHECK(ev::read_entries(ledger, query, log_size, [&](ev::Entry& entry) -> Result<ev::Reading> {
    if (out.size() == wanted) return ev::Reading::is_done;
    progress.update(++read, 0, "entries");
    SIGNALBOX_TRY(const bool passes, filter.lets_through(entry, log_size));
    if (passes) out.push_back(std::move(entry));
    return out.size() == wanted ? ev::Reading::is_done : ev::Reading::goes_on;
  }));
  progress.finish();
  return out;
}

void add_unknown(const EntryFilter::Unknown& unknown, Report& report) {
  if (unknown.erased > 0)
    report.facts.push_back({"erased or not shown, so nobody knows", unknown.erased, ""});
  if (unknown.undecided == 0) return;
  report.facts.push_back({"neither true nor false", unknown.undecided, ""});
  report.findings.push_back({"evidence/undecided",
                             Severity::note,
                             "the expression says neither yes nor no of " + unknown.example,
                             {},
                             "ask with //, ? or type first, or choose with --type"});
}

Result<cli::Outcome> query_log(const cli::Arguments& arguments, cli::Context& context) {
  if (remote::is_server(context.store)) return query_server(arguments, context);
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const ev::Query query, query_from(arguments, context));
  SIGNALBOX_TRY(EntryFilter filter, EntryFilter::from(arguments, context));
  SIGNALBOX_TRY(const std::vector<ev::Entry> entries,
                matching(book.ledger(), query, filter, context.progress));
  return cli::Outcome(listing(entries, filter.unknown()));
}

}  // namespace

Result<ev::Query> query_from(const cli::Arguments& arguments, const cli::Context& context) {
  ev::Query query;
  query.limit = kListed;
  if (const auto subject = arguments.get("--subject")) {
    SIGNALBOX_TRY(query.subject, subject_from_argument(context, *subject));
  }
  if (const auto type = arguments.get("--type")) query.type = whole_type(*type);
  if (const auto since = arguments.get("--since")) {
    SIGNALBOX_TRY(query.since, parse_rfc3339(*since));
  }
  if (const auto until = arguments.get("--until")) {
    SIGNALBOX_TRY(query.until, parse_rfc3339(*until));
  }
  if (const auto limit = arguments.get("--limit")) {
    const auto value = parse_integer(*limit);
    if (!value || *value < 0)
      return fail(ErrorKind::bad_input, printable(*limit) + ": not a number of entries");
    query.limit = static_cast<std::size_t>(*value);
  }
  return query;
}

Report listing(const std::vector<ev::Entry>& entries, const EntryFilter::Unknown& unknown) {
  Report report;
  report.instrument = "evidence";
  report.title = "Evidence";
  report.summary = fmt::format("{}, newest first", counted(entries.size(), "entry", "entries"));
  add_unknown(unknown, report);
  Table table{"", {{"entry", Column::Align::right}, {"time"}, {"type"}, {"subjects"}}, {}};
  Json data = Json::array();
  for (const ev::Entry& entry : entries) {
    const auto record = parse_json(entry.record);
    const Json shown = record ? *record : Json();
    std::vector<std::string> subjects;
    for (const Json& subject : shown["subjects"].items()) subjects.emplace_back(subject.as_string());
    table.rows.push_back({std::to_string(entry.index), to_rfc3339(entry.time),
                          short_type(shown["type"].as_string()), printable(join(subjects, " "))});
    data.push_back(Json::object({{"index", entry.index},
                                 {"time", to_rfc3339(entry.time)},
                                 {"type", shown["type"]},
                                 {"subjects", shown["subjects"]},
                                 {"leaf", to_hex(entry.leaf)}}));
  }
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"entries", std::move(data)}});
  return report;
}

cli::Command query_command() {
  cli::Command command = {
      .name = "query",
      .summary = "List entries by subject, type, time, signer or what is true of them",
      .details =
          "--key lists what that key signed: each signature is verified, key ids are not believed. --jq "
          "lists "
          "the entries of which a jq expression over what conditions see is true; those of which it says "
          "neither yes nor no are counted.\n\n"
          "With --store https://HOST a server's log is asked. It is not believed: its checkpoint has to be "
          "signed by a trusted key of the role log (or --log-key) and to extend what this machine saw of the "
          "log, and each entry has to be in it. Exit code 1 where something of that does not hold.",
      .options = {{.name = "--subject", .value = "SUBJECT", .help = "git:REF, a file, or ALG:HEX"},
                  {.name = "--type", .value = "URI", .help = "predicate type"},
                  {.name = "--key",
                   .value = "KEY",
                   .help = "signed by it: a verifier key, a file of keys, a known name or id",
                   .repeated = true},
                  {.name = "--jq", .value = "EXPR", .help = "true of it, as '.predicate.failures > 0'"},
                  {.name = "--since", .value = "TIME", .help = "RFC 3339"},
                  {.name = "--until", .value = "TIME", .help = "RFC 3339"},
                  {.name = "--limit", .value = "N", .help = "at most so many, 50 by default"}},
      .run = query_log};
  for (cli::Option& option : server_options()) command.options.push_back(std::move(option));
  return command;
}

}  // namespace signalbox::evidence_command
