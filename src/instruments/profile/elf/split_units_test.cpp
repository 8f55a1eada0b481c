// Split DWARF: what is told of a program is what is told of the same program with its debug information in
// it.
#include "instruments/profile/elf/split_units.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/dwp_index.hpp"
#include "instruments/profile/elf/symbolizer.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHeader = R"(
#pragma once
struct Order { int count; double price; };
inline double taxed(double price) { return price * 1.19 + (price > 100 ? 5 : 0); }
namespace shop {
inline double sum(const Order* orders, int n) {
  double total = 0;
  for (int i = 0; i < n; ++i)
    total += taxed(orders[i].price) * orders[i].count;
  return total;
}
double total(const Order* orders, int n);
}
)";
constexpr const char* kTotal = R"(#include "shop.hpp"
volatile double sink;
static void __attribute__((noinline, cold)) odd(int n) { sink = n; }
namespace shop {
double total(const Order* orders, int n) {
  if (n < 0)
    odd(n);
  double all = sum(orders, n / 2);
  for (int i = 0; i < n; ++i)
    all += sum(orders + i, n - i) / taxed(i);
  return all;
}
}
)";
constexpr const char* kMain = R"(#include <stdio.h>
#include "shop.hpp"
int main(int argc, char** argv) {
  Order orders[100];
  for (int i = 0; i < 100; ++i)
    orders[i] = {argc * i, taxed(i * 1.5)};
  printf("%f %s\\n", shop::total(orders, 100) + shop::sum(orders, argc), argv[0]);
}
)";

struct Way {
  const char* compiler;
  const char* version;
  std::vector<std::string> options;
};

class SplitDebug : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_.path() / "src");
    std::ofstream(folder_.path() / "src/shop.hpp") << kHeader;
    std::ofstream(folder_.path() / "src/total.cpp") << kTotal;
    std::ofstream(folder_.path() / "src/main.cpp") << kMain;
  }

  // Built in a folder of its own; where compilers put .dwo files beside objects.
  fs::path build(const Way& way, const std::string& name, bool split) {
    const fs::path out = folder_.path() / name;
    fs::create_directories(out);
    std::vector<std::string> objects;
    for (const char* source : {"total", "main"}) {
      std::vector<std::string> argv = {way.compiler, "-O2", "-g", way.version};
      argv.insert(argv.end(), way.options.begin(), way.options.end());
      if (split) argv.push_back("-gsplit-dwarf");
      argv.insert(argv.end(), {"-c", "-o", (out / source).string() + ".o",
                               (folder_.path() / "src" / source).string() + ".cpp"});
      run(argv);
      objects.push_back((out / source).string() + ".o");
    }
    const fs::path program = out / "shop";
    run({way.compiler, "-Wl,--build-id", "-o", program.string(), objects[0], objects[1]});
    return program;
  }

  static void run(const std::vector<std::string>& argv) {
    const auto result = run_process(argv);
    ASSERT_TRUE(result) << join(argv, " ") << ": " << result.error().message;
    ASSERT_EQ(result->exit_code, 0) << join(argv, " ") << ": " << result->errors;
  }

  // Of each third octet of the code.
  static std::vector<std::vector<SymbolLine>> told(const fs::path& program) {
    const auto elf = std::make_shared<const ElfFile>(ElfFile::open(program).value());
    const Symbolizer symbols(elf, {{}, {}});
    const ElfSection* const text = elf->section(".text");
    std::vector<std::vector<SymbolLine>> out;
    for (std::uint64_t at = text->vaddr; at < text->vaddr + text->size; at += 3)
      out.push_back(symbols.find(at));
    return out;
  }

  static std::size_t inlined(const std::vector<std::vector<SymbolLine>>& lines) {
    std::size_t out = 0;
    for (const auto& each : lines) out += each.size() > 1 ? 1 : 0;
    return out;
  }

  static void expect_same(const std::vector<std::vector<SymbolLine>>& ours,
                          const std::vector<std::vector<SymbolLine>>& whole) {
    ASSERT_EQ(ours.size(), whole.size());
    std::size_t other = 0;
    for (std::size_t i = 0; i < ours.size() && other < 3; ++i) {
      if (ours[i] == whole[i]) continue;
      ++other;
      const auto text = [](const std::vector<SymbolLine>& lines) {
        std::string out;
        for (const SymbolLine& line : lines)
          out += fmt::format("{} ({}) {}:{}:{} from {}\n", line.function, line.system_name, line.file,
                             line.line, line.column, line.start_line);
        return out;
      };
      ADD_FAILURE() << "at the octet " << i * 3 << ":\n" << text(ours[i]) << "instead of\n" << text(whole[i]);
    }
  }

  static std::vector<Way> ways() {
    std::vector<Way> out;
    for (const char* compiler : {"g++", "clang++-16"}) {
      if (!find_program(compiler)) continue;
      for (const char* version : {"-gdwarf-4", "-gdwarf-5"}) out.push_back({compiler, version, {}});
      out.push_back({compiler, "-gdwarf-5", {"-ffunction-sections"}});
    }
    return out;
  }

  TemporaryDirectory folder_;
};

