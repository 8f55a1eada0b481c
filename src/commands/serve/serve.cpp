#include "commands/serve/serve.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "commands/serve/audit_trail.hpp"
#include "commands/serve/database_pool.hpp"
#include "commands/serve/metrics.hpp"
#include "commands/serve/port_holder.hpp"
#include "commands/serve/routes.hpp"
#include "commands/serve/spool_drainer.hpp"
#include "commands/serve/witness_asker.hpp"
#include "core/base/text.hpp"
#include "core/evidence/admission.hpp"
#include "core/evidence/alarms.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/recorder.hpp"
#include "core/evidence/sequencer.hpp"
#include "core/evidence/witness.hpp"
#include "core/evidence/witness_book.hpp"
#include "core/http/auth.hpp"
#include "core/http/listen.hpp"
#include "core/http/token_store.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::serve {
namespace {

constexpr std::uint16_t kUsualPort = 7420;
constexpr std::size_t kWorkerThreads = 16;  // they wait for the disk more than they compute

// What the options ask for, checked.
struct Settings {
  http::Listen listen{"127.0.0.1", kUsualPort, false};
  std::optional<http::TlsFiles> tls;
  std::vector<std::string> hosts;
  bool allow_run = false;
  bool only_witness = false;
};

bool is_loopback(const Settings& settings) {
  return http::is_loopback_name(settings.listen.address);
}

std::string own_host_name() {
  char buffer[256] = {};
  return ::gethostname(buffer, sizeof buffer - 1) == 0 && buffer[0] != '\0' ? buffer : "localhost";
}

Result<Settings> settings_from(const cli::Arguments& arguments) {
  Settings out;
  if (const auto text = arguments.get("--listen")) {
    SIGNALBOX_TRY(out.listen, http::parse_listen(*text, kUsualPort));
  }
  const auto certificate = arguments.get("--tls-cert");
  const auto key = arguments.get("--tls-key");
  if (certificate.has_value() != key.has_value())
    return fail(ErrorKind::bad_input, "--tls-cert and --tls-key go together");
  if (certificate) out.tls = http::TlsFiles{*certificate, *key};
  out.hosts = arguments.all("--host");
  out.allow_run = arguments.has("--allow-run");
  out.only_witness = arguments.get("--only") == "witness";
  if (!is_loopback(out) && !out.tls) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} is reached from other machines, so TLS is needed there", out.listen.address),
                "--tls-cert FILE --tls-key FILE, or listen on 127.0.0.1");
  }
  // Others know this machine by its name, where no other one was given.
  if (!is_loopback(out) && out.hosts.empty()) out.hosts = {own_host_name()};
  return out;
}

Status check_tokens(store::Database& database, const Settings& settings, const Clock& clock) {
  if (is_loopback(settings) || settings.only_witness) return {};
  SIGNALBOX_TRY(const std::vector<http::Token> tokens, http::TokenStore(database, clock).list());
  for (const http::Token& token : tokens) {
    if (token.works_at(clock.now())) return {};
  }
  return fail(
      ErrorKind::denied,
      fmt::format("nobody could use a server on {}: there is no working token", settings.listen.address),
      "signalbox serve token add NAME --role admin");
}

// Store, keys and log made on first use; then the one writer of the log. None where the log's key is
// elsewhere: then this server reads.
Result<std::shared_ptr<evidence::Sequencer>> start_sequencer(const cli::Context& context,
                                                             const std::string& url) {
  auto book = evidence::EvidenceBook::open(context.workspace, context.clock, context.store);
  if (!book && book.error().kind == ErrorKind::denied) {
    context.say(book.error().message + ": this server takes no evidence");
    return std::shared_ptr<evidence::Sequencer>();
  }
  if (!book) return fail(book.error());
  SIGNALBOX_TRY(evidence::SigningKey key, book->log_signing_key());
  SIGNALBOX_TRY(evidence::Admission admission, evidence::admission_of(context.workspace, context.clock));
  return evidence::Sequencer::start([url] { return store::open_database(url); }, context.clock,
                                    std::move(key), evidence::CheckpointMemory::of_this_machine(),
                                    std::move(admission));
}

