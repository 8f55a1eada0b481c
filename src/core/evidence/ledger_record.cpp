#include "core/evidence/ledger_record.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/parallel.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kSaltOctets = 16;
constexpr std::size_t kWorthThreads = 64;  // fewer are read sooner than threads are started

// Hexadecimal or base64, as digests are: every index of every store takes it, and bytes order it as RFC 8785
// does.
Status check_subject(std::string_view subject) {
  if (subject.size() > kMaxSubjectBytes) {
    return fail(ErrorKind::bad_input, fmt::format("a subject of {} bytes; the log takes at most {}",
                                                  subject.size(), kMaxSubjectBytes));
  }
  const bool graphic =
      std::all_of(subject.begin(), subject.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (graphic) return {};
  return fail(ErrorKind::bad_input,
              fmt::format("subject {}: a digest is printable ASCII without spaces", printable(subject)));
}

std::string array_of(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(text);
  return out.canonical();
}

// More subjects than a record holds are committed to by the Merkle root over the sorted digests.
Sha256 root_of(const std::vector<std::string>& subjects) {
  CompactRange range;
  for (const std::string& subject : subjects) range.append(leaf_hash(subject));
  return range.root();
}

}  // namespace

Result<Candidate> read_candidate(std::string envelope, const Admission& admission) {
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
  if (admission) SIGNALBOX_CHECK(admission(parsed, statement));
  Candidate out;
  out.type = statement.predicate_type;
  for (const Subject& subject : statement.subjects) {
    for (std::string& digest : digests_of(subject)) out.subjects.push_back(std::move(digest));
  }
  std::sort(out.subjects.begin(), out.subjects.end());
  out.subjects.erase(std::unique(out.subjects.begin(), out.subjects.end()), out.subjects.end());
  for (const std::string& subject : out.subjects) SIGNALBOX_CHECK(check_subject(subject));
  for (const Signature& signature : parsed.signatures) out.keys.push_back(signature.keyid);
  for (const std::string& subject : out.subjects) out.quoted_subjects.push_back(Json(subject).canonical());
  out.keys_json = array_of(out.keys);
  out.type_json = Json(out.type).canonical();
  out.salt = random_octets(kSaltOctets);
  out.commitment = envelope_commitment(out.salt, envelope);
  out.envelope = std::move(envelope);
  return out;
}

Result<std::vector<Candidate>> read_candidates(std::vector<std::string> envelopes,
                                               const Admission& admission) {
  std::vector<Result<Candidate>> read(envelopes.size());
  const auto read_one = [&](std::size_t i) { read[i] = read_candidate(std::move(envelopes[i]), admission); };
  if (read.size() < kWorthThreads) {
    for (std::size_t i = 0; i < read.size(); ++i) read_one(i);
  } else {
    for_each_in_parallel(read.size(), read_one);
  }
  std::vector<Candidate> out;
  out.reserve(read.size());
  for (Result<Candidate>& candidate : read) {
    if (!candidate) return fail_in(fmt::format("envelope {}", out.size() + 1), std::move(candidate).error());
    out.push_back(std::move(*candidate));
  }
  return out;
}

// Canonical JSON (RFC 8785): the members stand in the order of their names.
Result<std::string> write_record(const Candidate& candidate, Time time,
                                 const std::vector<std::int64_t>& previous) {
  constexpr std::size_t kRestBytes = 160;  // what stands between the parts
  const bool listed = candidate.subjects.size() <= kMaxRecordSubjects;
  std::string octets;
  std::size_t bytes =
      kRestBytes + candidate.commitment.size() + candidate.keys_json.size() + candidate.type_json.size();
  for (const std::string& subject : candidate.quoted_subjects) bytes += 2 * subject.size() + 24;
  octets.reserve(std::min(bytes, kMaxRecordBytes));
  const auto add = [&octets](auto... parts) { (octets.append(parts), ...); };
  add("{\"envelope\":\"", std::string_view(candidate.commitment),
      "\",\"keys\":", std::string_view(candidate.keys_json), ",\"prev\":{");
  for (std::size_t i = 0; listed && i < candidate.subjects.size(); ++i) {
    add(i > 0 ? "," : "", std::string_view(candidate.quoted_subjects[i]), ":");
    octets += std::to_string(i < previous.size() ? previous[i] : -1);
  }
  add("},\"subjects\":[");
  for (std::size_t i = 0; listed && i < candidate.subjects.size(); ++i)
    add(i > 0 ? "," : "", std::string_view(candidate.quoted_subjects[i]));
  add("]");
  if (!listed) {
    octets += fmt::format(",\"subjects_count\":{},\"subjects_root\":\"{}\"", candidate.subjects.size(),
                          to_hex(root_of(candidate.subjects)));
  }
  add(",\"time\":");
  octets += std::to_string(time.time_since_epoch().count());
  add(",\"type\":", std::string_view(candidate.type_json), ",\"v\":1}");
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
