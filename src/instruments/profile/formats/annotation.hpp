// Annotations of a profile as comments in formats that have comments alone: "key=value".
#pragma once

#include <string_view>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// "git.commit=1234" is an annotation: the key is lower-case letters, digits, '.', '_' and '-', and begins
// with a letter. Anything else is a comment.
void add_comment(Profile& profile, std::string_view comment);

}  // namespace signalbox::profile
