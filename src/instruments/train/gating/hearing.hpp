// What the commands by which people decide share: the candidate as it is judged now, and a signed word about
// it in the log.
#pragma once

#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/evidence/recorder.hpp"
#include "instruments/train/departure.hpp"

namespace signalbox::train {

// --head --policy-ref --package --channel --artifact --allow-shallow, and a train as a positional.
std::vector<cli::Option> candidate_options();
cli::Positional train_positional();
DepartureQuery departure_query(const cli::Arguments& arguments, std::optional<std::string> train);

struct Hearing {
  evidence::EvidenceBook book;
  Decision decision;
};
// By default without running commands of a configuration.
Result<Hearing> open_hearing(const cli::Arguments& arguments, cli::Context& context,
                             std::optional<std::string> train,
                             DepartureQuery::Commands commands = DepartureQuery::Commands::never);
// The same for commands that only read: nothing is written, nor made where nothing was ever recorded.
Result<Decision> judge_for_reading(const cli::Arguments& arguments, cli::Context& context,
                                   std::optional<std::string> train);

// The report of a decision as a command's outcome: where a red gate's source could not be asked, the exit
// code is that of something missing, not that of a no.
cli::Outcome told(const Decision& decision, Report report);

cli::Option depart_option();  // --depart
// The planned departure: --depart, else that of the train; nothing where there is neither.
Result<std::optional<Time>> departure_time(const cli::Arguments& arguments, const Decision& decision);

// The key that --key names. bad_input where it is missing, or trust does not know it.
Result<evidence::TrustedKey> person_of(const cli::Arguments& arguments, const evidence::Trust& trust);
inline constexpr const char* kKeyHelp = "the key you sign with; evidence key list shows them";

// A text of one option, without control characters; bad_input where it is missing, too long or empty.
Result<std::string> text_option(const cli::Arguments& arguments, const std::string& option);

// A statement about the candidate, signed with the named key: an event of its train where it has one.
struct SignedWord {
  std::string kind;  // "approval"
  Json predicate;
  std::string key;
};
Result<evidence::Receipt> say(Hearing& hearing, const SignedWord& word);

}  // namespace signalbox::train
