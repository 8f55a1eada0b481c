#include <algorithm>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/evidence/given_keys.hpp"
#include "instruments/train/after/attempt.hpp"
#include "instruments/train/after/audit.hpp"
#include "instruments/train/after/audit_replay.hpp"
#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/dossier.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/ramp/station.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxBundleFileBytes = std::size_t{64} << 20;

// Who gives a key on the command line lets it play any role.
Status add_keys(const std::string& given, AuditorTrust& out) {
  SIGNALBOX_TRY(const std::vector<evidence::PublicKey> keys, evidence::read_given_keys(given));
  for (const evidence::PublicKey& key : keys) {
    if (key.algorithm == evidence::PublicKey::Algorithm::cosignature) continue;
    evidence::TrustedKey trusted;
    trusted.key = key;
    out.trust.keys.push_back(std::move(trusted));
    out.log_keys.push_back(key);
  }
  return {};
}

Result<AuditorTrust> trust_of_auditor(const cli::Arguments& arguments) {
  AuditorTrust out;
  if (const auto file = arguments.get("--trust")) {
    SIGNALBOX_TRY(const config::Node node, config::read_yaml(*file));
    SIGNALBOX_TRY(out.trust, evidence::parse_trust(node));
    out.log_keys = evidence::past_log_keys_of(out.trust);
  }
  for (const std::string& key : arguments.all("--key")) SIGNALBOX_CHECK(add_keys(key, out));
  if (!out.trust.keys.empty()) return out;
  return fail(ErrorKind::bad_input, "whom to trust is not said, and the file cannot say it",
              "--key KEY for the log and for each signer, or --trust FILE");
}

// The policy that judged the train's newest attempt, where the repository still has it.
Result<std::optional<evidence::BundlePolicy>> policy_that_judged(const Office& office,
                                                                 const TrainEvents& events,
                                                                 const evidence::Bundle& bundle,
                                                                 const cli::Context& context) {
  const std::vector<Attempt> attempts = attempts_in(events);
  const auto ending = ending_of(read_passages(events));
  const Attempt* const attempt = ending ? attempt_of(attempts, *ending) : nullptr;
  if (attempt == nullptr || bundle.decisions.empty()) return std::optional<evidence::BundlePolicy>();
  const auto policy = ramp::policy_of(context, office.repository, attempt->begin);
  if (!policy) return std::optional<evidence::BundlePolicy>();
  return std::optional(evidence::BundlePolicy{policy->digest, policy->document});
}

struct Taken {
  evidence::Bundle bundle;
  AuditorTrust auditor;
};

// From the log here: what a bundle would hold, judged by the policy's trust.
Result<Taken> take_from_log(const cli::Arguments& arguments, cli::Context& context,
                            const std::string& train) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, train));
  const evidence::Ledger& ledger = office.book->ledger();
  SIGNALBOX_TRY(const Dossier dossier, gather_dossier(ledger, events));
  Taken out;
  SIGNALBOX_TRY(out.bundle, evidence::make_bundle(ledger, dossier.entries));
  out.bundle.decisions = dossier.decisions;
  SIGNALBOX_TRY(out.bundle.policy, policy_that_judged(office, events, out.bundle, context));
  if (arguments.has("--complete")) {
    const std::string subject = evidence::digests_of(train_subject(train)).front();
    SIGNALBOX_CHECK(evidence::add_whole_log(out.bundle, ledger, subject));
  }
  out.auditor.trust = office.policy.trust;
  SIGNALBOX_TRY(evidence::PublicKey log_key, ledger.log_key());
  out.auditor.log_keys = {std::move(log_key)};
  return out;
}

Result<Taken> take_from_file(const cli::Arguments& arguments, const std::string& file) {
  Taken out;
  SIGNALBOX_TRY(out.auditor, trust_of_auditor(arguments));
  SIGNALBOX_TRY(const std::string text, read_file(file, kMaxBundleFileBytes));
  auto bundle = evidence::parse_bundle(text);
  if (!bundle) return fail_in(file, std::move(bundle).error());
  out.bundle = std::move(*bundle);
  return out;
}

Status check_train(const Exhibits& exhibits, const std::optional<std::string>& wanted) {
  if (!wanted || exhibits.train.empty() || *wanted == exhibits.train) return {};
  return fail(ErrorKind::bad_input, fmt::format("the bundle is about the train {}", exhibits.train),
              "signalbox train audit " + exhibits.train + " --from FILE");
}

Result<cli::Outcome> run_audit(const cli::Arguments& arguments, cli::Context& context) {
  const auto train = arguments.positional(0);
  const auto from = arguments.get("--from");
  if (!train && !from)
    return fail(ErrorKind::bad_input, "which train?", "signalbox train audit TRAIN, or --from FILE");
  SIGNALBOX_TRY(const Taken taken,
                from ? take_from_file(arguments, *from) : take_from_log(arguments, context, *train));
  SIGNALBOX_TRY(const Exhibits exhibits, open_exhibits(taken.bundle, taken.auditor));
  SIGNALBOX_CHECK(check_train(exhibits, train));
  Audit audit = audit_train(exhibits, context.clock.now());
  if (audit.decision) {
    gates::Evaluator evaluator;
    SIGNALBOX_TRY(const std::vector<Check> again,
                  replay_gates(exhibits, *exhibits.find(*audit.decision), evaluator));
    audit.checks.insert(audit.checks.end(), again.begin(), again.end());
  }
  Report report = audit_report(exhibits, audit);
  if (const auto file = arguments.get("--bundle")) {
    SIGNALBOX_CHECK(write_file_atomically(*file, evidence::write_bundle(taken.bundle)));
    report.facts.push_back({"written to", printable(*file), ""});
    report.next = {
        fmt::format("signalbox train audit --from {} --key LOG_KEY --key SIGNER_KEY", shell_word(*file))};
  }
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command audit_command() {
  cli::Command command;
  command.name = "audit";
  command.summary = "Show that a train left by its rules, and write what shows it into one file";
  command.details =
      "Asks of the log whether it holds, whether the train's story is whole, whether a GO about the very "
      "commit "
      "came first, and whether the evidence of its gates, its approvals, exceptions and manifest are there. "
      "--bundle writes these entries with their proofs; --from asks the same of such a file, with no network "
      "and "
      "no repository, trusting the keys that are given and nothing in the file.";
  command.options = {
      {.name = "--bundle", .value = "FILE", .help = "write the entries, their proofs and the policy here"},
      {.name = "--complete",
       .help = "and all records of the log: nothing about the train came later, either"},
      {.name = "--from", .value = "FILE", .help = "ask this bundle, not the log"},
      {.name = "--key",
       .value = "KEY",
       .help = "with --from: a trusted key: verifier key, or a file of keys",
       .repeated = true},
      {.name = "--trust", .value = "FILE", .help = "with --from: a trust file"}};
  command.positionals = {{"TRAIN", "its name", cli::Positional::Count::optional}};
  command.run = run_audit;
  return command;
}

}  // namespace signalbox::train::after
