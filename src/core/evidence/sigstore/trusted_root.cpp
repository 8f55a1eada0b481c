#include "core/evidence/sigstore/trusted_root.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/sigstore/fields.hpp"
#include "core/evidence/sigstore/openssl.hpp"

namespace signalbox::evidence::sigstore {
namespace {

constexpr std::string_view kMediaType = "application/vnd.dev.sigstore.trustedroot";
constexpr std::size_t kMaxInstances = 256;  // of one kind
constexpr std::size_t kMaxChain = 8;
constexpr std::size_t kMaxOctets = 16 << 10;  // of a certificate or key
constexpr std::size_t kMaxIdOctets = 64;

Result<Validity> read_validity(const Json& value, std::string_view where) {
  Validity out;
  if (!value["start"].is_null()) {
    SIGNALBOX_TRY(out.start, time_field(value["start"], fmt::format("{}.start", where)));
  }
  if (!value["end"].is_null()) {
    SIGNALBOX_TRY(out.end, time_field(value["end"], fmt::format("{}.end", where)));
  }
  return out;
}

Result<Authority> read_authority(const Json& value, const std::string& where) {
  Authority out;
  out.uri = std::string(value["uri"].as_string());
  const std::string place = where + ".certChain.certificates";
  SIGNALBOX_TRY(const Json::Array* const certificates,
                list_field(value["certChain"]["certificates"], place, kMaxChain));
  if (certificates->empty()) return fail(ErrorKind::bad_input, place + ": there is none");
  for (std::size_t i = 0; i < certificates->size(); ++i) {
    const std::string at = fmt::format("{}[{}].rawBytes", place, i);
    SIGNALBOX_TRY(std::string der, octets_field((*certificates)[i]["rawBytes"], at, kMaxOctets));
    if (auto certificate = read_certificate(der); !certificate)
      return fail_in(at, std::move(certificate).error());
    out.chain.push_back(std::move(der));
  }
  SIGNALBOX_TRY(out.valid, read_validity(value["validFor"], where + ".validFor"));
  return out;
}

Result<LogInstance> read_log(const Json& value, const std::string& where) {
  LogInstance out;
  out.url = std::string(value["baseUrl"].as_string());
  SIGNALBOX_TRY(out.id, octets_field(value["logId"]["keyId"], where + ".logId.keyId", kMaxIdOctets));
  const std::string place = where + ".publicKey.rawBytes";
  SIGNALBOX_TRY(out.key, octets_field(value["publicKey"]["rawBytes"], place, kMaxOctets));
  if (auto key = read_key(out.key); !key) return fail_in(place, std::move(key).error());
  SIGNALBOX_TRY(out.valid, read_validity(value["publicKey"]["validFor"], where + ".publicKey.validFor"));
  return out;
}

template <class T>
Result<std::vector<T>> read_all(const Json& document, std::string_view member,
                                Result<T> (*read)(const Json&, const std::string&)) {
  SIGNALBOX_TRY(const Json::Array* const items,
                list_field(document[member], fmt::format("$.{}", member), kMaxInstances));
  std::vector<T> out;
  for (std::size_t i = 0; i < items->size(); ++i) {
    SIGNALBOX_TRY(T one, read((*items)[i], fmt::format("$.{}[{}]", member, i)));
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace

Result<TrustedRoot> parse_trusted_root(const Json& document) {
  if (!document["mediaType"].as_string().starts_with(kMediaType))
    return fail(
        ErrorKind::bad_input, "$.mediaType: no trusted root of Sigstore",
        "trusted_root.json, as 'cosign trusted-root create' or a TUF repository of Sigstore writes it");
  TrustedRoot out;
  SIGNALBOX_TRY(out.authorities, read_all(document, "certificateAuthorities", read_authority));
  SIGNALBOX_TRY(out.logs, read_all(document, "tlogs", read_log));
  SIGNALBOX_TRY(out.certificate_logs, read_all(document, "ctlogs", read_log));
  SIGNALBOX_TRY(out.timestamp_authorities, read_all(document, "timestampAuthorities", read_authority));
  if (out.authorities.empty())
    return fail(ErrorKind::bad_input,
                "$.certificateAuthorities: there is none, so no certificate could be trusted");
  if (out.logs.empty() && out.timestamp_authorities.empty()) {
    return fail(ErrorKind::bad_input,
                "neither tlogs nor timestampAuthorities: nothing could show when something was signed");
  }
  return out;
}

}  // namespace signalbox::evidence::sigstore
