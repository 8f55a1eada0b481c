#include "commands/evidence/server_log.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/evidence/given_keys.hpp"
#include "core/remote/mirror.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr Duration kTimeout = std::chrono::minutes(5);

Error nobody_believed(const std::vector<std::string>& refused) {
  if (!refused.empty())
    return {ErrorKind::denied, "no key of a log is believed now: " + join(refused, "; "),
            "trust the log's new key in the role log; there 'signalbox evidence log status' prints it"};
  return {ErrorKind::denied, "a server is not believed without the key of its log",
          "give it with --log-key, or the role log in the trust file; there 'signalbox evidence log status' "
          "prints it"};
}

}  // namespace

std::vector<cli::Option> server_options() {
  return {{.name = "--log-key",
           .value = "KEY",
           .help = "with a server: the key of its log; by default those trusted in the role log",
           .repeated = true},
          {.name = "--timeout",
           .value = "DURATION",
           .help = "with a server: how long it may take over all of it, 5m by default"}};
}

Result<Demand> believed_logs(const cli::Arguments& arguments, const cli::Context& context) {
  Demand demand;
  demand.now = context.clock.now();
  SIGNALBOX_TRY(demand.trust, workspace_trust(context.workspace));
  demand.witnesses = ev::witnesses_of(demand.trust, demand.now);
  demand.quorum = static_cast<std::size_t>(demand.trust.witnesses);
  std::vector<std::string> refused;
  const auto refuse = [&](const ev::PublicKey& key) {
    if (std::string why = ev::objection_to_log(demand.trust, key, demand.now); !why.empty())
      refused.push_back(fmt::format("{} ({}) {}", printable(key.name), key.id(), why));
  };
  if (!arguments.has("--log-key")) {
    demand.log_keys = ev::log_keys_of(demand.trust, demand.now);
    for (const ev::PublicKey& key : ev::past_log_keys_of(demand.trust)) refuse(key);
  }
  for (const std::string& given : arguments.all("--log-key")) {
    SIGNALBOX_TRY(const std::vector<ev::PublicKey> keys, ev::read_given_keys(given));
    for (const ev::PublicKey& key : keys) {
      const std::size_t before = refused.size();
      refuse(key);
      if (refused.size() == before) demand.log_keys.push_back(key);
    }
  }
  if (!demand.log_keys.empty()) return demand;
  return fail(nobody_believed(refused));
}

Result<std::chrono::steady_clock::time_point> end_of_asking(const cli::Arguments& arguments) {
  Duration timeout = kTimeout;
  if (const auto given = arguments.get("--timeout")) {
    SIGNALBOX_TRY(timeout, parse_duration(*given));
  }
  return std::chrono::steady_clock::now() + timeout;
}

Result<ev::EvidenceBook> book_of_server(const Demand& demand, const cli::Arguments& arguments,
                                        const cli::Context& context) {
  SIGNALBOX_TRY(const auto until, end_of_asking(arguments));
  SIGNALBOX_TRY(const remote::Server server, remote::server_from(context.store));
  const auto has_its_witnesses = [&](const remote::SignedState& state) {
    const auto check = judge_witnesses("log " + state.log.name, state.note, demand);
    return !check || check->verdict != Verdict::fail;
  };
  SIGNALBOX_TRY(const remote::Mirror mirror,
                remote::mirror_log(server,
                                   {demand.log_keys, ev::CheckpointMemory::of_this_machine(),
                                    has_its_witnesses, remote::kWitnessPatience},
                                   until, [&](std::uint64_t done, std::uint64_t total) {
                                     context.progress.update(done, total, "entries");
                                   }));
  context.progress.finish();
  return ev::EvidenceBook::open_existing(context.workspace, context.clock, mirror.store);
}

Result<ev::EvidenceBook> book_to_read(const cli::Arguments& arguments, const cli::Context& context) {
  if (!remote::is_server(context.store))
    return ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store);
  SIGNALBOX_TRY(const Demand demand, believed_logs(arguments, context));
  SIGNALBOX_TRY(ev::EvidenceBook book, book_of_server(demand, arguments, context));
  SIGNALBOX_TRY(const std::string note, book.ledger().checkpoint());
  const auto check = judge_witnesses("log", note, demand);
  if (check && check->verdict == Verdict::fail)
    return fail(ErrorKind::conflict,
                fmt::format("its log has to be {}, and is so {}", check->asked, check->answer),
                std::string(kRemedyOfWitnesses));
  return book;
}

Result<cli::Outcome> caught(Error error, std::string_view whom) {
  if (error.kind != ErrorKind::conflict) return fail(std::move(error));
  Report report;
  report.instrument = "evidence";
  report.title = "Evidence";
  report.verdict = Verdict::fail;
  report.summary = fmt::format("{} is not believed", whom);
  report.findings.push_back({"evidence/server", Severity::error, error.message, {}, error.hint});
  return cli::Outcome(std::move(report));
}

}  // namespace signalbox::evidence_command
