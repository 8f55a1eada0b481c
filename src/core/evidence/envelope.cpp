#include "core/evidence/envelope.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/evidence/sigstore/material.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxSignatures = 256;

// Base64 in one alphabet: a text that mixes both has two readings among readers that know one.
Result<std::string> decode(const Json& value, std::string_view where) {
  if (!value.is_string()) return fail(ErrorKind::bad_input, fmt::format("{}: not a text", where));
  const std::string_view text = value.as_string();
  const auto holds = [&](char c) { return text.find(c) != std::string_view::npos; };
  if ((holds('+') || holds('/')) && (holds('-') || holds('_'))) {
    return fail(ErrorKind::bad_input,
                fmt::format("ambiguous JSON at {}: both base64 alphabets in one text", where));
  }
  auto octets = from_base64_any(text);
  if (!octets) return fail_in(where, std::move(octets).error());
  return octets;
}

}  // namespace

std::string pre_authentication_encoding(std::string_view payload_type, std::string_view payload) {
  std::string out = fmt::format("DSSEv1 {} {} {} ", payload_type.size(), payload_type, payload.size());
  out += payload;
  return out;
}

Envelope sign_envelope(std::string_view payload_type, std::string_view payload,
                       const std::vector<const SigningKey*>& keys) {
  const std::string message = pre_authentication_encoding(payload_type, payload);
  Envelope envelope{std::string(payload_type), std::string(payload), {}, {}};
  for (const SigningKey* key : keys)
    envelope.signatures.push_back({key->public_key().id(), key->sign(message)});
  return envelope;
}

Result<Envelope> parse_envelope(std::string_view json) {
  if (json.size() > kMaxEnvelopeBytes) {
    return fail(ErrorKind::bad_input,
                fmt::format("an envelope of {} bytes; the limit is {}", json.size(), kMaxEnvelopeBytes));
  }
  SIGNALBOX_TRY(const Json root, parse_json(json));
  if (!root.is_object()) return fail(ErrorKind::bad_input, "an envelope is a JSON object");
  Envelope envelope;
  envelope.payload_type = std::string(root["payloadType"].as_string());
  if (envelope.payload_type.empty()) return fail(ErrorKind::bad_input, "$.payloadType: there is none");
  SIGNALBOX_TRY(envelope.payload, decode(root["payload"], "$.payload"));
  const Json::Array& signatures = root["signatures"].items();
  if (signatures.empty()) return fail(ErrorKind::bad_input, "$.signatures: there is none");
  if (signatures.size() > kMaxSignatures) {
    return fail(ErrorKind::bad_input,
                fmt::format("$.signatures: {}; at most {} are read", signatures.size(), kMaxSignatures));
  }
  for (std::size_t i = 0; i < signatures.size(); ++i) {
    SIGNALBOX_TRY(std::string octets, decode(signatures[i]["sig"], fmt::format("$.signatures[{}].sig", i)));
    envelope.signatures.push_back({std::string(signatures[i]["keyid"].as_string()), std::move(octets)});
  }
  if (sigstore::names_a_certificate(root["verificationMaterial"]))
    envelope.verification_material = sigstore::kept_of(root["verificationMaterial"]).dump();
  return envelope;
}

std::string write_envelope(const Envelope& envelope) {
  Json signatures = Json::array();
  for (const Signature& signature : envelope.signatures) {
    signatures.push_back(Json::object({{"keyid", signature.keyid}, {"sig", to_base64(signature.octets)}}));
  }
  Json out = Json::object({{"payload", to_base64(envelope.payload)},
                           {"payloadType", envelope.payload_type},
                           {"signatures", std::move(signatures)}});
  if (const auto material = parse_json(envelope.verification_material))
    out.set("verificationMaterial", *material);
  return out.dump();
}

std::vector<PublicKey> verified_by(const Envelope& envelope, const std::vector<PublicKey>& known) {
  const std::string message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
  std::vector<PublicKey> out;
  for (const PublicKey& key : known) {
    const auto same = [&key](const PublicKey& other) { return other.same_key(key); };
    if (std::any_of(out.begin(), out.end(), same) || key.algorithm == PublicKey::Algorithm::cosignature)
      continue;
    const auto by_key = [&](const Signature& signature) { return verify(key, message, signature.octets); };
    // The hinted signature first: with many keys and signatures nearly every other trial would be in vain.
    const std::string id = key.id();
    const auto hinted = [&](const Signature& s) { return s.keyid == id && by_key(s); };
    const auto unhinted = [&](const Signature& s) { return s.keyid != id && by_key(s); };
    if (std::any_of(envelope.signatures.begin(), envelope.signatures.end(), hinted) ||
        std::any_of(envelope.signatures.begin(), envelope.signatures.end(), unhinted)) {
      out.push_back(key);
    }
  }
  return out;
}

}  // namespace signalbox::evidence
