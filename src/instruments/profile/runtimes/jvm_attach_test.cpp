#include "instruments/profile/runtimes/jvm_attach.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/burner.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/runtimes/jvm_names.hpp"
#include "instruments/profile/runtimes/perf_map.hpp"
#include "instruments/profile/runtimes/process_status.hpp"

namespace signalbox::profile {
namespace {

constexpr std::chrono::minutes kPatience{1};  // on a loaded machine, too

constexpr const char* kSource = R"(
public class Work {
  static volatile double sink;
  static double compute_in_java(int n) { double s = 0; for (int i = 1; i < n; i++) s += Math.sqrt(i) / (i + s); return s; }
  public static void main(String[] a) throws Exception {
    for (long i = 0; ; i++) {
      sink += compute_in_java(20000);
      if (i == 2000) System.out.println("ready");
      if (i > 2000) Thread.sleep(10);
    }
  }
})";

class Jvms : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("javac") || !find_program("java")) GTEST_SKIP() << "javac and java are not there";
    ASSERT_TRUE(replace_file(folder_.path() / "Work.java", kSource));
    const auto compiled =
        run_process({"javac", "-d", folder_.path().string(), (folder_.path() / "Work.java").string()});
    ASSERT_TRUE(compiled);
    ASSERT_EQ(compiled->exit_code, 0) << compiled->errors;
  }

  // One that computes, until its method is compiled.
  Process jvm(std::vector<std::string> options) const {
    std::vector<std::string> argv{"java", "-Xmx64m", "-cp", folder_.path().string()};
    argv.insert(argv.end(), options.begin(), options.end());
    argv.push_back("Work");
    auto process = Process::start(testing::ending_with_us(std::move(argv)));
    EXPECT_TRUE(process);
    const auto said = process->read();
    EXPECT_TRUE(said && said->starts_with("ready")) << (said ? *said : said.error().message);
    return std::move(*process);
  }

  static std::string map_of(const Process& process) { return fmt::format("/tmp/perf-{}.map", process.pid()); }
  // What a JVM leaves where it is killed.
  static void clean(const Process& process) {
    std::filesystem::remove(map_of(process));
    std::filesystem::remove(fmt::format("/tmp/.java_pid{}", process.pid()));
    std::filesystem::remove(fmt::format("/tmp/.attach_pid{}", process.pid()));
  }

  TemporaryDirectory folder_;
};

std::string trigger_of(const Process& process) {
  return fmt::format("/tmp/.attach_pid{}", process.pid());
}

bool comes_true(const std::function<bool()>& what) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (!what()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

// At SIGQUIT without the file of the handshake a JVM prints all its threads. What it says is read until it
// did so, or ends.
bool prints_threads(Process& process) {
  std::string all;
  for (auto said = process.read(); said && !said->empty(); said = process.read()) {
    all += *said;
    if (all.find("Full thread dump") != std::string::npos) return true;
  }
  return false;
}

bool printed_threads(Process& process) {
  ::kill(process.pid(), SIGTERM);
  return prints_threads(process);
}

TEST_F(Jvms, ThatRunSayWhatTheirCodeIsCalledAndPrintNothing) {
  Process process = jvm({});
  EXPECT_TRUE(is_hotspot(process.pid()));
  EXPECT_EQ(why_not_to_signal(process.pid()), std::nullopt);
  ASSERT_FALSE(std::filesystem::exists(fmt::format("/tmp/.java_pid{}", process.pid())));
  const auto answer = ask_jvm(process.pid(), "jcmd", {"Compiler.perfmap"}, kPatience);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->code, 0) << answer->text;
  EXPECT_FALSE(std::filesystem::exists(fmt::format("/tmp/.attach_pid{}", process.pid())));
  const auto text = read_file(map_of(process));
  ASSERT_TRUE(text);
  EXPECT_NE(text->find("compute_in_java"), std::string::npos);
  EXPECT_TRUE(read_perf_map(process.pid()));

  // It listens now, so the second question needs no signal; its answer is jcmd's own.
  const auto version = ask_jvm(process.pid(), "jcmd", {"VM.version"}, kPatience);
  ASSERT_TRUE(version) << version.error().message;
  const auto theirs = run_process({"jcmd", std::to_string(process.pid()), "VM.version"});
  ASSERT_TRUE(theirs);
  if (theirs->exit_code == 0) {
    EXPECT_NE(theirs->output.find(version->text), std::string::npos) << theirs->output << version->text;
  }
  EXPECT_FALSE(printed_threads(process));
  clean(process);
}

// So that the test above can fail.
TEST_F(Jvms, PrintTheirThreadsAtASignalAlone) {
  Process process = jvm({});
  ASSERT_EQ(::kill(process.pid(), SIGQUIT), 0);
  EXPECT_TRUE(prints_threads(process));  // before it is ended: it does so when its own thread comes to it
}

