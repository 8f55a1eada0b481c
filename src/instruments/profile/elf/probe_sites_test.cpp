#include "instruments/profile/elf/probe_sites.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
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

// Compiled here, removed at the end. `language`: the ending of its source.
class Compiled {
 public:
  Compiled(const std::string& source, const std::vector<std::string>& flags,
           const std::string& language = "cpp") {
    const fs::path file = folder_ / ("app." + language);
    std::ofstream(file) << source;
    std::vector<std::string> argv{"c++", file.native(), "-o", path().native()};
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

// What gcc makes of functions at -O2: parts that are seldom come by, copies for callers that pass a constant.
TEST(FunctionsCalled, AreThePlacesThatACallComesByOnceOfWhatACompilerMadeOfThem) {
  const Compiled app(R"(
#include <cstdio>
#include <cstdlib>
volatile long sink;
__attribute__((cold, noinline)) void complain(const char* what) { std::puts(what); }
extern "C" {
__attribute__((noinline)) long checked(long amount) {
  if (amount < 0) { complain("negative"); sink = sink - amount; complain("still"); std::abort(); }
  for (long i = 0; i < amount; ++i) sink = sink + i;
  return sink;
}
static __attribute__((noinline)) long fixed(long amount, long by) {
  long out = 0;
  for (long i = 0; i < amount; ++i) { sink = sink + i * by; out += sink; }
  return out + sink;
}
}
int main(int argc, char**) { return static_cast<int>(checked(argc) + fixed(argc, 7) + fixed(argc + 1, 7)); }
)",
                     {"-O2", "-g"});
  const std::string text = run({"nm", app.path().native()});
  const auto elf = ElfFile::open(app.path());
  ASSERT_TRUE(elf);
  const auto symbols = [&](std::string_view name) {
    std::vector<std::string> out;
    for (const FunctionEntry& entry : functions_called(*elf, name)) out.emplace_back(entry.symbol);
    return out;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(symbols("checked"), Names{"checked"});
  if (text.find(" checked.cold") != std::string::npos)
    EXPECT_EQ(symbols("checked.cold"), Names{"checked.cold"});
  else
    std::printf("left out: this compiler splits no function\n");
  if (text.find(" fixed.constprop.0") != std::string::npos)
    EXPECT_EQ(symbols("fixed"), Names{"fixed.constprop.0"});
  else
    std::printf("left out: this compiler makes no copies for constants\n");
}

// A symbol table by hand: names of several compilers, each at an address of its own.
class NamesOnly {
 public:
  explicit NamesOnly(const std::vector<std::string>& symbols) {
    std::string source = ".text\n";
    for (const std::string& symbol : symbols)
      source += fmt::format(".globl \"{0}\"\n.type \"{0}\", %function\n\"{0}\": .long 0\n", symbol);
    source += ".globl _start\n_start: .long 0\n";
    assembled_.emplace(source, std::vector<std::string>{"-nostdlib", "-no-pie"}, "s");
  }
  std::vector<std::string> called(std::string_view name) const {
    std::vector<std::string> out;
    const auto elf = ElfFile::open(assembled_->path());
    EXPECT_TRUE(elf);
    if (!elf) return out;
    for (const FunctionEntry& entry : functions_called(*elf, name)) out.emplace_back(entry.symbol);
    std::sort(out.begin(), out.end());
    return out;
  }

 private:
  std::optional<Compiled> assembled_;
};

TEST(FunctionsCalled, AreNeitherTheColdNorTheSplitPartsOfAFunction) {
  const NamesOnly names({"_Z4selld", "_Z4selld.cold", "_Z4selld.part.0", "_Z4selld.constprop.0",
                         "_Z4selld.isra.0.constprop.1", "_Z4selld.constprop.0.cold", "_Z4selld.llvm.4711",
                         "_Z4selli", "_Z4selli.cold.1", "_Z4selli.__part.2", "buy", "buy.lto_priv.3",
                         "buy.cold", "buy.more", "main.main", "main.main.func1", "main.clone",
                         "only.part.0"});
  using Names = std::vector<std::string>;
  EXPECT_EQ(names.called("sell(int)"), Names{"_Z4selli"});
  EXPECT_EQ(names.called("_Z4selli"), Names{"_Z4selli"});
  EXPECT_EQ(names.called("sell"), (Names{"_Z4selld", "_Z4selld.constprop.0", "_Z4selld.isra.0.constprop.1",
                                         "_Z4selld.llvm.4711", "_Z4selli"}));
  EXPECT_EQ(names.called("_Z4selld"),
            (Names{"_Z4selld", "_Z4selld.constprop.0", "_Z4selld.isra.0.constprop.1", "_Z4selld.llvm.4711"}));
  EXPECT_EQ(names.called("_Z4selld.cold"), Names{"_Z4selld.cold"});
  EXPECT_EQ(names.called("buy"), (Names{"buy", "buy.lto_priv.3"}));
  EXPECT_EQ(names.called("main.main"), Names{"main.main"});
  EXPECT_EQ(names.called("main"), Names{});
  EXPECT_EQ(names.called("only"), Names{});
  EXPECT_EQ(names.called("only.part.0"), Names{"only.part.0"});
}

// The destructor that frees an object calls the one that does not: one of them is enough.
TEST(FunctionsCalled, OfADestructorThatCallsAnotherAreThatOne) {
  constexpr const char* kSource = R"(
struct Base { virtual ~Base(); long room[4]; };
struct Ledger : Base { ~Ledger() override; long sum = 0; };
volatile long sink;
Base::~Base() { sink = sink + 1; }
Ledger::~Ledger() { for (long i = 0; i < sum; ++i) sink = sink + i; }
Base* made() { return new Ledger; }
int main() { delete made(); { Ledger on_the_stack; } return 0; }
)";
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"-O0"}, {"-O0", "-shared", "-fPIC"}}) {
    const Compiled app(kSource, flags);
    const auto elf = ElfFile::open(app.path());
    ASSERT_TRUE(elf);
    const auto found = functions_called(*elf, "Ledger::~Ledger");
    ASSERT_EQ(found.size(), 1U) << flags.back();
    EXPECT_FALSE(found[0].symbol.ends_with("D0Ev")) << found[0].symbol;
    EXPECT_EQ(functions_called(*elf, "_ZN6LedgerD0Ev").size(), 1U);
  }
  // Where it has the work within itself both are come by.
  const Compiled inlined(kSource, {"-O2"});
  const auto elf = ElfFile::open(inlined.path());
  ASSERT_TRUE(elf);
  const std::string code = run({"objdump", "-d", "--disassemble=_ZN6LedgerD0Ev", inlined.path().native()});
  const bool calls_it = code.find("<_ZN6LedgerD1Ev>") != std::string::npos ||
                        code.find("<_ZN6LedgerD2Ev>") != std::string::npos;
  EXPECT_EQ(functions_called(*elf, "Ledger::~Ledger").size(), calls_it ? 1U : 2U);
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
