#include "core/evidence/sigstore/certified.hpp"

#include <algorithm>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/evidence/sigstore/leaf.hpp"
#include "core/evidence/sigstore/logged.hpp"
#include "core/evidence/sigstore/material.hpp"
#include "core/evidence/sigstore/timestamp.hpp"

namespace signalbox::evidence::sigstore {
namespace {

// One envelope with what came with it, and what was found wrong so far.
struct Case {
  const Envelope& envelope;
  const Material& material;
  const Leaf& leaf;
  const TrustedRoot& root;
  std::vector<Time> times;  // that are proven
  std::vector<std::string> wrong;

  void note(const Error& error) {
    if (std::find(wrong.begin(), wrong.end(), error.message) == wrong.end()) wrong.push_back(error.message);
  }
};

void check_logs(Case& it) {
  const std::vector<LogEntry>& entries = it.material.entries;
  if (entries.empty() && !it.root.logs.empty())
    it.wrong.emplace_back("log entry: there is none, and the trust root names logs");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const bool twice = std::any_of(
        entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(i), [&](const LogEntry& other) {
          return other.log_id == entries[i].log_id && other.index == entries[i].index;
        });
    if (twice) it.wrong.emplace_back("log entry: the same one is there twice");
    const auto time = check_logged(entries[i], it.envelope, it.leaf, it.root.logs);
    if (!time) {
      it.note(time.error());
    } else if (*time) {
      it.times.push_back(**time);
    }
  }
}

void check_timestamps(Case& it) {
  for (const std::string& octets : it.material.timestamps) {
    const auto time =
        check_timestamp(octets, it.envelope.signatures.front().octets, it.root.timestamp_authorities);
    if (time) {
      it.times.push_back(*time);
    } else {
      it.note(time.error());
    }
  }
}

void check_certificate(Case& it) {
  if (it.times.empty()) {
    const bool was_looked_for =
        !it.wrong.empty() && !(it.material.entries.empty() && it.material.timestamps.empty());
    if (!was_looked_for)
      it.wrong.emplace_back(
          "time: neither a log's promise nor a timestamp shows when it was signed, so the certificate may "
          "have expired before");
    return;
  }
  bool looked_at_logs = it.root.certificate_logs.empty();
  for (const Time at : it.times) {
    const auto issuer = issuer_of(it.leaf, it.root.authorities, at);
    if (!issuer) {
      it.note(issuer.error());
      continue;
    }
    if (looked_at_logs) continue;
    looked_at_logs = true;
    if (const Status logged = check_certificate_logs(it.leaf, **issuer, it.root.certificate_logs); !logged)
      it.note(logged.error());
  }
}

void check_signature(Case& it) {
  const std::string message = pre_authentication_encoding(it.envelope.payload_type, it.envelope.payload);
  if (!is_signed(it.leaf.key.get(), message, it.envelope.signatures.front().octets))
    it.wrong.emplace_back("signature: it is not by the key of the certificate");
}

}  // namespace

Result<Certified> check_certified(const Envelope& envelope, const TrustedRoot& root) {
  if (envelope.signatures.size() != 1)
    return fail(ErrorKind::denied, "signature: a certificate signs once, and there are several");
  SIGNALBOX_TRY(const Json document, parse_json(envelope.verification_material));
  SIGNALBOX_TRY(const Material material, parse_material(document));
  SIGNALBOX_TRY(const Leaf leaf, read_leaf(material.certificate));
  Case it{envelope, material, leaf, root, {}, {}};
  check_logs(it);
  check_timestamps(it);
  check_certificate(it);
  check_signature(it);
  if (!it.wrong.empty()) return fail(ErrorKind::denied, join(it.wrong, "; "));
  return Certified{leaf.subject, leaf.issuer,
                   der_of([&](unsigned char** out) { return i2d_PUBKEY(leaf.key.get(), out); }),
                   *std::min_element(it.times.begin(), it.times.end())};
}

}  // namespace signalbox::evidence::sigstore
