// Machine code as text, beside what objdump says of the whole file.
#include "instruments/profile/disassembly/disassembler.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <regex>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/disassembly/code_finder.hpp"
#include "instruments/profile/elf/symbol_table.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSource = R"(
#include <math.h>
#include <stdio.h>
#include <string.h>
static double table[64];
double fold(const double* x, int n) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += x[i] > 1 ? sqrt(x[i]) / 3 : x[i] * table[i & 63];
  return sum;
}
const char* word(int n) {
  switch (n) {
    case 0: return "none";
    case 1: return "one";
    case 2: return "two";
    case 3: return "three";
    case 4: return "four";
    case 5: return "five";
    default: return "many";
  }
}
int main(int argc, char** argv) {
  double x[100];
  for (int i = 0; i < 100; ++i) x[i] = argc * i + strlen(argv[0]);
  printf("%s %f\n", word(argc), fold(x, 100));
}
)";

std::string run(const std::vector<std::string>& argv) {
  const ProcessResult result = run_process(argv).value();
  EXPECT_EQ(result.exit_code, 0) << argv[0] << ": " << result.errors;
  return result.output;
}

// Without names of symbols, which objdump has of data, too, and without the "0x" that it leaves out beside
// them.
std::string plain(std::string_view text) {
  std::string out = std::regex_replace(std::string(trim(text)), std::regex(" *<[^>]*>"), "");
  out = std::regex_replace(out, std::regex("(^[a-z ]+ +|# )0x([0-9a-f]+)$"), "$1$2");
  return std::regex_replace(out, std::regex(" +"), " ");
}

// By address.
std::map<std::uint64_t, std::string> objdump_of(const fs::path& file, const char* syntax) {
  std::map<std::uint64_t, std::string> out;
  const std::string told =
      run({"objdump", "-d", "-w", "-z", "--no-show-raw-insn", "-M", syntax, file.string()});
  for (const std::string_view line : lines(told)) {
    const std::size_t colon = line.find(":\t");
    if (colon == std::string_view::npos || !line.starts_with(' ')) continue;
    out[std::stoull(std::string(trim(line.substr(0, colon))), nullptr, 16)] = plain(line.substr(colon + 2));
  }
  return out;
}

class Disassembly : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("objdump")) GTEST_SKIP() << "no objdump: apt-get install binutils";
  }
  fs::path build(const std::vector<std::string>& options) {
    std::ofstream(folder_.path() / "fold.c") << kSource;
    const fs::path out = folder_.path() / "fold";
    std::vector<std::string> argv = {
        "gcc", "-Wl,--build-id", "-o", out.string(), (folder_.path() / "fold.c").string(), "-lm"};
    argv.insert(argv.begin() + 1, options.begin(), options.end());
    run(argv);
    return out;
  }
  TemporaryDirectory folder_;
};

TEST_F(Disassembly, OfEachFunctionIsWhatObjdumpSaysOfTheFile) {
  for (const auto& options :
       {std::vector<std::string>{"-O2"}, {"-O3", "-march=x86-64-v4"}, {"-O0", "-no-pie"}}) {
    const fs::path program = build(options);
    const auto elf = std::make_shared<const ElfFile>(ElfFile::open(program).value());
    for (const auto& [syntax, name] : {std::pair(Syntax::att, "att"), std::pair(Syntax::intel, "intel")}) {
      const auto theirs = objdump_of(program, name);
      const SymbolTable table(elf);
      std::size_t compared = 0;
      for (const Symbol& symbol : table.symbols()) {
        if (symbol.name != "fold" && symbol.name != "word" && symbol.name != "main") continue;
        const std::string_view octets = elf->at(symbol.start).substr(0, symbol.limit - symbol.start);
        const auto ours = disassemble(elf->machine(), octets, symbol.start, syntax);
        ASSERT_TRUE(ours) << ours.error().message;
        std::uint64_t next = symbol.start;
        for (const Instruction& instruction : *ours) {
          EXPECT_EQ(instruction.vaddr, next);
          next += instruction.size;
          ASSERT_TRUE(theirs.contains(instruction.vaddr)) << symbol.name;
          EXPECT_EQ(plain(instruction.text), theirs.at(instruction.vaddr)) << symbol.name;
          ++compared;
        }
        EXPECT_EQ(next, symbol.limit) << symbol.name;
      }
      EXPECT_GT(compared, 80U);
    }
  }
}

TEST_F(Disassembly, TellsWhereJumpsAndAddressesBesideTheProgramCounterLead) {
  // Worked out by hand: jne back by 0x12 from 0x1172; lea 0x10(%rip); call; nop; an odd octet; zeros.
  const std::string octets("\x75\xee\x48\x8d\x05\x10\x00\x00\x00\xe8\x00\x01\x00\x00\x90\x00\x00\x00\x00",
                           19);
  const auto told = disassemble(Machine::x86_64, octets, 0x1170).value();
  ASSERT_EQ(told.size(), 6U);
  EXPECT_EQ(told[0].text, "jne    0x1160");
  EXPECT_EQ(told[0].target, 0x1160U);
  EXPECT_EQ(told[1].target, 0x1189U);
  EXPECT_EQ(told[1].size, 7U);
  EXPECT_EQ(told[2].target, 0x127eU);
  EXPECT_FALSE(told[3].target);
  EXPECT_EQ(told[4].text, "add    %al,(%rax)");  // zeros are no gap
  EXPECT_EQ(disassemble(Machine::x86_64, "\xc3", 0xffffffffffffff00).value()[0].vaddr, 0xffffffffffffff00U);
}

