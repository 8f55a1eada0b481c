#include "instruments/profile/capture/python_stacks.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "instruments/profile/model/modules.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kSoonNs = 20'000'000;
constexpr std::uint64_t kLaterNs = 1'000'000'000;
constexpr std::size_t kMaxMissed = 4'096;
constexpr std::size_t kMaxNotes = 4;  // of a whole machine there may be many

}  // namespace

const std::optional<PythonProgram>& PythonStacks::program_of(CodeId id, const CodeTable& code) {
  const auto [known, is_new] = programs_.try_emplace(id);
  const CodeObject& object = code[id];
  if (is_new && object.kind == CodeObject::Kind::file && object.elf != nullptr)
    known->second = python_program(*object.elf, object.path);
  return known->second;
}

void PythonStacks::look_at(std::int32_t pid, const AddressSpace& space, const CodeTable& code) {
  const CodeRegion* found = nullptr;
  bool is_first = true;
  space.for_each([&](const CodeRegion& region) {
    // The program itself lies lowest, as a rule; a library is called so.
    const std::string name = std::filesystem::path(code[region.code].path).filename();
    const bool may_be = is_first || is_of_python(name);
    is_first = false;
    if (found == nullptr && may_be && program_of(region.code, code)) found = &region;
  });
  if (found == nullptr) return forget(pid);
  if (const auto known = processes_.find(pid); known != processes_.end() && known->second.code == found->code)
    return;
  forget(pid);
  const std::optional<std::uint64_t> loaded = code[found->code].elf->vaddr_of(found->file_offset);
  if (!loaded || refused_.contains(pid)) return;
  const auto process = python_process(pid, *program_of(found->code, code), found->start - *loaded);
  if (!process) {
    refused_.insert(pid);
    if (process.error().kind != ErrorKind::not_found && refused_.size() <= kMaxNotes)
      notes_.push_back(
          {"functions of Python are not told: " + process.error().message, process.error().hint});
    return;
  }
  processes_.emplace(pid, Process{found->code,
                                  PythonReader(std::make_unique<OtherProcess>(pid), *process),
                                  PythonThreadNumbers(pid),
                                  {},
                                  1,
                                  0});
}

const PythonLayout* PythonStacks::layout_of(std::int32_t pid) const {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? nullptr : &found->second.reader.layout();
}

void PythonStacks::miss(std::int32_t pid, std::int32_t tid, std::uint64_t now_ns) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return;
  Process& process = found->second;
  if (process.missed.size() >= kMaxMissed) process.missed.clear();
  const bool is_new = process.missed.insert(tid).second;
  const std::uint64_t next = std::max(now_ns, process.looked_ns + (is_new ? kSoonNs : kLaterNs));
  process.look_at_ns = process.look_at_ns == 0 ? next : std::min(process.look_at_ns, next);
}

std::vector<PythonThreadPlace> PythonStacks::take_places(std::uint64_t now_ns) {
  std::vector<PythonThreadPlace> out;
  for (auto& [pid, process] : processes_) {
    if (process.look_at_ns == 0 || process.look_at_ns > now_ns) continue;
    process.look_at_ns = 0;
    process.looked_ns = now_ns;
    const auto threads = process.reader.threads();
    if (!threads) continue;
    process.numbers.refresh(*threads);
    for (const PythonThread& thread : *threads) {
      const std::int32_t tid = process.numbers.number_of(thread);
      if (tid == 0) continue;
      out.push_back({pid, tid, thread.state, thread.id});
      process.missed.erase(tid);
    }
  }
  return out;
}

void PythonStacks::find_threads(std::int32_t pid) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return;
  Process& process = found->second;
  process.threads.clear();
  const auto threads = process.reader.threads();
  if (!threads) return;
  process.numbers.refresh(*threads);
  for (const PythonThread& thread : *threads)
    if (const std::int32_t tid = process.numbers.number_of(thread); tid != 0) process.threads[tid] = thread;
}

PythonStack PythonStacks::stack_of(std::int32_t pid, std::int32_t tid) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return {};
  const auto thread = found->second.threads.find(tid);
  return thread == found->second.threads.end() ? PythonStack{}
                                               : found->second.reader.stack_of(thread->second);
}

std::vector<PythonFrame> PythonStacks::name(std::int32_t pid, std::span<const PythonInstruction> frames) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return std::vector<PythonFrame>(frames.size());
  return found->second.reader.name(frames);
}

bool PythonStacks::is_loop(CodeId code, std::uint64_t address) const {
  const auto found = programs_.find(code);
  if (found == programs_.end() || !found->second) return false;
  return std::any_of(found->second->loops.begin(), found->second->loops.end(),
                     [&](const AddressRange& range) { return range.has(address); });
}

}  // namespace signalbox::profile
