// `signalbox serve token`: made, listed and revoked in the store itself, while servers run.
#include <cstdlib>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "commands/serve/audit_trail.hpp"
#include "commands/serve/serve.hpp"
#include "core/base/text.hpp"
#include "core/http/token_store.hpp"

namespace signalbox::serve {
namespace {

using http::Token;
using http::TokenStore;

// Who typed the command, for the audit trail.
std::string operator_name() {
  const passwd* const entry = ::getpwuid(::geteuid());
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const std::string user = entry != nullptr ? std::string(entry->pw_name) : std::to_string(::geteuid());
  return printable(user + "@" + host);
}

Result<std::unique_ptr<store::Database>> open_store(const cli::Context& context) {
  SIGNALBOX_TRY(const std::string url, store_url(context.workspace, context.store));
  SIGNALBOX_TRY(std::unique_ptr<store::Database> database, store::open_database(url));
  SIGNALBOX_CHECK(store::migrate(*database, migrations()));
  return database;
}

Status note(store::Database& database, const cli::Context& context, const std::string& what) {
  AuditRow row;
  row.time = context.clock.now();
  row.principal = operator_name();
  row.method = "COMMAND";
  row.path = what;
  row.status = 200;
  return write_audit(database, row);
}

std::string state_of(const Token& token, Time now) {
  if (token.revoked) return "revoked " + to_rfc3339(*token.revoked);
  if (token.expires && now >= *token.expires) return "expired " + to_rfc3339(*token.expires);
  return token.expires ? "works until " + to_rfc3339(*token.expires) : "works";
}

Json json_of(const Token& token, Time now) {
  const auto time = [](const std::optional<Time>& at) { return at ? Json(to_rfc3339(*at)) : Json(); };
  return Json::object({{"id", token.id},
                       {"name", token.name},
                       {"role", name_of(token.role)},
                       {"created", to_rfc3339(token.created)},
                       {"expires", time(token.expires)},
                       {"revoked", time(token.revoked)},
                       {"works", token.works_at(now)}});
}

Result<cli::Outcome> add(const cli::Arguments& arguments, cli::Context& context) {
  const http::Role role =
      http::role_from(arguments.get_or("--role", "operator")).value_or(http::Role::operator_);
  std::optional<Time> expires;
  if (const auto span = arguments.get("--expires")) {
    SIGNALBOX_TRY(const Duration duration, parse_duration(*span));
    expires = context.clock.now() + duration;
  }
  SIGNALBOX_TRY(const auto database, open_store(context));
  SIGNALBOX_TRY(const TokenStore::Issued issued,
                TokenStore(*database, context.clock).add(*arguments.positional(0), role, expires));
  SIGNALBOX_CHECK(note(*database, context,
                       fmt::format("serve token add {} --role {}", issued.token.name, name_of(role))));
  if (arguments.get_or("--format", "") != "json") {
    context.say(fmt::format("token {} ({}) for {}: kept here as a hash only, so keep it now",
                            issued.token.name, issued.token.id, name_of(role)));
    return cli::Outcome(cli::Artifact{issued.text + "\n"});
  }
  Json out = json_of(issued.token, context.clock.now());
  out.set("token", issued.text);
  return cli::Outcome(cli::Artifact{out.dump() + "\n"});
}

Result<cli::Outcome> list(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(const auto database, open_store(context));
  SIGNALBOX_TRY(const std::vector<Token> tokens, TokenStore(*database, context.clock).list());
  const Time now = context.clock.now();
  Report report;
  report.instrument = "serve";
  report.title = "Tokens of " + context.workspace.name;
  Table table{"", {{"name"}, {"role"}, {"id"}, {"made"}, {"state"}}, {}};
  Json items = Json::array();
  std::size_t working = 0;
  for (const Token& token : tokens) {
    const bool works = token.works_at(now);
    working += works ? 1 : 0;
    table.rows.push_back({token.name,
                          std::string(name_of(token.role)),
                          token.id,
                          to_rfc3339(token.created),
                          {state_of(token, now), works ? Tone::good : Tone::quiet}});
    items.push_back(json_of(token, now));
  }
  report.summary = fmt::format("{} of {} work", working, tokens.size());
  if (!tokens.empty()) report.tables.push_back(std::move(table));
  if (tokens.empty()) report.next = {"signalbox serve token add ci --role operator"};
  report.data = Json::object({{"tokens", std::move(items)}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> revoke(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const auto database, open_store(context));
  SIGNALBOX_TRY(const Token token, TokenStore(*database, context.clock).revoke(*arguments.positional(0)));
  SIGNALBOX_CHECK(note(*database, context, "serve token revoke " + token.name));
  Report report;
  report.instrument = "serve";
  report.title = "Token " + token.name;
  report.summary = "revoked; running servers refuse it within a second";
  report.data = json_of(token, context.clock.now());
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command token_command() {
  cli::Command add_token;
  add_token.name = "add";
  add_token.summary = "Make a token and print it, this once";
  add_token.details =
      "viewer reads; operator also appends evidence; approver also approves; admin also reads the audit "
      "trail.";
  add_token.options = {{.name = "--role",
                        .value = "ROLE",
                        .help = "what it may do; by default operator",
                        .choices = {"viewer", "operator", "approver", "admin"}},
                       {.name = "--expires",
                        .value = "TIME",
                        .help = "works this long, as 90d or 12h; by default until it is revoked"}};
  add_token.positionals = {{"NAME", "whose it is, as the audit trail says it", cli::Positional::Count::one}};
  add_token.formats = {"text", "json"};
  add_token.run = add;
  cli::Command list_tokens;
  list_tokens.name = "list";
  list_tokens.summary = "Show all tokens, those that no longer work too";
  list_tokens.run = list;
  cli::Command revoke_token;
  revoke_token.name = "revoke";
  revoke_token.summary = "Have a token refused from now on";
  revoke_token.positionals = {{"NAME", "name or id of the token", cli::Positional::Count::one}};
  revoke_token.run = revoke;
  cli::Command out;
  out.name = "token";
  out.summary = "Make, list and revoke tokens for CI and for people elsewhere";
  out.commands = {std::move(add_token), std::move(list_tokens), std::move(revoke_token)};
  return out;
}

}  // namespace signalbox::serve
