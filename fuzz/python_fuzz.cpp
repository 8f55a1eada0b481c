// Any octets as the memory of a process that runs Python: what is read of it ends, lines are none or from 1
// on, a stack has no more frames than there may be, and what is merged has every function once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "instruments/profile/runtimes/python_merge.hpp"
#include "instruments/profile/runtimes/python_reader.hpp"

using namespace signalbox::profile;

namespace {

class FuzzedMemory : public ProcessMemory {
 public:
  explicit FuzzedMemory(std::string octets) : octets_(std::move(octets)) {}
  bool read(std::span<const MemoryPiece> pieces) override {
    for (const MemoryPiece& piece : pieces) {
      if (piece.address > octets_.size() || octets_.size() - piece.address < piece.into.size()) return false;
      std::memcpy(piece.into.data(), octets_.data() + piece.address, piece.into.size());
    }
    return true;
  }

 private:
  std::string octets_;
};

// The same octets again and again, so that every address is one: lists go round, and lead anywhere.
class EndlessMemory : public ProcessMemory {
 public:
  explicit EndlessMemory(const std::string& octets) : period_(octets.size()), octets_(octets + octets) {}
  bool read(std::span<const MemoryPiece> pieces) override {
    for (const MemoryPiece& piece : pieces) {
      if (piece.into.size() > period_) return false;
      std::memcpy(piece.into.data(), octets_.data() + piece.address % period_, piece.into.size());
    }
    return true;
  }
  using ProcessMemory::read;

 private:
  std::size_t period_;
  std::string octets_;
};

void check_merged(const std::vector<MachineFrame>& machine, const std::vector<PythonCall>& calls,
                  PythonDepth depth) {
  std::vector<int> seen(calls.size());
  for (const MergedFrame& frame : merge_python(machine, calls, depth))
    if (frame.of == MergedFrame::Of::python && ++seen.at(frame.number) > 1) std::abort();
}

void check_stack(PythonReader& reader, const PythonThread& thread, const std::vector<MachineFrame>& machine) {
  const PythonStack stack = reader.stack_of(thread);
  if (stack.frames.size() != stack.calls.size() || stack.frames.size() > PythonReader::kMaxStackFrames)
    std::abort();
  check_merged(machine, stack.calls, stack.depth);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 16) return 0;
  const std::string octets(reinterpret_cast<const char*>(data), size);
  auto layout = python_layout_of(std::string_view(octets));
  const auto known = python_layout(8 + data[0] % 6);
  if (!layout && !known) return 0;
  PythonReader reader(std::make_unique<FuzzedMemory>(octets), {layout ? *layout : *known, data[1], 0});
  const auto threads = reader.threads();
  if (threads && threads->size() > 4096) std::abort();
  std::vector<PythonInstruction> frames;
  std::vector<PythonCall> calls;
  std::vector<MachineFrame> machine;
  for (std::size_t at = 2; at + 2 <= size && frames.size() < 64; at += 2) {
    frames.push_back({data[at], data[at + 1]});
    calls.push_back(data[at] % 2 == 0 ? PythonCall::by_c : PythonCall::by_python);
    machine.push_back(static_cast<MachineFrame>(data[at + 1] % 3));
  }
  for (const PythonFrame& frame : reader.name(frames))
    if (frame.line < 0) std::abort();
  for (const auto kind : {PythonLineTable::lnotab, PythonLineTable::ranges, PythonLineTable::locations})
    if (python_line(kind, octets, static_cast<std::int8_t>(data[0]), data[1]) < 0) std::abort();
  for (const auto depth : {PythonDepth::whole, PythonDepth::outer_missing})
    check_merged(machine, calls, depth);

  constexpr std::size_t kMostThreads = 4;  // a stack that goes round is long
  for (std::size_t i = 0; threads && i < std::min(threads->size(), kMostThreads); ++i)
    check_stack(reader, (*threads)[i], machine);
  EndlessMemory memory(octets);
  const PythonLayout of_stack = *python_layout(8 + data[0] % 6);
  PythonThread thread;
  memory.read(8, thread.state);
  memory.read(thread.state + of_stack.thread_id, thread.id);
  PythonReader endless(std::make_unique<EndlessMemory>(octets), {of_stack, 0, 0});
  check_stack(endless, thread, machine);
  return 0;
}
