#include "core/evidence/sigstore/timestamp.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>

#include "core/evidence/sigstore/openssl.hpp"

namespace signalbox::evidence::sigstore {
namespace {

using Response = std::unique_ptr<TS_RESP, Freer<TS_RESP, TS_RESP_free>>;
using Verification = std::unique_ptr<TS_VERIFY_CTX, Freer<TS_VERIFY_CTX, TS_VERIFY_CTX_free>>;

struct FreeList {  // of certificates that others own
  void operator()(STACK_OF(X509) * list) const { sk_X509_free(list); }
};

tl::unexpected<Error> refuse(std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("timestamp: {}", what));
}

bool is_strong(const X509_ALGOR* algorithm) {
  const int nid = algorithm == nullptr ? NID_undef : OBJ_obj2nid(algorithm->algorithm);
  return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512;
}

Result<Time> time_of(const TS_TST_INFO* info) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &parts) != 1) return refuse("its time cannot be read");
  return Time(std::chrono::seconds(timegm(&parts)));
}

// Whether the one who signed is the first of the chain, with digests that hold.
Status check_signer(PKCS7* token, const Certificate& first) {
  STACK_OF(PKCS7_SIGNER_INFO)* const signers = PKCS7_get_signer_info(token);
  if (signers == nullptr || sk_PKCS7_SIGNER_INFO_num(signers) != 1) return refuse("it has not one signer");
  X509_ALGOR* digest = nullptr;
  PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0), nullptr, &digest, nullptr);
  if (!is_strong(digest)) return refuse("its digest is neither SHA-256 nor SHA-384 nor SHA-512");
  const Certificates known(sk_X509_new_null());
  X509_up_ref(first.get());
  sk_X509_push(known.get(), first.get());
  const std::unique_ptr<STACK_OF(X509), FreeList> by(PKCS7_get0_signers(token, known.get(), 0));
  if (!by || sk_X509_num(by.get()) != 1 || X509_cmp(sk_X509_value(by.get(), 0), first.get()) != 0)
    return refuse("of an authority that the trust root does not name");
  return {};
}

Status check_by(const Authority& authority, TS_RESP* response, std::string_view signature, Time at) {
  if (authority.chain.size() < 2) return refuse("the trust root does not say who vouches for its authority");
  SIGNALBOX_TRY(const Certificate first, read_certificate(authority.chain.front()));
  SIGNALBOX_CHECK(check_signer(TS_RESP_get_token(response), first));
  SIGNALBOX_TRY(Anchors anchors, anchors_of(authority.chain, at));
  const Verification verification(TS_VERIFY_CTX_new());
  if (!verification) return fail(ErrorKind::internal, "OpenSSL has no memory for a timestamp");
  TS_VERIFY_CTX_set_flags(verification.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE | TS_VFY_DATA);
  TS_VERIFY_CTX_set_data(verification.get(),
                         BIO_new_mem_buf(signature.data(), static_cast<int>(signature.size())));
  TS_VERIFY_CTX_set_store(verification.get(), anchors.store.release());
  TS_VERIFY_CTX_set_certs(verification.get(), anchors.between.release());
  if (TS_RESP_verify_response(verification.get(), response) != 1)
    return refuse("it is not over this signature, or not by a certificate that was valid then");
  return {};
}

}  // namespace

Result<Time> check_timestamp(std::string_view octets, std::string_view signature,
                             const std::vector<Authority>& authorities) {
  const unsigned char* at = bytes(octets);
  const Response response(d2i_TS_RESP(nullptr, &at, static_cast<long>(octets.size())));
  if (!response || at != bytes(octets) + octets.size()) return refuse("not an answer of RFC 3161");
  TS_TST_INFO* const info = TS_RESP_get_tst_info(response.get());
  if (info == nullptr || TS_RESP_get_token(response.get()) == nullptr)
    return refuse("the authority gave none");
  if (!is_strong(TS_MSG_IMPRINT_get_algo(TS_TST_INFO_get_msg_imprint(info))))
    return refuse("its digest is neither SHA-256 nor SHA-384 nor SHA-512");
  SIGNALBOX_TRY(const Time time, time_of(info));
  Status last = refuse("the trust root names no authority that was to be trusted at " + to_rfc3339(time));
  for (const Authority& authority : authorities) {
    if (!authority.valid.holds(time)) continue;
    last = check_by(authority, response.get(), signature, time);
    if (last) return time;
  }
  return fail(std::move(last).error());
}

}  // namespace signalbox::evidence::sigstore
