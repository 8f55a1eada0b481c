// Evidence of a profile in the log.
#pragma once

#include "core/cli/command.hpp"
#include "core/evidence/statement.hpp"
#include "instruments/profile/artifacts.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// The file of a profile and the programs in it are subjects; one that is there already is not added again.
void add_profile(evidence::Statement& statement, const Profile& profile, const std::string& file,
                 const std::string& sha256);
// The commit that a profile says it was taken of is a subject, too, where nothing was changed in it.
void add_commit(evidence::Statement& statement, const Profile& profile);
// Where evidence is asked for: that of a run, about the files that were written and the programs in it.
Status record_run(const Profile& profile, const Written& written, cli::Context& context, Report& report);

}  // namespace signalbox::profile
