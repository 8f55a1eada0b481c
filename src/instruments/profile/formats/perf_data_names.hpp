// Names for the addresses of a perf.data, from the files and the kernel of this machine.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/kernel_symbols.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/formats/perf_data_spaces.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {

// Where this machine tells of its kernel.
struct KernelFiles {
  std::filesystem::path notes = "/sys/kernel/notes";
  std::filesystem::path symbols = "/proc/kallsyms";
};

class PerfDataNames {
 public:
  // `build_ids` by path, where the records themselves tell none. Both have to live longer.
  PerfDataNames(ProfileBuilder& builder, const std::map<std::string, std::string>& build_ids,
                KernelFiles kernel_files = {});

  // Frames of an address, outermost first, each a caller of the next. Valid until the next call.
  const std::vector<FrameId>& in_file(std::uint32_t number, const PerfDataFileName& file,
                                      std::uint64_t file_offset, std::uint64_t address);
  FrameId in_kernel(std::uint64_t address);
  FrameId nowhere(std::uint64_t address, FrameKind kind);

  // The kernel's own record of where it lies: `symbol` ("_text") was at `address`. The build id may be empty.
  void kernel_is_at(const std::string& symbol, std::uint64_t address, const std::string& build_id);

  // For people: of what was asked for, what has no names, and names that may be of another file.
  std::vector<std::string> notes() const;

 private:
  enum class KernelNames { not_asked_for, known, of_another, build_id_unknown, hidden };
  struct Module {
    MappingId mapping = 0;
    FrameKind kind = FrameKind::user;
    std::shared_ptr<const ElfFile> elf;  // null: its file is not here
    std::unique_ptr<Symbolizer> symbolizer;
  };
  Module& module_of(std::uint32_t number, const PerfDataFileName& file);
  std::vector<FrameId> name(Module& module, std::uint64_t file_offset, std::uint64_t address);
  void read_kernel();
  std::string_view name_in_kernel(std::uint64_t address) const;

  ProfileBuilder& builder_;
  const std::map<std::string, std::string>& build_ids_;
  std::unordered_map<std::uint32_t, Module> modules_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<FrameId>> frames_;
  std::vector<std::string> other_files_;   // of another build id
  std::vector<std::string> unsure_files_;  // the recording tells no build id of them
  KernelFiles kernel_files_;
  KernelNames kernel_names_ = KernelNames::not_asked_for;
  KernelSymbols kernel_;
  MappingId kernel_mapping_ = 0;
  std::string kernel_build_id_;
  std::string kernel_symbol_;
  std::uint64_t kernel_symbol_at_ = 0;
  std::uint64_t kernel_shift_ = 0;  // from an address in the file to one of the running kernel
  std::uint64_t kernel_start_ = 0;  // of the running kernel's own code
  std::uint64_t kernel_limit_ = 0;
};

}  // namespace signalbox::profile
