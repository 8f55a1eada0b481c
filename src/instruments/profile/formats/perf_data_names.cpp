#include "instruments/profile/formats/perf_data_names.hpp"

#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/file_frames.hpp"
#include "instruments/profile/formats/guess.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kKernel = "[kernel.kallsyms]";

// Where a symbol lies in the text of /proc/kallsyms; 0: it has none, or addresses are hidden.
std::uint64_t address_of(std::string_view kallsyms, const std::string& symbol) {
  for (const std::string_view line : lines(kallsyms)) {
    if (!line.ends_with(symbol) || line.size() < symbol.size() + 4) continue;
    if (line[line.size() - symbol.size() - 1] != ' ') continue;
    std::uint64_t address = 0;
    std::from_chars(line.data(), line.data() + line.size(), address, 16);
    return address;
  }
  return 0;
}

}  // namespace

PerfDataNames::PerfDataNames(ProfileBuilder& builder, const std::map<std::string, std::string>& build_ids)
    : builder_(builder), build_ids_(build_ids) {}

PerfDataNames::Module& PerfDataNames::module_of(std::uint32_t number, const PerfDataFileName& file) {
  const auto [found, is_new] = modules_.try_emplace(number);
  Module& module = found->second;
  if (!is_new) return module;
  std::string wanted = file.build_id;
  if (const auto told = build_ids_.find(file.path); wanted.empty() && told != build_ids_.end())
    wanted = told->second;
  const std::string path = printable(file.path);
  module.kind = kind_of_mapping(path);
  // A path is what the file says: one of a pipe or a device is not opened.
  std::error_code ignored;
  if (file.path.starts_with('/') && !file.path.starts_with("//") &&
      std::filesystem::is_regular_file(file.path, ignored)) {
    if (auto elf = ElfFile::open(file.path)) {
      const bool is_same = wanted.empty() || elf->build_id() == wanted;
      if (is_same) {
        module.elf = std::make_shared<const ElfFile>(std::move(*elf));
      } else {
        other_files_.push_back(path);
      }
    }
  }
  if (module.elf != nullptr) module.symbolizer = std::make_unique<Symbolizer>(module.elf);
  Mapping mapping = file_mapping(builder_, path, module.elf.get());
  if (module.elf == nullptr) mapping.build_id = builder_.string(wanted);
  module.mapping = builder_.mapping(mapping);
  return module;
}

const std::vector<FrameId>& PerfDataNames::in_file(std::uint32_t number, const PerfDataFileName& file,
                                                   std::uint64_t file_offset, std::uint64_t address) {
  Module& module = module_of(number, file);
  // Memory without a file has no addresses but its own.
  const auto [found, is_new] = frames_.try_emplace({number, module.elf != nullptr ? file_offset : address});
  if (is_new) found->second = name(module, file_offset, address);
  return found->second;
}

std::vector<FrameId> PerfDataNames::name(Module& module, std::uint64_t file_offset, std::uint64_t address) {
  const auto vaddr = module.elf != nullptr ? module.elf->vaddr_of(file_offset) : std::nullopt;
  return named_frames(builder_, vaddr ? module.symbolizer->find(*vaddr) : std::vector<SymbolLine>(),
                      {0, module.mapping, vaddr.value_or(address), 0, 0, module.kind});
}

FrameId PerfDataNames::in_kernel(std::uint64_t address) {
  if (!kernel_) read_kernel();
  Frame frame{0, kernel_mapping_, address, 0, 0, FrameKind::kernel};
  if (const std::string_view name = kernel_->find(address + kernel_shift_); !name.empty())
    frame.function = builder_.function(name);
  return builder_.frame(frame);
}

FrameId PerfDataNames::nowhere(std::uint64_t address, FrameKind kind) {
  return builder_.frame({0, 0, address, 0, 0, kind});
}

void PerfDataNames::kernel_is_at(const std::string& symbol, std::uint64_t address) {
  kernel_symbol_ = symbol;
  kernel_symbol_at_ = address;
}

void PerfDataNames::read_kernel() {
  kernel_.emplace();
  const auto told = build_ids_.find(std::string(kKernel));
  const std::string build_id = told == build_ids_.end() ? "" : told->second;
  kernel_mapping_ = builder_.mapping({0, 0, 0, builder_.string(kKernel), builder_.string(build_id)});
  const auto notes = read_file("/sys/kernel/notes");
  kernel_is_another_ = build_id.empty() || !notes || build_id_of_notes(*notes) != build_id;
  if (kernel_is_another_ || kernel_symbol_.empty()) return;
  auto text = read_file("/proc/kallsyms");
  const std::uint64_t here = text ? address_of(*text, kernel_symbol_) : 0;
  if (here == 0) return;
  kernel_shift_ = here - kernel_symbol_at_;
  kernel_ = KernelSymbols::parse(std::move(*text));
}

}  // namespace signalbox::profile
