#include "commands/evidence/demand.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/evidence/cosignature.hpp"
#include "core/evidence/given_keys.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// Who gives a key on the command line lets it play any role.
Status add_keys(const std::string& given, Demand& demand) {
  SIGNALBOX_TRY(const std::vector<ev::PublicKey> keys, ev::read_given_keys(given));
  for (const ev::PublicKey& key : keys) {
    if (key.algorithm == ev::PublicKey::Algorithm::cosignature) {
      for (const ev::PublicKey& other : demand.witnesses) {
        if (!other.same_key(key)) continue;
        return fail(ErrorKind::bad_input,
                    fmt::format("the key of the witness {} is given twice, also as {}", printable(key.name),
                                printable(other.name)),
                    "each witness once: two names are not two witnesses");
      }
      demand.witnesses.push_back(key);
      continue;
    }
    ev::TrustedKey trusted;
    trusted.key = key;
    if (demand.role) trusted.roles = {*demand.role};
    demand.trust.keys.push_back(std::move(trusted));
    demand.log_keys.push_back(key);
  }
  return {};
}

// Who gives an identity on the command line lets it play any role, too.
Status add_identity(const cli::Arguments& arguments, Demand& demand) {
  const auto root = arguments.get("--trusted-root");
  const auto subject = arguments.get("--certificate-identity");
  const auto issuer = arguments.get("--certificate-oidc-issuer");
  if (!root && !subject && !issuer) return {};
  if (!root || !subject || !issuer)
    return fail(ErrorKind::bad_input, "whose certificate is believed, and by what?",
                "give --trusted-root, --certificate-identity and --certificate-oidc-issuer together");
  SIGNALBOX_TRY(const std::string text, read_input(*root));
  auto document = parse_json(text);
  if (!document) return fail_in(*root, std::move(document).error());
  auto trusted_root = ev::sigstore::parse_trusted_root(*document);
  if (!trusted_root) return fail_in(*root, std::move(trusted_root).error());
  demand.trust.sigstore_root = std::make_shared<const ev::sigstore::TrustedRoot>(std::move(*trusted_root));
  ev::TrustedIdentity identity;
  identity.issuer = *issuer;
  identity.subject = *subject;
  if (demand.role) identity.roles = {*demand.role};
  demand.trust.identities = {std::move(identity)};
  return {};
}

Status read_trust(const cli::Arguments& arguments, const cli::Context& context, Demand& demand) {
  if (const auto file = arguments.get("--trust")) {
    SIGNALBOX_TRY(const config::Node node, config::read_yaml(*file));
    SIGNALBOX_TRY(demand.trust, ev::parse_trust(node));
  } else if (!arguments.has("--key") && !arguments.has("--trusted-root")) {
    SIGNALBOX_TRY(demand.trust, workspace_trust(context.workspace));
  }
  demand.log_keys = ev::past_log_keys_of(demand.trust);
  demand.witnesses = ev::witnesses_of(demand.trust, demand.now);
  demand.quorum = static_cast<std::size_t>(demand.trust.witnesses);
  for (const std::string& key : arguments.all("--key")) SIGNALBOX_CHECK(add_keys(key, demand));
  return add_identity(arguments, demand);
}

Result<std::size_t> count_from(const cli::Arguments& arguments, std::string_view option,
                               std::size_t otherwise) {
  const auto text = arguments.get(option);
  if (!text) return otherwise;
  const auto value = parse_integer(*text);
  if (!value || *value < 1) return fail(ErrorKind::bad_input, fmt::format("{}: a number from 1", option));
  return static_cast<std::size_t>(*value);
}

bool has_role(const ev::Signer& signer, const std::optional<std::string>& role) {
  return !role || std::find(signer.roles.begin(), signer.roles.end(), *role) != signer.roles.end();
}

// A key that was made for one signature has no id that says anything.
std::string named(const ev::Signer& signer) {
  const bool is_passing = signer.key.algorithm == ev::PublicKey::Algorithm::certified;
  return signer.key.octets.empty() || is_passing ? printable(signer.key.name)
                                                 : fmt::format("{} ({})", signer.key.name, signer.key.id());
}

// Whose signatures count, and why the others do not.
struct Signers {
  std::vector<std::string> good, bad;
};

