// Where functions of Python stand among those of machine code.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace signalbox::profile {

enum class MachineFrame {
  other,
  loop,      // of the function that runs Python's instructions
  compiled,  // made by a runtime
};

// Whether C called a function of Python; if not, another function of Python did, within the same loop.
enum class PythonCall { by_c, by_python };

enum class PythonDepth { whole, outer_missing };

struct MergedFrame {
  enum class Of { machine, python };
  Of of = Of::machine;
  std::size_t number = 0;  // of it, in what was given
  bool operator==(const MergedFrame&) const = default;
};

// One stack of both, innermost first, as both are given. A loop's frame is replaced by the functions that it
// runs:
//   machine: add, loop, call_c, loop, main        python: f (by Python), g (by C), h (by C)
//   →        add, f, g, call_c, h, main
// A loop that just begins runs none yet, and stays. So does one whose functions are missing. The piece of
// machine code by which Python calls a function for perf's sake is left out where the function itself is
// there.
std::vector<MergedFrame> merge_python(std::span<const MachineFrame> machine,
                                      std::span<const PythonCall> python, PythonDepth depth);

}  // namespace signalbox::profile
