#include "instruments/profile/elf/probe_sites.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

std::string run(const std::vector<std::string>& argv) {
  const auto result = run_process(argv, {});
  EXPECT_TRUE(result && result->exit_code == 0) << argv[0];
  return result ? result->output : std::string();
}

// Compiled here, removed at the end.
class Compiled {
 public:
  Compiled(const std::string& source, const std::vector<std::string>& flags) {
    std::ofstream(folder_ / "app.cpp") << source;
    std::vector<std::string> argv{"c++", (folder_ / "app.cpp").native(), "-o", path().native()};
    argv.insert(argv.end(), flags.begin(), flags.end());
    run(argv);
  }
  ~Compiled() { fs::remove_all(folder_); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  fs::path path() const { return folder_ / "app"; }

 private:
  static fs::path made() {
    std::string name = (fs::temp_directory_path() / "signalbox-probes-XXXXXX").native();
    return ::mkdtemp(name.data()) == nullptr ? fs::path() : fs::path(name);
  }
  fs::path folder_ = made();
};

// What `readelf -n` tells of a file: provider, name, place and semaphore of each.
std::set<std::string> told_by_readelf(const fs::path& file) {
  std::set<std::string> out;
  std::string provider;
  std::string name;
  const auto after = [](std::string_view line, std::string_view word) {
    const std::size_t at = line.find(word);
    const std::string_view rest = line.substr(at + word.size());
    return std::string(trim(rest.substr(0, rest.find(','))));
  };
  const std::string text = run({"readelf", "-n", "-W", file.native()});
  for (const std::string_view line : lines(text)) {
    if (line.find("Provider: ") != std::string_view::npos) provider = after(line, "Provider: ");
    if (line.find("    Name: ") != std::string_view::npos) name = after(line, "Name: ");
    if (line.find("Location: ") == std::string_view::npos) continue;
    out.insert(fmt::format("{}:{} {:x} {:x}", provider, name,
                           std::stoull(after(line, "Location: "), nullptr, 16),
                           std::stoull(after(line, "Semaphore: "), nullptr, 16)));
  }
  return out;
}

std::set<std::string> told_by_us(const fs::path& file) {
  const auto elf = ElfFile::open(file);
  EXPECT_TRUE(elf) << file;
  std::set<std::string> out;
  if (!elf) return out;
  for (const StaticProbe& probe : static_probes(*elf))
    out.insert(fmt::format("{}:{} {:x} {:x}", probe.provider, probe.name, probe.vaddr, probe.semaphore));
  return out;
}

TEST(StaticProbes, OfLibrariesAreThoseThatReadelfTells) {
  std::size_t seen = 0;
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"}) {
    for (const char* name :
         {"libstdc++.so.6", "libc.so.6", "libpthread.so.0", "libgcc_s.so.1", "libm.so.6"}) {
      const fs::path file = fs::path(folder) / name;
      if (!fs::exists(file)) continue;
      const auto ours = told_by_us(file);
      EXPECT_EQ(ours, told_by_readelf(file)) << file;
      seen += ours.size();
    }
  }
  EXPECT_GT(seen, 0U);
}

#if defined(__x86_64__)
// Two places of one probe, with a counter that says whether anybody looks.
constexpr const char* kMarked = R"(
__attribute__((section(".probes"))) volatile unsigned short looked_at = 0;
#define MARK asm volatile("990: nop\n .pushsection .note.stapsdt,\"\",\"note\"\n .balign 4\n" \
    ".4byte 992f-991f, 994f-993f, 3\n 991: .asciz \"stapsdt\"\n 992: .balign 4\n" \
    "993: .8byte 990b, _.stapsdt.base, looked_at\n .asciz \"shop\"\n .asciz \"sold\"\n .asciz \"\"\n 994: .balign 4\n .popsection\n" \
    ".ifndef _.stapsdt.base\n .pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n .weak _.stapsdt.base\n" \
    ".hidden _.stapsdt.base\n _.stapsdt.base: .space 1\n .size _.stapsdt.base, 1\n .popsection\n .endif\n");
int main(int argc, char**) { if (argc > 1) { MARK } else { MARK } return looked_at; }
)";

