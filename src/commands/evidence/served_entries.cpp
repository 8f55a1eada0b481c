#include "commands/evidence/served_entries.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/evidence/envelope.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::size_t kPage = 100;
constexpr std::uint64_t kBundleEntries = 256;

// The subjects of an entry; nothing where its record names too many of them and its envelope is not shown.
std::optional<std::vector<std::string>> subjects_of(const ev::Entry& entry, const Json& record) {
  std::vector<std::string> out;
  if (record.find("subjects_count") == nullptr) {
    for (const Json& subject : record["subjects"].items()) out.emplace_back(subject.as_string());
    return out;
  }
  const auto envelope = ev::parse_envelope(entry.envelope);
  const auto statement = envelope ? ev::parse_statement(envelope->payload) : fail(envelope.error());
  if (!statement) return std::nullopt;
  for (const ev::Subject& subject : statement->subjects) {
    for (std::string& digest : ev::digests_of(subject)) out.push_back(std::move(digest));
  }
  return out;
}

Error lie(const std::string& origin, std::uint64_t index, const std::string& what) {
  return {ErrorKind::conflict, fmt::format("{} shows entry {} as {}", origin, index, what),
          "ask whoever keeps the server"};
}

}  // namespace

ServedEntries::ServedEntries(const remote::ServedLog& log, const ev::Query& query, Need need)
    : log_(log), need_(need), before_(log.state().checkpoint.size) {
  if (query.subject) {
    subject_ = ev::digests_of(*query.subject).front();
    omissions_ = Omissions::newest;
  } else if (query.type) {
    type_ = *query.type;
    omissions_ = Omissions::any;
  }
}

Result<std::optional<ev::Entry>> ServedEntries::next() {
  if (subject_.empty() && type_.empty()) return next_of_all();
  for (;;) {
    SIGNALBOX_TRY(const std::optional<Candidate> candidate,
                  subject_.empty() ? next_listed({{}, type_}, kPage) : next_about_subject());
    if (!candidate) return std::optional<ev::Entry>();
    if (is_cut_ = read_ == kMaxRead; is_cut_) return std::optional<ev::Entry>();
    ++read_;
    SIGNALBOX_TRY(ev::Entry entry, log_.entry(candidate->index));
    SIGNALBOX_TRY(const Json record, parse_json(entry.record));
    SIGNALBOX_TRY(const Fits fits, check(entry, record));
    before_ = candidate->index;
    SIGNALBOX_CHECK(follow(entry, record));
    if (fits == Fits::yes || candidate->said == Candidate::Said::by_the_log)
      return std::optional(std::move(entry));
    ++unproven_;
  }
}

Result<std::optional<ev::Entry>> ServedEntries::next_of_all() {
  is_cut_ = read_ == kMaxRead && before_ > 0;
  if (is_cut_) return std::optional<ev::Entry>();
  if (bundle_.empty() && before_ > 0) {
    SIGNALBOX_TRY(bundle_, log_.bundle((before_ - 1) / kBundleEntries));
  }
  if (bundle_.empty()) return std::optional<ev::Entry>();
  ev::Entry entry = std::move(bundle_.back());
  bundle_.pop_back();
  ++read_;
  before_ = entry.index;
  if (need_ == Need::records) return std::optional(std::move(entry));
  SIGNALBOX_TRY(entry, log_.with_envelope(entry));
  return std::optional(std::move(entry));
}

Result<std::optional<ServedEntries::Candidate>> ServedEntries::next_listed(
    const remote::ServedLog::Asked& asked, std::size_t page) {
  if (page_.empty() && before_ > 0) {
    SIGNALBOX_TRY(page_, log_.listed(asked, before_, page));
    std::reverse(page_.begin(), page_.end());
  }
  if (page_.empty()) return std::optional<Candidate>();
  const std::uint64_t index = page_.back();
  page_.pop_back();
  return std::optional(Candidate{index, Candidate::Said::by_the_server});
}

Result<std::optional<ServedEntries::Candidate>> ServedEntries::next_about_subject() {
  if (!previous_) {  // of the newest, and of an entry that names too many subjects to say what came before it
    if (before_ < log_.state().checkpoint.size) omissions_ = Omissions::any;
    return next_listed({subject_, {}}, 1);
  }
  if (*previous_ < 0) return std::optional<Candidate>();
  return std::optional(Candidate{static_cast<std::uint64_t>(*previous_), Candidate::Said::by_the_log});
}

// A chain that does not go down would never end.
Status ServedEntries::follow(const ev::Entry& entry, const Json& record) {
  const Json* const previous = record["prev"].find(subject_);
  previous_ =
      previous != nullptr && previous->is_integer() ? std::optional(previous->as_integer()) : std::nullopt;
  if (!previous_ || *previous_ < static_cast<std::int64_t>(entry.index)) return {};
  return fail(lie(log_.origin(), entry.index,
                  fmt::format("one before which entry {} came, and that is none before it", *previous_)));
}

Result<ServedEntries::Fits> ServedEntries::check(const ev::Entry& entry, const Json& record) const {
  if (!type_.empty() && record["type"].as_string() != type_)
    return fail(lie(log_.origin(), entry.index, "one of the type that was asked for, and it is none"));
  if (subject_.empty()) return Fits::yes;
  const auto subjects = subjects_of(entry, record);
  if (!subjects) return Fits::unknown;
  if (std::find(subjects->begin(), subjects->end(), subject_) != subjects->end()) return Fits::yes;
  return fail(lie(log_.origin(), entry.index, fmt::format("one about {}, and it is not", subject_)));
}

}  // namespace signalbox::evidence_command