TEST_F(SplitDebug, IsToldAsThatOfAProgramThatHasItWithin) {
  for (const Way& way : ways()) {
    SCOPED_TRACE(fmt::format("{} {} {}", way.compiler, way.version, join(way.options, " ")));
    const auto whole = told(build(way, "whole", false));
    ASSERT_GT(inlined(whole), 20U);
    const fs::path program = build(way, "split", true);
    expect_same(told(program), whole);

    // Beside the program, where they were brought with it.
    const fs::path away = folder_.path() / "away";
    fs::create_directories(away);
    for (const char* file : {"shop", "total.dwo", "main.dwo"}) {
      const fs::path from = program.parent_path() / file;
      ASSERT_TRUE(fs::exists(from)) << from;
      fs::rename(from, away / file);
    }
    expect_same(told(away / "shop"), whole);

    // Without one the other is told all the same, and lines are there.
    fs::remove(away / "total.dwo");
    const auto half = told(away / "shop");
    EXPECT_LT(inlined(half), inlined(whole));
    EXPECT_GT(inlined(half), 0U);
    for (std::size_t i = 0; i < half.size(); ++i)
      if (!half[i].empty() && !whole[i].empty()) EXPECT_EQ(half[i].front().line, whole[i].front().line);
    fs::remove_all(away);
  }
}

TEST_F(SplitDebug, IsReadFromOneFileForAllUnits) {
  std::size_t tried = 0;
  for (const Way& way : ways()) {
    SCOPED_TRACE(fmt::format("{} {} {}", way.compiler, way.version, join(way.options, " ")));
    for (const char* packer : {"dwp", "llvm-dwp", "llvm-dwp-16"}) {
      // binutils' packs nothing newer than DWARF 4, and LLVM 14's does not end on what GCC makes of DWARF 5.
      const bool is_new = std::string_view(way.version) == "-gdwarf-5";
      const bool is_binutils = std::string_view(packer) == "dwp";
      const bool is_clang = std::string_view(way.compiler) != "g++";
      if (!find_program(packer) || (is_new && (is_binutils || !is_clang))) continue;
      SCOPED_TRACE(packer);
      const auto whole = told(build(way, "whole", false));
      const fs::path program = build(way, "split", true);
      run({packer, "-e", program.string(), "-o", program.string() + ".dwp"});
      for (const char* file : {"total.dwo", "main.dwo"}) fs::remove(program.parent_path() / file);
      expect_same(told(program), whole);
      // Of a stripped program's debug file, too.
      const fs::path debug = program.string() + ".debug";
      run({"objcopy", "--only-keep-debug", program.string(), debug.string()});
      run({"objcopy", "--strip-all", "--add-gnu-debuglink=" + debug.string(), program.string()});
      expect_same(told(program), whole);
      fs::remove_all(program.parent_path());
      ++tried;
    }
  }
  if (tried == 0) GTEST_SKIP() << "nothing that makes a .dwp: apt-get install binutils llvm-16";
}