TEST(StaticProbes, OfAProgramLieInItsCodeAndTheirCounterInItsData) {
  const Compiled app(kMarked, {"-O1", "-no-pie"});
  const auto ours = told_by_us(app.path());
  EXPECT_EQ(ours.size(), 2U);
  EXPECT_EQ(ours, told_by_readelf(app.path()));
  const auto elf = ElfFile::open(app.path());
  ASSERT_TRUE(elf);
  for (const StaticProbe& probe : static_probes(*elf)) {
    const auto at = code_offset_of(*elf, probe.vaddr);
    ASSERT_TRUE(at);
    EXPECT_EQ(elf->octets()[*at], '\x90');  // the nop
    const auto counter = file_offset_of(*elf, probe.semaphore);
    ASSERT_TRUE(counter);
    EXPECT_EQ(elf->octets().substr(*counter, 2), std::string_view("\0\0", 2));
    EXPECT_FALSE(code_offset_of(*elf, probe.semaphore));
  }
}
#endif

TEST(StaticProbes, NotesThatAreCutOrOfOthersAreNone) {
  const Compiled app("int main() {}", {});
  const auto elf = ElfFile::open(app.path());
  ASSERT_TRUE(elf);
  EXPECT_TRUE(static_probes(*elf).empty());
}

TEST(FunctionsCalled, AreThoseOfNmByEachOfTheirNames) {
  const Compiled app(R"(
namespace shop { struct Ledger { __attribute__((noinline)) void add(int); __attribute__((noinline)) void add(double); }; }
volatile double sink;
void shop::Ledger::add(int i) { sink = sink + i; }
void shop::Ledger::add(double d) { sink = sink + d; }
template <class T> __attribute__((noinline)) void sell(T t) { sink = sink + t; }
int main() { shop::Ledger().add(1); shop::Ledger().add(1.5); sell<long>(2); }
)",
                     {"-O1", "-g"});
  const auto elf = ElfFile::open(app.path());
  ASSERT_TRUE(elf);
  std::set<std::pair<std::string, std::uint64_t>> nm;
  const std::string text = run({"nm", app.path().native()});
  for (const std::string_view line : lines(text)) {
    if (const auto parts = split(line, ' '); parts.size() == 3 && !parts[0].empty())
      nm.emplace(parts[2], std::stoull(std::string(parts[0]), nullptr, 16));
  }
  const auto expect = [&](std::string_view name, std::vector<std::string> symbols) {
    std::set<std::pair<std::string, std::uint64_t>> told;
    for (const FunctionEntry& entry : functions_called(*elf, name)) {
      told.emplace(entry.symbol, entry.vaddr);
      EXPECT_TRUE(nm.contains({std::string(entry.symbol), entry.vaddr})) << entry.symbol;
      EXPECT_FALSE(entry.chooses);
    }
    std::set<std::string> names;
    for (const auto& [symbol, vaddr] : told) names.insert(symbol);
    EXPECT_EQ(names, std::set<std::string>(symbols.begin(), symbols.end())) << name;
  };
  expect("main", {"main"});
  expect("shop::Ledger::add", {"_ZN4shop6Ledger3addEi", "_ZN4shop6Ledger3addEd"});
  expect("shop::Ledger::add(double)", {"_ZN4shop6Ledger3addEd"});
  expect("_ZN4shop6Ledger3addEi", {"_ZN4shop6Ledger3addEi"});
  expect("void sell<long>", {"_Z4sellIlEvT_"});
  expect("add", {});
  expect("", {});
}

TEST(FunctionsCalled, SaysWhichAreChosenByTheLoader) {
  for (const char* path : {"/usr/lib/x86_64-linux-gnu/libc.so.6"}) {
    if (!fs::exists(path)) GTEST_SKIP() << path << " is not there";
    const auto elf = ElfFile::open(path);
    ASSERT_TRUE(elf);
    const auto found = functions_called(*elf, "memcpy");
    ASSERT_FALSE(found.empty());
    EXPECT_TRUE(
        std::any_of(found.begin(), found.end(), [](const FunctionEntry& entry) { return entry.chooses; }));
  }
}

}  // namespace
}  // namespace signalbox::profile
