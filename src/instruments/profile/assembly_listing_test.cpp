// Instructions with what they cost: beside `go tool pprof -disasm` and `addr2line`.
#include "instruments/profile/assembly_listing.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <random>

#include <elf.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/file_frames.hpp"
#include "instruments/profile/elf/symbol_table.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/formats/pprof.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSource = R"(
#include <stdlib.h>
static inline int taxed(int price) { return price * 119 / 100 + (price > 100 ? 5 : 0); }
__attribute__((noinline)) int sum(const int* prices, int n) {
  int all = 0;
  for (int i = 0; i < n; ++i)
    all += taxed(prices[i]);
  return all;
}
__attribute__((noinline)) int twice(const int* prices, int n) {
  if (n < 0) abort();
  return sum(prices, n) + taxed(n);
}
int main(int argc, char** argv) {
  int prices[10] = {argc};
  return twice(prices, 10) > 4711 ? atoi(argv[0]) : 0;
}
)";

std::string output_of(const std::vector<std::string>& argv) {
  const ProcessResult result = run_process(argv).value();
  EXPECT_EQ(result.exit_code, 0) << argv[0] << ": " << result.errors;
  return result.output;
}

using AddressCosts = std::map<std::uint64_t, std::pair<std::int64_t, std::int64_t>>;  // itself, cumulative

class AssemblyListings : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("objdump")) GTEST_SKIP() << "no objdump: apt-get install binutils";
    std::ofstream(folder_.path() / "shop.c") << kSource;
    program_ = folder_.path() / "shop";
    output_of({"gcc", "-g", "-O2", "-Wl,--build-id", "-o", program_.string(),
               (folder_.path() / "shop.c").string()});
    elf_ = std::make_shared<const ElfFile>(ElfFile::open(program_).value());
    symbols_ = std::make_unique<Symbolizer>(elf_);
  }

  Symbol symbol(std::string_view name) const {
    const SymbolTable table(elf_);
    for (const Symbol& each : table.symbols())
      if (each.name == name) return each;
    return {};
  }

  std::vector<Instruction> instructions_of(const Symbol& where) const {
    const std::string_view octets = elf_->at(where.start).substr(0, where.limit - where.start);
    return disassemble(elf_->machine(), octets, where.start).value();
  }

  // Samples of stacks by their addresses, outermost first.
  Profile profile_of(const std::vector<std::pair<std::vector<std::uint64_t>, std::int64_t>>& stacks) const {
    ProfileBuilder builder({{"samples", "count"}});
    const MappingId mapping = builder.mapping(file_mapping(builder, program_.string(), elf_.get()));
    for (const auto& [addresses, count] : stacks) {
      StackId stack = 0;
      for (const std::uint64_t address : addresses)
        for (const FrameId frame :
             named_frames(builder, symbols_->find(address), {0, mapping, address, 0, 0, FrameKind::user}))
          stack = builder.stack(stack, frame);
      Sample sample;
      sample.stack = stack;
      const std::int64_t values[] = {count};
      builder.add(sample, values);
    }
    return std::move(builder).finish();
  }

  Result<AssemblyListing> list(const Profile& profile, const std::string& function) const {
    const CodeFinder code(std::make_shared<DebuginfodClient>(SymbolLimits{}),
                          SymbolStore(folder_.path() / "store"));
    const SourceFinder sources = SourceFinder::in_folder(folder_.path(), folder_.path() / ".signalbox");
    AssemblyQuery query;
    query.function = function;
    return list_assembly(profile, query, code, sources);
  }

  TemporaryDirectory folder_;
  fs::path program_;
  std::shared_ptr<const ElfFile> elf_;
  std::unique_ptr<Symbolizer> symbols_;
};

AddressCosts costs_of(const AssemblyListing& listing) {
  AddressCosts out;
  for (const AssemblyPart& part : listing.parts)
    for (const AssemblyLine& line : part.lines)
      if (line.cost.self != 0 || line.cost.cumulative != 0)
        out[line.instruction.vaddr] = {line.cost.self, line.cost.cumulative};
  return out;
}

// "        12         30       1150: test   %esi,%esi       ;sum shop.c:6"
AddressCosts disasm_of_pprof(const std::string& file, const std::string& program,
                             const std::string& function) {
  AddressCosts out;
  const std::string told =
      output_of({"go", "tool", "pprof", "-disasm", function, "-sample_index=samples", program, file});
  for (const std::string_view line : lines(told)) {
    std::vector<std::string_view> words = split(line, ' ');
    std::erase(words, std::string_view());
    if (words.size() < 4 || !words[2].ends_with(':')) continue;
    const auto number = [](std::string_view word) {
      return word == "." ? 0 : parse_integer(word).value_or(-1);
    };
    const std::pair<std::int64_t, std::int64_t> cost(number(words[0]), number(words[1]));
    if (cost != std::pair<std::int64_t, std::int64_t>())
      out[std::stoull(std::string(words[2].substr(0, words[2].size() - 1)), nullptr, 16)] = cost;
  }
  return out;
}