// The keys that a server signs with by itself. One that needs a password it does not have is left out.
Status find_keys(const cli::Context& context, Services& services) {
  if (auto own = evidence::KeyStore(keys_directory()).load(evidence::machine_key_name()))
    services.signing_key = std::make_shared<const evidence::SigningKey>(std::move(*own));
  auto witness = evidence::own_witness_key();
  if (witness) {
    services.witness_key = std::make_shared<const evidence::SigningKey>(std::move(*witness));
    return {};
  }
  if (witness.error().kind != ErrorKind::denied) return fail(witness.error());
  context.say(witness.error().message + ": this server is no witness");
  return {};
}

// Under `evidence.admit: trusted` what the server signs by itself (alarms, results of jobs) needs a trusted
// key too.
Status tell_of_untrusted_own_key(const cli::Context& context, const Services& services) {
  SIGNALBOX_TRY(const config::Node section, signalbox::section(context.workspace, "evidence"));
  SIGNALBOX_TRY(const evidence::Admit admit, evidence::parse_admit(section));
  if (admit == evidence::Admit::any || !services.signing_key) return {};
  const evidence::PublicKey& own = services.signing_key->public_key();
  SIGNALBOX_TRY(const evidence::Trust trust, evidence::trust_of(context.workspace));
  for (const evidence::TrustedKey& key : trust.keys) {
    if (key.key.same_key(own)) return {};
  }
  context.say("evidence.admit is trusted, and `trust` does not hold this server's own key " + own.vkey() +
              ": what it signs itself is not logged");
  return {};
}

// All parts of a running server, in the order in which they may be taken down again: last first.
struct Parts {
  std::unique_ptr<DatabasePool> pool;
  std::shared_ptr<Services> services;
  std::shared_ptr<http::Gatekeeper> gatekeeper;
  std::shared_ptr<AuditTrail> audit;
  std::shared_ptr<Metrics> metrics;
  std::unique_ptr<http::Server> server;
  std::unique_ptr<WitnessAsker> asker;
  std::unique_ptr<SpoolDrainer> drainer;
};

std::vector<Gauge> gauges_of(const Services& services, const AuditTrail& audit) {
  std::vector<Gauge> out = process_gauges();
  const auto database = services.database();
  const auto ledger = database ? evidence::Ledger::open_read_only(**database)
                               : Result<evidence::Ledger>(fail(database.error()));
  if (ledger) {
    out.push_back({"signalbox_ledger_entries", "Entries in the log of evidence.",
                   static_cast<double>(ledger->size()), false});
  }
  if (ledger) {
    const auto witnessed = evidence::WitnessBook(**database).witnessed(0);
    const auto note =
        witnessed && *witnessed ? evidence::parse_note(**witnessed) : fail(ErrorKind::not_found, "none");
    const auto checkpoint = note ? evidence::parse_checkpoint(note->text) : fail(note.error());
    out.push_back({"signalbox_ledger_witnessed_entries", "Entries that a quorum of witnesses cosigned.",
                   static_cast<double>(checkpoint ? checkpoint->size : 0), false});
  }
  const auto alarms = database ? evidence::alarms(**database) : fail(database.error());
  if (alarms) {
    out.push_back({"signalbox_ledger_alarms",
                   "Forks and rollbacks found, of this log and of those witnessed here.",
                   static_cast<double>(alarms->size()), false});
  }
  out.push_back({"signalbox_audit_failures_total", "Writes that could not be entered in the audit trail.",
                 static_cast<double>(audit.failures()), true});
  return out;
}

// What a witness shows to everybody; the rest of the server is not there.
bool is_witness_route(const http::Route& route) {
  return route.path == "/evidence/add-checkpoint" || route.path == "/evidence/{origin_hash}/checkpoint" ||
         route.path == "/healthz" || route.path == "/readyz";
}