TEST_F(SplitDebug, OfAnotherBuildIsNotTold) {
  const Way way{"g++", "-gdwarf-5", {}};
  const fs::path program = build(way, "split", true);
  const fs::path old = folder_.path() / "old";
  fs::copy(program, old);
  std::ofstream(folder_.path() / "src/total.cpp")
      << "\n\n#include <cmath>\n"
      << kTotal << "double more(double x) { return std::sqrt(x); }\n";
  std::ofstream(folder_.path() / "src/main.cpp") << "\n" << kMain << "int more() { return 1; }\n";
  build(way, "split", true);
  EXPECT_EQ(inlined(told(old)), 0U);
  EXPECT_GT(inlined(told(program)), 0U);
}

// What a program names as its .dwo may be anything: it is not waited for, and nothing is taken from it.
TEST_F(SplitDebug, ThatIsNoneIsNeitherWaitedForNorTaken) {
  const Way way{"g++", "-gdwarf-5", {}};
  const fs::path program = build(way, "split", true);
  const fs::path dwo = program.parent_path() / "total.dwo";
  const std::string octets = read_file(dwo).value();
  const auto lines_of_total = [&] { return inlined(told(program)); };
  const std::size_t both = lines_of_total();
  fs::remove(dwo);
  const std::size_t one = lines_of_total();
  ASSERT_LT(one, both);
  ASSERT_EQ(::mkfifo(dwo.c_str(), 0600), 0);
  EXPECT_EQ(lines_of_total(), one);
  fs::remove(dwo);
  fs::create_directory(dwo);
  EXPECT_EQ(lines_of_total(), one);
  fs::remove(dwo);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{3}, sizeof(std::uint64_t) * 8, octets.size() / 3, octets.size() - 1}) {
    std::ofstream(dwo, std::ios::trunc | std::ios::binary) << octets.substr(0, size);
    EXPECT_LE(lines_of_total(), both) << size;
  }
  std::ofstream(program.string() + ".dwp") << octets;  // no .dwp, which does not hide what is beside it
  std::ofstream(dwo, std::ios::trunc | std::ios::binary) << octets;
  EXPECT_EQ(lines_of_total(), both);
}

// A table worked out by hand: two units, of which the second lies at the first one's slot and goes on to the
// next.
class PackedUnits : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kFirst = 0x0000000000000004, kSecond = 0x0000000100000004;
  template <class Number>
  static void put(std::string& out, Number number) {
    out.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  std::string index(std::uint32_t slots = 4, std::uint32_t units = 2) const {
    std::string out;
    for (const std::uint32_t each : {5U, 3U, units, slots}) put(out, each);
    for (const std::uint64_t id : {kFirst, kSecond, std::uint64_t{0}, std::uint64_t{0}}) put(out, id);
    for (const std::uint32_t row : {1U, 2U, 0U, 0U}) put(out, row);
    for (const std::uint32_t column : {1U, 3U, 6U}) put(out, column);
    for (const std::uint32_t offset : {0U, 0U, 0U, 4U, 2U, 12U}) put(out, offset);
    for (const std::uint32_t size : {4U, 2U, 12U, 4U, 2U, 16U}) put(out, size);
    return out;
  }
  static std::string strings() { return std::string("zero\0one\0two\0", 13); }
  static std::string offsets() {
    std::string out(8, 'h');
    put(out, std::uint32_t{5});
    out += std::string(8, 'H');
    put(out, std::uint32_t{9});
    put(out, std::uint32_t{0});
    return out;
  }
  static std::shared_ptr<const ElfFile> file(const std::string& index, const std::string& offsets) {
    const std::string octets = object_file({{".debug_cu_index", index},
                                            {".debug_info.dwo", "AAAABBBB"},
                                            {".debug_abbrev.dwo", "aabb"},
                                            {".debug_str_offsets.dwo", offsets},
                                            {".debug_str.dwo", strings()}});
    return std::make_shared<const ElfFile>(ElfFile::from_memory(octets, "x.dwp").value());
  }
};

