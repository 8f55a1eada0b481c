#include "core/evidence/sigstore/leaf.hpp"

#include <algorithm>
#include <optional>

#include <fmt/core.h>
#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include "core/base/text.hpp"

namespace signalbox::evidence::sigstore {
namespace {

constexpr const char* kIssuerText = "1.3.6.1.4.1.57264.1.8";    // a UTF8String
constexpr const char* kIssuerOctets = "1.3.6.1.4.1.57264.1.1";  // bare octets, deprecated
constexpr const char* kUserName = "1.3.6.1.4.1.57264.1.7";      // an otherName
constexpr std::size_t kMaxName = 2048;

using Object = std::unique_ptr<ASN1_OBJECT, Freer<ASN1_OBJECT, ASN1_OBJECT_free>>;
using Utf8 = std::unique_ptr<ASN1_UTF8STRING, Freer<ASN1_UTF8STRING, ASN1_UTF8STRING_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES, GENERAL_NAMES_free>>;
using Context = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX, X509_STORE_CTX_free>>;

std::string text_of(const ASN1_STRING* value) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
          static_cast<std::size_t>(ASN1_STRING_length(value))};
}

tl::unexpected<Error> refuse(std::string_view what) {
  return fail(ErrorKind::bad_input, fmt::format("certificate: {}", what));
}

// A name that people compare: nothing in it that is not seen.
Result<std::string> legible(std::string name, std::string_view what) {
  const bool plain = !name.empty() && name.size() <= kMaxName && is_utf8(name) && printable(name) == name &&
                     name.find_first_of("\t\n") == std::string::npos;
  if (!plain) return refuse(fmt::format("its {} cannot be read", what));
  return name;
}

Result<std::string> subject_of(X509* certificate) {
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (!names || sk_GENERAL_NAME_num(names.get()) != 1)
    return refuse("it names not one subject, but none or several");
  const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), 0);
  if (name->type == GEN_EMAIL) return legible(text_of(name->d.rfc822Name), "subject");
  if (name->type == GEN_URI) return legible(text_of(name->d.uniformResourceIdentifier), "subject");
  const Object user(OBJ_txt2obj(kUserName, 1));
  if (name->type == GEN_OTHERNAME && OBJ_cmp(name->d.otherName->type_id, user.get()) == 0 &&
      name->d.otherName->value->type == V_ASN1_UTF8STRING)
    return legible(text_of(name->d.otherName->value->value.utf8string), "subject");
  return refuse("its subject is neither an e-mail address nor a URI nor a user name");
}

// The octets of an extension; nothing where there is none, bad_input where it is there twice.
Result<std::optional<std::string>> extension(X509* certificate, const char* id) {
  const Object object(OBJ_txt2obj(id, 1));
  const int at = X509_get_ext_by_OBJ(certificate, object.get(), -1);
  if (at < 0) return std::optional<std::string>();
  if (X509_get_ext_by_OBJ(certificate, object.get(), at) >= 0)
    return refuse(fmt::format("the extension {} is there twice", id));
  return std::optional(text_of(X509_EXTENSION_get_data(X509_get_ext(certificate, at))));
}

Result<std::string> token_issuer_of(X509* certificate) {
  SIGNALBOX_TRY(const std::optional<std::string> text, extension(certificate, kIssuerText));
  SIGNALBOX_TRY(const std::optional<std::string> octets, extension(certificate, kIssuerOctets));
  if (!text && !octets) return refuse("it does not say which issuer vouched for its subject");
  std::string out = octets.value_or("");
  if (text) {
    const unsigned char* at = bytes(*text);
    const Utf8 value(d2i_ASN1_UTF8STRING(nullptr, &at, static_cast<long>(text->size())));
    if (!value || at != bytes(*text) + text->size()) return refuse("its issuer of tokens cannot be read");
    out = text_of(value.get());
  }
  if (octets && *octets != out) return refuse("it names two issuers of tokens");
  return legible(std::move(out), "issuer of tokens");
}

}  // namespace

Result<Leaf> read_leaf(std::string_view der) {
  Leaf out;
  out.der = std::string(der);
  auto certificate = read_certificate(der);
  if (!certificate) return fail_in("certificate", std::move(certificate).error());
  out.certificate = std::move(*certificate);
  X509* const x509 = out.certificate.get();
  out.key.reset(X509_get_pubkey(x509));
  if (!out.key) return refuse("its key cannot be read");
  if (X509_check_ca(x509) != 0) return refuse("it is that of an authority, not of a signer");
  if ((X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE) == 0 ||
      (X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) == 0 ||
      (X509_get_extended_key_usage(x509) & XKU_CODE_SIGN) == 0)
    return refuse("it is not for signing code");
  SIGNALBOX_TRY(out.subject, subject_of(x509));
  SIGNALBOX_TRY(out.issuer, token_issuer_of(x509));
  return out;
}

Result<Certificate> issuer_of(const Leaf& leaf, const std::vector<Authority>& authorities, Time at) {
  std::string why = "the trust root names no authority that was to be trusted then";
  bool was_issued = false;  // by an authority that `why` speaks of
  for (const Authority& authority : authorities) {
    if (!authority.valid.holds(at)) continue;
    SIGNALBOX_TRY(const Anchors anchors, anchors_of(authority.chain, at));
    const Context context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), anchors.store.get(), leaf.certificate.get(),
                                        anchors.between.get()) != 1)
      return fail(ErrorKind::internal, "OpenSSL has no memory for a chain of certificates");
    if (X509_verify_cert(context.get()) == 1) {
      STACK_OF(X509)* const path = X509_STORE_CTX_get0_chain(context.get());
      X509* const issuer = sk_X509_value(path, std::min(1, sk_X509_num(path) - 1));
      X509_up_ref(issuer);
      return Certificate(issuer);
    }
    const int error = X509_STORE_CTX_get_error(context.get());
    const bool is_of_another = error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    if (is_of_another && was_issued) continue;
    was_issued = !is_of_another;
    why = is_of_another ? "no authority of the trust root issued it" : X509_verify_cert_error_string(error);
  }
  return refuse(fmt::format("not valid at {}: {}", to_rfc3339(at), why));
}

}  // namespace signalbox::evidence::sigstore
