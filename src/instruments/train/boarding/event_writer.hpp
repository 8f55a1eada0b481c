// Writes events of one train, each after the one before, and none that would not count.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/evidence/recorder.hpp"
#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/events/signatory.hpp"

namespace signalbox::train {

class EventWriter {
 public:
  // `book` and `desk` must outlive it. `train`: as it stands; of one that is still to be made, the id and the
  // newest entry about it.
  EventWriter(evidence::EvidenceBook& book, const Desk& desk, Train train, Signatory signatory, Time now);

  // denied where trust would not let the signature count; conflict where the rules forbid the event, with
  // what is to be done about it (`remedy`), or where another entry about the train came first.
  Result<evidence::Receipt> append(const std::string& kind, Json predicate,
                                   std::vector<evidence::Subject> also_about = {}, std::string remedy = {});
  // A passenger's event, about its commits.
  Result<evidence::Receipt> append(const PassengerEvent& event, const std::string& repository_name,
                                   std::string remedy = {});

  // The train after all that was written.
  const Train& train() const { return train_; }
  // The key's name in trust.
  const std::string& signer() const { return signatory_.key.key.name; }

 private:
  Result<std::string> sign(const NewEvent& event);

  evidence::EvidenceBook& book_;
  const Desk& desk_;
  Train train_;
  Signatory signatory_;
  Time now_;
  std::optional<evidence::SigningKey> key_;  // once something was signed: its password is asked for once
};

std::vector<evidence::Subject> commit_subjects(const std::vector<std::string>& commits,
                                               const std::string& repository_name);

}  // namespace signalbox::train
