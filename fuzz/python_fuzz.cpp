// Any octets as the memory of a process that runs Python: what is read of it ends, lines are none or from 1
// on, and what is merged has every function once.
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
  for (const auto depth : {PythonDepth::whole, PythonDepth::outer_missing}) {
    std::vector<int> seen(calls.size());
    for (const MergedFrame& frame : merge_python(machine, calls, depth))
      if (frame.of == MergedFrame::Of::python && ++seen.at(frame.number) > 1) std::abort();
  }
  return 0;
}
