#include "instruments/train/ramp/station.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>
#include <unistd.h>

#include "core/base/text.hpp"
#include "instruments/train/ramp/ramp_report.hpp"
#include "instruments/train/ramp/track.hpp"

namespace signalbox::train::ramp {
namespace {

Result<Policy> policy_at(const cli::Context& context, const git::Repository& repository,
                         const std::string& commit, const std::string& policy_ref) {
  PolicyQuery query;
  query.candidate = commit;
  if (!policy_ref.empty()) query.revision = policy_ref;
  query.shallow = HistoryQuery::Shallow::allow;
  return read_policy(repository, context.workspace, query);
}

}  // namespace

Result<Policy> policy_of(const cli::Context& context, const git::Repository& repository, const Begin& begin) {
  return policy_at(context, repository, begin.commit, begin.policy_ref);
}

Result<Station> find_train(cli::Context& context, const std::optional<std::string>& train, Access access) {
  if (train) SIGNALBOX_CHECK(check_train_id(*train));
  SIGNALBOX_TRY(const git::Repository repository, git::Repository::open(context.workspace.root));
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                access == Access::read
                    ? evidence::EvidenceBook::open_existing(context.workspace, context.clock, context.store)
                    : evidence::EvidenceBook::open(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const std::string head, repository.resolve("HEAD"));
  SIGNALBOX_TRY(Policy policy, policy_at(context, repository, head, ""));
  std::string name = train.value_or("");
  if (!train) {
    SIGNALBOX_TRY(name, newest_train(book.ledger()));
  }
  SIGNALBOX_TRY(const TrainEvents events, read_events(book.ledger(), policy.trust, name));
  if (events.last_index < 0)
    return fail(ErrorKind::not_found, fmt::format("there is no train {}", name),
                "signalbox train depart " + name);
  return Station{std::move(book), std::move(policy.trust), fold(events)};
}

Status check_own_key(const evidence::PublicKey& own, const evidence::Trust& trust) {
  const bool is_trusted = std::any_of(trust.keys.begin(), trust.keys.end(),
                                      [&](const evidence::TrustedKey& key) { return key.key.same_key(own); });
  if (is_trusted) return {};
  return fail(
      ErrorKind::denied,
      fmt::format("this machine's key {} is not among those that the policy trusts: what it writes would "
                  "not count",
                  printable(own.name)),
      "add it to `trust`, or depart from a machine whose key is there");
}

Result<cli::Outcome> carry_on(cli::Context& context, evidence::EvidenceBook& book, const Policy& policy,
                              const git::Repository& repository, const std::string& train,
                              const Begin& begin) {
  Session session(book, policy, repository, context.clock, train, begin);
  Controller controller = session.controller();
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1 && !context.style.quiet;
  RampDisplay display(is_terminal ? RampDisplay::Style::terminal : RampDisplay::Style::lines,
                      [&](std::string_view octets) {
                        if (context.style.quiet) return;
                        std::fwrite(octets.data(), 1, octets.size(), stderr);
                        std::fflush(stderr);
                      });
  StopSignals signals;
  SIGNALBOX_TRY(RunResult result, run_ramp(controller, context.clock, display, signals));
  if (result.was_stopped) {
    return fail(ErrorKind::unavailable,
                fmt::format("stopped: train {} stays as it is, and nobody watches it", train),
                fmt::format("signalbox train depart {} goes on with it, rollback takes it back", train));
  }
  return cli::Outcome(ramp_report(result.ramp, context.clock.now()));
}

}  // namespace signalbox::train::ramp
