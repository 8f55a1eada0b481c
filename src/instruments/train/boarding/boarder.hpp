// Brings changes aboard: from a request to a record, to reasons against it or to signed events.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "instruments/train/boarding/admission.hpp"
#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/boarding/event_writer.hpp"
#include "instruments/train/boarding/known_answers.hpp"
#include "instruments/train/boarding/passenger_request.hpp"

namespace signalbox::train {

// What became of one request.
struct BoardingOutcome {
  std::string change;  // as it was asked for
  std::string train;
  PassengerRecord record;               // its id is empty where the change was not found
  std::vector<Refusal> refusals;        // not empty: nothing was recorded
  std::optional<Refusal> waits_for;     // a place, with --wait
  std::optional<SeatState> state;       // it is in; absent where it was refused
  std::vector<std::uint64_t> recorded;  // log indexes of its events; empty: nothing is new
};

struct BoardingOptions {
  enum class Wait { refuse, queue } wait = Wait::refuse;  // where no place is free
  enum class Record { yes, no } record = Record::yes;     // no: judge alone
  // Who was bumped, or has left: boarded again where it was named, left alone where it stands in a file.
  enum class Settled { judge, leave } settled = Settled::judge;
  std::optional<Signatory> signatory;  // who signs; absent only where nothing is recorded
  std::optional<std::uint64_t> exception;
};

class Boarder {
 public:
  // All must outlive it. `book`: absent where nothing is to be recorded.
  Boarder(const Workspace& workspace, Desk& desk, evidence::EvidenceBook* book, Time now,
          BoardingOptions options);
  ~Boarder();

  Result<BoardingOutcome> board(const PassengerRequest& request);
  // Gives places that have become free to those that wait. Ids of who got one.
  Result<std::vector<std::string>> fill_slots(const std::string& train);
  // What a request would be aboard as: everything but the judgement.
  struct Draft {
    Change change;
    PassengerRecord record;
    RollbackPlan plan;
    std::vector<Refusal> refusals;  // evidence that does not prove
  };
  Result<Draft> draft(const PassengerRequest& request, const Train& train);

 private:
  struct Trip;  // a train with its plan
  Result<Trip*> trip(const Train& train);
  Result<RollbackPlan> read_plan_file(const std::string& path) const;
  Status record_moves(BoardingOutcome& outcome, const Train& train);
  EventWriter writer_of(const Train& train) const;
  void keep(const Train& train);

  const Workspace& workspace_;
  Desk& desk_;
  evidence::EvidenceBook* book_;
  Time now_;
  BoardingOptions options_;
  EvidenceFinder finder_;
  std::map<std::string, std::unique_ptr<Trip>> trips_;
  std::optional<std::map<std::string, std::uint64_t>> references_;  // of the flags
};

// A record of what was asked for, on top of what is aboard already.
PassengerRecord record_of(const PassengerRequest& request, const Change& change, const Seat* seat);

}  // namespace signalbox::train
