// Public keys as people hand them over.
#pragma once

#include <string_view>
#include <vector>

#include "core/evidence/keys.hpp"

namespace signalbox::evidence {

// One key in PEM or minisign's form, or keys one a line; a key whose form has no name is called "given".
Result<std::vector<PublicKey>> parse_given_keys(std::string_view text);

}  // namespace signalbox::evidence
