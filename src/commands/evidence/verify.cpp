#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// What has to hold of each envelope.
struct Demand {
  ev::Trust trust;
  std::vector<ev::PublicKey> log_keys;
  std::optional<ev::Subject> subject;
  std::optional<std::string> type;
  std::optional<Duration> max_age;
  std::size_t threshold = 1;
  Time now;
};

// A key file may hold several verifier keys, one a line.
Status add_keys(const std::string& given, Demand& demand) {
  std::string text = given;
  if (std::filesystem::exists(given)) {
    SIGNALBOX_TRY(text, read_input(given));
  }
  const bool one =
      text.find("-----BEGIN") != std::string::npos || text.find("untrusted comment") != std::string::npos;
  for (const std::string_view line : one ? std::vector<std::string_view>{text} : lines(text)) {
    if (trim(line).empty()) continue;
    SIGNALBOX_TRY(const ev::PublicKey key, ev::parse_public_key(line, "given"));
    ev::TrustedKey trusted;
    trusted.key = key;
    demand.trust.keys.push_back(std::move(trusted));
    demand.log_keys.push_back(key);
  }
  return {};
}

Result<Demand> demand_from(const cli::Arguments& arguments, const cli::Context& context) {
  Demand demand;
  demand.now = context.clock.now();
  if (const auto at = arguments.get("--at")) {
    SIGNALBOX_TRY(demand.now, parse_rfc3339(*at));
  }
  if (const auto file = arguments.get("--trust")) {
    SIGNALBOX_TRY(const config::Node node, config::read_yaml(*file));
    SIGNALBOX_TRY(demand.trust, ev::parse_trust(node));
  } else if (!arguments.has("--key")) {
    SIGNALBOX_TRY(demand.trust, workspace_trust(context.workspace));
  }
  for (const ev::TrustedKey& key : demand.trust.keys) {
    if (std::find(key.roles.begin(), key.roles.end(), "log") != key.roles.end())
      demand.log_keys.push_back(key.key);
  }
  for (const std::string& key : arguments.all("--key")) SIGNALBOX_CHECK(add_keys(key, demand));
  if (const auto subject = arguments.get("--subject")) {
    SIGNALBOX_TRY(demand.subject, subject_from_argument(context, *subject));
  }
  if (const auto type = arguments.get("--type")) demand.type = whole_type(*type);
  if (const auto age = arguments.get("--max-age")) {
    SIGNALBOX_TRY(demand.max_age, parse_duration(*age));
  }
  if (const auto threshold = arguments.get("--threshold")) {
    const auto value = parse_integer(*threshold);
    if (!value || *value < 1) return fail(ErrorKind::bad_input, "--threshold: a number from 1");
    demand.threshold = static_cast<std::size_t>(*value);
  }
  return demand;
}

// One envelope against the demand; `logged` where a log vouches for the time.
Check judge(const std::string& name, std::string_view octets, std::optional<Time> logged,
            const Demand& demand) {
  Check check{
      .name = name,
      .verdict = Verdict::fail,
      .asked = fmt::format("{} trusted signature{}", demand.threshold, demand.threshold > 1 ? "s" : "")};
  const auto no = [&check](std::string reason, std::string answer) {
    check.reason = std::move(reason);
    check.answer = std::move(answer);
    return check;
  };
  const auto envelope = ev::parse_envelope(octets);
  if (!envelope) return no("envelope", envelope.error().message);
  if (envelope->payload_type != ev::kPayloadType)
    return no("envelope", "its payload is no in-toto statement: " + printable(envelope->payload_type));
  const auto statement = ev::parse_statement(envelope->payload);
  std::vector<std::string> names;
  if (statement) {
    for (const ev::Subject& subject : statement->subjects) names.push_back(subject.name);
  }
  const std::string type = statement ? statement->predicate_type : std::string();
  std::vector<std::string> good, bad;
  for (const ev::Signer& signer :
       judge_signers(*envelope, demand.trust, logged.value_or(demand.now), type, names)) {
    (signer.valid ? good : bad).push_back(signer.key.name + (signer.valid ? "" : ": " + signer.why));
  }
  if (good.size() < demand.threshold) {
    return no("signature", fmt::format("signature: {} of {} distinct keys wanted{}{}", good.size(),
                                       demand.threshold, bad.empty() ? "" : "; ", join(bad, "; ")));
  }
  if (!statement) return no("statement", statement.error().message);
  if (demand.type && type != *demand.type) return no("type", "it is of the type " + short_type(type));
  if (demand.subject && std::none_of(statement->subjects.begin(), statement->subjects.end(),
                                     [&](const ev::Subject& s) { return matches(s, *demand.subject); })) {
    return no("subject", "it is about something else: " + subject_text(statement->subjects.front()));
  }
  if (demand.max_age) {
    if (!logged) return no("stale", "no log says when it was made, so its age cannot be told");
    if (demand.now - *logged > *demand.max_age)
      return no("stale", "logged " + to_text(demand.now - *logged) + " ago");
  }
  check.verdict = Verdict::pass;
  check.answer = fmt::format("{} about {}, signed by {}", short_type(type),
                             subject_text(statement->subjects.front()), join(good, ", "));
  return check;
}

