// From what the user typed to the command that is meant and its arguments. Used by run_program; tests call it
// too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/cli/command.hpp"

namespace signalbox::cli {

// What the user asked for. `path` are the names from the program to the command, "train", "plan".
struct Request {
  const Command* command = nullptr;
  std::vector<std::string> path;
  Arguments arguments;
  bool help = false;
};

// The options that every command takes.
const std::vector<Option>& common_options();

// The key of an option in Arguments: the long one of its names.
std::string key_of(const Option& option);

// Parses the words after the program's name. Unknown sub-commands and options, missing or surplus arguments
// and values outside the choices are bad_input with the nearest known word. With --help nothing else is
// checked. No exception leaves it.
Result<Request> parse(const Command& root, const std::vector<std::string>& words);

}  // namespace signalbox::cli
