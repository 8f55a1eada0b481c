// A command line as it may be shown to others: without what opens doors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::profile {

// Values of options and variables whose name speaks of a password, token, secret, key or credential become
// "***", and so do user and password of URLs. `--token X`, `--token=X`, `TOKEN=X`, `https://u:p@host`.
std::vector<std::string> masked(const std::vector<std::string>& argv);

// The words as a shell would be given them.
std::string as_shell_words(const std::vector<std::string>& argv);

}  // namespace signalbox::profile
