// A ramp on this machine: the log of its workspace, the driver and hooks of the policy that judges, and the
// controller over them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/config/workspace.hpp"
#include "core/evidence/recorder.hpp"
#include "core/git/repository.hpp"
#include "instruments/train/policy.hpp"
#include "instruments/train/ramp/controller.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::ramp {

// The events of one train in a workspace's log.
class BookLog final : public RampLog {
 public:
  // All of them must outlive it. `service` names the commit in statements.
  BookLog(evidence::EvidenceBook& book, const evidence::Trust& trust, std::string train, std::string service)
      : book_(book), trust_(trust), train_(std::move(train)), service_(std::move(service)) {}

  Result<TrainEvents> read() override;
  Result<std::uint64_t> append(std::string_view kind, const Json& predicate, const std::string& commit,
                               std::int64_t expected_last) override;
  // What a person asks of the attempt that is under way, whatever others append at the same moment. conflict
  // where none is; denied where the policy does not trust the key. `key`: that signs; absent: this machine's.
  Result<std::uint64_t> append_order(OrderEvent::What what, const std::string& reason,
                                     const std::optional<std::string>& key);

 private:
  evidence::EvidenceBook& book_;
  const evidence::Trust& trust_;
  std::string train_;
  std::string service_;
  std::uint64_t read_at_ = 0;  // size of the log when `events_` was read
  std::optional<TrainEvents> events_;
};

// What a ramp's deeds are done with. All of it must outlive them.
struct DeedParts {
  const Hooks& hooks;
  RunProgram run;
  const git::Repository& repository;
  const Clock& clock;
  const evidence::Ledger& ledger;
  const evidence::Trust& trust;
  MetricJudges* judges = nullptr;  // null: no metrics are watched
};
// The hooks of the policy, the tag in the repository, the processes of this machine, other trains of its log.
std::unique_ptr<Deeds> make_deeds(DeedParts parts);
// Runs one smoke check with the words of its failure.
RunSmoke smoke_runner(Duration timeout, RunProgram run);

// Everything that acts for one train, wired together. The book and the policy must outlive it.
class Session {
 public:
  Session(evidence::EvidenceBook& book, const Policy& policy, const git::Repository& repository,
          const Clock& clock, const std::string& train, const Begin& begin);
  BookLog& log() { return *log_; }
  Driver& driver() { return *driver_; }
  Controller controller();
  bool is_watched() const { return is_watched_; }

 private:
  const Clock& clock_;
  std::unique_ptr<BookLog> log_;
  std::unique_ptr<Driver> driver_;
  std::unique_ptr<Watch> watch_;
  std::unique_ptr<Deeds> deeds_;
  bool is_watched_ = false;
};

}  // namespace signalbox::train::ramp