void verify_bundle(const ev::Bundle& bundle, const std::string& file, const Demand& demand, Report& report,
                   cli::Progress& progress) {
  const std::vector<std::string> failures = ev::check_bundle(bundle, demand.log_keys);
  for (const std::string& line : failures)
    report.checks.push_back({file, Verdict::fail, "the log holds exactly this", line, "log", {}, {}, {}});
  if (failures.empty())
    report.checks.push_back({file,
                             Verdict::pass,
                             "the log holds exactly this",
                             fmt::format("{} entries under the signed checkpoint", bundle.entries.size()),
                             {},
                             {},
                             {},
                             {}});
  for (std::size_t i = 0; i < bundle.entries.size(); ++i) {
    const ev::BundleEntry& entry = bundle.entries[i];
    if (entry.envelope.empty()) continue;
    const auto record = parse_json(entry.record);
    const Time logged{std::chrono::milliseconds(record ? (*record)["time"].as_integer() : 0)};
    Check check = judge(fmt::format("entry {}", entry.index), entry.envelope, logged, demand);
    check.evidence = static_cast<std::int64_t>(entry.index);
    report.checks.push_back(std::move(check));
    progress.update(i + 1, bundle.entries.size(), "envelopes");
  }
  progress.finish();
}

Status verify_file(const std::string& file, const Demand& demand, Report& report, cli::Progress& progress) {
  SIGNALBOX_TRY(const std::string text, read_input(file));
  if (text.find(ev::kBundleType) != std::string::npos) {
    auto bundle = ev::parse_bundle(text);
    if (!bundle) return fail_in(file, std::move(bundle).error());
    verify_bundle(*bundle, file, demand, report, progress);
    return {};
  }
  if (text.find("application/vnd.dev.sigstore.bundle") != std::string::npos) {
    auto envelope = ev::parse_sigstore_bundle(text);
    if (!envelope) return fail_in(file, std::move(envelope).error());
    report.checks.push_back(judge(file, ev::write_envelope(*envelope), {}, demand));
    return {};
  }
  std::size_t line_number = 0;
  const bool many = text.find("}\n{") != std::string::npos;
  for (const std::string_view line : many ? lines(text) : std::vector<std::string_view>{text}) {
    ++line_number;
    if (trim(line).empty()) continue;
    if (auto envelope = ev::parse_envelope(line); !envelope)
      return fail_in(file, std::move(envelope).error());
    report.checks.push_back(judge(many ? fmt::format("{}:{}", file, line_number) : file, line, {}, demand));
  }
  return {};
}

// The whole log: its audit, then every envelope's signers.
Status verify_log(const Demand& demand, Report& report, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const ev::Ledger::Audit audit,
                book.ledger().audit([&](std::uint64_t done, std::uint64_t total) {
                  context.progress.update(done, total, "entries");
                }));
  for (const std::string& line : audit.failures)
    report.checks.push_back({"log", Verdict::fail, "nothing was changed", line, "log", {}, {}, {}});
  if (audit.failures.empty())
    report.checks.push_back({"log",
                             Verdict::pass,
                             "nothing was changed",
                             fmt::format("{} entries, {} tiles", audit.entries, audit.tiles),
                             {},
                             {},
                             {},
                             {}});
  std::size_t good = 0;
  for (std::uint64_t i = 0; i < book.ledger().size(); ++i) {
    SIGNALBOX_TRY(const ev::Entry entry, book.ledger().entry(i));
    if (entry.envelope.empty()) continue;
    Check check = judge(fmt::format("entry {}", i), entry.envelope, entry.time, demand);
    check.evidence = static_cast<std::int64_t>(i);
    if (check.verdict == Verdict::pass) ++good;
    if (check.verdict != Verdict::pass) report.checks.push_back(std::move(check));
  }
  context.progress.finish();
  report.facts.push_back({"envelopes with trusted signatures", good, ""});
  return {};
}

Result<cli::Outcome> verify(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Demand demand, demand_from(arguments, context));
  Report report;
  report.instrument = "evidence";
  report.title = arguments.positionals().empty() ? "Verification of the log"
                                                 : "Verification of " + join(arguments.positionals(), ", ");
  if (arguments.positionals().empty()) SIGNALBOX_CHECK(verify_log(demand, report, context));
  for (const std::string& file : arguments.positionals())
    SIGNALBOX_CHECK(verify_file(file, demand, report, context.progress));
  const auto failed = std::count_if(report.checks.begin(), report.checks.end(),
                                    [](const Check& check) { return check.verdict == Verdict::fail; });
  report.verdict = failed == 0 ? Verdict::pass : Verdict::fail;
  report.summary = failed == 0 ? "everything holds"
                               : fmt::format("{} of {} checks do not hold", failed, report.checks.size());
  if (demand.trust.self_trusted)
    report.summary += " (self-trusted: no trust file, only this machine's own keys count)";
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command verify_command() {
  cli::Command command;
  command.name = "verify";
  command.summary = "Check envelopes, bundles or the whole log, offline";
  command.options = {
      {.name = "--key",
       .value = "KEY",
       .help = "a trusted key: verifier key, or a file of keys",
       .repeated = true},
      {.name = "--trust", .value = "FILE", .help = "trust file; by default that of the workspace"},
      {.name = "--subject", .value = "SUBJECT", .help = "what it must be about"},
      {.name = "--type", .value = "URI", .help = "predicate type it must have"},
      {.name = "--threshold", .value = "N", .help = "distinct trusted keys, 1 by default"},
      {.name = "--max-age", .value = "DURATION", .help = "how long ago it may have been logged"},
      {.name = "--at", .value = "TIME", .help = "judge as of that time, RFC 3339"}};
  command.positionals = {{"FILE", "envelope, JSON lines of them, or bundle; without one: the whole log",
                          cli::Positional::Count::any}};
  command.run = verify;
  return command;
}

}  // namespace signalbox::evidence_command
