#include "core/evidence/completeness.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/entry_bundle.hpp"
#include "core/evidence/ledger_record.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxDoubts = 100;
constexpr std::string_view kRootMember = "\"subjects_root\"";

bool names(const Json& subjects, std::string_view subject) {
  return std::any_of(subjects.items().begin(), subjects.items().end(),
                     [&](const Json& one) { return one.as_string() == subject; });
}

}  // namespace

SubjectReplay::SubjectReplay(std::string subject, SubjectsOf subjects_of)
    : subject_(std::move(subject)),
      quoted_(Json(subject_).canonical()),
      subjects_of_(std::move(subjects_of)) {}

Status SubjectReplay::add(std::string_view record) {
  // Few are about the subject; without a backslash a text has one spelling.
  const auto holds = [record](std::string_view part) { return record.find(part) != std::string_view::npos; };
  const bool may_be_about = holds(quoted_) || holds(kRootMember) || holds("\\");
  if (may_be_about) {
    auto json = parse_json(record);
    if (!json) return fail_in(fmt::format("record {}", size()), std::move(json).error());
    SIGNALBOX_CHECK(take(*json, record));
  }
  range_.append(leaf_hash(record));
  return {};
}

Status SubjectReplay::take(const Json& record, std::string_view octets) {
  const std::uint64_t index = size();
  const auto doubt = [&](std::string text) {
    if (doubts_.size() < kMaxDoubts) doubts_.push_back(std::move(text));
  };
  if (record.find("subjects_root") != nullptr) {
    const auto subjects = subjects_of_ ? subjects_of_(index, octets) : std::nullopt;
    if (!subjects) {
      doubt(fmt::format("entry {} names {} subjects by their root, and its envelope is not at hand", index,
                        record["subjects_count"].as_integer()));
    } else if (std::find(subjects->begin(), subjects->end(), subject_) != subjects->end()) {
      indexes_.push_back(index);
    }
    return {};
  }
  if (!names(record["subjects"], subject_)) return {};
  // Where an entry with many subjects came before, the record may name that.
  const std::int64_t before = record["prev"][subject_].as_integer(-2);
  const std::int64_t expected = indexes_.empty() ? -1 : static_cast<std::int64_t>(indexes_.back());
  if (before != expected) {
    doubt(fmt::format("record {} says that the entry before it about {} is {}, the log has {}", index,
                      subject_, before, expected));
  }
  indexes_.push_back(index);
  return {};
}

Result<Completeness> replay_ledger(const Ledger& ledger, const std::string& subject,
                                   const Checkpoint& checkpoint,
                                   const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  constexpr std::uint64_t kWidth = 256;
  SubjectReplay replay(
      subject, [&](std::uint64_t index, std::string_view) -> std::optional<std::vector<std::string>> {
        const auto entry = ledger.entry(index);
        const auto candidate = entry && !entry->envelope.empty() ? read_candidate(entry->envelope)
                                                                 : fail(ErrorKind::not_found, "erased");
        if (!candidate) return std::nullopt;
        return candidate->subjects;
      });
  for (std::uint64_t first = 0; first < checkpoint.size; first += kWidth) {
    const auto width = static_cast<unsigned>(std::min(kWidth, checkpoint.size - first));
    SIGNALBOX_TRY(const std::string octets, ledger.entry_bundle({0, first / kWidth, width}));
    SIGNALBOX_TRY(const std::vector<std::string_view> records, parse_entry_bundle(octets));
    for (const std::string_view record : records) SIGNALBOX_CHECK(replay.add(record));
    if (progress) progress(replay.size(), checkpoint.size);
  }
  Completeness out{subject, replay.size(), replay.indexes(), replay.doubts()};
  if (replay.size() != checkpoint.size || replay.root() != checkpoint.root)
    out.doubts.push_back(
        fmt::format("the records do not hash to the root of the checkpoint of {}", checkpoint.size));
  return out;
}

}  // namespace signalbox::evidence