TEST_F(Jvms, SayWhatTheyDoNotKnow) {
  Process process = jvm({});
  const auto answer = ask_jvm(process.pid(), "jcmd", {"No.such_command"}, kPatience);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_NE(answer->code, 0);
  EXPECT_NE(answer->text.find("IllegalArgumentException"), std::string::npos) << answer->text;
  clean(process);
}

// Where HotSpot does not take SIGQUIT itself, it would end the process.
TEST_F(Jvms, ThatDoNotTakeSignalsAreNotSignalledAndListenAnyway) {
  Process process = jvm({"-Xrs"});
  ASSERT_TRUE(why_not_to_signal(process.pid()));
  const auto answer = ask_jvm(process.pid(), "jcmd", {"VM.version"}, kPatience);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(::kill(process.pid(), 0), 0);
  clean(process);
}

TEST_F(Jvms, ThatDoNotWantToBeAskedAreNotSignalled) {
  Process process = jvm({"-XX:+DisableAttachMechanism"});
  const auto answer = ask_jvm(process.pid(), "jcmd", {"VM.version"}, kPatience);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_NE(answer.error().message.find("DisableAttachMechanism"), std::string::npos);
  EXPECT_FALSE(printed_threads(process));
}

// A signal would be pending, and the file of the handshake gone when it is taken.
TEST_F(Jvms, ThatAreStoppedAreNotSignalled) {
  Process process = jvm({});
  ASSERT_EQ(::kill(process.pid(), SIGSTOP), 0);
  ASSERT_TRUE(comes_true([&] { return status_of(process.pid()).value_or(ProcessStatus()).is_stopped(); }));
  const auto answer = ask_jvm(process.pid(), "jcmd", {"VM.version"}, std::chrono::milliseconds(100));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_NE(answer.error().message.find("stopped"), std::string::npos) << answer.error().message;
  EXPECT_FALSE(std::filesystem::exists(trigger_of(process)));
  ASSERT_EQ(::kill(process.pid(), SIGCONT), 0);
  EXPECT_FALSE(printed_threads(process));
  clean(process);
}

// The file stays for the signal that may be on its way, and goes at the next question.
TEST_F(Jvms, ThatTakeTheSignalWhenPatienceIsOverListenAndPrintNothing) {
  Process process = jvm({});
  const auto answer = ask_jvm(process.pid(), "jcmd", {"VM.version"}, std::chrono::milliseconds(0));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(
      comes_true([&] { return std::filesystem::exists(fmt::format("/tmp/.java_pid{}", process.pid())); }));
  const auto later = ask_jvm(process.pid(), "jcmd", {"VM.version"}, kPatience);
  ASSERT_TRUE(later) << later.error().message;
  EXPECT_FALSE(std::filesystem::exists(trigger_of(process)));
  EXPECT_FALSE(printed_threads(process));
  clean(process);
}

TEST_F(Jvms, AFileThatWasLeftBehindGoesOnceTheyListen) {
  Process process = jvm({});
  ASSERT_TRUE(replace_file(trigger_of(process), ""));  // its asker was killed
  ASSERT_TRUE(ask_jvm(process.pid(), "jcmd", {"VM.version"}, kPatience));
  EXPECT_FALSE(std::filesystem::exists(trigger_of(process)));
  EXPECT_FALSE(printed_threads(process));
  clean(process);
}

TEST_F(Jvms, WithAMapThatIsALinkAreNotAsked) {
  Process process = jvm({});
  const std::filesystem::path precious = folder_.path() / "precious";
  ASSERT_TRUE(replace_file(precious, "keep me"));
  ASSERT_EQ(::symlink(precious.c_str(), map_of(process).c_str()), 0);
  const auto notes = ask_jvm_for_names(process.pid(), Asking::first, kPatience);
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_NE(notes.front().message.find("was not asked"), std::string::npos);
  EXPECT_EQ(read_file(precious).value(), "keep me");
  clean(process);
  // Without the link it is asked, and says that its code has no frame pointers.
  const auto later = ask_jvm_for_names(process.pid(), Asking::first, kPatience);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later.front().remedy, "start it with -XX:+PreserveFramePointer");
  EXPECT_TRUE(ask_jvm_for_names(process.pid(), Asking::again, kPatience).empty());
  EXPECT_TRUE(std::filesystem::exists(map_of(process)));
  clean(process);
}

