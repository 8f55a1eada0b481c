#include "commands/evidence/served_entries.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/evidence/envelope.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::size_t kPage = 100;

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

}  // namespace

ServedEntries::ServedEntries(const remote::ServedLog& log, const ev::Query& query)
    : log_(log), before_(log.state().checkpoint.size) {
  if (query.subject) {
    subject_ = ev::digests_of(*query.subject).front();
    omissions_ = Omissions::newest;
  } else if (query.type) {
    type_ = *query.type;
    omissions_ = Omissions::any;
  }
}

Result<std::optional<ev::Entry>> ServedEntries::next() {
  std::optional<std::uint64_t> index;
  if (!subject_.empty()) {
    SIGNALBOX_TRY(index, next_about_subject());
  } else if (!type_.empty()) {
    SIGNALBOX_TRY(index, next_of_type());
  } else if (before_ > 0) {
    index = before_ - 1;
  }
  if (!index) return std::optional<ev::Entry>();
  SIGNALBOX_TRY(ev::Entry entry, log_.entry(*index));
  SIGNALBOX_TRY(const Json record, parse_json(entry.record));
  SIGNALBOX_CHECK(check(entry, record));
  before_ = *index;
  const Json* const previous = record["prev"].find(subject_);
  previous_ =
      previous != nullptr && previous->is_integer() ? std::optional(previous->as_integer()) : std::nullopt;
  return std::optional(std::move(entry));
}

Result<std::optional<std::uint64_t>> ServedEntries::next_listed(const remote::ServedLog::Asked& asked,
                                                                std::size_t page) {
  if (page_.empty() && before_ > 0) {
    SIGNALBOX_TRY(page_, log_.listed(asked, before_, page));
    std::reverse(page_.begin(), page_.end());
  }
  if (page_.empty()) return std::optional<std::uint64_t>();
  const std::uint64_t index = page_.back();
  page_.pop_back();
  return std::optional(index);
}

Result<std::optional<std::uint64_t>> ServedEntries::next_about_subject() {
  if (!previous_) {  // of the newest, and of an entry that names too many subjects to say what came before it
    if (before_ < log_.state().checkpoint.size) omissions_ = Omissions::any;
    return next_listed({subject_, {}}, 1);
  }
  if (*previous_ < 0) return std::optional<std::uint64_t>();
  return std::optional(static_cast<std::uint64_t>(*previous_));
}

Result<std::optional<std::uint64_t>> ServedEntries::next_of_type() {
  return next_listed({{}, type_}, kPage);
}

Status ServedEntries::check(const ev::Entry& entry, const Json& record) {
  const auto lie = [&](const std::string& what) {
    return fail(ErrorKind::conflict, fmt::format("{} shows entry {} as {}", log_.origin(), entry.index, what),
                "ask whoever keeps the server");
  };
  if (!type_.empty() && record["type"].as_string() != type_)
    return lie("one of the type that was asked for, and it is none");
  if (subject_.empty()) return {};
  const auto subjects = subjects_of(entry, record);
  if (!subjects) {
    omissions_ = Omissions::any;
    return {};
  }
  if (std::find(subjects->begin(), subjects->end(), subject_) == subjects->end())
    return lie(fmt::format("one about {}, and it is not", subject_));
  return {};
}

}  // namespace signalbox::evidence_command