std::vector<http::Route> all_routes(const Parts& parts, const std::vector<Instrument>& instruments,
                                    const Settings& settings) {
  std::vector<http::Route> out = console_routes();
  const auto add = [&](std::vector<http::Route> more) {
    std::move(more.begin(), more.end(), std::back_inserter(out));
  };
  add(health_routes(parts.services));
  add(parts.gatekeeper->routes());
  out.push_back(workspace_route(parts.services));
  out.push_back(parts.audit->route());
  out.push_back(metrics_route(
      parts.metrics,
      [services = parts.services, audit = parts.audit] { return gauges_of(*services, *audit); },
      [services = parts.services, instruments] {
        std::string text;
        for (const Instrument& instrument : instruments) {
          if (instrument.metrics) text += instrument.metrics(services->workspace);
        }
        return text;
      }));
  for (const Instrument& instrument : instruments) {
    if (instrument.routes) add(instrument.routes(parts.services));
  }
  if (settings.only_witness)
    std::erase_if(out, [](const http::Route& route) { return !is_witness_route(route); });
  guard_commands(out, parts.services->allow_run);
  guard_streams(out, parts.gatekeeper);
  return out;
}

Result<std::unique_ptr<http::Server>> listen(const Parts& parts, const Settings& settings,
                                             const std::vector<Instrument>& instruments,
                                             cli::Context& context) {
  http::ServerOptions options;
  options.address = settings.listen.address;
  options.port = settings.listen.port;
  options.tls = settings.tls;
  options.worker_threads = kWorkerThreads;
  options.on_answer = [audit = parts.audit, metrics = parts.metrics](const http::Request& request,
                                                                     const http::Response& response,
                                                                     std::chrono::nanoseconds took) {
    metrics->on_answer(request, response, took);
    audit->on_answer(request, response);
  };
  auto server = http::Server::create(options, all_routes(parts, instruments, settings), parts.gatekeeper);
  if (server || options.port == 0) return server;
  std::string holder = holder_of_port(options.port);
  // Whose processes cannot be seen from here (another container's) has no name.
  if (holder.empty() && server.error().message.ends_with("already in use")) holder = "another program";
  if (holder.empty()) return server;
  const std::string taken = fmt::format("port {} is taken by {}", options.port, holder);
  if (settings.listen.port_is_given)
    return fail(ErrorKind::unavailable, taken, "take another one; --listen 0 is any that is free");
  context.say(taken + ": this server takes another");
  options.port = 0;
  return http::Server::create(options, all_routes(parts, instruments, settings), parts.gatekeeper);
}

http::GatekeeperOptions gatekeeper_options(const Settings& settings, std::shared_ptr<AuditTrail> audit) {
  http::GatekeeperOptions out;
  out.address = settings.listen.address;
  out.tls = settings.tls.has_value();
  out.hosts = settings.hosts;
  out.on_sign_in = [audit](const http::Request& request, const std::string& name) {
    audit->on_sign_in(request, name);
  };
  return out;
}

Result<Parts> make_parts(const Settings& settings, cli::Context& context) {
  SIGNALBOX_TRY(const std::string url, store_url(context.workspace, context.store));
  Parts parts;
  parts.pool = std::make_unique<DatabasePool>(url);
  const auto database = [pool = parts.pool.get()] { return pool->of_this_thread(); };
  parts.services = std::make_shared<Services>(
      Services{context.workspace, context.clock, context.store, database, nullptr, settings.allow_run});
  SIGNALBOX_TRY(parts.services->sequencer, start_sequencer(context, url));
  SIGNALBOX_CHECK(find_keys(context, *parts.services));
  SIGNALBOX_CHECK(tell_of_untrusted_own_key(context, *parts.services));
  SIGNALBOX_TRY(store::Database* const own, database());
  const std::vector<Instrument> instruments = linked_instruments();
  std::vector<store::Migration> tables = migrations();
  for (const Instrument& instrument : instruments)
    tables.insert(tables.end(), instrument.migrations.begin(), instrument.migrations.end());
  SIGNALBOX_CHECK(store::migrate(*own, tables));
  SIGNALBOX_CHECK(check_tokens(*own, settings, context.clock));
  parts.audit = std::make_shared<AuditTrail>(context.clock, database);
  SIGNALBOX_TRY(parts.gatekeeper,
                http::Gatekeeper::create(gatekeeper_options(settings, parts.audit), context.clock, database));
  std::vector<std::string> areas;
  for (const Instrument& instrument : instruments) areas.push_back(instrument.command.name);
  parts.metrics = std::make_shared<Metrics>(context.clock.now(), std::move(areas));
  SIGNALBOX_TRY(parts.server, listen(parts, settings, instruments, context));
  SIGNALBOX_CHECK(parts.gatekeeper->listens_on(parts.server->port()));
  return parts;
}

