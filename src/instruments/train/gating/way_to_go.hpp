// The shortest way from NO-GO to GO: the fewest actions that turn every red gate green, and what the score
// still lacks. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/decision.hpp"

namespace signalbox::train {

// One thing to do.
struct Action {
  // In the order in which they are done: a new commit makes evidence about the old one worthless.
  enum class Kind { changes_commit, locks_scope, records, asks_people, waits } kind = Kind::records;
  std::string command;             // exact
  std::string who;                 // owner of the gates that it fixes, or the person who signs; may be empty
  std::vector<std::string> fixes;  // names of rows
  double points = 0;               // that it adds to the readiness score
};

// What an item of the score would add.
struct Raise {
  std::string item, command;
  double points = 0;
};

struct WayToGo {
  std::vector<Action> actions;
  bool is_smallest = true;            // proven: no fewer actions do
  std::vector<std::string> hopeless;  // rows that none of them turns green, with the reason
  std::vector<std::string> blockers;  // red gates that no score buys back
  std::vector<Raise> raises;          // every item that lacks points, the most first
  std::string exception;  // the command that asks for one instead; empty where none may be asked for
};
WayToGo find_way(const Decision& decision);

// The first moment from `from` on at which no freeze holds and every gate of the kind time is open; nothing
// within a year.
std::optional<Time> earliest_departure(const Decision& decision, Time from);

}  // namespace signalbox::train
