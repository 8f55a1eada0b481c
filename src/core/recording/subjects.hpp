// What evidence of a command is about, as --subject names it.
#pragma once

#include <string>
#include <vector>

#include "core/config/workspace.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::recording {

// git:REF, a file, or NAME=ALG:HEX, as `evidence add --subject` takes them.
Result<evidence::Subject> subject_of(const std::string& text, const Workspace& workspace);

// Of each text; without one the commit that is checked out, where nothing was changed in it. Errors:
// bad_input where there is no such commit.
Result<std::vector<evidence::Subject>> subjects_of(const std::vector<std::string>& texts,
                                                   const Workspace& workspace);

}  // namespace signalbox::recording
