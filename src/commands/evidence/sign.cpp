#include <algorithm>
#include <functional>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/wait.hpp"
#include "core/base/text.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

Result<cli::Outcome> statement(const cli::Arguments& arguments, cli::Context& context) {
  const auto type = arguments.get("--type");
  if (!type)
    return fail(ErrorKind::bad_input, "of which type? give --type", "--type https://example.com/kind/v1");
  ev::Statement made;
  made.predicate_type = whole_type(*type);
  SIGNALBOX_TRY(made.subjects, subjects_from(arguments, context));
  if (const auto file = arguments.get("--predicate")) {
    SIGNALBOX_TRY(const std::string text, read_input(*file));
    SIGNALBOX_TRY(made.predicate, parse_json(text));
  }
  SIGNALBOX_TRY(const std::string octets, ev::write_statement(made));
  return cli::Outcome(cli::Artifact{octets + "\n"});
}

constexpr std::chrono::seconds kPatience{30};

Status wait_for(const cli::Arguments& arguments, const std::vector<ev::Receipt>& receipts,
                ev::EvidenceBook& book, cli::Context& context) {
  if (arguments.get_or("--wait", "integrated") != "witnessed" || receipts.empty()) return {};
  std::chrono::milliseconds patience = kPatience;
  if (const auto given = arguments.get("--timeout")) {
    SIGNALBOX_TRY(patience, parse_duration(*given));
  }
  return wait_until_witnessed(receipts.back().index, patience, book, context);
}

Result<std::vector<ev::Receipt>> append_all(const std::vector<std::string>& envelopes,
                                            const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(
      std::vector<ev::Receipt> receipts,
      book.append(envelopes, arguments.has("--dedupe") ? ev::Repeats::skipped : ev::Repeats::logged));
  SIGNALBOX_CHECK(wait_for(arguments, receipts, book, context));
  return receipts;
}

Report report_of(const std::vector<ev::Receipt>& receipts) {
  Report report;
  report.instrument = "evidence";
  report.title = "Appended to the log";
  report.verdict = Verdict::pass;
  const auto known = std::count_if(receipts.begin(), receipts.end(), std::mem_fn(&ev::Receipt::was_there));
  report.summary = counted(receipts.size() - static_cast<std::size_t>(known), "entry", "entries");
  if (known > 0) report.summary += fmt::format("; {} there already", known);
  Table table{"", {{"entry", Column::Align::right}, {"leaf"}}, {}};
  Json data = Json::array();
  for (const ev::Receipt& receipt : receipts) {
    table.rows.push_back({std::to_string(receipt.index), to_hex(receipt.leaf)});
    data.push_back(Json::object(
        {{"index", receipt.index}, {"leaf", to_hex(receipt.leaf)}, {"was_there", receipt.was_there}}));
  }
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"receipts", std::move(data)}});
  return report;
}

Result<cli::Outcome> sign(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(std::string text, read_input(arguments.positionals().front()));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  SIGNALBOX_CHECK(ev::parse_statement(text));
  const ev::KeyStore keys(keys_directory());
  SIGNALBOX_TRY(const ev::SigningKey key,
                ev::unlock(keys, arguments.get_or("--key", ev::machine_key_name())));
  const std::string envelope = ev::write_envelope(ev::sign_envelope(ev::kPayloadType, text, {&key}));
  if (arguments.has("--append")) {
    SIGNALBOX_TRY(const std::vector<ev::Receipt> receipts, append_all({envelope}, arguments, context));
    for (const ev::Receipt& receipt : receipts) {
      if (context.say)
        context.say(fmt::format("appended as entry {}, leaf {}", receipt.index, to_hex(receipt.leaf)));
    }
  }
  return cli::Outcome(cli::Artifact{envelope + "\n"});
}

Result<cli::Outcome> append(const cli::Arguments& arguments, cli::Context& context) {
  std::vector<std::string> envelopes;
  for (const std::string& file : arguments.positionals()) {
    SIGNALBOX_TRY(const std::string text, read_input(file));
    const std::vector<Document> documents = documents_of(file, text);
    if (documents.empty()) return fail(ErrorKind::bad_input, file + ": holds no envelope");
    for (const auto& [name, envelope] : documents) {
      if (auto parsed = ev::parse_envelope(envelope); !parsed)
        return fail_in(name, std::move(parsed).error());
      envelopes.emplace_back(trim(envelope));
    }
  }
  SIGNALBOX_TRY(const std::vector<ev::Receipt> receipts, append_all(envelopes, arguments, context));
  return cli::Outcome(report_of(receipts));
}

}  // namespace

cli::Command statement_command() {
  return {.name = "statement",
          .summary = "Write an in-toto statement, not yet signed",
          .options = {{.name = "--type", .value = "URI", .help = "predicate type"},
                      {.name = "--subject",
                       .value = "SUBJECT",
                       .help = "git:REF, a file, or NAME=ALG:HEX",
                       .repeated = true},
                      {.name = "--predicate", .value = "FILE", .help = "JSON object; - is standard input"}},
          .run = statement,
          .formats = {"in-toto"}};
}

cli::Command sign_command() {
  return {
      .name = "sign",
      .summary = "Sign a statement",
      .options = {{.name = "--key", .value = "NAME", .help = "key to sign with; by default this machine's"},
                  {.name = "--append",
                   .help = "and append it to the log; standard error tells as which entry"}},
      .positionals = {{"STATEMENT", "file, or - for standard input"}},
      .run = sign,
      .formats = {"dsse"}};
}

cli::Command append_command() {
  return {
      .name = "append",
      .summary = "Append signed envelopes to the log",
      .options = {{.name = "--wait",
                   .value = "WHAT",
                   .help = "integrated: durable in the log, the default; witnessed: cosigned by a quorum too",
                   .choices = {"integrated", "witnessed"}},
                  {.name = "--timeout", .value = "DURATION", .help = "how long to wait; 30s by default"},
                  {.name = "--dedupe", .help = "do not log again what the log holds, octet for octet"}},
      .positionals = {{"ENVELOPE", "files of one envelope, or of one a line",
                       cli::Positional::Count::at_least_one}},
      .run = append};
}

}  // namespace signalbox::evidence_command
