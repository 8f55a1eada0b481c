#include "instruments/profile/elf/symbolizer.hpp"

#include <charconv>
#include <fstream>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/demangle.hpp"
#include "instruments/profile/elf/symbol_table.hpp"

namespace profile = signalbox::profile;
namespace fs = std::filesystem;

namespace {

constexpr const char* kSource = R"(
#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <string>
#include <vector>
namespace shop {
struct Order { std::string name; double price; };
inline double taxed(double price) { return price * 1.19 + (price > 100 ? 5 : 0); }
inline double sum(const std::vector<Order>& orders) {
  double total = 0;
  for (const Order& order : orders) total += taxed(order.price);
  return total;
}
class Ledger {
 public:
  void add(Order order) { orders_[order.name].push_back(std::move(order)); }
  double total() const {
    double all = 0;
    for (const auto& [name, orders] : orders_) all += sum(orders);
    return all;
  }
 private:
  std::map<std::string, std::vector<Order>> orders_;
};
}
int main(int argc, char** argv) {
  shop::Ledger ledger;
  for (int i = 0; i < argc * 100; ++i) ledger.add({argv[0] + std::to_string(i % 7), i * 1.5});
  std::printf("%f\n", ledger.total());
}
)";

std::string run(const std::vector<std::string>& argv, std::string input = {}) {
  signalbox::ProcessOptions options;
  options.input = std::move(input);
  const auto result = signalbox::run_process(argv, options).value();
  EXPECT_EQ(result.exit_code, 0) << argv[0] << ": " << result.errors;
  return result.output;
}

std::shared_ptr<const profile::ElfFile> opened(const fs::path& path) {
  return std::make_shared<const profile::ElfFile>(profile::ElfFile::open(path).value());
}

// A program with debug information, and where `llvm-symbolizer` is asked about.
class Symbolizers : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("symbolizer" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    std::ofstream(folder_ / "shop.cpp") << kSource;
    program_ = folder_ / "shop";
    run({"g++", "-g", "-O2", "-Wl,--build-id", "-o", program_.string(), (folder_ / "shop.cpp").string()});
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Of the program as it is now, with no debug files but those beside it.
  std::vector<profile::SymbolLine> lines_at(std::uint64_t vaddr) const {
    return profile::Symbolizer(opened(program_), {{}, {}}).find(vaddr);
  }

  std::uint64_t address_of_main() const {
    const profile::SymbolTable table(opened(program_));
    for (const auto& symbol : table.symbols())
      if (symbol.name == "main") return symbol.start;
    return 0;
  }

  fs::path folder_;
  fs::path program_;
};

std::string written(const profile::SymbolLine& line) {
  return (line.system_name.empty() ? line.function : line.system_name) + " at " +
         (line.file.empty() ? "??" : line.file) + ":" + std::to_string(line.line) + ":" +
         std::to_string(line.column);
}

}  // namespace

TEST_F(Symbolizers, TellTheLinesThatLlvmTells) {
  if (!signalbox::find_program("llvm-symbolizer-14")) GTEST_SKIP() << "llvm-symbolizer-14 is not there";
  const auto elf = opened(program_);
  const auto* text = elf->section(".text");
  ASSERT_NE(text, nullptr);
  std::string asked;
  std::vector<std::uint64_t> addresses;
  for (std::uint64_t at = text->vaddr; at < text->vaddr + text->size; at += 5) {
    addresses.push_back(at);
    asked += fmt::format("{:#x}\n", at);
  }
  const std::string told = run({"llvm-symbolizer-14", "--inlines", "--no-demangle", "--output-style=LLVM",
                                "--obj=" + program_.string()},
                               asked);
  const profile::Symbolizer ours(elf, {{}, {}});
  std::vector<std::string> blocks(1);
  const auto lines = signalbox::lines(told);
  for (const std::string_view line : lines) {
    if (line.empty())
      blocks.emplace_back();
    else
      blocks.back() += std::string(line) + "\n";
  }
  ASSERT_GE(blocks.size(), addresses.size());
  std::size_t compared = 0;
  std::size_t inlined = 0;
  std::vector<std::string> different;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // What has no line is told with the nearest source file there, and with none here.
    if (blocks[i].ends_with(":0:0\n")) continue;
    std::string mine;
    const auto found = ours.find(addresses[i]);
    for (const auto& line : found) {
      const std::string whole = written(line);
      mine += whole.substr(0, whole.find(" at ")) + "\n" + whole.substr(whole.find(" at ") + 4) + "\n";
    }
    ++compared;
    inlined += found.size() > 1;
    if (mine != blocks[i])
      different.push_back(fmt::format("{:#x}\n{}llvm:\n{}", addresses[i], mine, blocks[i]));
  }
  EXPECT_GT(compared, 300U);
  EXPECT_GT(inlined, 100U);
  EXPECT_EQ(different.size(), 0U) << "of " << compared << ": " << different.front();
}

// As Debian's debug packages have them.
TEST_F(Symbolizers, ReadSectionsThatAreCompressed) {
  const std::uint64_t main_at = address_of_main();
  const auto expected = lines_at(main_at);
  ASSERT_FALSE(expected.empty());
  EXPECT_GT(expected.back().line, 0);
  run({"objcopy", "--compress-debug-sections", program_.string()});
  EXPECT_EQ(lines_at(main_at), expected);
}

