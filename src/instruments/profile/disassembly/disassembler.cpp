#include "instruments/profile/disassembly/disassembler.hpp"

#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/file_in_memory.hpp"

namespace signalbox::profile {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 30s;
constexpr std::size_t kMaxOutput = std::size_t{128} << 20;  // a hundred octets for each octet of code

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

// "jne    0x1160", "lea    0xe8e(%rip),%rdi        # 0x2004"
std::optional<std::uint64_t> target_of(std::string_view text) {
  const std::size_t space = text.find_last_of(" \t");
  if (space == std::string_view::npos) return std::nullopt;
  const std::string_view word = text.substr(space + 1);
  if (!word.starts_with("0x")) return std::nullopt;
  // Of immediate operands, which Intel's syntax writes without a "$", and of octets that are no code.
  const std::string_view rest = trim(text.substr(0, space));
  const std::string_view before = rest.substr(rest.find_last_of(" \t") + 1);
  for (const std::string_view mnemonic : {".", "push", "ret", "int", "xabort"})
    if (before.starts_with(mnemonic)) return std::nullopt;
  return hexadecimal(word.substr(2));
}

// The one of the running machine's binutils, else the one that was installed for the other machine.
std::optional<std::string> objdump_for(Machine machine) {
  for (const char* name :
       {"objdump", machine == Machine::aarch64 ? "aarch64-linux-gnu-objdump" : "x86_64-linux-gnu-objdump"}) {
    if (!find_program(name)) continue;
    const auto told =
        run_process({name, "--info"}, {.environment = {{"LC_ALL", "C"}}, .deadline = kPatience});
    if (!told || told->exit_code != 0) continue;
    if (told->output.find(machine == Machine::aarch64 ? "elf64-littleaarch64" : "elf64-x86-64") !=
        std::string::npos)
      return name;
  }
  return std::nullopt;
}

Error no_objdump(Machine machine) {
  return machine == Machine::aarch64 ? Error{ErrorKind::unavailable, "no objdump that knows aarch64 is here",
                                             "apt-get install binutils-aarch64-linux-gnu"}
                                     : Error{ErrorKind::unavailable, "no objdump that knows x86-64 is here",
                                             "apt-get install binutils"};
}

}  // namespace

Result<std::vector<Instruction>> read_objdump(std::string_view output, std::uint64_t vaddr,
                                              std::uint64_t size) {
  const auto odd = [](std::string_view line, std::string_view why) {
    return fail(ErrorKind::bad_input, fmt::format("objdump: {}: {}", why, printable(line)));
  };
  std::vector<Instruction> out;
  for (const std::string_view line : lines(output)) {
    // "    116b:\tjne    0x1160"
    const std::size_t colon = line.find(":\t");
    if (colon == std::string_view::npos) continue;
    const auto address = hexadecimal(trim(line.substr(0, colon)));
    if (!address) continue;
    if (out.empty() ? *address != vaddr : *address <= out.back().vaddr)
      return odd(line, "an address out of its order");
    if (*address - vaddr >= size) return odd(line, "an address beyond the code");
    const std::string_view text = trim(line.substr(colon + 2));
    if (text.empty()) return odd(line, "an address without an instruction");
    if (!out.empty()) out.back().size = *address - out.back().vaddr;
    out.push_back({*address, vaddr + size - *address, std::string(text), target_of(text)});
  }
  if (out.empty() && size > 0) return fail(ErrorKind::bad_input, "objdump printed no instruction");
  return out;
}

Result<std::vector<Instruction>> disassemble(Machine machine, std::string_view octets, std::uint64_t vaddr,
                                             Syntax syntax) {
  if (octets.empty()) return std::vector<Instruction>();
  if (octets.size() > kMaxCodeOctets)
    return fail(ErrorKind::bad_input,
                fmt::format("{} octets of machine code in one piece: {} are read at most", octets.size(),
                            kMaxCodeOctets));
  if (machine == Machine::other)
    return fail(ErrorKind::unavailable, "machine code of neither x86-64 nor aarch64");
  const auto program = objdump_for(machine);
  if (!program) return fail(no_objdump(machine));
  SIGNALBOX_TRY(const FileDescriptor file, file_in_memory("code", octets));
  std::vector<std::string> argv = {*program,
                                   "--disassemble-all",
                                   "--disassemble-zeroes",
                                   "--wide",
                                   "--no-show-raw-insn",
                                   "--target=binary",
                                   fmt::format("--adjust-vma={:#x}", vaddr)};
  argv.push_back(machine == Machine::aarch64 ? "--architecture=aarch64" : "--architecture=i386:x86-64");
  if (machine == Machine::x86_64 && syntax == Syntax::intel) argv.push_back("--disassembler-options=intel");
  argv.push_back(fmt::format("/proc/{}/fd/{}", ::getpid(), file.get()));
  SIGNALBOX_TRY(const ProcessResult result, run_process(argv, {.environment = {{"LC_ALL", "C"}},
                                                               .deadline = kPatience,
                                                               .max_output_bytes = kMaxOutput}));
  if (result.exit_code != 0)
    return fail(ErrorKind::unavailable, fmt::format("{} ended with {}: {}", *program, result.exit_code,
                                                    printable(trim(result.errors))));
  return read_objdump(result.output, vaddr, octets.size());
}

}  // namespace signalbox::profile
