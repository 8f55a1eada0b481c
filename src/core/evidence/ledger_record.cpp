#include "core/evidence/ledger_record.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kSaltOctets = 16;

// PostgreSQL keeps no NUL in a text, and no index keeps a long one.
Status check_subject(std::string_view subject) {
  if (subject.size() > kMaxSubjectBytes) {
    return fail(ErrorKind::bad_input, fmt::format("a subject of {} bytes; the log takes at most {}",
                                                  subject.size(), kMaxSubjectBytes));
  }
  if (subject.find('\0') == std::string_view::npos) return {};
  return fail(ErrorKind::bad_input, fmt::format("a subject with a NUL: {}", printable(subject)));
}

// More subjects than a record holds are committed to by the Merkle root over the sorted digests.
Sha256 root_of(const std::vector<std::string>& subjects) {
  CompactRange range;
  for (const std::string& subject : subjects) range.append(leaf_hash(subject));
  return range.root();
}

}  // namespace

Result<Candidate> read_candidate(std::string envelope) {
  if (envelope.size() > kMaxEnvelopeBytes) {
    return fail(ErrorKind::bad_input, fmt::format("an envelope of {} bytes; the log takes at most {}",
                                                  envelope.size(), kMaxEnvelopeBytes));
  }
  SIGNALBOX_TRY(const Envelope parsed, parse_envelope(envelope));
  if (parsed.payload_type != kPayloadType) {
    return fail(ErrorKind::bad_input, fmt::format("payload type '{}'; the log takes {}",
                                                  printable(parsed.payload_type), kPayloadType));
  }
  SIGNALBOX_TRY(const Statement statement, parse_statement(parsed.payload));
  Candidate out;
  out.type = statement.predicate_type;
  for (const Subject& subject : statement.subjects) {
    for (const auto& [algorithm, hex] : subject.digest) out.subjects.push_back(algorithm + ":" + hex);
  }
  std::sort(out.subjects.begin(), out.subjects.end());
  out.subjects.erase(std::unique(out.subjects.begin(), out.subjects.end()), out.subjects.end());
  for (const std::string& subject : out.subjects) SIGNALBOX_CHECK(check_subject(subject));
  for (const Signature& signature : parsed.signatures) out.keys.push_back(signature.keyid);
  out.salt = random_octets(kSaltOctets);
  out.commitment = envelope_commitment(out.salt, envelope);
  out.envelope = std::move(envelope);
  return out;
}

Result<std::vector<Candidate>> read_candidates(std::vector<std::string> envelopes) {
  std::vector<Candidate> out;
  out.reserve(envelopes.size());
  for (std::string& envelope : envelopes) {
    auto candidate = read_candidate(std::move(envelope));
    if (!candidate) return fail_in(fmt::format("envelope {}", out.size() + 1), std::move(candidate).error());
    out.push_back(std::move(*candidate));
  }
  return out;
}

Result<std::string> write_record(const Candidate& candidate, Time time,
                                 const std::map<std::string, std::int64_t>& previous) {
  Json record = Json::object({{"v", 1},
                              {"envelope", candidate.commitment},
                              {"type", candidate.type},
                              {"time", time.time_since_epoch().count()}});
  Json keys = Json::array();
  for (const std::string& key : candidate.keys) keys.push_back(key);
  record.set("keys", std::move(keys));
  Json subjects = Json::array();
  Json before = Json::object();
  if (candidate.subjects.size() <= kMaxRecordSubjects) {
    for (const std::string& subject : candidate.subjects) {
      subjects.push_back(subject);
      const auto found = previous.find(subject);
      before.set(subject, found == previous.end() ? std::int64_t{-1} : found->second);
    }
  } else {
    record.set("subjects_root", to_hex(root_of(candidate.subjects)));
    record.set("subjects_count", candidate.subjects.size());
  }
  record.set("subjects", std::move(subjects));
  record.set("prev", std::move(before));
  std::string octets = record.canonical();
  if (octets.size() > kMaxRecordBytes) {
    return fail(
        ErrorKind::bad_input,
        fmt::format("a log record of {} bytes; the log takes at most {}", octets.size(), kMaxRecordBytes),
        "shorten the predicate type, or name fewer subjects");
  }
  return octets;
}

std::string envelope_commitment(const std::string& salt, const std::string& envelope) {
  Sha256Stream stream;
  stream.update(salt);
  stream.update(envelope);
  return "sha256:" + to_hex(stream.finish());
}

}  // namespace signalbox::evidence