// The address, alone on a line, before anything else: what scripts read, and what people click. On loopback
// with the link that signs in; elsewhere it could end in a log that many read.
void print_address(const Parts& parts, const Settings& settings, const cli::Context& context) {
  const bool loopback = is_loopback(settings);
  // Names that were given come last, and are what others know this server by.
  const std::vector<http::Origin>& names = parts.gatekeeper->origins();
  const http::Origin& shown = loopback ? names.front() : names[names.size() - settings.hosts.size()];
  const std::string path = settings.only_witness ? "/evidence"
                           : loopback            ? parts.gatekeeper->one_time_link()
                                                 : "/";
  std::fputs(fmt::format("{}{}\n", shown.origin(), path).c_str(), stdout);
  std::fflush(stdout);
  if (settings.only_witness && parts.services->witness_key) {
    context.say("this is a witness; logs know it as " +
                evidence::witness_key(parts.services->witness_key->public_key()).vkey());
    return;
  }
  context.say(loopback ? "open this address: it signs one browser in, once. Ctrl-C ends the server."
                       : "people sign in there with a token. Ctrl-C ends the server.");
}

Result<cli::Outcome> serve(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Settings settings, settings_from(arguments));
  SIGNALBOX_TRY(Parts parts, make_parts(settings, context));
  parts.server->handle_signals();
  print_address(parts, settings, context);
  if (!settings.only_witness) {
    SIGNALBOX_TRY(const std::string url, store_url(context.workspace, context.store));
    parts.asker = std::make_unique<WitnessAsker>([url] { return store::open_database(url); }, context.clock,
                                                 context.say);
  }
  if (!settings.only_witness && parts.services->sequencer) {
    parts.drainer = std::make_unique<SpoolDrainer>(evidence::Spool::of(context.workspace, context.store),
                                                   parts.services->sequencer, context.say);
  }
  const Status served = parts.server->run();
  parts.asker.reset();
  parts.drainer.reset();
  if (parts.services->sequencer) parts.services->sequencer->stop();
  SIGNALBOX_CHECK(served);
  return cli::Outcome(cli::Artifact{});
}

}  // namespace

std::vector<store::Migration> migrations() {
  return {http::token_migration(), audit_migration()};
}

Result<std::string> store_url(const Workspace& workspace, const std::string& store) {
  if (remote::is_server(store)) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: this command needs the store itself, not a server", store),
                "run it where the store is");
  }
  return store.empty() ? "sqlite:" + workspace.database().string() : store;
}

cli::Command command() {
  cli::Command out;
  out.name = "serve";
  out.summary = "Serve the console and the API, and keep what others send";
  out.details =
      "Prints its address, alone on a line. On this machine (the default) the address signs one browser in, "
      "once, as admin; anything else needs a token.\n\n"
      "On an address that other machines reach, TLS and at least one token are needed: "
      "signalbox serve token add ci --role operator makes one. CI then records evidence with "
      "--store https://HOST:PORT and the token in SIGNALBOX_TOKEN.\n\n"
      "SIGTERM and Ctrl-C end it once every answer that was begun is sent.";
  out.options = {{.name = "--listen",
                  .value = "ADDRESS:PORT",
                  .help = "where; by default 127.0.0.1:7420, or a free port where that is taken"},
                 {.name = "--tls-cert", .value = "FILE", .help = "certificate chain, PEM"},
                 {.name = "--tls-key", .value = "FILE", .help = "its private key, PEM"},
                 {.name = "--host",
                  .value = "NAME",
                  .help = "a further name it answers to: NAME, NAME:PORT, or https://NAME behind a proxy",
                  .repeated = true},
                 {.name = "--allow-run", .help = "let admins start commands through it"},
                 {.name = "--only",
                  .value = "WHAT",
                  .help = "witness: cosign the checkpoints of known logs, for everybody, and nothing else",
                  .choices = {"witness"}}};
  out.commands = {token_command()};
  out.run = serve;
  return out;
}

}  // namespace signalbox::serve
