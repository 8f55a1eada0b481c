#include "core/evidence/bundle.hpp"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "core/base/encoding.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/evidence/entry_bundle.hpp"
#include "core/evidence/ledger_record.hpp"
#include "core/evidence/redaction.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxBundleBytes = std::size_t{64} << 20;
constexpr std::size_t kMaxWholeLogBytes = std::size_t{32} << 20;  // a third more in base64
constexpr std::size_t kMaxProofHashes = 64;
constexpr std::string_view kTlogProof = "c2sp.org/tlog-proof@v1";

Result<Sha256> hash_from_base64(std::string_view text) {
  SIGNALBOX_TRY(const std::string octets, from_base64(text));
  return sha256_from_octets(octets);
}

Result<std::uint64_t> index_from(const Json& value, std::string_view where) {
  if (!value.is_integer() || value.as_integer() < 0)
    return fail(ErrorKind::bad_input, fmt::format("{}: not an index", where));
  return static_cast<std::uint64_t>(value.as_integer());
}

Result<std::string> octets_from(const Json& entry, std::string_view key, std::string_view where) {
  auto octets = from_base64(entry[key].as_string());
  if (!octets) return fail_in(fmt::format("{}.{}", where, key), std::move(octets).error());
  return octets;
}

// The signed checkpoint, judged by `log_keys`.
Result<Checkpoint> open_trusted(std::string_view text, const std::vector<PublicKey>& log_keys) {
  SIGNALBOX_TRY(const Note note, parse_note(text));
  SIGNALBOX_TRY(const std::vector<PublicKey> by, verify_note(note, log_keys));
  SIGNALBOX_TRY(Checkpoint checkpoint, parse_checkpoint(note.text));
  const bool own =
      std::any_of(by.begin(), by.end(), [&](const PublicKey& key) { return key.name == checkpoint.origin; });
  if (!own) {
    return fail(ErrorKind::denied,
                fmt::format("not signed by a known key of the log {}", printable(checkpoint.origin)),
                "give the log's verifier key with --key");
  }
  return checkpoint;
}

// Our own format: a member that is not ours is a slip or a change, and never read over.
Status only(const Json& object, const std::vector<std::string_view>& known, std::string_view where) {
  for (const auto& [key, value] : object.members()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return fail(ErrorKind::bad_input, fmt::format("{}.{}: no member of a bundle", where, printable(key)));
  }
  return {};
}

Result<std::vector<Sha256>> hashes_from(const Json& list, std::string_view where) {
  if (!list.is_array()) return fail(ErrorKind::bad_input, fmt::format("{}: not a list", where));
  if (list.size() > kMaxProofHashes)
    return fail(ErrorKind::bad_input, fmt::format("{}: longer than any tree is high", where));
  std::vector<Sha256> out;
  for (const Json& item : list.items()) {
    auto hash = hash_from_base64(item.as_string());
    if (!hash) return fail_in(where, std::move(hash).error());
    out.push_back(*hash);
  }
  return out;
}

Result<BundleEntry> parse_entry(const Json& json, const std::string& where) {
  SIGNALBOX_CHECK(only(json, {"index", "record", "proof", "envelope", "salt"}, where));
  BundleEntry entry;
  SIGNALBOX_TRY(entry.index, index_from(json["index"], where + ".index"));
  SIGNALBOX_TRY(entry.record, octets_from(json, "record", where));
  SIGNALBOX_TRY(entry.envelope, octets_from(json, "envelope", where));
  SIGNALBOX_TRY(entry.salt, octets_from(json, "salt", where));
  SIGNALBOX_TRY(entry.proof, hashes_from(json["proof"], where + ".proof"));
  return entry;
}

Result<WholeLog> parse_whole_log(const Json& json) {
  SIGNALBOX_CHECK(only(json, {"subject", "records"}, "$.complete"));
  WholeLog out;
  out.subject = std::string(json["subject"].as_string());
  if (auto subject = subject_from_text(out.subject); !subject)
    return fail_in("$.complete.subject", std::move(subject).error());
  if (!json["records"].is_array()) return fail(ErrorKind::bad_input, "$.complete.records: not a list");
  for (const Json& item : json["records"].items()) {
    auto octets = from_base64(item.as_string());
    if (!octets) return fail_in("$.complete.records", std::move(octets).error());
    out.records.push_back(std::move(*octets));
  }
  return out;
}

