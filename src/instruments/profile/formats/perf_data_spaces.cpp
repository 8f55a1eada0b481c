#include "instruments/profile/formats/perf_data_spaces.hpp"

namespace signalbox::profile {

void PerfDataSpaces::map(std::int32_t pid, std::uint64_t start, std::uint64_t length,
                         std::uint64_t file_offset, const PerfDataFileName& file) {
  if (length == 0 || start + length < start) return;
  const auto [number, is_new] =
      numbers_.try_emplace({file.path, file.build_id}, static_cast<std::uint32_t>(files_.size()));
  if (is_new) files_.push_back(file);
  own_memory(processes_[pid]).map({start, start + length, file_offset, number->second});
}

AddressSpace& PerfDataSpaces::own_memory(Process& process) {
  const bool is_shared = process.memory.use_count() > 1;
  if (is_shared && process.memory->size() <= left_to_copy_) {
    left_to_copy_ -= process.memory->size();
    process.memory = std::make_shared<AddressSpace>(*process.memory);
  } else if (is_shared || process.memory == nullptr) {
    if (is_shared) ++without_inheritance_;
    process.memory = std::make_shared<AddressSpace>();
  }
  return *process.memory;
}

void PerfDataSpaces::fork(std::int32_t parent, std::int32_t child) {
  const auto found = processes_.find(parent);
  if (parent == child || found == processes_.end()) return;
  Process inherited{found->second.memory};
  processes_[child] = std::move(inherited);
}

void PerfDataSpaces::exit(std::int32_t pid, std::int32_t tid) {
  const auto found = processes_.find(pid);
  if (found == processes_.end()) return;
  Process& process = found->second;
  if (tid == pid) process.first_has_ended = true;
  if (tid != pid && process.threads > 0) --process.threads;
  if (process.first_has_ended && process.threads == 0) processes_.erase(found);
}

bool PerfDataSpaces::find(std::int32_t pid, std::uint64_t address, Found& out) const {
  const auto process = processes_.find(pid);
  if (process == processes_.end() || process->second.memory == nullptr) return false;
  const CodeRegion* region = process->second.memory->find(address);
  if (region == nullptr) return false;
  out = {region->code, region->file_offset + (address - region->start)};
  return true;
}

}  // namespace signalbox::profile
