// Evidence in one file: entries of a log with what proves them, checked with no network and no database.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/completeness.hpp"
#include "core/evidence/ledger.hpp"

namespace signalbox::evidence {

inline constexpr std::string_view kBundleType = "application/vnd.signalbox.bundle.v1+json";
inline constexpr std::string_view kSigstoreBundleType = "application/vnd.dev.sigstore.bundle.v0.3+json";
inline constexpr std::size_t kMaxBundleEntries = 65'536;

// One entry, with its path to the root of the bundle's checkpoint.
struct BundleEntry {
  std::uint64_t index = 0;
  std::string record;         // canonical JSON, the leaf data
  std::vector<Sha256> proof;  // leaf to root
  std::string envelope;       // exact octets; empty where it was erased
  std::string salt;           // 16 octets
};

// All records of the log, so that whoever has the bundle can see for himself that nothing about the subject
// is missing in it.
struct WholeLog {
  std::string subject;               // "gitCommit:1a2b…"
  std::vector<std::string> records;  // C2SP entry bundles, in order
};

// What judged, so that whoever has the bundle can see by what.
struct BundlePolicy {
  std::string digest;  // "sha256:…", as decisions name it
  std::string text;    // of which it is the digest
};

struct Bundle {
  std::string checkpoint;  // signed note
  std::vector<BundleEntry> entries;
  std::uint64_t consistency_from =
      0;                            // the checkpoint extends a log of so many entries; 0: that is not shown
  std::vector<Sha256> consistency;  // by this proof
  std::optional<WholeLog> complete;
  std::optional<BundlePolicy> policy;
  std::vector<std::uint64_t> decisions;  // which of the entries are decisions that the others are here for
};

std::string write_bundle(const Bundle& bundle);
Result<Bundle> parse_bundle(std::string_view json);
// The entries of `indexes` with proofs to the ledger's checkpoint, and the proof that this extends the log's
// first `consistency_from` entries. With an entry whose envelope was erased comes the statement that says so.
Result<Bundle> make_bundle(const Ledger& ledger, const std::vector<std::uint64_t>& indexes,
                           std::uint64_t consistency_from = 0);

// Adds all records of the log up to the bundle's checkpoint. bad_input where a bundle cannot hold so many.
Status add_whole_log(Bundle& bundle, const Ledger& ledger, const std::string& subject);
// The bundle's own claim of completeness, replayed: the entries about its subject that its records name. A
// doubt says where the records are not those of the checkpoint, or an entry about the subject is not in the
// bundle.
Result<Completeness> check_complete(const Bundle& bundle);

// Everything that ties a bundle together but the signers of its envelopes: checkpoint signed by one of
// `log_keys`, each record included under its root, each envelope that of its record, the policy that of its
// digest. One line a failure, naming layer and index; empty: it holds.
std::vector<std::string> check_bundle(const Bundle& bundle, const std::vector<PublicKey>& log_keys);

// One record with its envelope, as an entry: it is the record that the log writes of exactly this envelope
// and salt. One line a failure.
std::vector<std::string> check_record(std::uint64_t index, std::string_view record, std::string_view envelope,
                                      std::string_view salt);

// C2SP tlog-proof: an index, its path and the checkpoint, as text.
struct TlogProof {
  std::uint64_t index = 0;
  std::vector<Sha256> hashes;  // leaf to root
  std::string checkpoint;      // signed note
};
std::string write_tlog_proof(const TlogProof& proof);
Result<TlogProof> parse_tlog_proof(std::string_view text);

// Sigstore bundle v0.3 of one envelope. `hint` names the key, where no certificate signed it.
std::string write_sigstore_bundle(const Envelope& envelope, std::string_view hint);
Result<Envelope> parse_sigstore_bundle(std::string_view json);

}  // namespace signalbox::evidence
