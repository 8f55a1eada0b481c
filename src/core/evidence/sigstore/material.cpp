#include "core/evidence/sigstore/material.hpp"

#include <fmt/core.h>

#include "core/evidence/sigstore/fields.hpp"

namespace signalbox::evidence::sigstore {
namespace {

constexpr std::size_t kMaxEntries = 32;
constexpr std::size_t kMaxTimestamps = 32;
constexpr std::size_t kMaxHashes = 64;
constexpr std::size_t kMaxCertificateOctets = 16 << 10;
constexpr std::size_t kMaxTimestampOctets = 64 << 10;
constexpr std::size_t kMaxBodyOctets = std::size_t{16} << 20;
constexpr std::size_t kMaxSmallOctets = 1 << 10;        // a log's id, a signature
constexpr std::uint64_t kMaxSeconds = 253'402'300'799;  // 9999-12-31T23:59:59Z

Result<Sha256> hash_field(const Json& value, const std::string& where) {
  SIGNALBOX_TRY(const std::string octets, octets_field(value, where, sizeof(Sha256)));
  auto hash = sha256_from_octets(octets);
  if (!hash) return fail_in(where, std::move(hash).error());
  return hash;
}

Result<InclusionProof> read_proof(const Json& value, const std::string& where) {
  InclusionProof out;
  SIGNALBOX_TRY(out.index,
                number_field(value["logIndex"].is_null() ? Json(0) : value["logIndex"], where + ".logIndex"));
  SIGNALBOX_TRY(out.size, number_field(value["treeSize"], where + ".treeSize"));
  SIGNALBOX_TRY(out.root, hash_field(value["rootHash"], where + ".rootHash"));
  SIGNALBOX_TRY(const Json::Array* const hashes, list_field(value["hashes"], where + ".hashes", kMaxHashes));
  for (std::size_t i = 0; i < hashes->size(); ++i) {
    SIGNALBOX_TRY(const Sha256 hash, hash_field((*hashes)[i], fmt::format("{}.hashes[{}]", where, i)));
    out.hashes.push_back(hash);
  }
  out.checkpoint = std::string(value["checkpoint"]["envelope"].as_string());
  if (out.checkpoint.empty())
    return fail(ErrorKind::bad_input, where + ".checkpoint.envelope: there is none");
  return out;
}

Result<LogEntry> read_entry(const Json& value, const std::string& where) {
  LogEntry out;
  SIGNALBOX_TRY(out.log_id, octets_field(value["logId"]["keyId"], where + ".logId.keyId", kMaxSmallOctets));
  out.kind = std::string(value["kindVersion"]["kind"].as_string());
  out.version = std::string(value["kindVersion"]["version"].as_string());
  if (out.kind.empty()) return fail(ErrorKind::bad_input, where + ".kindVersion.kind: there is none");
  SIGNALBOX_TRY(out.index,
                number_field(value["logIndex"].is_null() ? Json(0) : value["logIndex"], where + ".logIndex"));
  if (!value["integratedTime"].is_null()) {
    SIGNALBOX_TRY(const std::uint64_t seconds,
                  number_field(value["integratedTime"], where + ".integratedTime"));
    if (seconds > kMaxSeconds)
      return fail(ErrorKind::bad_input, where + ".integratedTime: after the year 9999");
    if (seconds > 0) out.integrated = Time(std::chrono::seconds(seconds));
  }
  if (!value["inclusionPromise"].is_null()) {
    SIGNALBOX_TRY(out.promise,
                  octets_field(value["inclusionPromise"]["signedEntryTimestamp"],
                               where + ".inclusionPromise.signedEntryTimestamp", kMaxSmallOctets));
  }
  if (!value["inclusionProof"].is_null()) {
    SIGNALBOX_TRY(out.proof, read_proof(value["inclusionProof"], where + ".inclusionProof"));
  }
  SIGNALBOX_TRY(out.body,
                octets_field(value["canonicalizedBody"], where + ".canonicalizedBody", kMaxBodyOctets));
  return out;
}

}  // namespace

bool names_a_certificate(const Json& material) {
  return !material["certificate"].is_null() || !material["x509CertificateChain"].is_null();
}

Json kept_of(const Json& material) {
  const Json::Array& chain = material["x509CertificateChain"]["certificates"].items();
  const bool is_first_of_chain = material["certificate"].is_null() && !chain.empty();
  Json out = Json::object({{"certificate", is_first_of_chain ? chain.front() : material["certificate"]}});
  for (const char* member : {"tlogEntries", "timestampVerificationData"}) {
    if (const Json* const value = material.find(member)) out.set(member, *value);
  }
  return out;
}

Result<Material> parse_material(const Json& material) {
  const std::string root = "$.verificationMaterial";
  Material out;
  SIGNALBOX_TRY(out.certificate, octets_field(material["certificate"]["rawBytes"],
                                              root + ".certificate.rawBytes", kMaxCertificateOctets));
  SIGNALBOX_TRY(const Json::Array* const entries,
                list_field(material["tlogEntries"], root + ".tlogEntries", kMaxEntries));
  for (std::size_t i = 0; i < entries->size(); ++i) {
    SIGNALBOX_TRY(LogEntry entry, read_entry((*entries)[i], fmt::format("{}.tlogEntries[{}]", root, i)));
    out.entries.push_back(std::move(entry));
  }
  const std::string place = root + ".timestampVerificationData.rfc3161Timestamps";
  SIGNALBOX_TRY(
      const Json::Array* const timestamps,
      list_field(material["timestampVerificationData"]["rfc3161Timestamps"], place, kMaxTimestamps));
  for (std::size_t i = 0; i < timestamps->size(); ++i) {
    SIGNALBOX_TRY(std::string octets,
                  octets_field((*timestamps)[i]["signedTimestamp"],
                               fmt::format("{}[{}].signedTimestamp", place, i), kMaxTimestampOctets));
    out.timestamps.push_back(std::move(octets));
  }
  return out;
}

}  // namespace signalbox::evidence::sigstore
