// Sigstore bundles as files: sigstore_bundle.proto of sigstore/protobuf-specs, in JSON.
#include <algorithm>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/sigstore/material.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::string_view kAnyType = "application/vnd.dev.sigstore.bundle";
constexpr std::string_view kFirstType = "application/vnd.dev.sigstore.bundle+json;version=0.1";
constexpr std::string_view kSecondType = "application/vnd.dev.sigstore.bundle+json;version=0.2";

bool has_proof(const Json& entry) {
  return entry["inclusionProof"].is_object();
}

// Bundles from version 0.2 on hold a proof with each log entry, those from 0.3 on one certificate and no
// chain.
Status check_version(const Json& root) {
  const Json& material = root["verificationMaterial"];
  const std::string_view type = root["mediaType"].as_string();
  const bool may_be_chain = type == kFirstType || type == kSecondType;
  if (!may_be_chain && !material["x509CertificateChain"].is_null())
    return fail(ErrorKind::bad_input,
                "$.verificationMaterial.x509CertificateChain: bundles of this version have none");
  const Json::Array& entries = material["tlogEntries"].items();
  const auto lacking = std::find_if_not(entries.begin(), entries.end(), has_proof);
  if (type == kFirstType || lacking == entries.end()) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("$.verificationMaterial.tlogEntries[{}].inclusionProof: there is none",
                          lacking - entries.begin()));
}

}  // namespace

std::string write_sigstore_bundle(const Envelope& envelope, std::string_view hint) {
  Json signatures = Json::array();
  for (const Signature& signature : envelope.signatures) {
    signatures.push_back(Json::object({{"sig", to_base64(signature.octets)}, {"keyid", signature.keyid}}));
  }
  Json material =
      Json::object({{"publicKey", Json::object({{"hint", hint}})}, {"tlogEntries", Json::array()}});
  if (auto certified = parse_json(envelope.verification_material)) material = std::move(*certified);
  const Json::Array& entries = material["tlogEntries"].items();
  const bool is_whole = std::all_of(entries.begin(), entries.end(), has_proof);
  return Json::object({{"mediaType", is_whole ? kSigstoreBundleType : kFirstType},
                       {"verificationMaterial", std::move(material)},
                       {"dsseEnvelope", Json::object({{"payload", to_base64(envelope.payload)},
                                                      {"payloadType", envelope.payload_type},
                                                      {"signatures", std::move(signatures)}})}})
             .pretty() +
         "\n";
}

Result<Envelope> parse_sigstore_bundle(std::string_view json) {
  SIGNALBOX_TRY(const Json root, parse_json(json));
  if (!root["mediaType"].as_string().starts_with(kAnyType))
    return fail(ErrorKind::bad_input, "$.mediaType: not a Sigstore bundle");
  if (!root["dsseEnvelope"].is_object()) return fail(ErrorKind::bad_input, "$.dsseEnvelope: there is none");
  Json document = root["dsseEnvelope"];
  if (sigstore::names_a_certificate(root["verificationMaterial"])) {
    SIGNALBOX_CHECK(check_version(root));
    document.set("verificationMaterial", sigstore::kept_of(root["verificationMaterial"]));
  }
  return parse_envelope(document.dump());
}

}  // namespace signalbox::evidence
