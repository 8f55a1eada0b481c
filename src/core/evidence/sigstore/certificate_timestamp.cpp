// Signed certificate timestamps: RFC 6962 sections 3.2 and 3.3.
#include <algorithm>

#include <fmt/core.h>
#include <openssl/ct.h>
#include <openssl/x509v3.h>

#include "core/base/digest.hpp"
#include "core/evidence/sigstore/leaf.hpp"

namespace signalbox::evidence::sigstore {
namespace {

constexpr int kMaxTimestamps = 16;
constexpr std::uint64_t kMaxMs = 253'402'300'799'999;  // the end of the year 9999

struct FreeList {
  void operator()(STACK_OF(SCT) * list) const { SCT_LIST_free(list); }
};
using List = std::unique_ptr<STACK_OF(SCT), FreeList>;

std::string big_endian(std::uint64_t value, int octets) {
  std::string out;
  for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
  return out;
}

// The certificate as it was before the timestamps were put into it: what the logs saw.
std::string before_timestamps(X509& certificate) {
  const Certificate copy(X509_dup(&certificate));
  if (!copy) return {};
  const int at = X509_get_ext_by_NID(copy.get(), NID_ct_precert_scts, -1);
  X509_EXTENSION_free(X509_delete_ext(copy.get(), at));
  return der_of([&](unsigned char** out) { return i2d_re_X509_tbs(copy.get(), out); });
}

// What a log signs of a certificate: the structure `digitally-signed` with an entry of the type
// precert_entry.
std::string signed_octets(const SCT* timestamp, const std::string& entry) {
  unsigned char* extensions = nullptr;
  const std::size_t size = SCT_get0_extensions(timestamp, &extensions);
  std::string out =
      big_endian(0, 1) + big_endian(0, 1) + big_endian(SCT_get_timestamp(timestamp), 8) + big_endian(1, 2);
  out += entry + big_endian(size, 2);
  if (size > 0) out.append(reinterpret_cast<const char*>(extensions), size);
  return out;
}

template <class Getter>
std::string octets_of(const SCT* timestamp, const Getter& get) {
  unsigned char* octets = nullptr;
  const std::size_t size = get(timestamp, &octets);
  return size == 0 ? std::string() : std::string(reinterpret_cast<const char*>(octets), size);
}

Status check(const SCT* timestamp, const std::string& entry, const std::vector<LogInstance>& logs) {
  const auto refuse = [](std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("certificate timestamp (SCT): {}", what));
  };
  if (SCT_get_version(timestamp) != SCT_VERSION_V1 || SCT_get_timestamp(timestamp) > kMaxMs)
    return refuse("of a version that is not read");
  const std::string id = octets_of(timestamp, SCT_get0_log_id);
  const Time at{std::chrono::milliseconds(SCT_get_timestamp(timestamp))};
  bool known = false;
  for (const LogInstance& log : logs) {
    if (log.id != id) continue;
    known = true;
    if (!log.valid.holds(at)) continue;
    SIGNALBOX_TRY(const Key key, read_key(log.key));
    if (is_signed(key.get(), signed_octets(timestamp, entry), octets_of(timestamp, SCT_get0_signature)))
      return {};
    return refuse("its signature does not fit the certificate");
  }
  return refuse(known ? "of a log that was not in use at " + to_rfc3339(at)
                      : std::string("of a log that the trust root does not name"));
}

}  // namespace

Status check_certificate_logs(const Leaf& leaf, X509& issuer, const std::vector<LogInstance>& logs) {
  const List list(static_cast<STACK_OF(SCT)*>(
      X509_get_ext_d2i(leaf.certificate.get(), NID_ct_precert_scts, nullptr, nullptr)));
  const int count = list ? sk_SCT_num(list.get()) : 0;
  if (count < 1 || count > kMaxTimestamps)
    return fail(ErrorKind::bad_input,
                "certificate timestamp (SCT): there is none, and the trust root names logs of certificates");
  const std::string key =
      der_of([&](unsigned char** out) { return i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&issuer), out); });
  const std::string certificate = before_timestamps(*leaf.certificate);
  const std::string entry =
      std::string(as_octets(sha256(key))) + big_endian(certificate.size(), 3) + certificate;
  for (int i = 0; i < count; ++i) SIGNALBOX_CHECK(check(sk_SCT_value(list.get(), i), entry, logs));
  return {};
}

}  // namespace signalbox::evidence::sigstore
