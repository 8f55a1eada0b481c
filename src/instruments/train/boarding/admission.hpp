// Whether a change may board, and who is next where places are limited. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/boarding/change.hpp"
#include "instruments/train/boarding/flags.hpp"
#include "instruments/train/boarding/passenger_request.hpp"
#include "instruments/train/boarding/train.hpp"

namespace signalbox::train {

// One reason why somebody may not do what was asked.
struct Refusal {
  std::string code;  // "no-owner": stable; its rule is train/<code>
  std::string message;
  std::string remedy;  // what to do; may be a command
};

// A rollback plan as it was found.
struct RollbackPlan {
  std::string path;
  std::optional<std::string> octets;  // absent: there is no such file
};
// Why a text is no plan to go back by; empty where it is: a list, a numbered step or a block of code.
std::string plan_objection(std::string_view octets);

// Where a change asks to board.
struct Platform {
  const Train& train;
  const std::vector<Train>& trains;  // all of them
  const Rulebook& book;
  const std::vector<Flag>& flags;
  Time now;
  std::optional<std::uint64_t> exception;  // number of one that is said to open the locked scope
};

// Every reason at once; empty: it may board. `record`: what would be boarded, with the estimate.
std::vector<Refusal> admission_refusals(const PassengerRequest& request, const Change& change,
                                        const RollbackPlan& plan, const PassengerRecord& record,
                                        const Platform& platform);

// The scope is locked and no exception opens it; the train has left or was cancelled.
std::optional<Refusal> closed_refusal(const Platform& platform);
// The command that asks for an exception for the scope lock of a train.
std::string scope_exception_command(std::string_view train);

// Whether a described passenger gets one of the limited places: those that came before it and wait are first.
// A passenger that the train does not have yet comes last.
std::optional<Refusal> slot_refusal(const Train& train, const PassengerRecord& record,
                                    const BoardingRules& rules);
// Ids of the described passengers that get a place now, in the order of their coming.
std::vector<std::string> next_to_slot(const Train& train, const BoardingRules& rules);

// A passenger that carries more of the train's churn than `max_share_percent`.
struct LargeShare {
  std::string passenger;
  double percent = 0;
};
std::vector<LargeShare> large_shares(const Train& train, const BoardingRules& rules);

}  // namespace signalbox::train
