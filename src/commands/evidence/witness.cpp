// `evidence witness`: whom this log asks for cosignatures, and which logs are cosigned here.
#include "core/evidence/witness.hpp"

#include <cerrno>

#include <fmt/core.h>
#include <unistd.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/witness_state.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/remote/witness_http.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using Count = cli::Positional::Count;

constexpr std::chrono::seconds kDeadline{10};

Result<ev::EvidenceBook> open_book(const cli::Context& context) {
  return ev::EvidenceBook::open(context.workspace, context.clock, context.store);
}

Result<ev::PublicKey> key_from(const std::string& text) {
  auto given = ev::parse_vkey(text);  // never taken for a file's name
  if (given || !std::filesystem::exists(text)) return given;
  SIGNALBOX_TRY(const std::string octets, read_input(text));
  auto key = ev::parse_vkey(octets);
  if (!key) return fail_in(text, std::move(key).error());
  return key;
}

Tone tone_of(std::string_view state) {
  return state == "good" ? Tone::good : state == "bad" ? Tone::bad : Tone::caution;
}

std::string text_of(const Json& value, std::string_view otherwise) {
  return value.is_null() ? std::string(otherwise) : std::string(value.as_string());
}

// How the machine and its log stand: the same for every command here.
Result<Report> state_report(ev::EvidenceBook& book, const cli::Context& context, const std::string& title) {
  SIGNALBOX_TRY(Json state, witness_state(book.database(), context.clock));
  SIGNALBOX_TRY(const ev::SigningKey own, ev::own_witness_key());
  const std::string own_vkey = ev::witness_key(own.public_key()).vkey();
  SIGNALBOX_TRY(const ev::PublicKey log, book.ledger().log_key());
  Report report;
  report.instrument = "evidence";
  report.title = title;
  report.facts = {{"this machine witnesses as", own_vkey, ""}, {"this log is", log.vkey(), ""}};
  Table asked{
      "asked by this log", {{"witness"}, {"address"}, {"cosigned", Column::Align::right}, {"state"}}, {}};
  bool good = true;
  for (const Json& one : state["witnesses"].items()) {
    const std::string light(one["state"].as_string());
    good = good && light != "bad";
    const std::string problem(one["problem"].as_string());
    asked.rows.push_back(
        {std::string(one["name"].as_string()),
         std::string(one["url"].as_string()),
         one["cosigned"].is_null() ? std::string("none") : std::to_string(one["size"].as_integer()),
         {problem.empty() ? light : light + ": " + problem, tone_of(light)}});
  }
  Table known{"witnessed here", {{"log"}, {"entries", Column::Align::right}, {"cosigned"}}, {}};
  for (const Json& one : state["logs"].items()) {
    known.rows.push_back(
        {std::string(one["origin"].as_string()),
         one["size"].is_null() ? std::string("none") : std::to_string(one["size"].as_integer()),
         text_of(one["cosigned"], "never")});
  }
  for (const Json& alarm : state["alarms"].items()) {
    if (!alarm["current"].as_bool()) continue;
    good = false;
    report.findings.push_back(
        {"evidence/log-conflict",
         Severity::error,
         fmt::format("{} of {}, told by {} at {}", alarm["kind"].as_string(), alarm["log"].as_string(),
                     alarm["told_by"].as_string(), alarm["time"].as_string()),
         {},
         "both checkpoints: signalbox evidence witness list --json"});
  }
  report.summary = asked.rows.empty()
                       ? fmt::format("no witness is asked; {} logs are witnessed here", known.rows.size())
                       : fmt::format("{} of {} entries are witnessed; {} of {} witnesses make it so",
                                     state["witnessed_size"].as_integer(), state["size"].as_integer(),
                                     state["quorum"].as_integer(), asked.rows.size());
  report.verdict = good ? Verdict::pass : Verdict::fail;
  if (!asked.rows.empty()) report.tables.push_back(std::move(asked));
  if (!known.rows.empty()) report.tables.push_back(std::move(known));
  state.set("vkey", own_vkey);
  state.set("log", log.vkey());
  report.data = std::move(state);
  return report;
}