// The policy, and which entries are decisions.
Status parse_grounds(const Json& root, Bundle& bundle) {
  if (const Json* const policy = root.find("policy")) {
    SIGNALBOX_CHECK(only(*policy, {"digest", "text"}, "$.policy"));
    if (!(*policy)["digest"].is_string() || !(*policy)["text"].is_string())
      return fail(ErrorKind::bad_input, "$.policy: a digest and a text are expected");
    bundle.policy = {std::string((*policy)["digest"].as_string()),
                     std::string((*policy)["text"].as_string())};
  }
  const Json::Array& decisions = root["decisions"].items();
  if (decisions.size() > kMaxBundleEntries)
    return fail(ErrorKind::bad_input, fmt::format("$.decisions: more than {}", kMaxBundleEntries));
  for (const Json& item : decisions) {
    SIGNALBOX_TRY(const std::uint64_t index, index_from(item, "$.decisions"));
    bundle.decisions.push_back(index);
  }
  return {};
}

// Decisions that are not among the entries, and a policy that is not that of its digest.
std::vector<std::string> faults_of_grounds(const Bundle& bundle) {
  std::vector<std::string> out;
  for (const std::uint64_t index : bundle.decisions) {
    const bool is_here = std::any_of(bundle.entries.begin(), bundle.entries.end(),
                                     [&](const BundleEntry& entry) { return entry.index == index; });
    if (!is_here) out.push_back(fmt::format("decisions: entry {} is not in the bundle", index));
  }
  if (bundle.policy && bundle.policy->digest != "sha256:" + to_hex(sha256(bundle.policy->text)))
    out.emplace_back("policy: its digest is not that of its text");
  return out;
}

// The record that the log would have written of this envelope at the time and after the entries that it
// names.
Result<std::string> expected_record(const Json& record, std::string_view envelope, std::string_view salt) {
  SIGNALBOX_TRY(Candidate candidate, read_candidate(std::string(envelope)));
  candidate.salt = salt;
  candidate.commitment = envelope_commitment(candidate.salt, candidate.envelope);
  std::vector<std::int64_t> previous;
  for (const std::string& subject : candidate.subjects)
    previous.push_back(record["prev"][subject].as_integer(-1));
  return write_record(candidate, Time(Duration(record["time"].as_integer())), previous);
}

