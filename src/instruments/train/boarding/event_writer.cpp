#include "instruments/train/boarding/event_writer.hpp"

#include <fmt/core.h>

#include "core/config/workspace.hpp"

namespace signalbox::train {

EventWriter::EventWriter(evidence::EvidenceBook& book, const Desk& desk, Train train, Signatory signatory,
                         Time now)
    : book_(book), desk_(desk), train_(std::move(train)), signatory_(std::move(signatory)), now_(now) {}

Result<std::string> EventWriter::sign(const NewEvent& event) {
  if (!key_) {
    SIGNALBOX_TRY(evidence::SigningKey key,
                  evidence::unlock(evidence::KeyStore(keys_directory()), signatory_.stored_as));
    key_.emplace(std::move(key));
  }
  return sign_event(event, *key_, train_.last_index);
}

Result<evidence::Receipt> EventWriter::append(const std::string& kind, Json predicate,
                                              std::vector<evidence::Subject> also_about, std::string remedy) {
  if (remedy.empty()) remedy = fmt::format("signalbox train show {}", train_.id);
  SIGNALBOX_TRY(const std::string envelope,
                sign({train_.id, kind, std::move(predicate), std::move(also_about), {}}));
  SIGNALBOX_TRY(Event event, read_signed_event(envelope, desk_.policy.trust, now_));
  Train after = train_;
  if (std::string why = take_event(after, event, desk_.book); !why.empty())
    return fail(ErrorKind::conflict, std::move(why), std::move(remedy));
  SIGNALBOX_TRY(const evidence::Receipt receipt,
                append_signed_event(book_, train_.id, envelope, train_.last_index));
  event.index = receipt.index;
  event.time = receipt.time;
  train_.last_index = static_cast<std::int64_t>(receipt.index);
  if (const std::string why = take_event(train_, event, desk_.book); !why.empty()) {
    return fail(ErrorKind::conflict,
                fmt::format("log #{} was recorded, and does not count: {}", receipt.index, why),
                std::move(remedy));
  }
  return receipt;
}

Result<evidence::Receipt> EventWriter::append(const PassengerEvent& event, const std::string& repository_name,
                                              std::string remedy) {
  return append("passenger", to_json(event), commit_subjects(event.record.commits, repository_name),
                std::move(remedy));
}

std::vector<evidence::Subject> commit_subjects(const std::vector<std::string>& commits,
                                               const std::string& repository_name) {
  std::vector<evidence::Subject> out;
  for (const std::string& id : commits) out.push_back({repository_name, {{"gitCommit", id}}});
  return out;
}

}  // namespace signalbox::train
