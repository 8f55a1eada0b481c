#include "instruments/profile/runtimes/python_merge.hpp"

#include <algorithm>
#include <cstddef>

namespace signalbox::profile {
namespace {

// Functions that one loop runs: numbers of them, innermost first.
struct Run {
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::vector<Run> runs_of(std::span<const PythonCall> python) {
  std::vector<Run> out;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < python.size(); ++i) {
    if (python[i] != PythonCall::by_c && i + 1 < python.size()) continue;
    out.push_back({begin, i + 1});
    begin = i + 1;
  }
  return out;
}

}  // namespace

std::vector<MergedFrame> merge_python(std::span<const MachineFrame> machine,
                                      std::span<const PythonCall> python, PythonDepth depth) {
  std::vector<Run> runs = runs_of(python);
  const auto loops = static_cast<std::size_t>(std::count(machine.begin(), machine.end(), MachineFrame::loop));
  // More runs than loops: a loop was not seen as one. Its functions stand with those of the next one inwards.
  if (const std::size_t most = std::max<std::size_t>(loops, 1); runs.size() > most) {
    const auto first = runs.end() - static_cast<std::ptrdiff_t>(most);
    first->begin = 0;
    runs.erase(runs.begin(), first);
  }
  // The outermost loop has the outermost run; where that is not known, the innermost ones belong together.
  const std::size_t first_loop = depth == PythonDepth::whole ? loops - std::min(loops, runs.size()) : 0;
  std::vector<MergedFrame> out;
  std::size_t loop = 0;
  for (std::size_t i = 0; i < machine.size(); ++i) {
    if (machine[i] != MachineFrame::loop) {
      out.push_back({MergedFrame::Of::machine, i});
      continue;
    }
    const std::size_t number = loop++;
    if (number < first_loop || number - first_loop >= runs.size()) {
      out.push_back({MergedFrame::Of::machine, i});
      continue;
    }
    const Run& run = runs[number - first_loop];
    for (std::size_t each = run.begin; each < run.end; ++each) out.push_back({MergedFrame::Of::python, each});
    const bool is_called_for_perf =
        run.end - run.begin == 1 && i + 1 < machine.size() && machine[i + 1] == MachineFrame::compiled;
    if (is_called_for_perf) ++i;
  }
  if (loops == 0) {
    for (std::size_t each = 0; each < python.size(); ++each) out.push_back({MergedFrame::Of::python, each});
  }
  return out;
}

}  // namespace signalbox::profile
