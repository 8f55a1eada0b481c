#include "core/evidence/sigstore/logged.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <openssl/pem.h>

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence::sigstore {
namespace {

constexpr std::size_t kKeyHintBytes = 4;

tl::unexpected<Error> refuse(std::string_view part, std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("log entry: {}{}", part, what));
}

// The log that the entry names. Its key may have been exchanged: the one of that moment counts.
Result<const LogInstance*> log_of(const LogEntry& entry, const std::vector<LogInstance>& logs) {
  bool known = false;
  for (const LogInstance& log : logs) {
    if (log.id != entry.log_id) continue;
    known = true;
    if (entry.integrated && log.valid.holds(*entry.integrated)) return &log;
  }
  if (!known) return refuse("", "of a log that the trust root does not name");
  if (!entry.integrated)
    return refuse("", "without the time at which the log took it in; logs of Rekor 2 are not read");
  return refuse("", "of a log that was not in use at " + to_rfc3339(*entry.integrated));
}

// What Rekor signs the moment it takes an entry in: canonical JSON of these four.
Status check_promise(const LogEntry& entry, EVP_PKEY* key) {
  const std::int64_t integrated_s =
      std::chrono::duration_cast<std::chrono::seconds>(entry.integrated->time_since_epoch()).count();
  const Json said = Json::object({{"body", to_base64(entry.body)},
                                  {"integratedTime", integrated_s},
                                  {"logID", to_hex(std::string_view(entry.log_id))},
                                  {"logIndex", entry.index}});
  if (!is_signed(key, said.canonical(), entry.promise))
    return refuse("promise", ": its signed entry timestamp does not fit the entry");
  return {};
}

Status check_proof(const LogEntry& entry, const LogInstance& log, EVP_PKEY* key) {
  const InclusionProof& proof = *entry.proof;
  const auto note = parse_note(proof.checkpoint);
  if (!note) return refuse("checkpoint: ", note.error().message);
  const std::string_view hint = std::string_view(log.id).substr(0, kKeyHintBytes);
  bool is_of_log = false;
  for (const NoteSignature& signature : note->signatures) {
    const std::string_view octets = signature.octets;
    if (!octets.starts_with(hint)) continue;
    if (!is_signed(key, note->text, octets.substr(kKeyHintBytes)))
      return refuse("checkpoint", ": the log's signature does not fit it");
    is_of_log = true;
  }
  if (!is_of_log) return refuse("checkpoint", ": the log did not sign it");
  const auto checkpoint = parse_checkpoint(note->text);
  if (!checkpoint) return refuse("", checkpoint.error().message);
  if (checkpoint->size != proof.size || checkpoint->root != proof.root)
    return refuse("checkpoint", ": it is not of the tree that the proof is of");
  const Status included =
      verify_inclusion(proof.index, proof.size, leaf_hash(entry.body), proof.hashes, proof.root);
  if (!included) return refuse("proof: ", included.error().message);
  return {};
}

// What a body says of the envelope that was logged.
struct Said {
  std::string_view payload_algorithm, payload_hash;  // hexadecimal
  std::string signature;                             // octets
  std::string verifier;                              // PEM
};

Result<std::string> decoded(const Json& value) {
  auto octets = from_base64_any(value.as_string());
  if (!octets || octets->empty()) return refuse("body", ": a signature or its certificate is missing");
  return octets;
}

Result<const Json*> only_signature(const Json& list) {
  if (list.size() != 1 || !list.is_array()) return refuse("body", ": it has not exactly one signature");
  return &list.items().front();
}

Result<Said> read_dsse(const Json& spec) {
  Said out{spec["payloadHash"]["algorithm"].as_string(), spec["payloadHash"]["value"].as_string(), {}, {}};
  SIGNALBOX_TRY(const Json* const signature, only_signature(spec["signatures"]));
  SIGNALBOX_TRY(out.signature, decoded((*signature)["signature"]));
  SIGNALBOX_TRY(out.verifier, decoded((*signature)["verifier"]));
  return out;
}

// Here signatures are in base64 twice.
Result<Said> read_intoto(const Json& spec) {
  const Json& content = spec["content"];
  Said out{
      content["payloadHash"]["algorithm"].as_string(), content["payloadHash"]["value"].as_string(), {}, {}};
  SIGNALBOX_TRY(const Json* const signature, only_signature(content["envelope"]["signatures"]));
  SIGNALBOX_TRY(const std::string once, decoded((*signature)["sig"]));
  SIGNALBOX_TRY(out.signature, decoded(Json(once)));
  SIGNALBOX_TRY(out.verifier, decoded((*signature)["publicKey"]));
  return out;
}

std::string der_of_pem(const std::string& pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  return certificate ? der_of([&](unsigned char** out) { return i2d_X509(certificate.get(), out); })
                     : std::string();
}

Status check_body(const LogEntry& entry, const Envelope& envelope, const Leaf& leaf) {
  const auto body = parse_json(entry.body);
  if (!body) return refuse("body: ", body.error().message);
  if ((*body)["kind"].as_string() != entry.kind || (*body)["apiVersion"].as_string() != entry.version)
    return refuse("body", ": it is of another kind than the entry says");
  const bool is_dsse = entry.kind == "dsse" && entry.version == "0.0.1";
  const bool is_intoto = entry.kind == "intoto" && entry.version == "0.0.2";
  if (!is_dsse && !is_intoto)
    return refuse("body", fmt::format(": of the kind {} {}; dsse 0.0.1 and intoto 0.0.2 are read",
                                      printable(entry.kind), printable(entry.version)));
  const Json& spec = (*body)["spec"];
  SIGNALBOX_TRY(const Said said, is_dsse ? read_dsse(spec) : read_intoto(spec));
  if (said.payload_algorithm != "sha256" || said.payload_hash != to_hex(sha256(envelope.payload)))
    return refuse("body", ": another payload was logged");
  if (said.signature != envelope.signatures.front().octets)
    return refuse("body", ": another signature was logged");
  if (der_of_pem(said.verifier) != leaf.der) return refuse("body", ": another certificate was logged");
  return {};
}

}  // namespace

Result<std::optional<Time>> check_logged(const LogEntry& entry, const Envelope& envelope, const Leaf& leaf,
                                         const std::vector<LogInstance>& logs) {
  SIGNALBOX_TRY(const LogInstance* const log, log_of(entry, logs));
  SIGNALBOX_TRY(const Key key, read_key(log->key));
  if (entry.promise.empty() && !entry.proof)
    return refuse("", "neither a promise nor a proof that the log holds it");
  if (!entry.promise.empty()) SIGNALBOX_CHECK(check_promise(entry, key.get()));
  if (entry.proof) SIGNALBOX_CHECK(check_proof(entry, *log, key.get()));
  SIGNALBOX_CHECK(check_body(entry, envelope, leaf));
  return entry.promise.empty() ? std::nullopt : entry.integrated;
}

}  // namespace signalbox::evidence::sigstore
