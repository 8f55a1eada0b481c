#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/evidence/cosignature.hpp"

namespace signalbox::evidence_command {
namespace {

using Count = cli::Positional::Count;

namespace ev = evidence;

ev::KeyStore own_keys() {
  return ev::KeyStore(keys_directory());
}

// As others have to know it: a witness' key signs cosignatures and nothing else.
ev::PublicKey known_as(const ev::PublicKey& key, const std::vector<std::string>& roles) {
  return std::find(roles.begin(), roles.end(), "witness") == roles.end() ? key : ev::witness_key(key);
}

// Asked for, unless --no-password says that there is none.
Result<std::optional<std::string>> new_password(const cli::Arguments& arguments, const std::string& name) {
  if (arguments.has("--no-password")) return std::optional<std::string>();
  auto given = ev::read_password(name);
  if (!given)
    return fail(given.error().kind, given.error().message, given.error().hint + ", or give --no-password");
  return std::optional<std::string>(std::move(*given));
}

Result<cli::Outcome> make_key(const cli::Arguments& arguments, cli::Context&) {
  const std::string name = arguments.positionals().front();
  const std::string role = arguments.get_or("--role", "builder");
  SIGNALBOX_TRY(const std::optional<std::string> password, new_password(arguments, name));
  ev::KeyStore keys = own_keys();
  SIGNALBOX_TRY(const ev::PublicKey made, keys.create(name, password, {role}));
  const ev::PublicKey key = known_as(made, {role});
  Report report;
  report.instrument = "evidence";
  report.title = "New key " + key.name;
  report.verdict = Verdict::pass;
  report.summary = fmt::format("role {}, {}", role, password ? "encrypted" : "not encrypted");
  report.facts = {
      {"verifier key", key.vkey(), ""}, {"key id", key.id(), ""}, {"kept in", keys_directory().string(), ""}};
  report.data = Json::object({{"name", key.name}, {"vkey", key.vkey()}, {"role", role}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> list_keys(const cli::Arguments&, cli::Context&) {
  SIGNALBOX_TRY(const std::vector<ev::StoredKey> keys, own_keys().stored());
  Report report;
  report.instrument = "evidence";
  report.title = "Keys of this machine";
  report.summary = fmt::format("{} in {}", keys.size(), keys_directory().string());
  Table table{"", {{"name"}, {"id"}, {"roles"}, {"state"}}, {}};
  Json data = Json::array();
  for (ev::StoredKey key : keys) {
    key.key = known_as(key.key, key.roles);
    const std::string state = key.revoked_at  ? "revoked at " + to_rfc3339(*key.revoked_at)
                              : key.encrypted ? "encrypted"
                                              : "not encrypted";
    table.rows.push_back({key.key.name,
                          key.key.id(),
                          join(key.roles, ", "),
                          {state, key.revoked_at ? Tone::bad : Tone::plain}});
    data.push_back(Json::object({{"name", key.key.name},
                                 {"id", key.key.id()},
                                 {"vkey", key.key.vkey()},
                                 {"revoked", key.revoked_at.has_value()}}));
  }
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"keys", std::move(data)}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> show_key(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(ev::StoredKey key, own_keys().find(arguments.positionals().front()));
  key.key = known_as(key.key, key.roles);
  Report report;
  report.instrument = "evidence";
  report.title = "Key " + key.key.name;
  report.facts = {{"verifier key", key.key.vkey(), ""},
                  {"key id", key.key.id(), ""},
                  {"roles", join(key.roles, ", "), ""},
                  {"encrypted", key.encrypted, ""}};
  if (key.revoked_at) report.facts.push_back({"revoked at", to_rfc3339(*key.revoked_at), ""});
  report.data = Json::object({{"name", key.key.name}, {"vkey", key.key.vkey()}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> revoke_key(const cli::Arguments& arguments, cli::Context& context) {
  const std::string name = arguments.positionals().front();
  Time at = context.clock.now();
  if (const auto given = arguments.get("--at")) {
    SIGNALBOX_TRY(at, parse_rfc3339(*given));
  }
  SIGNALBOX_CHECK(
      own_keys().revoke(name, at, arguments.get_or("--reason", ""), arguments.has("--retroactive")));
  SIGNALBOX_TRY(const ev::StoredKey key, own_keys().find(name));
  Report report;
  report.instrument = "evidence";
  report.title = "Revoked " + name;
  report.verdict = Verdict::pass;
  report.summary = fmt::format(
      "from {} on it signs nothing here; others learn it from the trust file: vkey {}, revoked_at {}",
      to_rfc3339(at), key.key.vkey(), to_rfc3339(at));
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> rotate_key(const cli::Arguments& arguments, cli::Context& context) {
  const std::string name = arguments.positionals().front();
  ev::KeyStore keys = own_keys();
  SIGNALBOX_TRY(const ev::StoredKey old, keys.find(name));
  std::optional<std::string> password;
  if (old.encrypted) {
    SIGNALBOX_TRY(password, new_password(arguments, name));
  }
  const Time at = context.clock.now();
  SIGNALBOX_TRY(const ev::PublicKey key,
                keys.rotate(name, password, at, arguments.get_or("--reason", "rotated")));
  Report report;
  report.instrument = "evidence";
  report.title = "Rotated " + name;
  report.verdict = Verdict::pass;
  report.summary = "what the old key signed so far still counts; a trust file needs both";
  report.facts = {
      {"new vkey", key.vkey(), ""}, {"old vkey", old.key.vkey(), ""}, {"old revoked_at", to_rfc3339(at), ""}};
  report.data = Json::object(
      {{"name", name}, {"vkey", key.vkey()}, {"old_vkey", old.key.vkey()}, {"revoked_at", to_rfc3339(at)}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> export_keys(const cli::Arguments& arguments, cli::Context&) {
  const std::string format = arguments.get_or("--format", "vkey");
  std::string out;
  for (const std::string& name : arguments.positionals()) {
    SIGNALBOX_TRY(ev::StoredKey key, own_keys().find(name));
    key.key = known_as(key.key, key.roles);
    if (format == "pem") out += ev::to_pem(key.key);
    if (format == "ssh") out += ev::to_openssh(key.key);
    if (format == "minisign") out += ev::to_minisign(key.key);
    if (format == "vkey" || format.empty()) out += key.key.vkey() + "\n";
  }
  return cli::Outcome(cli::Artifact{std::move(out)});
}

Result<cli::Outcome> import_key(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(const std::string text, read_input(arguments.positionals().front()));
  auto key = ev::parse_public_key(text, arguments.get_or("--name", "imported"));
  if (!key) return fail_in(arguments.positionals().front(), std::move(key).error());
  const std::string role = arguments.get_or("--role", "builder");
  std::string entry;
  if (key->vkey().empty()) {
    entry = fmt::format("- name: {}\n  pem: |\n", key->name);
    for (const std::string_view line : lines(ev::to_pem(*key))) entry += fmt::format("    {}\n", line);
  } else {
    entry = fmt::format("- vkey: {}\n", key->vkey());
  }
  return cli::Outcome(cli::Artifact{fmt::format("{}  roles: [{}]\n", entry, role)});
}

}  // namespace

cli::Command key_command() {
  const cli::Option role{.name = "--role",
                         .value = "ROLE",
                         .help = "what it may do",
                         .choices = {"builder", "gate", "approver", "log", "witness", "root"}};
  cli::Command command;
  command.name = "key";
  command.summary = "Make, list, rotate, revoke and exchange keys";
  command.commands = {
      {.name = "new",
       .summary = "Make an Ed25519 key",
       .options = {role, {.name = "--no-password", .help = "keep it unencrypted"}},
       .positionals = {{"NAME", "name of the key"}},
       .run = make_key},
      {.name = "list", .summary = "List the keys of this machine", .run = list_keys},
      {.name = "show",
       .summary = "Show one key",
       .positionals = {{"NAME", "name of the key"}},
       .run = show_key},
      {.name = "revoke",
       .summary = "Revoke a key from a time on",
       .options = {{.name = "--at", .value = "TIME", .help = "RFC 3339; by default now"},
                   {.name = "--reason", .value = "TEXT", .help = "why"},
                   {.name = "--retroactive", .help = "older signatures do not count either"}},
       .positionals = {{"NAME", "name of the key"}},
       .run = revoke_key},
      {.name = "rotate",
       .summary = "Put a new key in the place of one, and revoke that from now on",
       .options = {{.name = "--reason", .value = "TEXT", .help = "why"},
                   {.name = "--no-password", .help = "keep the new one unencrypted"}},
       .positionals = {{"NAME", "name of the key"}},
       .run = rotate_key},
      {.name = "export",
       .summary = "Write public keys for others",
       .positionals = {{"NAME", "names of the keys", Count::at_least_one}},
       .run = export_keys,
       .formats = {"vkey", "pem", "ssh", "minisign"}},
      {.name = "import",
       .summary = "Turn a public key of another tool into an entry of the trust file",
       .options = {role, {.name = "--name", .value = "NAME", .help = "what the trust file calls it"}},
       .positionals = {{"FILE", "PEM, OpenSSH, minisign or verifier key"}},
       .run = import_key,
       .formats = {"yaml"}}};
  return command;
}

}  // namespace signalbox::evidence_command
