// Which processes a command profiles: by number, by name, by cgroup.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/cli/command.hpp"
#include "instruments/profile/analysis/name_pattern.hpp"
#include "instruments/profile/capture/session.hpp"

namespace signalbox::profile {

// --pid, --name and --cgroup; what --pid does in words, where it is not to profile.
std::vector<cli::Option> selection_options(
    std::string_view pid_help = "profile this process and its children; several with commas");

// What these options choose, each process once, by number; empty where none of them is given. bad_input and
// not_found name the option, and what is near to what it asks for.
Result<std::vector<std::int32_t>> selected_processes(const cli::Arguments& arguments);

// --system: all processes of the machine, for commands that sample.
cli::Option system_option();
// What is profiled: the program that is launched, the processes that are chosen, or the whole machine.
// Children that a group's processes have already are of it where they stand in it. bad_input where it is none
// of them, or more than one.
Status choose_target(const cli::Arguments& arguments, RecordRequest& request);
// "split" of what is launched, "split (4711)", "3 processes", "this machine".
std::string target_name(const RecordRequest& request);

// A process as it can be chosen.
struct Candidate {
  std::int32_t pid = 0;
  std::string comm;
  std::string command;  // its words with spaces between them
};
// Every process that runs a program, but for this one and those it was started by, whose command lines hold
// the expression, too.
std::vector<Candidate> running_candidates();

// Those whose comm or command holds a match. not_found, with the nearest comm, where there is none.
Result<std::vector<std::int32_t>> processes_named(const NamePattern& pattern,
                                                  const std::vector<Candidate>& candidates);

// All processes of a control group and of those below it. `path` is a folder of a cgroup file system, or a
// group's name as /proc/PID/cgroup has it, looked for below `root` and each hierarchy there. not_found where
// there is no such group or nobody is in it.
Result<std::vector<std::int32_t>> processes_in_cgroup(const std::string& path,
                                                      const std::filesystem::path& root = "/sys/fs/cgroup");

}  // namespace signalbox::profile