// Random stacks, leaves at each instruction, also within what was inlined, and recursion.
TEST_F(AssemblyListings, HaveTheNumbersOfPprofForEachInstruction) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang";
  std::map<std::string, std::vector<std::uint64_t>> at;
  for (const char* name : {"main", "twice", "sum"}) {
    const std::vector<Instruction> instructions = instructions_of(symbol(name));
    for (const Instruction& each : instructions) at[name].push_back(each.vaddr);
    if (instructions.back().size == 1) at[name].pop_back();  // pprof leaves out a last one of one octet
  }
  std::mt19937 random(11);
  const auto any = [&](const char* name) { return at[name][random() % at[name].size()]; };
  std::vector<std::pair<std::vector<std::uint64_t>, std::int64_t>> stacks;
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint64_t> stack = {any("main")};
    if (i % 5 != 0) stack.push_back(any("twice"));
    if (i % 3 != 0) stack.push_back(any("sum"));
    if (i % 7 == 0) stack.push_back(any("sum"));
    stacks.emplace_back(std::move(stack), 1 + random() % 9);
  }
  const Profile profile = profile_of(stacks);
  const std::string file = (folder_.path() / "x.pb.gz").string();
  ASSERT_TRUE(write_file_atomically(file, write_pprof(profile)));
  for (const char* function : {"main", "twice", "sum"}) {
    const auto ours = list(profile, function);
    ASSERT_TRUE(ours) << ours.error().message;
    EXPECT_TRUE(ours->missing.empty()) << ours->missing.front();
    const AddressCosts theirs = disasm_of_pprof(file, program_.string(), function);
    EXPECT_GT(theirs.size(), 5U);
    EXPECT_EQ(costs_of(*ours), theirs) << function;
  }
}

// A caller's address lies within its call, not at the beginning.
TEST_F(AssemblyListings, CountACallerForItsCallAndAllForTheFunction) {
  const Symbol sum = symbol("sum");
  const Symbol twice = symbol("twice");
  const std::vector<Instruction> instructions = instructions_of(twice);
  const auto call = std::find_if(instructions.begin(), instructions.end(), [&](const Instruction& each) {
    return each.text.starts_with("call") && each.target == sum.start;
  });
  ASSERT_NE(call, instructions.end());
  const Profile profile = profile_of({{{call->vaddr + call->size - 1, sum.start}, 30}, {{twice.start}, 10}});
  const AssemblyListing told = list(profile, "twice").value();
  ASSERT_EQ(told.parts.size(), 1U);
  EXPECT_EQ(costs_of(told), (AddressCosts{{call->vaddr, {0, 30}}, {twice.start, {10, 10}}}));
  EXPECT_EQ(told.whole.self, 10);
  EXPECT_EQ(told.whole.cumulative, 40);
  EXPECT_EQ(told.total, 40);
  EXPECT_NEAR(told.whole.self_share.share, 0.25, 1e-9);
  const auto line =
      std::find_if(told.parts[0].lines.begin(), told.parts[0].lines.end(),
                   [&](const AssemblyLine& each) { return each.instruction.vaddr == call->vaddr; });
  EXPECT_EQ(line->instruction.text, call->text + " <sum>");
  EXPECT_EQ(line->place.line, 12);
  EXPECT_EQ(told.sources.at(line->place.file).at(12), "  return sum(prices, n) + taxed(n);");
}

// The innermost line of each instruction, and whether it was inlined.
TEST_F(AssemblyListings, HaveTheLinesThatAddr2lineTells) {
  const Symbol sum = symbol("sum");
  const AssemblyListing told = list(profile_of({{{sum.start}, 1}}), "sum").value();
  std::size_t inlined = 0;
  for (const AssemblyLine& line : told.parts.at(0).lines) {
    const std::string theirs = output_of({"addr2line", "-i", "-f", "-s", "-e", program_.string(),
                                          fmt::format("{:#x}", line.instruction.vaddr)});
    const std::vector<std::string_view> words = lines(theirs);
    ASSERT_GE(words.size(), 2U);
    const std::string_view place = words[1].substr(0, words[1].find(' '));
    EXPECT_EQ(fmt::format("{}:{}", fs::path(line.place.file).filename().string(), line.place.line), place);
    EXPECT_EQ(line.place.inlined, words.size() > 2 ? std::string(words[0]) : std::string());
    inlined += line.place.inlined.empty() ? 0 : 1;
  }
  EXPECT_GT(inlined, 0U);
  EXPECT_LT(inlined, told.parts[0].lines.size());
}