Signers sort_out(const std::vector<ev::Signer>& signers, const Demand& demand) {
  Signers out;
  for (const ev::Signer& signer : signers) {
    if (!signer.valid) {
      out.bad.push_back(named(signer) + ": " + signer.why);
    } else if (!has_role(signer, demand.role)) {
      out.bad.push_back(fmt::format("{}: has not the role {}, but {}", named(signer), *demand.role,
                                    signer.roles.empty() ? "none" : join(signer.roles, ", ")));
    } else {
      out.good.push_back(named(signer));
    }
  }
  return out;
}

}  // namespace

std::vector<cli::Option> demand_options() {
  return {{.name = "--key",
           .value = "KEY",
           .help = "a trusted key: verifier key, or a file of keys",
           .repeated = true},
          {.name = "--trust", .value = "FILE", .help = "trust file; by default that of the workspace"},
          {.name = "--trusted-root",
           .value = "FILE",
           .help = "trusted_root.json of Sigstore, for certificates of the identity given with the next two"},
          {.name = "--certificate-identity",
           .value = "SUBJECT",
           .help = "e-mail address or URI, the whole of it, that a certificate must name"},
          {.name = "--certificate-oidc-issuer",
           .value = "ISSUER",
           .help = "who must have vouched for it: the issuer of the token"},
          {.name = "--subject", .value = "SUBJECT", .help = "what it must be about"},
          {.name = "--type", .value = "URI", .help = "predicate type it must have"},
          {.name = "--role",
           .value = "ROLE",
           .help = "role that the signers must have",
           .choices = {"builder", "gate", "approver", "log", "witness", "root"}},
          {.name = "--threshold", .value = "N", .help = "distinct trusted keys, 1 by default"},
          {.name = "--max-age", .value = "DURATION", .help = "how long ago it may have been logged"},
          {.name = "--witnesses",
           .value = "K",
           .help = "distinct trusted witnesses that a checkpoint must carry; by default as trust says"},
          {.name = "--condition", .value = "EXPR", .help = "what must be true of each statement, in jq"},
          {.name = "--at", .value = "TIME", .help = "judge as of that time, RFC 3339"}};
}

Result<Demand> demand_from(const cli::Arguments& arguments, const cli::Context& context) {
  Demand demand;
  demand.now = context.clock.now();
  demand.role = arguments.get("--role");
  if (const auto at = arguments.get("--at")) {
    SIGNALBOX_TRY(demand.now, parse_rfc3339(*at));
  }
  SIGNALBOX_CHECK(read_trust(arguments, context, demand));
  if (const auto subject = arguments.get("--subject")) {
    SIGNALBOX_TRY(demand.subject, subject_from_argument(context, *subject));
  }
  if (const auto type = arguments.get("--type")) demand.type = whole_type(*type);
  if (const auto age = arguments.get("--max-age")) {
    SIGNALBOX_TRY(demand.max_age, parse_duration(*age));
  }
  if (auto condition = arguments.get("--condition"))
    demand.condition = std::make_shared<AskedCondition>(std::move(*condition));
  SIGNALBOX_TRY(demand.threshold, count_from(arguments, "--threshold", demand.threshold));
  SIGNALBOX_TRY(demand.quorum, count_from(arguments, "--witnesses", demand.quorum));
  if (demand.quorum > demand.witnesses.size()) {
    return fail(
        ErrorKind::bad_input,
        fmt::format("{} witnesses are wanted, and {} are trusted", demand.quorum, demand.witnesses.size()),
        "give their keys with --key, or with the role witness in the trust file");
  }
  return demand;
}