// A process that is a HotSpot by all that is looked at, listens as one does, and answers with this text: so a
// JVM is when it ends, or hangs, in the middle of an answer.
class Pretender {
 public:
  enum class Then { hangs_up, hangs };
  Pretender(const std::string& answer, Then then, int times = 1) {
    EXPECT_TRUE(replace_file(folder_.path() / "jvm.c", "int gHotSpotVMStructs = 1;\n"));
    const auto built =
        run_process({"cc", "-shared", "-o", library().string(), (folder_.path() / "jvm.c").string()});
    EXPECT_TRUE(built && built->exit_code == 0);
    auto process = Process::start(
        {"python3", "-c",
         "import mmap,os,socket,sys,time; f = open(sys.argv[1], 'rb'); m = mmap.mmap(f.fileno(), 0, "
         "mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC); s = socket.socket(socket.AF_UNIX); "
         "s.bind('/tmp/.java_pid%d' % os.getpid()); s.listen(); print('ready', flush=True); "
         "c = s.accept()[0]; c.recv(4096); c.sendall(sys.argv[2].encode() * int(sys.argv[4])); "
         "sys.argv[3] == 'hangs' and time.sleep(600); c.close(); time.sleep(600)",
         library().string(), answer, then == Then::hangs ? "hangs" : "hangs up", std::to_string(times)});
    EXPECT_TRUE(process);
    process_.emplace(std::move(*process));
    EXPECT_TRUE(process_->read().value_or("").starts_with("ready"));
  }
  ~Pretender() { std::filesystem::remove(fmt::format("/tmp/.java_pid{}", pid())); }
  std::int32_t pid() const { return process_->pid(); }
  std::filesystem::path library() const { return folder_.path() / "libjvm.so"; }
  static bool is_possible() { return find_program("cc") && find_program("python3"); }

 private:
  TemporaryDirectory folder_;
  std::optional<Process> process_;
};

TEST(JvmAnswer, IsTakenWhereItIsWhole) {
  if (!Pretender::is_possible()) GTEST_SKIP() << "cc and python3 are not there";
  const Pretender whole("0\nall of ita", Pretender::Then::hangs_up);
  const auto answer = ask_jvm(whole.pid(), "jcmd", {"VM.version"}, kPatience);
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->code, 0);
  EXPECT_EQ(answer->text, "all of ita");
  const Pretender cut("0\nhalf of ita", Pretender::Then::hangs);
  const auto half = ask_jvm(cut.pid(), "jcmd", {"VM.version"}, std::chrono::milliseconds(500));
  ASSERT_FALSE(half) << half->text;
  EXPECT_EQ(half.error().kind, ErrorKind::unavailable);
  EXPECT_NE(half.error().message.find("no whole answer"), std::string::npos) << half.error().message;
  const Pretender too_long("0\naaaaaaaaaaaaaa", Pretender::Then::hangs_up, 1 << 17);
  EXPECT_EQ(ask_jvm(too_long.pid(), "jcmd", {"VM.version"}, kPatience).error().kind, ErrorKind::unavailable);
}

// As after an update of the JVM's package.
TEST(JvmLibrary, IsKnownWhenItsFileWasRemoved) {
  if (!Pretender::is_possible()) GTEST_SKIP() << "cc and python3 are not there";
  const Pretender updated("0\n", Pretender::Then::hangs);
  ASSERT_TRUE(is_hotspot(updated.pid()));
  const std::string maps = read_file(fmt::format("/proc/{}/maps", updated.pid())).value();
  const std::size_t at = maps.rfind('\n', maps.find("/libjvm.so")) + 1;
  const std::string range = maps.substr(at, maps.find(' ', at) - at);
  if (!read_file(fmt::format("/proc/{}/map_files/{}", updated.pid(), range)))
    GTEST_SKIP() << "mapped files may not be opened";
  std::filesystem::remove(updated.library());
  EXPECT_TRUE(is_hotspot(updated.pid()));
}

// SIGQUIT would end both.
TEST(NoJvm, IsNeverSignalled) {
  auto sleeper = Process::start({"sleep", "600"});
  ASSERT_TRUE(sleeper);
  const auto answer = ask_jvm(sleeper->pid(), "jcmd", {"VM.version"});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::not_found);
  EXPECT_TRUE(ask_jvm_for_names(sleeper->pid(), Asking::first, kPatience).empty());
  EXPECT_EQ(ask_jvm(2'000'000'000, "jcmd", {}).error().kind, ErrorKind::not_found);

  // One that maps a library which is called so.
  const TemporaryDirectory folder;
  const std::filesystem::path library = folder.path() / "libjvm.so";
  std::filesystem::copy_file("/proc/self/exe", library);
  auto pretender = Process::start(
      {"python3", "-c",
       "import mmap,sys,time; f = open(sys.argv[1], 'rb'); m = mmap.mmap(f.fileno(), 0, mmap.MAP_PRIVATE, "
       "mmap.PROT_READ | mmap.PROT_EXEC); print('ready', flush=True); time.sleep(600)",
       library.string()});
  ASSERT_TRUE(pretender);
  ASSERT_TRUE(pretender->read().value_or("").starts_with("ready"));
  EXPECT_NE(read_file(fmt::format("/proc/{}/maps", pretender->pid())).value_or("").find("/libjvm.so"),
            std::string::npos);
  EXPECT_FALSE(is_hotspot(pretender->pid()));
  EXPECT_EQ(ask_jvm(pretender->pid(), "jcmd", {}).error().kind, ErrorKind::not_found);
  for (const auto* process : {&*sleeper, &*pretender}) {
    const auto status = read_file(fmt::format("/proc/{}/status", process->pid()));
    ASSERT_TRUE(status);
    EXPECT_EQ(status->find("State:\tZ"), std::string::npos);
  }
}

}  // namespace
}  // namespace signalbox::profile