Result<cli::Outcome> list(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, open_book(context));
  SIGNALBOX_TRY(Report report, state_report(book, context, "Witnesses"));
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> add(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const ev::PublicKey key, key_from(arguments.positionals().front()));
  const bool is_witness = key.algorithm == ev::PublicKey::Algorithm::cosignature;
  const auto given = arguments.get("--url");
  if (is_witness != given.has_value()) {
    return fail(
        ErrorKind::bad_input,
        is_witness ? "where is this witness reached? give --url" : "a log to be witnessed has no --url",
        is_witness ? "a Signalbox is one at --url https://HOST:PORT/evidence"
                   : "it sends its checkpoints by itself, once it knows this machine as a witness");
  }
  SIGNALBOX_TRY(ev::EvidenceBook book, open_book(context));
  if (is_witness) {
    SIGNALBOX_TRY(const std::string url, remote::witness_url(*given));
    SIGNALBOX_CHECK(ev::WitnessBook(book.database()).add(key, url));
  } else {
    SIGNALBOX_CHECK(ev::Witness(book.database(), context.clock).add(key));
  }
  if (const auto quorum = arguments.get("--quorum")) {
    const auto wanted = parse_integer(*quorum);
    if (!wanted || *wanted < 1 || *wanted > ev::kMaxWitnesses)
      return fail(ErrorKind::bad_input, fmt::format("--quorum: a number from 1 to {}", ev::kMaxWitnesses));
    SIGNALBOX_CHECK(ev::WitnessBook(book.database()).set_quorum(static_cast<int>(*wanted)));
  }
  SIGNALBOX_TRY(Report report, state_report(book, context,
                                            is_witness ? "This log asks " + key.name
                                                       : "The log " + key.name + " is witnessed here"));
  SIGNALBOX_TRY(const ev::PublicKey log, book.ledger().log_key());
  report.next = {is_witness ? "there: signalbox evidence witness add " + log.vkey()
                            : "signalbox serve, or signalbox evidence witness serve"};
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> remove(const cli::Arguments& arguments, cli::Context& context) {
  const std::string name = arguments.positionals().front();
  SIGNALBOX_TRY(ev::EvidenceBook book, open_book(context));
  const Status witness = ev::WitnessBook(book.database()).remove(name);
  if (!witness && witness.error().kind != ErrorKind::not_found) return fail(witness.error());
  const Status log = ev::Witness(book.database(), context.clock).remove(name);
  if (!log && log.error().kind != ErrorKind::not_found) return fail(log.error());
  if (!witness && !log)
    return fail(ErrorKind::not_found, fmt::format("there is neither a witness nor a log {}", printable(name)),
                "signalbox evidence witness list");
  SIGNALBOX_TRY(Report report, state_report(book, context, "Removed " + name));
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> ask(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, open_book(context));
  SIGNALBOX_TRY(const remote::AskedByName asked,
                remote::ask_witnesses(book.database(), context.clock, kDeadline, remote::AskWhich::all));
  SIGNALBOX_TRY(Report report, state_report(book, context, "Asked the witnesses"));
  for (const auto& [name, outcome] : asked) {
    const Verdict verdict = outcome.outcome == ev::Asked::Outcome::cosigned ? Verdict::pass : Verdict::fail;
    report.checks.push_back({name, verdict, "cosigns the newest checkpoint", outcome.what, {}, {}, {}, {}});
  }
  return cli::Outcome(std::move(report));
}

// The server is a program of its own, beside this one.
Result<cli::Outcome> serve(const cli::Arguments& arguments, cli::Context& context) {
  const std::filesystem::path program = own_executable().parent_path() / "signalbox-serve";
  std::vector<std::string> words = {program.string(), "-C", context.workspace.root.string(), "--only",
                                    "witness"};
  for (const std::string option : {"--listen", "--tls-cert", "--tls-key", "--host"}) {
    for (const std::string& value : arguments.all(option)) words.insert(words.end(), {option, value});
  }
  if (!context.store.empty()) words.insert(words.end(), {"--store", context.store});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  return fail(error_from_errno(errno, program.string()));
}

}  // namespace

cli::Command witness_command() {
  cli::Command command;
  command.name = "witness";
  command.summary = "Have checkpoints cosigned by others, and cosign theirs";
  command.details =
      "A witness signs a checkpoint only where it extends the one it signed before, so a log that went back, "
      "or tells "
      "two stories, is found. Every `signalbox serve` is one; `add` tells it which logs it knows, and a log "
      "which "
      "witnesses it asks: with `signalbox serve` by itself, else with `ask`.";
  command.commands = {
      {.name = "add",
       .summary = "Ask a witness from now on, or know a log to be witnessed",
       .options = {{.name = "--url", .value = "URL", .help = "of a witness: where add-checkpoint is"},
                   {.name = "--quorum",
                    .value = "K",
                    .help = "how many witnesses are wanted; by default more than half"}},
       .positionals = {{"KEY", "verifier key of a witness or of a log, or a file that holds it"}},
       .run = add},
      {.name = "list", .summary = "List witnesses, logs witnessed here, and alarms", .run = list},
      {.name = "ask", .summary = "Ask every witness to cosign the newest checkpoint now", .run = ask},
      {.name = "remove",
       .summary = "Forget a witness or a log",
       .positionals = {{"NAME", "of the witness or the log"}},
       .run = remove},
      {.name = "serve",
       .summary = "Serve as a witness and as nothing else: for everybody, without tokens",
       .options =
           {{.name = "--listen", .value = "ADDRESS:PORT", .help = "where; as signalbox serve has it"},
            {.name = "--tls-cert", .value = "FILE", .help = "certificate chain, PEM"},
            {.name = "--tls-key", .value = "FILE", .help = "its private key, PEM"},
            {.name = "--host", .value = "NAME", .help = "a further name it answers to", .repeated = true}},
       .run = serve}};
  return command;
}

}  // namespace signalbox::evidence_command
