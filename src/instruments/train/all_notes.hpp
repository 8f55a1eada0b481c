// `train notes --all`: every release of a series, or of each package of the repository.
#pragma once

#include <string_view>

#include "core/cli/command.hpp"
#include "instruments/train/history.hpp"
#include "instruments/train/notes.hpp"

namespace signalbox::train {

NotesForm form_of(std::string_view format);  // of --format
HistoryQuery::Shallow shallow_of(const cli::Arguments& arguments);

// Every release of the series that --package or the configuration names, and what waits.
Result<cli::Outcome> notes_of_all_releases(const cli::Arguments& arguments, cli::Context& context);
// The same of each package that the configuration declares, the history read once. bad_input where it
// declares none.
Result<cli::Outcome> notes_of_all_packages(const cli::Arguments& arguments, cli::Context& context);

}  // namespace signalbox::train
