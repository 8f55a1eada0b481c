// `evidence import`: what others signed goes into the log as it is, never signed anew, and only where a
// trusted key signed it, or a certificate of a trusted identity.
#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/demand.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::size_t kMaxImported = 65'536;

// An envelope of a file, with the name that reports call it by.
struct Found {
  std::string name, envelope;
  bool is_left_out = false;  // more than the envelope was in its Sigstore bundle, and was not looked at
};

// One document of a file: a DSSE envelope or a Sigstore bundle.
Result<Found> read_one(const Document& document) {
  const auto& [name, text] = document;
  if (text.find("\"mediaType\"") == std::string_view::npos) {
    if (auto envelope = ev::parse_envelope(text); !envelope)
      return fail_in(name, std::move(envelope).error());
    return Found{name, std::string(trim(text)), false};
  }
  auto envelope = ev::parse_sigstore_bundle(text);
  if (!envelope) return fail_in(name, std::move(envelope).error());
  return Found{name, ev::write_envelope(*envelope), envelope->verification_material.empty()};
}

Result<std::vector<Found>> read_all(const std::vector<std::string>& files) {
  std::vector<Found> out;
  for (const std::string& file : files) {
    SIGNALBOX_TRY(const std::string text, read_input(file));
    for (const Document& document : documents_of(file, text)) {
      SIGNALBOX_TRY(Found found, read_one(document));
      out.push_back(std::move(found));
      if (out.size() > kMaxImported)
        return fail(ErrorKind::bad_input, fmt::format("{}: more than {} envelopes", file, kMaxImported));
    }
  }
  if (out.empty()) return fail(ErrorKind::bad_input, join(files, ", ") + ": holds no envelope");
  return out;
}

Status log_all(const std::vector<Found>& all, cli::Context& context, Report& report) {
  std::vector<std::string> envelopes;
  for (const Found& found : all) envelopes.push_back(found.envelope);
  SIGNALBOX_TRY(ev::EvidenceBook book, remote::open_book(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const std::vector<ev::Receipt> receipts, book.append(envelopes, ev::Repeats::skipped));
  Json data = Json::array();
  std::size_t known = 0;
  for (const ev::Receipt& receipt : receipts) {
    known += receipt.was_there ? 1 : 0;
    data.push_back(Json::object({{"index", receipt.index}, {"was_there", receipt.was_there}}));
  }
  report.summary =
      counted(receipts.size() - known, "entry", "entries") + fmt::format("; {} there already", known);
  report.data = Json::object({{"receipts", std::move(data)}});
  return {};
}

Result<cli::Outcome> import_all(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Demand demand, demand_from(arguments, context));
  SIGNALBOX_TRY(const std::vector<Found> all, read_all(arguments.positionals()));
  Report report;
  report.instrument = "evidence";
  report.title = "Import of " + join(arguments.positionals(), ", ");
  report.verdict = Verdict::pass;
  for (const Found& found : all) {
    SIGNALBOX_TRY(Check check, judge(found.name, found.envelope, {}, demand));
    if (check.verdict != Verdict::pass) report.verdict = Verdict::fail;
    if (check.verdict == Verdict::pass && found.is_left_out)
      check.answer += "; timestamps and log entries of the bundle were not looked at: its key is trusted";
    report.checks.push_back(std::move(check));
  }
  if (report.verdict == Verdict::fail) {
    report.summary = "nothing was logged: each envelope needs a trusted signature";
    return cli::Outcome(std::move(report));
  }
  SIGNALBOX_CHECK(log_all(all, context, report));
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command import_command() {
  cli::Command command;
  command.name = "import";
  command.summary = "Log what others signed, as it is: envelopes, JSON lines of them, Sigstore bundles";
  command.details =
      "Each envelope must be signed by a trusted key, or by a certificate of a trusted identity, or nothing "
      "is "
      "logged. Of a Sigstore bundle that a certificate signed, the certificate, its timestamps (SCT), log "
      "entries and "
      "RFC 3161 timestamps are verified against the trusted root, offline, and logged with the envelope, so "
      "that "
      "whoever reads the log can verify them again.";
  for (cli::Option& option : demand_options()) {
    if (option.name != "--witnesses" && option.name != "--max-age")
      command.options.push_back(std::move(option));
  }
  command.positionals = {
      {"FILE", "envelope, .intoto.jsonl or Sigstore bundle", cli::Positional::Count::at_least_one}};
  command.run = import_all;
  return command;
}

}  // namespace signalbox::evidence_command