TEST_F(Disassembly, TellsNoTargetWhereANumberIsNoAddress) {
  // push $0x401136; ret $0x10; bnd ret $0x8; int $0x80; jmp over 16 octets.
  const std::string octets("\x68\x36\x11\x40\x00\xc2\x10\x00\xf2\xc2\x08\x00\xcd\x80\xeb\x10", 16);
  for (const Syntax syntax : {Syntax::att, Syntax::intel}) {
    const auto told = disassemble(Machine::x86_64, octets, 0x401000, syntax).value();
    ASSERT_EQ(told.size(), 5U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_FALSE(told[i].target) << told[i].text;
    EXPECT_EQ(told[4].target, 0x401020U) << told[4].text;
  }
  const auto words = read_objdump("1000:\t.word\t0x00001000\n1004:\tcbz\tx0, 0x1000\n", 0x1000, 8).value();
  EXPECT_FALSE(words[0].target);
  EXPECT_EQ(words[1].target, 0x1000U);
}

// What is no instruction is told as octets, and what follows is read on.
TEST_F(Disassembly, OfOctetsThatAreNoInstructionsHasEachOfThem) {
  std::string octets;
  for (int i = 0; i < 4'096; ++i) octets += static_cast<char>((i * 2'654'435'761U) >> 13);
  const auto told = disassemble(Machine::x86_64, octets, 0x400000).value();
  std::uint64_t next = 0x400000;
  for (const Instruction& instruction : told) {
    EXPECT_EQ(instruction.vaddr, next);
    next += instruction.size;
  }
  EXPECT_EQ(next, 0x400000U + octets.size());
}

TEST_F(Disassembly, IsRefusedWhereItCannotBe) {
  EXPECT_TRUE(disassemble(Machine::x86_64, "", 0x1000).value().empty());
  EXPECT_EQ(disassemble(Machine::other, "\xc3", 0x1000).error().kind, ErrorKind::unavailable);
  EXPECT_EQ(disassemble(Machine::x86_64, std::string(kMaxCodeOctets + 1, '\x90'), 0).error().kind,
            ErrorKind::bad_input);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder_.path().c_str(), 1);
  const auto none = disassemble(Machine::x86_64, "\xc3", 0x1000);
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(none.error().hint, "apt-get install binutils");
}

TEST(ObjdumpOutput, IsRefusedWhereItIsOfOtherCode) {
  const auto kind_of = [](std::string_view output) {
    const auto told = read_objdump(output, 0x1000, 8);
    return told ? ErrorKind::internal : told.error().kind;
  };
  ASSERT_TRUE(
      read_objdump("/proc/1/fd/3:     file format binary\n\n    1000:\tnop\n    1001:\tret\n", 0x1000, 8));
  EXPECT_EQ(read_objdump("    1000:\tnop\n    1001:\tret\n", 0x1000, 8).value()[1].size, 7U);
  EXPECT_TRUE(read_objdump("", 0x1000, 0).value().empty());
  for (const std::string_view output :
       {"", "no code", "    1001:\tnop\n", "    1000:\tnop\n    1000:\tret\n",
        "    1000:\tnop\n    fff:\tret\n", "    1000:\tnop\n    1008:\tret\n", "    1000:\t\n",
        "    1000:\tnop\n    fffffffffffffffff:\tret\n    zz:\tret\n 2000:\t x"})
    EXPECT_EQ(kind_of(output), ErrorKind::bad_input) << output;
}

TEST_F(Disassembly, FindsTheFileThatWasMeasuredAndNoOther) {
  const fs::path program = build({"-O2"});
  const std::string id = ElfFile::open(program).value().build_id();
  const SymbolStore store(folder_.path() / "store");
  const CodeFinder finder(std::make_shared<DebuginfodClient>(SymbolLimits{}), store);
  ASSERT_TRUE(finder.find(program.string(), id));
  EXPECT_EQ(finder.find(program.string(), id)->note, "");
  EXPECT_NE(finder.find(program.string(), "")->note, "");
  ASSERT_TRUE(store.add(program));
  build({"-O1"});
  const auto kept = finder.find(program.string(), id);
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->file->build_id(), id);
  fs::remove_all(folder_.path() / "store");
  const auto other = finder.find(program.string(), id);
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().message.find("is another build now"), std::string::npos) << other.error().message;
  for (const std::string& path :
       {std::string("[vdso]"), std::string(""), std::string("fold"), folder_.path().string(),
        std::string("/dev/zero"), (folder_.path() / "fold.c").string()}) {
    const auto none = finder.find(path, "");
    ASSERT_FALSE(none) << path;
    EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  }
}

}  // namespace
}  // namespace signalbox::profile
