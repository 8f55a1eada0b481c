// The commands of every program behind the front door, as these programs describe themselves.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/cli/command.hpp"

namespace signalbox::completion {

// Commands without handlers, sorted by name, and the options that all of them take.
struct Tree {
  std::vector<cli::Command> commands;
  std::vector<cli::Option> common;
};

// What `signalbox-NAME --describe` printed; bad_input where it is something else.
Result<cli::Command> command_from(const Json& description);

// Asks every signalbox-NAME in `library` to describe itself. A program that does not is left out: it is no
// command.
Result<Tree> read_tree(const std::filesystem::path& library);

// Calls `visit` with each command and the words to it, "signalbox train plan", parents first.
void walk(const Tree& tree,
          const std::function<void(const cli::Command& command, const std::string& words)>& visit);

std::vector<std::string> names_of(const cli::Option& option);  // "-o", "--output"
// Every option with a value, by each of its names, of all commands: the word after one is no command. Sorted.
std::vector<std::string> options_with_value(const Tree& tree);
// The options of a command, its own and the common ones.
std::vector<cli::Option> options_of(const Tree& tree, const cli::Command& command);

}  // namespace signalbox::completion
