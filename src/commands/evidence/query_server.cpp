// `evidence query` of a server's log.
#include <fmt/core.h>

#include "commands/evidence/query.hpp"
#include "commands/evidence/served_entries.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

struct Found {
  std::vector<ev::Entry> entries;
  std::uint64_t later = 0;  // were read and are later than --until
};

// Those that fit, each proven; the log's times never go back.
Result<Found> matching(ServedEntries& entries, const ev::Query& query, EntryFilter& filter,
                       std::uint64_t log_size, cli::Progress& progress) {
  Found out;
  while (out.entries.size() < query.limit) {
    SIGNALBOX_TRY(std::optional<ev::Entry> entry, entries.next());
    if (!entry || (query.since && entry->time < *query.since)) break;
    progress.update(entries.read(), 0, "entries");
    if (query.until && entry->time > *query.until) {
      ++out.later;
      continue;
    }
    SIGNALBOX_TRY(const Json record, parse_json(entry->record));
    if (query.type && record["type"].as_string() != *query.type) continue;
    SIGNALBOX_TRY(const bool passes, filter.lets_through(*entry, log_size));
    if (passes) out.entries.push_back(std::move(*entry));
  }
  progress.finish();
  return out;
}

std::string_view text_of(Omissions omissions) {
  switch (omissions) {
    case Omissions::none:
      return {};
    case Omissions::newest:
      return "each names the entry about the subject before it; that none is newer is the server's word "
             "alone";
    case Omissions::any:
      break;
  }
  return "each is in the log that was signed; that there are no others is the server's word alone";
}

void tell_server(const remote::ServedLog& log, Omissions omissions, Report& report) {
  const remote::SignedState& state = log.state();
  report.facts.push_back({"server", log.origin(), ""});
  if (state.is_signed()) {
    report.facts.push_back({"log",
                            fmt::format("{} entries, signed by {} ({}), {}", state.checkpoint.size,
                                        printable(state.log.name), state.log.id(),
                                        state.seen ? fmt::format("extends the {} seen before", *state.seen)
                                                   : std::string("seen for the first time")),
                            ""});
  }
  const std::string_view text =
      state.is_signed() ? text_of(omissions) : "that the log is empty is the server's word alone";
  if (!text.empty())
    report.findings.push_back({"evidence/omissions",
                               Severity::note,
                               std::string(text),
                               {},
                               "signalbox evidence verify --complete SUBJECT, where the log is"});
  report.data.set("log", Json::object({{"size", state.checkpoint.size},
                                       {"origin", state.checkpoint.origin},
                                       {"root", to_hex(state.checkpoint.root)}}));
}

// What was read of the log and is not in the list, or was not read at all.
void tell_reading(const ServedEntries& entries, const Found& found, Report& report) {
  report.facts.push_back({"read", counted(entries.read(), "entry", "entries"), ""});
  if (found.later > 0)
    report.facts.push_back(
        {"later than --until", counted(found.later, "entry", "entries") + ", read and left out", ""});
  if (entries.unproven() > 0) {
    report.findings.push_back(
        {"evidence/unproven",
         Severity::warning,
         fmt::format(
             "{} left out: that they are about the subject the server alone says, and it does not show the "
             "envelopes that would",
             counted(entries.unproven(), "entry is", "entries are")),
         {},
         "ask with a token that may read them: of the role operator"});
    report.data.set("unproven", entries.unproven());
  }
  report.data.set("cut", entries.is_cut());
  if (!entries.is_cut()) return;
  report.verdict = Verdict::warn;
  report.summary += fmt::format("; the log goes on behind the {} that were read", entries.read());
  report.findings.push_back(
      {"evidence/cut",
       Severity::warning,
       fmt::format("{} entries were read and no more: older ones may fit", entries.read()),
       {},
       "choose with --subject or --type, or ask for less with --since"});
}

}  // namespace

Result<cli::Outcome> query_server(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Demand demand, believed_logs(arguments, context));
  SIGNALBOX_TRY(const ev::Query query, query_from(arguments, context));
  SIGNALBOX_TRY(EntryFilter filter, EntryFilter::from(arguments, context));
  SIGNALBOX_TRY(const auto until, end_of_asking(arguments));
  SIGNALBOX_TRY(remote::Server server, remote::server_from(context.store));
  std::optional<Check> witnessed;
  const auto has_its_witnesses = [&](const remote::SignedState& state) {
    witnessed = judge_witnesses("log " + state.log.name, state.note, demand);
    return !witnessed || witnessed->verdict != Verdict::fail;
  };
  const auto log = remote::ServedLog::open(
      std::move(server),
      {demand.log_keys, ev::CheckpointMemory::of_this_machine(), has_its_witnesses, remote::kWitnessPatience},
      until);
  if (!log) return caught(log.error());
  ServedEntries entries(
      *log, query, filter.lets_all_through() ? ServedEntries::Need::records : ServedEntries::Need::envelopes);
  const auto found = matching(entries, query, filter, log->state().checkpoint.size, context.progress);
  if (!found) return caught(found.error());
  Report report = listing(found->entries, filter.unknown());
  tell_server(*log, entries.omissions(), report);
  tell_reading(entries, *found, report);
  if (witnessed) {
    if (witnessed->verdict == Verdict::fail) {
      report.verdict = Verdict::fail;
      witnessed->remedy = std::string(kRemedyOfWitnesses);
    }
    report.checks.push_back(std::move(*witnessed));
  }
  return cli::Outcome(std::move(report));
}

}  // namespace signalbox::evidence_command
