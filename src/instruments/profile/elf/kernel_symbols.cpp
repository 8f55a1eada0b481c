#include "instruments/profile/elf/kernel_symbols.hpp"

#include <algorithm>
#include <charconv>

#include "core/base/file.hpp"

namespace signalbox::profile {

KernelSymbols KernelSymbols::read() {
  auto text = read_file("/proc/kallsyms");
  return text ? parse(std::move(*text)) : KernelSymbols();
}

KernelSymbols KernelSymbols::parse(std::string text) {
  // "ffffffff81000000 T _stext", or with a tab and "[module]" behind it.
  KernelSymbols out;
  std::string_view left = text;
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    std::uint64_t address = 0;
    const auto parsed = std::from_chars(line.data(), line.data() + line.size(), address, 16);
    line.remove_prefix(static_cast<std::size_t>(parsed.ptr - line.data()));
    constexpr std::string_view kCode = "tTwW";
    if (parsed.ec != std::errc{} || address == 0 || line.size() < 4 ||
        kCode.find(line[1]) == std::string_view::npos)
      continue;
    const std::string_view rest = line.substr(3);
    const std::size_t tab = rest.find('\t');
    const auto at = static_cast<std::uint32_t>(out.names_.size());
    out.names_ += rest.substr(0, tab);
    if (tab != std::string_view::npos) (out.names_ += ' ') += rest.substr(tab + 1);
    out.symbols_.push_back({address, at, static_cast<std::uint32_t>(out.names_.size()) - at});
  }
  std::stable_sort(out.symbols_.begin(), out.symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  return out;
}

std::string_view KernelSymbols::find(std::uint64_t address) const {
  const auto after =
      std::upper_bound(symbols_.begin(), symbols_.end(), address,
                       [](std::uint64_t wanted, const Symbol& symbol) { return wanted < symbol.address; });
  if (after == symbols_.begin()) return {};
  const Symbol& symbol = *std::prev(after);
  return std::string_view(names_).substr(symbol.name, symbol.size);
}

}  // namespace signalbox::profile
