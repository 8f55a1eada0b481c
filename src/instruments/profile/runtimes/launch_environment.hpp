// What a program that is launched for its profile is told by environment, so that its runtime says what its
// code is.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace signalbox::profile {

// For Node: --perf-basic-prof and --interpreted-frames-native-stack in NODE_OPTIONS. For Java: frame pointers
// and a map at its end in JAVA_TOOL_OPTIONS (17 or newer; older ones read over it). What the user has in
// these stays in front. All programs are told, as a script may start any of them; those that are none of
// these read none of it. CPython is not told PYTHONPERFSUPPORT: its functions are read where stacks are
// walked in the kernel, and with it CPython 3.12 may crash at its end where daemon threads run.
std::vector<std::pair<std::string, std::string>> launch_environment();

}  // namespace signalbox::profile
