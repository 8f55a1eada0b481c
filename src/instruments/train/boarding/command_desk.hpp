// What the commands of boarding share: their options, and the desk opened for reading or for writing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "instruments/train/boarding/admission.hpp"
#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/events/signatory.hpp"

namespace signalbox::train {

// --head --package --policy-ref --allow-shallow
std::vector<cli::Option> desk_options();
cli::Option key_option();        // --key: who signs
cli::Option train_option();      // --train: by default the next to leave
cli::Option exception_option();  // --exception: opens the locked scope
DeskQuery desk_query(const cli::Arguments& arguments);
Result<std::optional<std::uint64_t>> exception_of(const cli::Arguments& arguments);

// A desk, and the log behind it. Without a log there are no trains.
struct OpenDesk {
  std::optional<evidence::EvidenceBook> book;
  Desk desk;
  const evidence::Ledger* ledger() { return book ? &book->ledger() : nullptr; }
};
Result<OpenDesk> desk_for_reading(const cli::Arguments& arguments, cli::Context& context);
// Makes the log on first use.
Result<OpenDesk> desk_for_writing(const cli::Arguments& arguments, cli::Context& context);

// The key that --key names, or this machine's. denied where the policy does not trust it.
Result<Signatory> signatory_of(const cli::Arguments& arguments, const OpenDesk& desk);

// RFC 3339, or "+21d" from now. bad_input for a time that has passed.
Result<Time> parse_departure(std::string_view text, Time now);

// Refusals as findings of severity error.
std::vector<Finding> findings_of(const std::vector<Refusal>& refusals);
// "in 3d 4h", "2h ago"
std::string distance_text(Time from, Time to);

}  // namespace signalbox::train