// With each entry whose envelope was erased, the statement that says so.
Result<std::vector<std::uint64_t>> with_erasures(const Ledger& ledger,
                                                 const std::vector<std::uint64_t>& indexes) {
  std::vector<std::uint64_t> out = indexes;
  for (const std::uint64_t index : indexes) {
    SIGNALBOX_TRY(const Entry entry, ledger.entry(index));
    if (!entry.envelope.empty()) continue;
    SIGNALBOX_TRY(const std::optional<Erased> erased, erasure_of(ledger, entry));
    if (erased) out.push_back(erased->statement);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

std::string write_bundle(const Bundle& bundle) {
  Json entries = Json::array();
  for (const BundleEntry& entry : bundle.entries) {
    Json proof = Json::array();
    for (const Sha256& hash : entry.proof) proof.push_back(to_base64(as_octets(hash)));
    entries.push_back(Json::object({{"index", entry.index},
                                    {"record", to_base64(entry.record)},
                                    {"proof", std::move(proof)},
                                    {"envelope", to_base64(entry.envelope)},
                                    {"salt", to_base64(entry.salt)}}));
  }
  Json consistency = Json::array();
  if (bundle.consistency_from > 0) {
    Json proof = Json::array();
    for (const Sha256& hash : bundle.consistency) proof.push_back(to_base64(as_octets(hash)));
    consistency.push_back(Json::object({{"from", bundle.consistency_from}, {"proof", std::move(proof)}}));
  }
  Json out = Json::object({{"mediaType", kBundleType},
                           {"checkpoint", bundle.checkpoint},
                           {"witnesses", Json::array()},
                           {"entries", std::move(entries)},
                           {"consistency", std::move(consistency)}});
  if (bundle.policy)
    out.set("policy", Json::object({{"digest", bundle.policy->digest}, {"text", bundle.policy->text}}));
  if (!bundle.decisions.empty()) {
    Json decisions = Json::array();
    for (const std::uint64_t index : bundle.decisions) decisions.push_back(index);
    out.set("decisions", std::move(decisions));
  }
  if (bundle.complete) {
    Json records = Json::array();
    for (const std::string& octets : bundle.complete->records) records.push_back(to_base64(octets));
    out.set("complete",
            Json::object({{"subject", bundle.complete->subject}, {"records", std::move(records)}}));
  }
  return out.pretty() + "\n";
}

Result<Bundle> parse_bundle(std::string_view json) {
  SIGNALBOX_TRY(const Json root, parse_json(json, {.max_bytes = kMaxBundleBytes}));
  if (root["mediaType"].as_string() != kBundleType)
    return fail(ErrorKind::bad_input, fmt::format("$.mediaType: not {}", kBundleType));
  SIGNALBOX_CHECK(only(
      root,
      {"mediaType", "checkpoint", "witnesses", "entries", "consistency", "complete", "policy", "decisions"},
      "$"));
  Bundle bundle;
  bundle.checkpoint = std::string(root["checkpoint"].as_string());
  if (root["consistency"].size() > 1) return fail(ErrorKind::bad_input, "$.consistency: more than one");
  for (const Json& item : root["consistency"].items()) {
    SIGNALBOX_CHECK(only(item, {"from", "proof"}, "$.consistency[0]"));
    SIGNALBOX_TRY(bundle.consistency_from, index_from(item["from"], "$.consistency[0].from"));
    SIGNALBOX_TRY(bundle.consistency, hashes_from(item["proof"], "$.consistency[0].proof"));
  }
  if (root.find("complete") != nullptr) {
    SIGNALBOX_TRY(bundle.complete, parse_whole_log(root["complete"]));
  }
  SIGNALBOX_CHECK(parse_grounds(root, bundle));
  const Json::Array& entries = root["entries"].items();
  if (entries.empty()) return fail(ErrorKind::bad_input, "$.entries: there is none");
  if (entries.size() > kMaxBundleEntries)
    return fail(ErrorKind::bad_input, fmt::format("$.entries: more than {}", kMaxBundleEntries));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SIGNALBOX_TRY(BundleEntry entry, parse_entry(entries[i], fmt::format("$.entries[{}]", i)));
    bundle.entries.push_back(std::move(entry));
  }
  return bundle;
}

Status add_whole_log(Bundle& bundle, const Ledger& ledger, const std::string& subject) {
  constexpr std::uint64_t kWidth = 256;
  SIGNALBOX_TRY(const Note note, parse_note(bundle.checkpoint));
  SIGNALBOX_TRY(const Checkpoint checkpoint, parse_checkpoint(note.text));
  bundle.complete.emplace();
  bundle.complete->subject = subject;
  std::size_t bytes = 0;
  for (std::uint64_t first = 0; first < checkpoint.size; first += kWidth) {
    const auto width = static_cast<unsigned>(std::min(kWidth, checkpoint.size - first));
    SIGNALBOX_TRY(std::string octets, ledger.entry_bundle({0, first / kWidth, width}));
    bytes += octets.size();
    if (bytes > kMaxWholeLogBytes) {
      return fail(ErrorKind::bad_input,
                  fmt::format("the records of {} entries do not fit into a bundle", checkpoint.size),
                  "hand over the whole log: signalbox evidence log export DIR");
    }
    bundle.complete->records.push_back(std::move(octets));
  }
  return {};
}

Result<Completeness> check_complete(const Bundle& bundle) {
  if (!bundle.complete)
    return fail(ErrorKind::bad_input, "the bundle does not say that it is complete",
                "signalbox evidence bundle … --complete");
  SIGNALBOX_TRY(const Note note, parse_note(bundle.checkpoint));
  SIGNALBOX_TRY(const Checkpoint checkpoint, parse_checkpoint(note.text));
  std::map<std::uint64_t, const BundleEntry*> held;
  for (const BundleEntry& entry : bundle.entries) held[entry.index] = &entry;
  SubjectReplay replay(
      bundle.complete->subject,
      [&](std::uint64_t index, std::string_view record) -> std::optional<std::vector<std::string>> {
        const auto found = held.find(index);
        if (found == held.end() || found->second->envelope.empty()) return std::nullopt;
        const BundleEntry& entry = *found->second;
        const auto candidate = read_candidate(entry.envelope);
        if (!candidate || !check_record(index, record, entry.envelope, entry.salt).empty())
          return std::nullopt;
        return candidate->subjects;
      });
  for (const std::string& octets : bundle.complete->records) {
    SIGNALBOX_TRY(const std::vector<std::string_view> records, parse_entry_bundle(octets));
    for (const std::string_view record : records) SIGNALBOX_CHECK(replay.add(record));
  }
  Completeness out{bundle.complete->subject, replay.size(), replay.indexes(), replay.doubts()};
  if (replay.size() != checkpoint.size || replay.root() != checkpoint.root)
    out.doubts.push_back(
        fmt::format("the records do not hash to the root of the checkpoint of {}", checkpoint.size));
  for (const std::uint64_t index : out.indexes) {
    if (!held.contains(index)) out.doubts.push_back(fmt::format("entry {} is not in the bundle", index));
  }
  return out;
}

Result<Bundle> make_bundle(const Ledger& ledger, const std::vector<std::uint64_t>& indexes,
                           std::uint64_t consistency_from) {
  Bundle bundle;
  SIGNALBOX_TRY(const std::vector<std::uint64_t> wanted, with_erasures(ledger, indexes));
  std::uint64_t covered = consistency_from;  // entries that the checkpoint has to hold
  for (const std::uint64_t index : wanted) covered = std::max(covered, index + 1);
  SIGNALBOX_TRY(bundle.checkpoint, ledger.checkpoint_holding(covered == 0 ? 0 : covered - 1));
  SIGNALBOX_TRY(const Note note, parse_note(bundle.checkpoint));
  SIGNALBOX_TRY(const Checkpoint checkpoint, parse_checkpoint(note.text));
  for (const std::uint64_t index : wanted) {
    SIGNALBOX_TRY(Entry entry, ledger.entry(index));
    SIGNALBOX_TRY(std::vector<Sha256> proof, ledger.prove_inclusion(index, checkpoint.size));
    bundle.entries.push_back(
        {index, std::move(entry.record), std::move(proof), std::move(entry.envelope), std::move(entry.salt)});
  }
  if (consistency_from > 0) {
    bundle.consistency_from = consistency_from;
    SIGNALBOX_TRY(bundle.consistency, ledger.prove_consistency(consistency_from, checkpoint.size));
  }
  return bundle;
}

std::vector<std::string> check_record(std::uint64_t index, std::string_view record, std::string_view envelope,
                                      std::string_view salt) {
  std::vector<std::string> out;
  const auto json = parse_json(record);
  if (!json || json->canonical() != record) {
    out.push_back(fmt::format("record {}: not canonical JSON", index));
    return out;
  }
  if (envelope.empty()) return out;
  if ((*json)["envelope"].as_string() != envelope_commitment(std::string(salt), std::string(envelope))) {
    out.push_back(fmt::format("envelope {}: its digest is not the one in the record", index));
    return out;
  }
  const auto expected = expected_record(*json, envelope, salt);
  if (!expected) {
    out.push_back(fmt::format("envelope {}: {}", index, expected.error().message));
  } else if (*expected != record) {
    out.push_back(fmt::format("record {}: is not the one of its envelope", index));
  }
  return out;
}

std::vector<std::string> check_bundle(const Bundle& bundle, const std::vector<PublicKey>& log_keys) {
  std::vector<std::string> out;
  const auto checkpoint = open_trusted(bundle.checkpoint, log_keys);
  if (!checkpoint) {
    out.push_back("checkpoint: " + checkpoint.error().message);
    return out;
  }
  for (const BundleEntry& entry : bundle.entries) {
    const auto included = verify_inclusion(entry.index, checkpoint->size, leaf_hash(entry.record),
                                           entry.proof, checkpoint->root);
    if (!included)
      out.push_back(fmt::format("record or proof of entry {}: {}", entry.index, included.error().message));
    for (std::string& line : check_record(entry.index, entry.record, entry.envelope, entry.salt))
      out.push_back(std::move(line));
  }
  for (std::string& line : faults_of_grounds(bundle)) out.push_back(std::move(line));
  return out;
}

std::string write_tlog_proof(const TlogProof& proof) {
  std::string out = fmt::format("{}\nindex {}\n", kTlogProof, proof.index);
  for (const Sha256& hash : proof.hashes) out += to_base64(as_octets(hash)) + "\n";
  return out + "\n" + proof.checkpoint;
}

Result<TlogProof> parse_tlog_proof(std::string_view text) {
  const auto refuse = [](std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("tlog-proof: {}", what));
  };
  const std::size_t blank = text.find("\n\n");
  if (blank == std::string_view::npos || text.size() > (std::size_t{1} << 20))
    return refuse("no blank line before the checkpoint");
  std::vector<std::string_view> rows = split(text.substr(0, blank), '\n');
  if (rows.front() != kTlogProof) return refuse(fmt::format("does not begin with {}", kTlogProof));
  std::size_t at = 1;
  if (at < rows.size() && rows[at].substr(0, 6) == "extra ") ++at;
  if (at >= rows.size() || rows[at].substr(0, 6) != "index ") return refuse("no index");
  const auto index = parse_integer(rows[at].substr(6));
  if (!index || *index < 0 || fmt::format("{}", *index) != rows[at].substr(6))
    return refuse("the index is no decimal number");
  TlogProof proof{static_cast<std::uint64_t>(*index), {}, std::string(text.substr(blank + 2))};
  for (++at; at < rows.size(); ++at) {
    const auto hash = hash_from_base64(rows[at]);
    if (!hash || proof.hashes.size() == kMaxProofHashes)
      return refuse(fmt::format("line {} is no hash", at + 1));
    proof.hashes.push_back(*hash);
  }
  return proof;
}

}  // namespace signalbox::evidence
