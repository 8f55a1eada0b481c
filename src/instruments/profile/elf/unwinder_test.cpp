#include "instruments/profile/elf/unwinder.hpp"

#include <charconv>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "core/base/burner.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"

namespace profile = signalbox::profile;
using profile::Machine;
using profile::UnwindEnd;
using profile::UnwoundFrame;

namespace {

// Goes four functions deep (or into a handler of a signal), prints what backtrace() of glibc says of its
// stack, and waits.
constexpr std::string_view kSource = R"(
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
__attribute__((noinline)) static void at_the_top(int depth) {
  void* addresses[64];
  const int count = backtrace(addresses, 64);
  for (int i = 1; i < count; ++i) printf("%p\n", addresses[i]);
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
static void on_signal(int number) { at_the_top(number); }
__attribute__((noinline)) static int deeper(int depth) {
  volatile char room[DEPTH_BYTES];
  room[depth] = 1;
  if (depth == 0) {
    if (sizeof(room) > 500) raise(SIGUSR1); else at_the_top(depth);
  }
  return depth == 0 ? 0 : deeper(depth - 1) + room[depth];
}
int main(void) {
  signal(SIGUSR1, on_signal);
  return deeper(4);
}
)";

// What is mapped in a process that runs.
class LiveCode {
 public:
  explicit LiveCode(int pid) {
    const std::string maps = signalbox::read_file(fmt::format("/proc/{}/maps", pid)).value();
    for (const std::string_view line : signalbox::lines(maps)) add(line, pid);
  }
  std::optional<profile::UnwindPlace> operator()(std::uint64_t address) const {
    for (const Part& part : parts_)
      if (part.start <= address && address < part.limit)
        return profile::UnwindPlace{part.table, address - part.bias};
    return std::nullopt;
  }

 private:
  struct Part {
    std::uint64_t start;
    std::uint64_t limit;
    const profile::UnwindTable* table;
    std::uint64_t bias;
  };
  void add(std::string_view line, int pid) {
    std::uint64_t start = 0;
    std::uint64_t limit = 0;
    std::uint64_t offset = 0;
    char permissions[5] = {};
    char path[512] = {};
    if (std::sscanf(std::string(line).c_str(), "%lx-%lx %4s %lx %*s %*s %511s", &start, &limit, permissions,
                    &offset, path) < 4 ||
        permissions[2] != 'x')
      return;
    std::optional<profile::ElfFile> elf;
    if (path[0] == '/') {
      elf = profile::ElfFile::open(path).value();
    } else if (std::string_view(path) == "[vdso]") {
      std::string octets(limit - start, '\0');
      iovec ours{octets.data(), octets.size()};
      iovec theirs{reinterpret_cast<void*>(start), octets.size()};
      if (::process_vm_readv(pid, &ours, 1, &theirs, 1, 0) > 0)
        elf = profile::ElfFile::from_memory(std::move(octets), path).value();
    }
    if (!elf) return;
    const auto table = tables_.insert_or_assign(path, profile::compile_unwind_table(*elf).value()).first;
    parts_.push_back({start, limit, &table->second, start - elf->vaddr_of(offset).value()});
  }

  std::map<std::string, profile::UnwindTable> tables_;
  std::vector<Part> parts_;
};

struct Unwound {
  std::vector<UnwoundFrame> frames;
  UnwindEnd end = UnwindEnd::no_code;
};

Unwound unwind_live(int pid, std::size_t snapshot_bytes) {
  EXPECT_EQ(::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr), 0);
  EXPECT_EQ(::ptrace(PTRACE_INTERRUPT, pid, nullptr, nullptr), 0);
  int status = 0;
  ::waitpid(pid, &status, __WALL);
  user_regs_struct registers{};
  EXPECT_EQ(::ptrace(PTRACE_GETREGS, pid, nullptr, &registers), 0);
  std::string stack(snapshot_bytes, '\0');
  iovec ours{stack.data(), stack.size()};
  iovec theirs{reinterpret_cast<void*>(registers.rsp), stack.size()};
  const ssize_t count = ::process_vm_readv(pid, &ours, 1, &theirs, 1, 0);
  stack.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  const LiveCode code(pid);
  Unwound out;
  out.end = profile::unwind(
      {registers.rip, registers.rsp, registers.rbp, 0, stack}, Machine::x86_64,
      [&](std::uint64_t address) { return code(address); }, out.frames);
  ::ptrace(PTRACE_DETACH, pid, nullptr, nullptr);
  return out;
}

// The addresses that the fixture, built with `flags`, printed, and ours.
void compare_with_backtrace(std::vector<std::string> flags) {
  const std::string folder = ::testing::TempDir() + "unwinder" + std::to_string(::getpid());
  const std::string source = folder + ".c";
  const std::string program = folder + ".out";
  std::ofstream(source) << kSource;
  std::vector<std::string> build = {"gcc", "-O2", "-fomit-frame-pointer", "-o", program, source};
  build.insert(build.end(), flags.begin(), flags.end());
  const auto built = signalbox::run_process(build).value();
  ASSERT_EQ(built.exit_code, 0) << built.errors;
  auto process = signalbox::Process::start(signalbox::testing::ending_with_us({program})).value();
  std::string printed;
  while (printed.find("ready\n") == std::string::npos) {
    const std::string part = process.read().value();
    ASSERT_FALSE(part.empty()) << printed;
    printed += part;
  }
  std::vector<std::string> expected;
  for (const std::string_view line : signalbox::lines(printed))
    if (line.starts_with("0x")) expected.emplace_back(line);
  const Unwound ours = unwind_live(process.pid(), 64 << 10);
  const Unwound little = unwind_live(process.pid(), 256);
  ::kill(process.pid(), SIGKILL);
  std::filesystem::remove(source);
  std::filesystem::remove(program);

  EXPECT_EQ(name_of(ours.end), "bottom");
  ASSERT_GE(expected.size(), 6U);
  ASSERT_GT(ours.frames.size(), expected.size());
  std::vector<std::string> tail;
  for (std::size_t i = ours.frames.size() - expected.size(); i < ours.frames.size(); ++i)
    tail.push_back(fmt::format("{:#x}", ours.frames[i].address));
  EXPECT_EQ(tail, expected);
  EXPECT_EQ(name_of(little.end), name_of(UnwindEnd::beyond));
  EXPECT_LT(little.frames.size(), ours.frames.size());
}

