#include "commands/evidence/entry_filter.hpp"

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/demand.hpp"
#include "core/base/text.hpp"
#include "core/evidence/given_keys.hpp"
#include "core/gates/condition_input.hpp"
#include "core/gates/testimony.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using Kind = gates::Answer::Kind;

// The keys of this machine and of the trust file that have this name, or this id.
Result<std::vector<ev::PublicKey>> known_keys(const std::string& name_or_id, const ev::Trust& trust) {
  SIGNALBOX_TRY(const std::vector<ev::StoredKey> own, ev::KeyStore(keys_directory()).stored());
  std::vector<ev::PublicKey> out;
  const auto consider = [&](const ev::PublicKey& key) {
    if (key.name == name_or_id || key.id() == name_or_id) out.push_back(key);
  };
  for (const ev::StoredKey& stored : own) consider(stored.key);
  for (const ev::TrustedKey& trusted : trust.keys) consider(trusted.key);
  return out;
}

Result<std::vector<ev::PublicKey>> keys_of(const std::string& given, const ev::Trust& trust) {
  SIGNALBOX_TRY(std::vector<ev::PublicKey> known, known_keys(given, trust));
  if (!known.empty()) return known;
  auto keys = ev::read_given_keys(given);
  if (keys && !keys->empty()) return keys;
  return fail(
      ErrorKind::bad_input, "--key: nobody here knows the key " + printable(given),
      "a verifier key, a file of keys, or a name or id that 'signalbox evidence key list' or the trust "
      "file has");
}

}  // namespace

Result<EntryFilter> EntryFilter::from(const cli::Arguments& arguments, const cli::Context& context) {
  EntryFilter out;
  out.now_ = context.clock.now();
  out.expression_ = arguments.get("--jq");
  if (!out.expression_ && !arguments.has("--key")) return out;
  SIGNALBOX_TRY(out.trust_, workspace_trust(context.workspace));
  for (const std::string& given : arguments.all("--key")) {
    SIGNALBOX_TRY(const std::vector<ev::PublicKey> keys, keys_of(given, out.trust_));
    out.keys_.insert(out.keys_.end(), keys.begin(), keys.end());
  }
  return out;
}

Result<bool> EntryFilter::lets_through(const ev::Entry& entry, std::uint64_t log_size) {
  if (lets_all_through()) return true;
  if (entry.envelope.empty()) {
    ++unknown_.erased;
    return false;
  }
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(entry.envelope));
  if (!keys_.empty() && ev::verified_by(envelope, keys_).empty()) return false;
  if (!expression_) return true;
  return is_true_of(entry, envelope, log_size);
}

Result<bool> EntryFilter::is_true_of(const ev::Entry& entry, const ev::Envelope& envelope,
                                     std::uint64_t log_size) {
  SIGNALBOX_TRY(const ev::Statement statement, ev::parse_statement(envelope.payload));
  const Json input = gates::condition_input(
      statement, gates::counting(gates::signers_of(envelope, trust_, entry.time, statement)),
      gates::Vouched{entry.index, entry.time, log_size, 0}, now_);
  SIGNALBOX_TRY(const gates::Answer answer, evaluator_.evaluate(*expression_, input));
  if (answer.kind == Kind::yes || answer.kind == Kind::no) return answer.kind == Kind::yes;
  if (answer.kind == Kind::refused) return fail(ErrorKind::bad_input, "--jq: " + answer.message);
  if (answer.kind == Kind::timeout || answer.kind == Kind::memory) {
    return fail(ErrorKind::bad_input,
                fmt::format("--jq: entry {}: {}", entry.index, printable(answer.message)),
                "an expression has 250 ms and 256 MiB for each entry");
  }
  if (unknown_.undecided++ == 0)
    unknown_.example = fmt::format("entry {}: {}", entry.index, printable(answer.message));
  return false;
}

}  // namespace signalbox::evidence_command
