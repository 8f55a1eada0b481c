// A ready-made workflow for a CI service: build, profile a benchmark, compare with the base, fail where it
// became slower.
#pragma once

#include <string>

namespace signalbox::profile {

enum class CiService { github, gitlab };

// YAML for .github/workflows/profile.yml, or .gitlab-ci.yml. What a repository must say is in variables at
// its top; its steps are for a POSIX shell with -e, and have no text of the service's own put into them.
std::string ci_template(CiService service);

}  // namespace signalbox::profile
