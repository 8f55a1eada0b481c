// Proofs and signatures: inclusion proofs made out of tiles and checked, envelopes verified, a bundle of
// 10,000 entries verified whole, each beside the bare hashes and signatures that it cannot do without, in
// turn.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <openssl/evp.h>
#include <sodium.h>

#include "core/base/json.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/tile_edge.hpp"

namespace {

namespace ev = signalbox::evidence;
using signalbox::Json;
using signalbox::Sha256;

constexpr std::uint64_t kLeaves = 1 << 20;
constexpr int kRounds = 5;
constexpr int kProofs = 500;
constexpr int kVerifications = 5000;
constexpr int kSignatures = 1000;
constexpr std::uint64_t kBundled = 10'000;
constexpr std::size_t kNodeOctets = 65;
// A tree of 2^20 leaves has two levels of full tiles and one of 16 hashes: the siblings within a full tile
// are the roots of 1, 2, 4 … 128 hashes, which takes 0 + 1 + 3 + … + 127 node hashes.
constexpr int kHashesAProof = 247 + 247 + 11;
constexpr int kHeight = 20;

void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

double seconds(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// SHA-256 through OpenSSL, as bare as it gets: one context, a digest fetched once.
class BareHash {
 public:
  BareHash() : context_(EVP_MD_CTX_new()), digest_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {}
  ~BareHash() {
    EVP_MD_CTX_free(context_);
    EVP_MD_free(digest_);
  }
  BareHash(const BareHash&) = delete;
  BareHash& operator=(const BareHash&) = delete;
  void run(std::size_t octets, std::int64_t times) {
    std::string message(octets, 'x');
    unsigned char out[32];
    for (std::int64_t i = 0; i < times; ++i) {
      message[0] = static_cast<char>(i);
      EVP_DigestInit_ex(context_, digest_, nullptr);
      EVP_DigestUpdate(context_, message.data(), message.size());
      EVP_DigestFinal_ex(context_, out, nullptr);
    }
  }

 private:
  EVP_MD_CTX* context_;
  EVP_MD* digest_;
};

const unsigned char* bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// An Ed25519 verification by OpenSSL, with its key read beforehand.
void openssl_verify(EVP_PKEY* key, const std::string& message, const std::string& signature) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key);
  must(EVP_DigestVerify(context, bytes(signature), signature.size(), bytes(message), message.size()) == 1,
       "a signature does not hold");
  EVP_MD_CTX_free(context);
}

void sodium_verify(const std::string& key, const std::string& message, const std::string& signature) {
  must(crypto_sign_verify_detached(bytes(signature), bytes(message), message.size(), bytes(key)) == 0,
       "a signature does not hold");
}

struct Row {
  const char* what;
  const char* peer;
  const char* unit;
  double count;  // of operations a round
  double floor, goal;
};

// Both in turn; rates of each, and the median of the ratios.
void compare(const Row& row, const std::function<void()>& ours, const std::function<void()>& peer) {
  std::vector<double> our_rates, peer_rates, ratios;
  for (int round = 0; round < kRounds; ++round) {
    our_rates.push_back(row.count / seconds(ours));
    peer_rates.push_back(row.count / seconds(peer));
    ratios.push_back(our_rates.back() / peer_rates.back());
  }
  fmt::print("{}\n", Json::object({{"bench", "proofs"},
                                   {"what", row.what},
                                   {"ours", median(our_rates)},
                                   {"peer", row.peer},
                                   {"peer_value", median(peer_rates)},
                                   {"ratio", median(ratios)},
                                   {"unit", row.unit},
                                   {"floor", row.floor},
                                   {"goal", row.goal},
                                   {"command", "bench/run proofs"}})
                         .dump());
}

// A log of kLeaves leaves in tiles in memory.
struct Tiles {
  std::map<std::pair<unsigned, std::uint64_t>, std::string> bodies;
  Sha256 root{};

  Tiles() {
    ev::CompactRange range;
    ev::TileEdge edge;
    for (std::uint64_t i = 0; i < kLeaves; ++i) {
      const Sha256 leaf = ev::leaf_hash(std::to_string(i));
      range.append(leaf);
      edge.append(leaf);
    }
    for (const ev::TileBody& tile : edge.changed()) bodies[{tile.level, tile.index}] = tile.octets;
    root = range.root();
  }
  ev::HashReader reader() const {
    return ev::hashes_of_tiles([this](unsigned level, std::uint64_t index) -> signalbox::Result<std::string> {
      return bodies.at({level, index});
    });
  }
};

