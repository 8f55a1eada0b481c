// Public keys as people hand them over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/evidence/keys.hpp"

namespace signalbox::evidence {

// One key in PEM or minisign's form, or keys one a line; a key whose form has no name is called "given".
Result<std::vector<PublicKey>> parse_given_keys(std::string_view text);
// The same of what stands on a command line: keys, or else the name of a file of them. What is a key is never
// taken for a name: a checkout might hold a file that is called like it.
Result<std::vector<PublicKey>> read_given_keys(const std::string& given);

}  // namespace signalbox::evidence
