#include "instruments/profile/formats/perf_data_names.hpp"

#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

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

PerfDataNames::PerfDataNames(ProfileBuilder& builder, const std::map<std::string, std::string>& build_ids,
                             KernelFiles kernel_files)
    : builder_(builder), build_ids_(build_ids), kernel_files_(std::move(kernel_files)) {}

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
      if (wanted.empty()) unsure_files_.push_back(path);
      if (wanted.empty() || elf->build_id() == wanted) {
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
  if (kernel_names_ == KernelNames::not_asked_for) read_kernel();
  Frame frame{0, kernel_mapping_, address, 0, 0, FrameKind::kernel};
  if (const std::string_view name = name_in_kernel(address); !name.empty())
    frame.function = builder_.function(name);
  return builder_.frame(frame);
}

std::string_view PerfDataNames::name_in_kernel(std::uint64_t address) const {
  const std::uint64_t here = address + kernel_shift_;
  const std::string_view name = kernel_.find(here);
  if (kernel_shift_ == 0) return name;
  // Since another boot: the kernel's own code was moved as one, each module was placed anew.
  const bool is_own_code = here >= kernel_start_ && here < kernel_limit_ && !name.ends_with(']');
  return is_own_code ? name : std::string_view();
}

FrameId PerfDataNames::nowhere(std::uint64_t address, FrameKind kind) {
  return builder_.frame({0, 0, address, 0, 0, kind});
}

void PerfDataNames::kernel_is_at(const std::string& symbol, std::uint64_t address,
                                 const std::string& build_id) {
  kernel_symbol_ = symbol;
  kernel_symbol_at_ = address;
  if (!build_id.empty()) kernel_build_id_ = build_id;
}

void PerfDataNames::read_kernel() {
  if (const auto told = build_ids_.find(std::string(kKernel));
      kernel_build_id_.empty() && told != build_ids_.end())
    kernel_build_id_ = told->second;
  kernel_mapping_ = builder_.mapping({0, 0, 0, builder_.string(kKernel), builder_.string(kernel_build_id_)});
  const auto notes = read_file(kernel_files_.notes);
  const std::string running = notes ? build_id_of_notes(*notes) : "";
  if (kernel_build_id_.empty() || running.empty()) {
    kernel_names_ = KernelNames::build_id_unknown;
    return;
  }
  if (kernel_build_id_ != running) {
    kernel_names_ = KernelNames::of_another;
    return;
  }
  auto symbols = read_file(kernel_files_.symbols);
  if (symbols && !kernel_symbol_.empty()) kernel_start_ = address_of(*symbols, kernel_symbol_);
  if (kernel_start_ == 0) {
    kernel_names_ = KernelNames::hidden;
    return;
  }
  kernel_names_ = KernelNames::known;
  kernel_limit_ = address_of(*symbols, "_etext");
  kernel_shift_ = kernel_start_ - kernel_symbol_at_;
  kernel_ = KernelSymbols::parse(std::move(*symbols));
}

std::vector<std::string> PerfDataNames::notes() const {
  std::vector<std::string> out;
  switch (kernel_names_) {
    case KernelNames::not_asked_for:
    case KernelNames::known:
      break;
    case KernelNames::of_another:
      out.emplace_back("recorded on another kernel: its functions have no names");
      break;
    case KernelNames::build_id_unknown:
      out.emplace_back(
          "no build id tells whether it was recorded on this kernel: the kernel's functions have no names");
      break;
    case KernelNames::hidden:
      out.emplace_back(
          "addresses of the kernel are hidden, here or where it was recorded (sysctl kernel.kptr_restrict): "
          "its functions have no names");
      break;
  }
  for (const std::string& path : other_files_)
    out.push_back(path + ": has another build id by now: its functions have no names");
  if (unsure_files_.size() == 1)
    out.push_back(unsure_files_[0] +
                  ": the recording tells no build id of it: named by the file that is here now");
  if (unsure_files_.size() > 1)
    out.push_back(fmt::format(
        "{} and {}: the recording tells no build id of them: named by the files that are here now",
        unsure_files_[0], counted(unsure_files_.size() - 1, "other file")));
  return out;
}

}  // namespace signalbox::profile
