#include "instruments/profile/runtimes/python_reader.hpp"

#include <algorithm>
#include <cstring>

#include "instruments/profile/runtimes/python_text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxInterpreters = 64;
constexpr std::size_t kMaxThreads = 4096;
constexpr std::size_t kMaxCodes = 100'000;  // then all are read anew
constexpr std::uint64_t kObjectType = 8;    // PyObject.ob_type
constexpr std::int64_t kUnitBytes = 2;      // of an instruction
constexpr std::uint8_t kOwnedByC = 3;       // FRAME_OWNED_BY_CSTACK: where C calls Python, and no function
constexpr std::uint64_t kObjectAddress = 0x0000'ffff'ffff'fff8;  // of an object, without tags

template <class Value>
Value value_at(const char* octets) {
  Value out;
  std::memcpy(&out, octets, sizeof out);
  return out;
}

template <class Value>
MemoryPiece piece_of(std::uint64_t address, Value& into) {
  return {address, {reinterpret_cast<char*>(&into), sizeof into}};
}

}  // namespace

PythonReader::PythonReader(std::unique_ptr<ProcessMemory> memory, const PythonProcess& process)
    : memory_(std::move(memory)), process_(process) {}

Result<std::vector<PythonThread>> PythonReader::threads() {
  const PythonLayout& layout = process_.layout;
  std::vector<PythonThread> out;
  std::uint64_t interpreter = 0;
  if (!memory_->read(process_.runtime + layout.runtime_interpreters, interpreter))
    return fail(ErrorKind::unavailable, "its memory cannot be read any more");
  for (std::size_t i = 0; interpreter != 0 && i < kMaxInterpreters; ++i) {
    std::uint64_t thread = 0;
    if (!memory_->read(interpreter + layout.interpreter_threads, thread)) break;
    while (thread != 0 && out.size() < kMaxThreads) {
      PythonThread found;
      found.state = thread;
      std::vector<MemoryPiece> pieces{piece_of(found.state + layout.thread_next, thread),
                                      piece_of(found.state + layout.thread_id, found.id)};
      if (layout.thread_native_id != 0)
        pieces.push_back(piece_of(found.state + layout.thread_native_id, found.native_id));
      if (!memory_->read(pieces)) break;  // it ended meanwhile
      out.push_back(found);
    }
    if (!memory_->read(interpreter + layout.interpreter_next, interpreter)) break;
  }
  return out;
}

// As the program in the kernel reads it at a sample: capture/bpf/python.h.
PythonStack PythonReader::stack_of(const PythonThread& thread) {
  const PythonLayout& layout = process_.layout;
  std::uint64_t id = 0;
  std::uint64_t top = thread.state + layout.thread_frame;
  if (!memory_->read(thread.state + layout.thread_id, id) || id != thread.id) return {};
  if (layout.frames == PythonFrames::by_c_frame) {
    if (!memory_->read(top, top)) return {};
    top += layout.c_frame_current;
  }
  std::uint64_t frame = 0;
  if (!memory_->read(top, frame)) return {};
  PythonStack out;
  for (std::size_t step = 0; frame != 0; ++step) {
    if (out.frames.size() == kMaxStackFrames || step == 2 * kMaxStackFrames) {
      out.depth = PythonDepth::outer_missing;
      break;
    }
    std::uint64_t previous = 0;
    PythonInstruction at;
    std::uint8_t entry = 0;
    std::vector<MemoryPiece> pieces{piece_of(frame + layout.frame_previous, previous),
                                    piece_of(frame + layout.frame_code, at.code),
                                    piece_of(frame + layout.frame_instruction, at.instruction)};
    if (layout.entry != PythonEntry::each) pieces.push_back(piece_of(frame + layout.frame_entry, entry));
    if (!memory_->read(pieces)) return {};
    frame = previous;
    if (layout.entry == PythonEntry::by_owner && entry == kOwnedByC) {
      if (!out.calls.empty()) out.calls.back() = PythonCall::by_c;
      continue;
    }
    const bool is_by_c =
        layout.entry == PythonEntry::each || (layout.entry == PythonEntry::marked && (entry & 1) != 0);
    at.code &= kObjectAddress;
    out.frames.push_back(at);
    out.calls.push_back(is_by_c ? PythonCall::by_c : PythonCall::by_python);
  }
  return out;
}

std::size_t PythonReader::Known::octets() const {
  return fields.size() + lines.size() + (function ? function->name.size() + function->file.size() : 0);
}

const PythonReader::Known* PythonReader::code_at(std::uint64_t address, const std::string& fields) {
  const PythonLayout& layout = process_.layout;
  const auto at = [&](std::uint64_t offset) { return fields.data() + (offset - kObjectType); };
  if (process_.code_type != 0 && value_at<std::uint64_t>(at(kObjectType)) != process_.code_type)
    return nullptr;
  if (const auto known = codes_.find(address); known != codes_.end() && known->second.fields == fields)
    return &known->second;
  auto name = read_python_text(*memory_, layout, value_at<std::uint64_t>(at(layout.code_name)));
  auto file = read_python_text(*memory_, layout, value_at<std::uint64_t>(at(layout.code_file)));
  auto table = read_python_bytes(*memory_, value_at<std::uint64_t>(at(layout.code_lines)));
  if (!name || !file || !table) return nullptr;
  Known found{fields,
              std::make_shared<const PythonFunction>(PythonFunction{
                  std::move(*name), std::move(*file), value_at<std::int32_t>(at(layout.code_first_line))}),
              std::move(*table)};
  if (codes_.size() >= kMaxCodes || kept_octets_ + found.octets() > kMaxKeptOctets) {
    codes_.clear();
    kept_octets_ = 0;
  }
  Known& out = codes_[address];
  kept_octets_ += found.octets() - out.octets();
  out = std::move(found);
  return &out;
}

// Of the instruction in its code, in octets. To 3.10 memory has its number, in octets up to 3.9; later where
// it lies.
std::int64_t PythonReader::offset_of(const PythonInstruction& frame) const {
  const PythonLayout& layout = process_.layout;
  if (layout.frames != PythonFrames::objects)
    return static_cast<std::int64_t>(frame.instruction - frame.code - layout.code_instructions);
  const std::int64_t number = static_cast<std::int32_t>(frame.instruction);
  return layout.lines == PythonLineTable::ranges ? number * kUnitBytes : number;
}

std::vector<PythonFrame> PythonReader::name(std::span<const PythonInstruction> frames) {
  // What of a code object says whether it is the one that is known.
  const PythonLayout& layout = process_.layout;
  const std::uint64_t bytes = std::max({layout.code_name + 8, layout.code_file + 8, layout.code_lines + 8,
                                        layout.code_first_line + 4}) -
                              kObjectType;
  std::vector<std::string> fields(frames.size(), std::string(bytes, '\0'));
  std::vector<MemoryPiece> pieces;
  for (std::size_t i = 0; i < frames.size(); ++i) pieces.push_back({frames[i].code + kObjectType, fields[i]});
  const bool are_all_there = memory_->read(pieces);
  std::vector<PythonFrame> out(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (!are_all_there && !memory_->read(std::span(&pieces[i], 1))) continue;
    const Known* const code = code_at(frames[i].code, fields[i]);
    if (code == nullptr) continue;
    out[i] = {code->function,
              python_line(layout.lines, code->lines, code->function->first_line, offset_of(frames[i]))};
  }
  return out;
}

}  // namespace signalbox::profile