TEST_F(AssemblyListings, OfWhatWasInlinedEverywhereSayWhereItIs) {
  const Symbol sum = symbol("sum");
  std::uint64_t inlined = 0;
  for (std::uint64_t at = sum.start; at < sum.limit && inlined == 0; ++at)
    if (symbols_->find(at).size() > 1) inlined = at;
  ASSERT_NE(inlined, 0U);
  const Profile profile = profile_of({{{inlined}, 5}});
  const auto none = list(profile, "taxed");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::not_found);
  EXPECT_EQ(none.error().hint, "its instructions are those of: sum");
  EXPECT_EQ(list(profile, "sum").value().whole.self, 5);
  EXPECT_FALSE(list(profile, "nobody"));
}

TEST_F(AssemblyListings, SayWhichCodeIsNotHere) {
  const Symbol sum = symbol("sum");
  const Profile profile = profile_of({{{sum.start}, 5}});
  fs::remove(program_);
  const AssemblyListing told = list(profile, "sum").value();
  EXPECT_TRUE(told.parts.empty());
  ASSERT_EQ(told.missing.size(), 1U);
  EXPECT_NE(told.missing[0].find(elf_->build_id()), std::string::npos) << told.missing[0];
  EXPECT_EQ(assembly_report(told).summary, "none of its machine code is here");

  ProfileBuilder builder({{"samples", "count"}});
  for (const auto& [name, kind] : {std::pair("folded", FrameKind::user), std::pair("jitted", FrameKind::jit),
                                   std::pair("in_kernel", FrameKind::kernel)}) {
    Frame frame{builder.function({builder.string(name), {}, {}, 0}), 0, 0, 0, 0, kind};
    Sample sample;
    sample.stack = builder.stack(0, builder.frame(frame));
    const std::int64_t values[] = {1};
    builder.add(sample, values);
  }
  const Profile others = std::move(builder).finish();
  EXPECT_EQ(list(others, "folded")->missing,
            std::vector<std::string>{"the profile does not say at which addresses it ran"});
  EXPECT_EQ(list(others, "jitted")->missing, std::vector<std::string>{"its code (jit) is in no file"});
  EXPECT_EQ(list(others, "in_kernel")->missing, std::vector<std::string>{"its code (kernel) is in no file"});
}

// Its symbols tell of code that its segments end before.
TEST_F(AssemblyListings, OfCodeThatTheFileHasNoOctetsOfSaySo) {
  const Symbol sum = symbol("sum");
  const Profile profile = profile_of({{{sum.start}, 5}});
  std::string octets = read_file(program_).value();
  Elf64_Ehdr header;
  std::memcpy(&header, octets.data(), sizeof header);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    char* const at = octets.data() + header.e_phoff + i * sizeof(Elf64_Phdr);
    Elf64_Phdr segment;
    std::memcpy(&segment, at, sizeof segment);
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    segment.p_filesz = sum.start - segment.p_vaddr;
    std::memcpy(at, &segment, sizeof segment);
  }
  ASSERT_TRUE(write_file_atomically(program_.string(), octets));
  const AssemblyListing told = list(profile, "sum").value();
  EXPECT_TRUE(told.parts.empty());
  EXPECT_EQ(told.missing, std::vector<std::string>{"sum: " + program_.string() + " has none of its octets"});
}

// Addresses that a stranger wrote: beyond the file, beyond its code, in no function.
TEST_F(AssemblyListings, OfAddressesThatAreNoneTellNothing) {
  ProfileBuilder builder({{"samples", "count"}});
  const MappingId whole =
      builder.mapping({0, 0, 0, builder.string(program_.string()), builder.string(elf_->build_id())});
  for (const std::uint64_t address :
       {std::uint64_t{1}, std::uint64_t{0x40}, std::uint64_t{UINT64_MAX}, std::uint64_t{1} << 62}) {
    Frame frame{builder.function({builder.string("sum"), {}, {}, 0}), whole, address, 0, 0, FrameKind::user};
    Sample sample;
    sample.stack = builder.stack(0, builder.frame(frame));
    const std::int64_t values[] = {1};
    builder.add(sample, values);
  }
  const AssemblyListing told = list(std::move(builder).finish(), "sum").value();
  EXPECT_TRUE(told.parts.empty());
  ASSERT_EQ(told.missing.size(), 1U);
  EXPECT_NE(told.missing[0].find("4 addresses in no function"), std::string::npos) << told.missing[0];
}

}  // namespace
}  // namespace signalbox::profile