Result<Check> judge(const std::string& name, std::string_view octets,
                    const std::optional<gates::Vouched>& vouched, const Demand& demand) {
  Check check{
      .name = name,
      .verdict = Verdict::fail,
      .asked = fmt::format("{} trusted signature{}{}", demand.threshold, demand.threshold > 1 ? "s" : "",
                           demand.role ? " with the role " + *demand.role : "")};
  const auto no = [&check](std::string reason, std::string answer) {
    check.reason = std::move(reason);
    check.answer = std::move(answer);
    return check;
  };
  const auto envelope = ev::parse_envelope(octets);
  if (!envelope) return no("envelope", "envelope: " + envelope.error().message);
  const auto statement = ev::parse_statement(envelope->payload);
  if (!statement && statement.error().message.starts_with("ambiguous JSON"))
    return fail_in(name, statement.error());
  if (envelope->payload_type != ev::kPayloadType)
    return no("envelope",
              "envelope: its payload is no in-toto statement: " + printable(envelope->payload_type));
  std::vector<std::string> names;
  if (statement) {
    for (const ev::Subject& subject : statement->subjects) names.push_back(subject.name);
  }
  const std::string type = statement ? statement->predicate_type : std::string();
  const std::vector<ev::Signer> judged =
      judge_signers(*envelope, demand.trust, vouched ? vouched->logged : demand.now, type, names);
  const Signers signers = sort_out(judged, demand);
  if (signers.good.size() < demand.threshold) {
    return no("signature", fmt::format("signature: {} of {} distinct keys wanted{}{}{}", signers.good.size(),
                                       demand.threshold, demand.role ? " with the role " + *demand.role : "",
                                       signers.bad.empty() ? "" : "; ", join(signers.bad, "; ")));
  }
  if (!statement) return no("statement", "statement: " + statement.error().message);
  if (demand.type && type != *demand.type) return no("type", "it is of the type " + short_type(type));
  if (demand.subject && std::none_of(statement->subjects.begin(), statement->subjects.end(),
                                     [&](const ev::Subject& s) { return matches(s, *demand.subject); })) {
    return no("subject", "it is about something else: " + subject_text(statement->subjects.front()));
  }
  if (demand.max_age) {
    if (!vouched) return no("stale", "no log says when it was made, so its age cannot be told");
    const Duration age = demand.now - vouched->logged;
    if (age < -gates::kClockTolerance)
      return no("stale", "logged " + to_text(-age) + " after the time as of which it is judged");
    if (age > *demand.max_age) return no("stale", "logged " + to_text(age) + " ago");
  }
  if (demand.condition) {
    const Json input = gates::condition_input(*statement, gates::counting(judged), vouched, demand.now);
    SIGNALBOX_TRY(auto objection, demand.condition->objection(input));
    if (objection) return no(std::move(objection->reason), std::move(objection->answer));
  }
  check.verdict = Verdict::pass;
  check.answer = fmt::format("{} about {}, signed by {}", short_type(type),
                             subject_text(statement->subjects.front()), join(signers.good, ", "));
  return check;
}

std::size_t witnesses_under(const std::string& signed_note, const Demand& demand) {
  return ev::cosignatures_under(signed_note, demand.witnesses);
}

std::string why_not_approved(const ev::Envelope& envelope, const ev::Statement& statement,
                             const ev::ErasureOrder& order, Time logged, const ev::Trust& trust) {
  std::vector<std::string> names;
  for (const ev::Subject& subject : statement.subjects) names.push_back(subject.name);
  std::vector<std::string> whys;
  for (const ev::Signer& signer :
       ev::judge_signers(envelope, trust, logged, statement.predicate_type, names)) {
    const bool may_approve =
        trust.self_trusted || signer.roles.empty() ||
        std::find(signer.roles.begin(), signer.roles.end(), "approver") != signer.roles.end();
    if (!signer.valid) {
      whys.push_back(named(signer) + ": " + signer.why);
    } else if (!may_approve) {
      whys.push_back(named(signer) + ": is no approver");
    } else if (signer.key.name != order.approver) {
      whys.push_back(named(signer) + ": is not " + printable(order.approver) + ", whom it names as approver");
    } else {
      return {};
    }
  }
  return "no approver signed that: " + join(whys, "; ");
}

std::optional<Check> judge_witnesses(const std::string& name, const std::string& signed_note,
                                     const Demand& demand) {
  const auto note = ev::parse_note(signed_note);
  const auto by = note ? ev::cosigned_by(*note, demand.witnesses) : fail(note.error());
  if (demand.quorum == 0 && by && by->empty()) return std::nullopt;
  Check check{
      .name = name,
      .verdict = Verdict::fail,
      .asked = fmt::format("cosigned by {} of {} trusted witnesses", demand.quorum, demand.witnesses.size()),
      .answer = by ? "by none of them" : by.error().message,
      .reason = "witness"};
  if (!by) return check;
  std::vector<std::string> names;
  for (const ev::Cosignature& one : *by)
    names.push_back(fmt::format("{} at {}", one.witness.name, to_rfc3339(one.time)));
  if (!names.empty()) check.answer = "by " + join(names, ", ");
  if (by->size() < demand.quorum) return check;
  check.verdict = Verdict::pass;
  check.reason.clear();
  return check;
}

}  // namespace signalbox::evidence_command