// Code without tables at 0x1000 to 0x2000.
std::optional<profile::UnwindPlace> jit_code(std::uint64_t address) {
  if (address < 0x1000 || address >= 0x2000) return std::nullopt;
  return profile::UnwindPlace{};
}

std::string octets_of(const std::vector<std::uint64_t>& words) {
  return {reinterpret_cast<const char*>(words.data()), words.size() * sizeof(std::uint64_t)};
}

Unwound unwind_jit(std::uint64_t fp, const std::vector<std::uint64_t>& words) {
  const std::string stack = octets_of(words);
  Unwound out;
  out.end = profile::unwind({0x1100, 0x7000, fp, 0, stack}, Machine::x86_64, jit_code, out.frames);
  return out;
}

}  // namespace

TEST(Unwinder, FindsTheCallersThatGlibcFindsWithoutFramePointers) {
  compare_with_backtrace({"-DDEPTH_BYTES=64"});
}

TEST(Unwinder, FindsThemInAStrippedProgram) {
  compare_with_backtrace({"-DDEPTH_BYTES=96", "-s"});
}

TEST(Unwinder, FindsThemInAStaticProgram) {
  compare_with_backtrace({"-DDEPTH_BYTES=64", "-static"});
}

TEST(Unwinder, GoesThroughTheFrameOfASignal) {
  compare_with_backtrace({"-DDEPTH_BYTES=512"});
}

TEST(Unwinder, FollowsFramePointersWhereThereIsNoTable) {
  const auto unwound = unwind_jit(0x7000, {0x7010, 0x1200, 0, 0x1300});
  EXPECT_EQ(unwound.end, UnwindEnd::bottom);
  ASSERT_EQ(unwound.frames.size(), 3U);
  EXPECT_EQ(unwound.frames[0].address, 0x1100U);
  EXPECT_FALSE(unwound.frames[0].is_return_address);
  EXPECT_EQ(unwound.frames[1].address, 0x1200U);
  EXPECT_TRUE(unwound.frames[1].is_return_address);
  EXPECT_EQ(unwound.frames[2].address, 0x1300U);
}

TEST(Unwinder, SaysWhyItStopped) {
  EXPECT_EQ(unwind_jit(0x6FF0, {}).end, UnwindEnd::not_upward);
  EXPECT_EQ(unwind_jit(0x7100, {0}).end, UnwindEnd::beyond);
  EXPECT_EQ(unwind_jit(0x7000, {0x7000, 0x1200}).end, UnwindEnd::not_upward);  // a cycle
  EXPECT_EQ(unwind_jit(0x7000, {0x7010, 0x9999}).end, UnwindEnd::no_code);
  std::vector<std::uint64_t> endless;
  for (std::uint64_t i = 1; i <= 600; ++i) endless.insert(endless.end(), {0x7000 + 16 * i, 0x1200});
  const auto unwound = unwind_jit(0x7000, endless);
  EXPECT_EQ(unwound.end, UnwindEnd::too_deep);
  EXPECT_EQ(unwound.frames.size(), profile::kMaxUnwoundFrames);
}

TEST(Unwinder, WhereTheFramePointerIsNotKnownTheStackEndsAndSaysSo) {
  const std::string stack = octets_of({0x7010, 0x1200, 0, 0x1300});
  profile::StackSnapshot snapshot{0x1100, 0x7000, 0, 0, stack};
  snapshot.has_fp = false;
  std::vector<UnwoundFrame> frames;
  EXPECT_EQ(profile::unwind(snapshot, Machine::x86_64, jit_code, frames), UnwindEnd::no_register);
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames.front().address, 0x1100U);
}

// `pop %rbp` is done, `ret` is not, and the rule still says that the frame pointer lies at CFA - 16.
TEST(Unwinder, BetweenPopAndRetTheFramePointerIsInItsRegister) {
  using profile::UnwindRule;
  std::vector<UnwindRule> rules(3);
  rules[1].kind = UnwindRule::Kind::from_sp;
  rules[1].cfa_offset = 8;
  rules[1].fp_offset = -16;
  rules[1].ra_offset = -8;
  rules[2].kind = UnwindRule::Kind::bottom;
  const std::vector<std::uint32_t> rows{0x1000 | (1U << 16), 0x1100 | (2U << 16)};
  const std::vector<std::uint32_t> pages{0, 2};
  const profile::UnwindTable table({0x1000, pages, rows, rules, 0}, nullptr);
  const std::uint64_t stack[] = {0x1110, 0};
  profile::StackSnapshot snapshot;
  snapshot.ip = 0x1010;
  snapshot.sp = 0x7000;
  snapshot.fp = 0x7100;
  snapshot.stack = {reinterpret_cast<const char*>(stack), sizeof stack};
  std::vector<profile::UnwoundFrame> frames;
  const auto end = profile::unwind(
      snapshot, profile::Machine::x86_64,
      [&](std::uint64_t address) {
        return profile::UnwindPlace{&table, address};
      },
      frames);
  EXPECT_EQ(end, profile::UnwindEnd::bottom);
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1].address, 0x1110U);
  EXPECT_TRUE(frames[1].is_return_address);
}
