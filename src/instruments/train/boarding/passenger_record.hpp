// The record of a passenger: a change that somebody owns, what is known of it, and where it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "instruments/train/boarding/checklist.hpp"
#include "instruments/train/boarding/risk.hpp"

namespace signalbox::train {

// Where a passenger stands. `dry_run`: it went well. The moves between them are in transitions.hpp.
enum class SeatState {
  candidate,
  described,
  slotted,
  approved,
  dry_run,
  aboard,
  shipped,
  bumped,
  rolled_back
};
std::string_view name_of(SeatState state);  // "dry-run", "rolled-back"
std::optional<SeatState> seat_state_from(std::string_view name);

// A step of a change to data in several trains: expand → migrate → contract.
struct MigrationStep {
  enum class Kind { none, expand, migrate, contract } kind = Kind::none;
  std::string name;  // of the whole change: "orders-v2"; empty with `none`
  bool operator==(const MigrationStep&) const = default;
};
std::string_view name_of(MigrationStep::Kind kind);  // "none", "expand" …
// "expand:orders-v2"; bad_input for anything else.
Result<MigrationStep> parse_migration_step(std::string_view text);

struct PassengerRecord {
  std::string id;                    // "pr-123", or the first 12 digits of its commit
  std::vector<std::string> commits;  // ids, the newest first; not empty
  std::string title;
  std::string owner;
  Risk risk = Risk::low;        // as its owner claims
  std::string risk_note;        // short, for everybody
  std::string note;             // why the claim is below the estimate; not for the public
  std::string rollback_plan;    // path in the repository
  std::string rollback_sha256;  // of its octets
  std::vector<std::string> flags;
  std::string epic;  // may be empty
  MigrationStep migration;
  Estimate estimate;
  Checklist checklist;
};

inline constexpr std::size_t kMaxPassengerCommits = 1000;
inline constexpr std::size_t kPassengerIdDigits = 12;

// What one event `passenger` says: the whole record as it is from then on, and the move.
struct PassengerEvent {
  PassengerRecord record;
  std::optional<SeatState> from;  // absent: it comes to the train
  SeatState to = SeatState::candidate;
  std::string reason;                      // of bumping
  std::optional<std::uint64_t> evidence;   // of a dry run
  std::optional<std::uint64_t> exception;  // that allows a change after the lock
};

// "pr-" and a number, or 7 to 64 hexadecimal digits.
bool is_passenger_id(std::string_view id);

Json to_json(const PassengerRecord& record);
Json to_json(const PassengerEvent& event);
// bad_input with the member that is not as it should be.
Result<PassengerRecord> read_passenger_record(const Json& predicate);
Result<PassengerEvent> read_passenger_event(const Json& predicate);

}  // namespace signalbox::train