TEST_F(Symbolizers, ReadADebugFileOnlyWithTheSameBuildId) {
  const fs::path debug = folder_ / "shop.debug";
  const std::uint64_t main_at = address_of_main();
  const auto expected = lines_at(main_at);
  run({"objcopy", "--only-keep-debug", program_.string(), debug.string()});
  run({"objcopy", "--strip-all", "--add-gnu-debuglink=" + debug.string(), program_.string()});
  EXPECT_EQ(lines_at(main_at), expected);
  EXPECT_EQ(expected.back().function, "main");
  EXPECT_GT(expected.back().line, 0);

  run({"g++", "-g", "-O1", "-Wl,--build-id", "-o", debug.string(), (folder_ / "shop.cpp").string()});
  EXPECT_TRUE(lines_at(main_at).empty());
}

// As Fedora's packages have it: the symbols that are not exported, in xz, in the stripped program.
TEST_F(Symbolizers, ReadTheSymbolsThatWereLeftInAStrippedProgram) {
  if (!signalbox::find_program("xz")) GTEST_SKIP() << "xz is not there";
  const std::uint64_t main_at = address_of_main();
  const fs::path whole = folder_ / "whole";
  fs::copy_file(program_, whole);
  const fs::path mini = folder_ / "mini";
  run({"objcopy", "--only-keep-debug", "--strip-debug", program_.string(), mini.string()});
  run({"xz", "--keep", mini.string()});
  run({"objcopy", "--strip-all", "--add-section", ".gnu_debugdata=" + mini.string() + ".xz",
       program_.string()});
  // The same names as before, without lines.
  const profile::SymbolTable before(opened(whole));
  std::size_t compared = 0;
  for (const auto& symbol : before.symbols()) {
    if (symbol.name.ends_with("@plt") || symbol.limit == symbol.start) continue;
    const auto found = lines_at(symbol.start);
    ASSERT_FALSE(found.empty()) << fmt::format("{} {:#x}", symbol.name, symbol.start);
    EXPECT_EQ(found.back().system_name.empty() ? found.back().function : found.back().system_name,
              before.find(symbol.start)->name);
    ++compared;
  }
  EXPECT_GT(compared, 10U);
  EXPECT_EQ(lines_at(main_at).back().function, "main");
  EXPECT_EQ(lines_at(main_at).back().line, 0);

  // What is none is as if it were not there.
  std::ofstream(mini.string() + ".xz", std::ios::trunc) << "\xFD"
                                                           "7zXZ and nothing else";
  run({"objcopy", "--update-section", ".gnu_debugdata=" + mini.string() + ".xz", program_.string()});
  EXPECT_TRUE(lines_at(main_at).empty());
}

TEST_F(Symbolizers, NameTheEntriesOfTheLinkageTableAsObjdumpDoes) {
  const std::string listing =
      run({"objdump", "-d", "-j", ".plt", "-j", ".plt.sec", "-j", ".plt.got", program_.string()});
  const profile::SymbolTable table(opened(program_));
  std::size_t compared = 0;
  for (const std::string_view line : signalbox::lines(listing)) {
    const std::size_t name = line.find(" <");
    if (!line.ends_with("@plt>:") || name != 16) continue;
    std::uint64_t address = 0;
    std::from_chars(line.data(), line.data() + 16, address, 16);
    std::string theirs(line.substr(18, line.size() - 20));
    const profile::Symbol* ours = table.find(address + 4);
    ASSERT_NE(ours, nullptr) << line;
    EXPECT_EQ(ours->name, theirs);
    ++compared;
  }
  EXPECT_GT(compared, 5U);
}

TEST(Symbolizer, FindsTheFunctionsThatNmHas) {
  const fs::path own = signalbox::own_executable();
  const profile::SymbolTable table(opened(own));
  std::map<std::uint64_t, std::vector<std::string>> theirs;
  const std::string listing = run({"nm", "--defined-only", own.string()});
  for (const std::string_view line : signalbox::lines(listing)) {
    if (line.size() < 20 || std::string_view("tTwW").find(line[17]) == std::string_view::npos) continue;
    std::uint64_t address = 0;
    std::from_chars(line.data(), line.data() + 16, address, 16);
    theirs[address].emplace_back(line.substr(19));
  }
  std::size_t compared = 0;
  for (const profile::Symbol& symbol : table.symbols()) {
    if (symbol.name.ends_with("@plt")) continue;
    const auto& names = theirs[symbol.start];
    EXPECT_NE(std::find(names.begin(), names.end(), symbol.name), names.end()) << symbol.name;
    EXPECT_EQ(table.find(symbol.start), &symbol);
    ++compared;
  }
  EXPECT_GT(compared, 1000U);
}

TEST(Demangle, TurnsTheNamesOfEachLanguageIntoWhatPeopleWrite) {
  // The examples of the Itanium ABI, of Rust's RFC 2603 and of D's specification.
  EXPECT_EQ(profile::demangled("_ZN3foo3barEi"), "foo::bar(int)");
  EXPECT_EQ(profile::demangled("_ZN3foo3barEi.cold"), "foo::bar(int) [clone .cold]");
  EXPECT_EQ(profile::demangled("_RNvNtCs1234_7mycrate3foo3bar"), "mycrate::foo::bar");
  EXPECT_EQ(profile::demangled("_ZN4core3fmt5write17h0123456789abcdefE"), "core::fmt::write");
  EXPECT_EQ(profile::demangled("_D3foo3barFZv"), "foo.bar()");
  EXPECT_EQ(profile::demangled("main"), "main");
  EXPECT_EQ(profile::demangled("_Zwhat"), "_Zwhat");
  EXPECT_EQ(profile::demangled("helper.constprop.0"), "helper.constprop.0");
}
