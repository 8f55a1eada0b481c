#include "instruments/profile/runtimes/python_process.hpp"

#include <cstring>
#include <filesystem>
#include <functional>

#include <elf.h>
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/runtimes/process_memory.hpp"

namespace signalbox::profile {
namespace {

constexpr int kFirstWithOffsets = 13;
constexpr std::string_view kKnown = "Python 3.8 to 3.13 is known, with its global lock";

void for_each_symbol(const ElfFile& elf,
                     const std::function<void(std::string_view, const Elf64_Sym&)>& call) {
  for (const ElfSection& section : elf.sections()) {
    if ((section.type != SHT_SYMTAB && section.type != SHT_DYNSYM) || section.link >= elf.sections().size())
      continue;
    const std::string_view names = elf.sections()[section.link].octets;
    for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= section.octets.size(); at += sizeof(Elf64_Sym)) {
      Elf64_Sym symbol;
      std::memcpy(&symbol, section.octets.data() + at, sizeof symbol);
      if (symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names.size()) continue;
      const std::string_view name = names.substr(symbol.st_name);
      call(name.substr(0, name.find('\0')), symbol);
    }
  }
}

// From 3.11 on the file says its version; before, its name does.
std::optional<int> minor_of(const ElfFile& elf, std::uint64_t version_at, const std::string& path) {
  if (version_at != 0) {
    const std::string_view octets = elf.at(version_at);
    std::uint64_t version = 0;
    if (octets.size() < sizeof version) return std::nullopt;
    std::memcpy(&version, octets.data(), sizeof version);
    if (version >> 24 != 3) return std::nullopt;
    return static_cast<int>(version >> 16 & 0xff);
  }
  const std::string name = std::filesystem::path(path).filename();
  constexpr std::string_view kBefore = "python3.";
  const std::size_t at = name.find(kBefore);
  if (at == std::string::npos) return std::nullopt;
  std::string_view digits = std::string_view(name).substr(at + kBefore.size());
  digits = digits.substr(0, digits.find_first_not_of("0123456789"));
  const auto minor = parse_integer(digits);
  return minor && *minor < 1000 ? std::optional(static_cast<int>(*minor)) : std::nullopt;
}

Result<PythonLayout> layout_of(std::int32_t pid, int minor, std::uint64_t runtime) {
  if (minor >= kFirstWithOffsets) {
    OtherProcess memory(pid);
    std::string octets(kPythonOffsetsBytes, '\0');
    const MemoryPiece piece{runtime, octets};
    if (!memory.read(std::span(&piece, 1)))
      return fail(ErrorKind::unavailable, "its runtime cannot be read", std::string(kKnown));
    return python_layout_of(octets);
  }
  const auto known = python_layout(minor);
  if (!known) return fail(ErrorKind::unavailable, fmt::format("Python 3.{} is not known", minor));
  return *known;
}

}  // namespace

std::optional<PythonProgram> python_program(const ElfFile& elf, const std::string& path) {
  PythonProgram out;
  std::uint64_t version_at = 0;
  for_each_symbol(elf, [&](std::string_view name, const Elf64_Sym& symbol) {
    if (name == "_PyRuntime") out.runtime = symbol.st_value;
    if (name == "PyCode_Type") out.code_type = symbol.st_value;
    if (name == "Py_Version") version_at = symbol.st_value;
    // With the parts that a compiler moves away: "_PyEval_EvalFrameDefault.cold".
    if (name.starts_with("_PyEval_EvalFrameDefault") && symbol.st_size != 0)
      out.loops.push_back({symbol.st_value, symbol.st_value + symbol.st_size});
  });
  if (out.runtime == 0) return std::nullopt;
  out.minor = minor_of(elf, version_at, path);
  return out;
}

Result<PythonProcess> python_process(std::int32_t pid, const PythonProgram& program, std::uint64_t moved) {
  PythonProcess out;
  out.runtime = moved + program.runtime;
  SIGNALBOX_CHECK(OtherProcess(pid).try_at(out.runtime));
  if (!program.minor)
    return fail(ErrorKind::unavailable, fmt::format("process {} runs a Python of no known version", pid),
                std::string(kKnown));
  auto layout = layout_of(pid, *program.minor, out.runtime);
  if (!layout) {
    Error why = std::move(layout).error();
    why.message = fmt::format("process {}: {}", pid, why.message);
    why.hint = kKnown;
    return fail(std::move(why));
  }
  out.layout = *layout;
  if (program.code_type != 0) out.code_type = moved + program.code_type;
  return out;
}

}  // namespace signalbox::profile
