// Completion scripts. Each finds the command that the words before the cursor name, then offers its
// sub-commands, options or values; where none fits, the shell offers files.
#pragma once

#include <string>

#include "commands/completion/tree.hpp"

namespace signalbox::completion {

std::string bash_script(const Tree& tree);
std::string zsh_script(
    const Tree& tree);  // to be sourced after compinit, or saved as _signalbox on the fpath
std::string fish_script(const Tree& tree);

// 'text' as one word of a POSIX shell; control characters become spaces.
std::string quote_posix(std::string_view text);

}  // namespace signalbox::completion