TEST_F(PackedUnits, AreFoundByTheirIdsWithTheStringsThatTheyName) {
  const auto dwp = file(index(), offsets());
  const auto packed = DwpIndex::open(*dwp);
  ASSERT_TRUE(packed);
  const auto second = packed->find(kSecond);
  ASSERT_TRUE(second);
  ASSERT_EQ(second->size(), 4U);
  EXPECT_EQ((*second)[0].name, ".debug_info.dwo");
  EXPECT_EQ((*second)[0].octets, "BBBB");
  EXPECT_EQ((*second)[1].octets, "bb");
  std::string expected(8, 'H');
  put(expected, std::uint32_t{1});
  put(expected, std::uint32_t{5});
  EXPECT_EQ((*second)[2].octets, expected);
  EXPECT_EQ((*second)[3].name, ".debug_str.dwo");
  EXPECT_EQ((*second)[3].octets, std::string("\0two\0zero\0", 10));
  EXPECT_EQ((*packed->find(kFirst))[0].octets, "AAAA");
  EXPECT_FALSE(packed->find(0x0000000200000004));
  EXPECT_FALSE(packed->find(7));
}

TEST_F(PackedUnits, ThatLieOutsideOrAreCutAreNone) {
  const std::string good = index();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto cut = file(good.substr(0, size), offsets());
    EXPECT_FALSE(DwpIndex::open(*cut)) << size;
  }
  EXPECT_FALSE(DwpIndex::open(*file(index(3), offsets())));  // no power of two
  EXPECT_FALSE(DwpIndex::open(*file(index(0), offsets())));
  EXPECT_FALSE(DwpIndex::open(*file(index(4, 0x7fffffff), offsets())));
  std::string twice = good;
  const std::uint32_t info = 1;
  std::memcpy(twice.data() + twice.size() - 14 * sizeof info, &info, sizeof info);  // the column of 3
  EXPECT_FALSE(DwpIndex::open(*file(twice, offsets())));
  std::string far = good;
  const std::uint32_t beyond = 7;
  std::memcpy(far.data() + far.size() - 9 * sizeof beyond, &beyond,
              sizeof beyond);  // of the second unit's .debug_info.dwo
  EXPECT_FALSE(DwpIndex::open(*file(far, offsets()))->find(kSecond));
  std::string wild = offsets();
  const std::uint32_t nowhere = 1'000'000;
  std::memcpy(wild.data() + 8, &nowhere, sizeof nowhere);
  EXPECT_FALSE(DwpIndex::open(*file(good, wild))->find(kFirst));
  EXPECT_FALSE(DwpIndex::open(*file(good, offsets().substr(0, 20)))->find(kSecond));
}

// One unit without an attribute, made by hand.
TEST_F(PackedUnits, AreHeldUpToALimit) {
  std::string unit;
  put(unit, std::uint32_t{17});
  put(unit, std::uint16_t{5});
  unit += "\x05\x08";  // DW_UT_split_compile, octets of an address
  put(unit, std::uint32_t{0});
  put(unit, kFirst);
  unit += '\1';
  const std::string abbreviations("\1\x11\0\0\0\0", 6);  // DW_TAG_compile_unit, DW_CHILDREN_no
  std::string table;
  for (const std::uint32_t each : {5U, 2U, 1U, 1U}) put(table, each);
  put(table, kFirst);
  for (const std::uint32_t each : {1U, 1U, 3U, 0U, 0U}) put(table, each);
  put(table, static_cast<std::uint32_t>(unit.size()));
  put(table, static_cast<std::uint32_t>(abbreviations.size()));
  const TemporaryDirectory folder;
  const std::string program = (folder.path() / "shop").string();
  std::ofstream(program + ".dwp", std::ios::binary) << object_file(
      {{".debug_cu_index", table}, {".debug_info.dwo", unit}, {".debug_abbrev.dwo", abbreviations}});
  SkeletonUnit skeleton;
  skeleton.id = kFirst;
  skeleton.version = 5;
  const std::string addresses(100'000, '\0');
  skeleton.addresses = addresses;
  SplitUnits units(program, 250'000);
  EXPECT_TRUE(units.find(skeleton));
  EXPECT_TRUE(units.find(skeleton));
  EXPECT_FALSE(units.find(skeleton));
  skeleton.addresses = {};
  EXPECT_TRUE(units.find(skeleton)) << "what there is room for";
  EXPECT_FALSE(SplitUnits(program, 100).find(skeleton)) << "the unit itself";
}

}  // namespace
}  // namespace signalbox::profile