std::uint64_t some_index(int i) {
  return (static_cast<std::uint64_t>(i) * 2'654'435'761U) % kLeaves;
}

std::string some_envelope(std::uint64_t number, const ev::SigningKey& key) {
  ev::Statement statement;
  statement.subjects = {{"r", {{"gitCommit", std::string(40, 'a')}}}};
  statement.predicate_type = "https://signalbox.dev/evidence/document/v1";
  statement.predicate = Json::object({{"number", number}, {"text", std::string(600, 'x')}});
  const auto payload = ev::write_statement(statement);
  must(payload.has_value(), "a statement cannot be written");
  return ev::write_envelope(ev::sign_envelope(ev::kPayloadType, *payload, {&key}));
}

// kBundled entries as a log holds them, with their proofs.
ev::Bundle make_bundle(const ev::SigningKey& log, const ev::SigningKey& builder) {
  ev::Bundle bundle;
  ev::CompactRange range;
  ev::TileEdge edge;
  for (std::uint64_t i = 0; i < kBundled; ++i) {
    const auto candidate = ev::read_candidate(some_envelope(i, builder));
    must(candidate.has_value(), "an envelope cannot be read");
    const auto record = ev::write_record(*candidate, {}, {});
    must(record.has_value(), "a record cannot be written");
    bundle.entries.push_back({i, *record, {}, candidate->envelope, candidate->salt});
    range.append(ev::leaf_hash(*record));
    edge.append(ev::leaf_hash(*record));
  }
  std::map<std::pair<unsigned, std::uint64_t>, std::string> bodies;
  for (const ev::TileBody& tile : edge.changed()) bodies[{tile.level, tile.index}] = tile.octets;
  const auto read = ev::hashes_of_tiles([&](unsigned level, std::uint64_t index) {
    return signalbox::Result<std::string>(bodies.at({level, index}));
  });
  for (ev::BundleEntry& entry : bundle.entries)
    entry.proof = *ev::inclusion_proof(entry.index, kBundled, read);
  bundle.checkpoint =
      ev::sign_note(ev::checkpoint_text({log.public_key().name, kBundled, range.root()}), log);
  return bundle;
}

void bench_proofs(const Tiles& tiles, BareHash& bare) {
  const ev::HashReader reader = tiles.reader();
  compare(
      {"inclusion proofs made from tiles, tree of 2^20", "their hashes, bare OpenSSL", "proofs/s", kProofs,
       0.5, 0.8},
      [&] {
        for (int i = 0; i < kProofs; ++i)
          must(ev::inclusion_proof(some_index(i), kLeaves, reader)->size() == kHeight, "a proof is short");
      },
      [&] { bare.run(kNodeOctets, std::int64_t{kProofs} * kHashesAProof); });
  std::vector<std::vector<Sha256>> proofs;
  for (int i = 0; i < kProofs; ++i) proofs.push_back(*ev::inclusion_proof(some_index(i), kLeaves, reader));
  compare(
      {"inclusion proofs checked, tree of 2^20", "their hashes, bare OpenSSL", "proofs/s", kVerifications,
       0.5, 0.8},
      [&] {
        for (int i = 0; i < kVerifications; ++i) {
          const int at = i % kProofs;
          const Sha256 leaf = ev::leaf_hash(std::to_string(some_index(at)));
          must(ev::verify_inclusion(some_index(at), kLeaves, leaf, proofs[at], tiles.root).has_value(),
               "a proof does not hold");
        }
      },
      [&] { bare.run(kNodeOctets, std::int64_t{kVerifications} * (kHeight + 1)); });
}

void bench_signatures(BareHash& bare) {
  const ev::SigningKey builder = ev::SigningKey::generate("builder");
  const ev::SigningKey log = ev::SigningKey::generate("log");
  const std::string& octets = builder.public_key().octets;
  EVP_PKEY* const key = EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(octets.data()), octets.size());
  const auto envelope = ev::parse_envelope(some_envelope(1, builder));
  const std::string message = ev::pre_authentication_encoding(envelope->payload_type, envelope->payload);
  const std::string signature = envelope->signatures[0].octets;
  const auto ours = [&] {
    for (int i = 0; i < kSignatures; ++i)
      must(ev::verified_by(*envelope, {builder.public_key()}).size() == 1, "an envelope does not hold");
  };
  compare({"envelopes verified", "Ed25519 alone, bare libsodium", "envelopes/s", kSignatures, 0.8, 0.9}, ours,
          [&] {
            for (int i = 0; i < kSignatures; ++i) sodium_verify(octets, message, signature);
          });
  compare({"the same", "Ed25519 alone, bare OpenSSL", "envelopes/s", kSignatures, 0.8, 0.9}, ours, [&] {
    for (int i = 0; i < kSignatures; ++i) openssl_verify(key, message, signature);
  });
  const std::vector<ev::PublicKey> known = {
      ev::prepared(builder.public_key())};  // as `--key` and trust give it
  const ev::Bundle bundle = make_bundle(log, builder);
  const std::string text = ev::write_bundle(bundle);
  const std::size_t record_octets = bundle.entries[0].record.size();
  const std::size_t envelope_octets = bundle.entries[0].envelope.size() + 16;
  compare(
      {"bundle of 10,000 entries read and verified whole",
       "its hashes and signatures, bare OpenSSL and libsodium, one thread", "entries/s",
       static_cast<double>(kBundled), 0.5, 0.9},
      [&] {
        const auto read = ev::parse_bundle(text);
        must(read && ev::check_bundle(*read, {log.public_key()}).empty(), "the bundle does not hold");
        for (const ev::BundleEntry& entry : read->entries) {
          const auto one = ev::parse_envelope(entry.envelope);
          must(one && ev::verified_by(*one, known).size() == 1, "an envelope does not hold");
        }
      },
      [&] {
        const auto times = static_cast<std::int64_t>(kBundled);
        bare.run(record_octets + 1, times);
        bare.run(envelope_octets, times);
        bare.run(kNodeOctets, times * 14);
        for (std::int64_t i = 0; i < times; ++i) sodium_verify(octets, message, signature);
      });
  EVP_PKEY_free(key);
}

}  // namespace

int main() {
  BareHash bare;
  bench_proofs(Tiles(), bare);
  bench_signatures(bare);
}
