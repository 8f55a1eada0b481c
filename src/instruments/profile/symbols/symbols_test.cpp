// Programs and debug files by build id, asked for as other tools ask: by elfutils' debuginfod-find, and from
// elfutils' own debuginfod.
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/http/raw_client.hpp"
#include "instruments/profile/elf/debug_file.hpp"
#include "instruments/profile/elf/symbolizer.hpp"
#include "instruments/profile/symbols/debug_link.hpp"
#include "instruments/profile/symbols/debug_places.hpp"
#include "instruments/profile/symbols/debuginfod_service.hpp"
#include "instruments/profile/symbols/source_names.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;
using http::testing::body_of;
using http::testing::RunningServer;
using http::testing::status_of;

std::string run(const std::vector<std::string>& argv,
                std::vector<std::pair<std::string, std::string>> environment = {}) {
  ProcessOptions options;
  options.environment = std::move(environment);
  const auto result = run_process(argv, options);
  EXPECT_TRUE(result) << argv[0];
  if (!result) return {};
  EXPECT_EQ(result->exit_code, 0) << argv[0] << ": " << result->errors;
  return result->output;
}

// A program that was built with debug information and stripped into two files.
class Stripped : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(source())
        << "int twice(int x) { return 2 * x; }\nint main(int n, char**) { return twice(n); }\n";
    run({"g++", "-g", "-O0", "-Wl,--build-id", "-o", whole().string(), source().string()});
    run({"objcopy", "--only-keep-debug", whole().string(), debug().string()});
    run({"objcopy", "--strip-all", "--add-gnu-debuglink=" + debug().string(), whole().string(),
         program().string()});
    build_id_ = ElfFile::open(program()).value().build_id();
  }
  fs::path source() const { return folder_.path() / "twice.cpp"; }
  fs::path whole() const { return folder_.path() / "whole"; }
  fs::path debug() const { return folder_.path() / "built" / "twice.debug"; }
  fs::path program() const { return folder_.path() / "twice"; }
  SymbolStore store() const { return SymbolStore(folder_.path() / "store"); }
  static std::string octets(const fs::path& path) { return read_file(path).value(); }

  TemporaryDirectory folder_;
  std::string build_id_;
  const bool made_ = fs::create_directory(folder_.path() / "built");
};

TEST_F(Stripped, FilesAreKeptWhereGdbLooksAndOnce) {
  const KeptSymbols first = store().add(debug()).value();
  EXPECT_EQ(first.build_id, build_id_);
  EXPECT_EQ(first.kinds, std::vector{SymbolKind::debuginfo});
  EXPECT_FALSE(first.was_there);
  EXPECT_EQ(store().add(program()).value().kinds, std::vector{SymbolKind::executable});
  EXPECT_TRUE(store().add(debug()).value().was_there);
  const fs::path there =
      folder_.path() / "store/.build-id" / build_id_.substr(0, 2) / (build_id_.substr(2) + ".debug");
  EXPECT_EQ(store().find(build_id_, SymbolKind::debuginfo), there);
  EXPECT_EQ(octets(there), octets(debug()));

  // The program as it was serves as both, from one file.
  const KeptSymbols both = store().add(whole()).value();
  EXPECT_EQ(both.kinds, (std::vector{SymbolKind::executable, SymbolKind::debuginfo}));
  struct stat info {};
  ASSERT_EQ(::stat(there.c_str(), &info), 0);
  EXPECT_EQ(info.st_nlink, 2U);
  EXPECT_TRUE(store().add(whole()).value().was_there);
}

TEST_F(Stripped, ADebugFileWithLinesIsNotReplacedByNamesAlone) {
  const fs::path names = folder_.path() / "names";  // as `strip -g` leaves it: the code, and .symtab
  run({"strip", "-g", "-o", names.string(), whole().string()});
  const auto kept = [&](SymbolKind kind) { return octets(store().find(build_id_, kind).value()); };
  ASSERT_TRUE(store().add(debug()));
  ASSERT_TRUE(store().add(names));
  EXPECT_EQ(kept(SymbolKind::debuginfo), octets(debug()));
  EXPECT_EQ(kept(SymbolKind::executable), octets(names));
  EXPECT_TRUE(store().add(names).value().was_there);
  // In the other order lines take the place of names.
  fs::remove_all(store().root());
  ASSERT_TRUE(store().add(names));
  EXPECT_EQ(kept(SymbolKind::debuginfo), octets(names));
  ASSERT_TRUE(store().add(debug()));
  EXPECT_EQ(kept(SymbolKind::debuginfo), octets(debug()));
  EXPECT_EQ(kept(SymbolKind::executable), octets(names));
}

TEST_F(Stripped, TheDebugFileWithLinesIsFoundBehindOneWithout) {
  const SymbolStore first(folder_.path() / "first");
  const fs::path names = folder_.path() / "names";
  run({"strip", "-g", "-o", names.string(), whole().string()});
  ASSERT_TRUE(first.add(names));
  const ElfFile elf = ElfFile::open(program()).value();
  const fs::path no_lines = first.path_of(build_id_, SymbolKind::debuginfo);
  EXPECT_EQ(find_debug_file(elf, {{first.root(), store().root()}, {}})->name(), no_lines);
  const auto nowhere = [](const std::string&) { return fs::path(); };
  EXPECT_EQ(find_debug_file(elf, {{first.root()}, nowhere})->name(), no_lines);
  const auto elsewhere = [&](const std::string&) { return debug(); };
  EXPECT_EQ(find_debug_file(elf, {{first.root()}, elsewhere})->name(), debug());
  ASSERT_TRUE(store().add(debug()));
  EXPECT_EQ(find_debug_file(elf, {{first.root(), store().root()}, {}})->name(),
            store().path_of(build_id_, SymbolKind::debuginfo));
}

TEST_F(Stripped, WhatIsNoSymbolFileIsRefused) {
  EXPECT_EQ(store().add(source()).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(store().add(folder_.path() / "none").error().kind, ErrorKind::not_found);
  const fs::path pipe = folder_.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(store().add(pipe).error().kind, ErrorKind::bad_input);
  const fs::path nameless = folder_.path() / "nameless";
  run({"g++", "-Wl,--build-id=none", "-o", nameless.string(), source().string()});
  EXPECT_EQ(store().add(nameless).error().kind, ErrorKind::bad_input);
  // Another program in the place of the one that was kept is not taken for it.
  ASSERT_TRUE(store().add(program()));
  run({"g++", "-O2", "-Wl,--build-id", "-o", store().path_of(build_id_, SymbolKind::executable).string(),
       source().string()});
  EXPECT_EQ(store().find(build_id_, SymbolKind::executable), std::nullopt);
  for (const char* id : {"", "ab", "../../etc/passwd", "ABCDEF01", "abcdef0", "abcdef0/"})
    EXPECT_EQ(store().find(id, SymbolKind::executable), std::nullopt) << id;
}

TEST_F(Stripped, NamesComeFromTheStoreWithoutItsDebugFileBesideIt) {
  std::uint64_t at = 0;
  const std::string listing = run({"nm", "--defined-only", "-C", whole().string()});
  const std::size_t line = listing.rfind('\n', listing.find("twice(int)")) + 1;
  at = std::stoull(listing.substr(line, 16), nullptr, 16);
  const auto named = [&](const DebugPlaces& places) {
    const auto lines =
        Symbolizer(std::make_shared<const ElfFile>(ElfFile::open(program()).value()), places).find(at);
    return lines.empty() ? std::string() : fmt::format("{}:{}", lines.back().function, lines.back().line);
  };
  EXPECT_EQ(named({{store().root()}, {}}), "");
  ASSERT_TRUE(store().add(debug()));
  EXPECT_EQ(named({{store().root()}, {}}), "twice(int):1");
}

TEST_F(Stripped, DebugLinksHaveTheChecksumThatObjcopyGave) {
  EXPECT_EQ(debug_link_checksum(ElfFile::open(program()).value()), checksum_of(octets(debug())));
  EXPECT_EQ(debug_link_checksum(ElfFile::open(whole()).value()), std::nullopt);
}

TEST_F(Stripped, AreServedToDebuginfodsOwnClient) {
  if (!find_program("debuginfod-find")) GTEST_SKIP() << "debuginfod-find is not there";
  ASSERT_TRUE(store().add(program()));
  // One file was pushed, the other lies somewhere below a folder.
  DebuginfodService service(store(), {folder_.path() / "built"});
  EXPECT_EQ(service.known_files(), 1U);
  const RunningServer server(service.routes());
  int asked = 0;
  const auto fetch = [&](std::vector<std::string> what) {
    std::vector<std::string> argv{"debuginfod-find"};
    argv.insert(argv.end(), what.begin(), what.end());
    std::string path =
        run(argv, {{"DEBUGINFOD_URLS", fmt::format("http://127.0.0.1:{}", server.port())},
                   {"DEBUGINFOD_CACHE_PATH", (folder_.path() / std::to_string(asked++)).string()}});
    path.pop_back();
    return octets(path);
  };
  EXPECT_EQ(fetch({"executable", build_id_}), octets(program()));
  EXPECT_EQ(fetch({"debuginfo", build_id_}), octets(debug()));
  EXPECT_EQ(fetch({"source", build_id_, source().string()}), octets(source()));
  const ElfFile debug_file = ElfFile::open(debug()).value();
  const ElfFile stripped = ElfFile::open(program()).value();
  EXPECT_EQ(fetch({"section", build_id_, ".debug_line"}), debug_file.section(".debug_line")->octets);
  EXPECT_EQ(fetch({"section", build_id_, ".text"}), stripped.section(".text")->octets);
  EXPECT_NE(body_of(server.get("/metrics")).find("{result=\"found\"} 5\n"), std::string::npos);
}

TEST_F(Stripped, NothingElseOfTheMachineIsGivenAway) {
  ASSERT_TRUE(store().add(debug()));
  DebuginfodService service(store(), {});
  const RunningServer server(service.routes());
  const std::string base = "/buildid/" + build_id_;
  EXPECT_EQ(status_of(server.get(base + "/source" + source().string())), 200);
  for (const char* path :
       {"/source/etc/passwd", "/source/", "/section/.nothing", "/section/.text", "/executable"})
    EXPECT_EQ(status_of(server.get(base + path)), 404) << path;
  for (const char* path :
       {"/source/../../etc/passwd", "/source/%2e%2e/%2e%2e/etc/passwd", "/section/..%2f..%2fetc%2fpasswd"})
    EXPECT_GE(status_of(server.get(base + path)), 400) << path;
  EXPECT_EQ(status_of(server.get("/buildid/0123456789/debuginfo")), 404);
  for (const char* id : {"..", "%2e%2e%2fetc", "ABCDEF0123", "0123456789z", "1"})
    EXPECT_GE(status_of(server.get(fmt::format("/buildid/{}/debuginfo", id))), 400) << id;
  EXPECT_EQ(source_names(ElfFile::open(program()).value()).size(), 0U);
}

// A build id is what its author likes, so another file may come to have it.
TEST_F(Stripped, SourcesAreThoseOfTheFileThatIsThereNow) {
  ASSERT_TRUE(store().add(debug()));
  DebuginfodService service(store(), {});
  const RunningServer server(service.routes());
  const std::string base = "/buildid/" + build_id_ + "/source";
  const fs::path other = folder_.path() / "other.cpp";
  std::ofstream(other) << "int main() { return 1; }\n";
  EXPECT_EQ(status_of(server.get(base + source().string())), 200);
  EXPECT_EQ(status_of(server.get(base + other.string())), 404);
  const fs::path built = folder_.path() / "other";
  run({"g++", "-g", "-O0", "-Wl,--build-id=0x" + build_id_, "-o", built.string(), other.string()});
  ASSERT_TRUE(store().add(built));
  EXPECT_EQ(body_of(server.get(base + other.string())), octets(other));
  EXPECT_EQ(status_of(server.get(base + source().string())), 404);
}

TEST_F(Stripped, NoLinkAndNoPipeIsGivenForASource) {
  ASSERT_TRUE(store().add(debug()));
  DebuginfodService service(store(), {});
  const RunningServer server(service.routes());
  const std::string target = "/buildid/" + build_id_ + "/source" + source().string();
  ASSERT_EQ(status_of(server.get(target)), 200);
  const fs::path secret = folder_.path() / "secret";
  std::ofstream(secret) << "nobody's";
  fs::remove(source());
  EXPECT_EQ(status_of(server.get(target)), 404);
  fs::create_symlink(secret, source());
  EXPECT_EQ(status_of(server.get(target)), 403);
  fs::remove(source());
  ASSERT_EQ(::mkfifo(source().c_str(), 0600), 0);  // nobody writes into it: its other end is not waited for
  EXPECT_EQ(status_of(server.get(target)), 403);
  fs::remove(source());
  fs::create_directory(source());
  EXPECT_EQ(status_of(server.get(target)), 403);
  // A folder on the way that is a link.
  fs::remove(source());
  const fs::path moved = folder_.path().string() + ".moved";
  std::ofstream(source()) << "its own\n";
  fs::rename(folder_.path(), moved);
  fs::create_directory_symlink(moved, folder_.path());
  EXPECT_EQ(status_of(server.get(target)), 403);
  fs::remove(folder_.path());
  fs::rename(moved, folder_.path());
  EXPECT_EQ(body_of(server.get(target)), "its own\n");
  // Of another user; who is not root cannot make one.
  if (::geteuid() != 0) return;
  constexpr uid_t kNobody = 65534;
  ASSERT_EQ(::chown(source().c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(status_of(server.get(target)), 403);
  // The debug file is his, too.
  ASSERT_EQ(::chown(store().path_of(build_id_, SymbolKind::debuginfo).c_str(), kNobody, kNobody), 0);
  EXPECT_EQ(body_of(server.get(target)), "its own\n");
}

// A debug file may name the keys of whoever serves it.
TEST_F(Stripped, WhatNotEverybodyHereMayReadIsNoSource) {
  ASSERT_TRUE(store().add(debug()));
  DebuginfodService service(store(), {});
  const RunningServer server(service.routes());
  const std::string target = "/buildid/" + build_id_ + "/source" + source().string();
  fs::permissions(source(), fs::perms(0600));
  EXPECT_EQ(status_of(server.get(target)), 403);
  fs::permissions(source(), fs::perms(0644));
  EXPECT_EQ(status_of(server.get(target)), 200);
}

// A socket that listens on a free port of loopback; closed, the port is free again.
FileDescriptor listening() {
  FileDescriptor out{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(out.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(out.get(), 8), 0);
  return out;
}

int port_of(const FileDescriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

// elfutils' server on a free port over a folder, ended with this.
class Debuginfod {
 public:
  explicit Debuginfod(const fs::path& folder) {
    for (int attempt = 0; attempt < 5 && !process_; ++attempt) start(folder);
  }
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_); }
  bool runs() const { return process_.has_value(); }

 private:
  void start(const fs::path& folder) {
    port_ = port_of(listening());
    auto started =
        Process::start({"debuginfod", "-F", folder.string(), "-p", std::to_string(port_), "-d", ":memory:"});
    if (!started) return;
    // It has looked through its folders once its metrics say so.
    for (int i = 0; i < 600; ++i) {
      const auto answer = run_process({"curl", "-s", url() + "/metrics"});
      if (answer && answer->output.find("thread_work_total{role=\"traverse\"} ") != std::string::npos &&
          answer->output.find("thread_work_pending{role=\"scan\"} 0") != std::string::npos) {
        process_.emplace(std::move(*started));
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

  int port_ = 0;
  std::optional<Process> process_;
};

// What the library reads of the environment, for the life of this.
class Asking {
 public:
  Asking(const std::string& urls, const fs::path& cache) {
    ::setenv("DEBUGINFOD_URLS", urls.c_str(), 1);
    ::setenv("DEBUGINFOD_CACHE_PATH", cache.c_str(), 1);
  }
  ~Asking() {
    ::unsetenv("DEBUGINFOD_URLS");
    ::unsetenv("DEBUGINFOD_CACHE_PATH");
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;
};

TEST_F(Stripped, AreFoundAtElfutilsOwnServer) {
  if (!find_program("debuginfod") || !find_program("curl")) GTEST_SKIP() << "debuginfod is not there";
  const Debuginfod server(folder_.path() / "built");
  ASSERT_TRUE(server.runs());
  const Asking asking(server.url(), folder_.path() / "cache");
  DebuginfodClient client({.patience = std::chrono::seconds(60)});
  std::optional<fs::path> found;
  for (int i = 0; i < 100 && !found;
       ++i) {  // it may be about to read the file yet; misses are kept for a while
    fs::remove_all(folder_.path() / "cache");
    found = client.find(build_id_, SymbolKind::debuginfo).value();
    if (!found) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  ASSERT_TRUE(found);
  EXPECT_EQ(octets(*found), octets(debug()));
  EXPECT_EQ(client.find(build_id_, SymbolKind::executable).value(), std::nullopt);
  EXPECT_EQ(client.trouble(), "");

  // What came is there without a server, and without patience.
  const Asking nobody("http://127.0.0.1:1", folder_.path() / "cache");
  DebuginfodClient hasty({.patience = std::chrono::milliseconds(0)});
  EXPECT_EQ(hasty.find(build_id_, SymbolKind::debuginfo).value(), found);
  EXPECT_EQ(hasty.trouble(), "");
}

// Takes connections, and answers each with what it is given, again and again where `repeats`.
class Answering {
 public:
  explicit Answering(std::string answer, bool repeats = false)
      : answer_(std::move(answer)), repeats_(repeats), thread_([this] { answer_all(); }) {}
  ~Answering() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Answering(const Answering&) = delete;
  Answering& operator=(const Answering&) = delete;
  std::string url() const { return fmt::format("http://127.0.0.1:{}", port_of(listener_)); }

 private:
  void answer_all() {
    while (true) {
      const FileDescriptor client{::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
      if (!client) return;
      char request[4096];
      if (::recv(client.get(), request, sizeof request, 0) <= 0) continue;
      do {
        if (::send(client.get(), answer_.data(), answer_.size(), MSG_NOSIGNAL) <= 0) break;
      } while (repeats_);
    }
  }

  const std::string answer_;
  const bool repeats_;
  const FileDescriptor listener_ = listening();
  std::thread thread_;
};

TEST_F(Stripped, AServerThatNeverAnswersIsAwaitedForTheWholeRecordingOnce) {
  const FileDescriptor listener = listening();
  const Asking asking(fmt::format("http://127.0.0.1:{}", port_of(listener)), folder_.path() / "cache");
  DebuginfodClient client({.patience = std::chrono::milliseconds(300)});
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(client.find(build_id_ + fmt::format("{:02x}", i), SymbolKind::debuginfo).error().kind,
              ErrorKind::unavailable);
  EXPECT_EQ(client.trouble(), "the symbol servers of $DEBUGINFOD_URLS did not answer within 0.3 s");
  // An empty file in the cache would say for minutes that no server has it.
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(folder_.path() / "cache"))
    EXPECT_NE(each.path().filename(), "debuginfo");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(60));
}

TEST_F(Stripped, AnAddressWhereNobodyListensIsOneLineOfTrouble) {
  const FileDescriptor closed = listening();
  const int port = port_of(closed);
  ::shutdown(closed.get(), SHUT_RDWR);
  const Asking asking(fmt::format("http://127.0.0.1:{}", port), folder_.path() / "cache");
  DebuginfodClient client({.patience = std::chrono::seconds(60)});
  const Error error = client.find(build_id_, SymbolKind::debuginfo).error();
  EXPECT_EQ(error.kind, ErrorKind::unavailable);
  EXPECT_EQ(client.trouble(), error.message);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
  EXPECT_NE(error.message.find("cannot be asked"), std::string::npos) << error.message;
}

TEST_F(Stripped, WhatAServerGivesForAnotherBuildIdIsNotTaken) {
  for (const std::string& octets : {octets(debug()), std::string("no program at all")}) {
    const Answering server(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                                       octets.size(), octets));
    const Asking asking(server.url(), folder_.path() / std::to_string(octets.size()));
    DebuginfodClient client({.patience = std::chrono::seconds(60)});
    const std::string other(40, 'a');
    EXPECT_EQ(client.find(other, SymbolKind::debuginfo).error().kind, ErrorKind::unavailable);
    EXPECT_NE(client.trouble().find(other), std::string::npos) << client.trouble();
    // Nor where it is looked for by a recording.
    const DebugPlaces places = debug_places(std::make_shared<DebuginfodClient>(SymbolLimits()));
    EXPECT_EQ(places.elsewhere(other), fs::path());
  }
}

TEST_F(Stripped, AnAnswerWithoutEndIsNotTaken) {
  const Answering server(
      "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(std::size_t{1} << 16, 'x'), true);
  const fs::path cache = folder_.path() / "cache";
  const Asking asking(server.url(), cache);
  DebuginfodClient client({.patience = std::chrono::seconds(60), .max_octets = 1 << 20});
  EXPECT_EQ(client.find(build_id_, SymbolKind::debuginfo).error().kind, ErrorKind::unavailable);
  EXPECT_NE(client.trouble().find("more than 1 MiB"), std::string::npos) << client.trouble();
  for (const fs::directory_entry& each : fs::recursive_directory_iterator(cache)) {
    EXPECT_TRUE(!each.is_regular_file() || each.file_size() < 1 << 20) << each.path();
  }
}

TEST_F(Stripped, ASourceIsAskedOfAServerByItsPath) {
  if (!find_program("debuginfod-find")) GTEST_SKIP() << "libdebuginfod is not there";
  ASSERT_TRUE(store().add(debug()));
  DebuginfodService service(store(), {});
  const RunningServer server(service.routes());
  const Asking asking(fmt::format("http://127.0.0.1:{}", server.port()), folder_.path() / "cache");
  DebuginfodClient client({.patience = std::chrono::seconds(60)});
  const auto found = client.find_source(build_id_, source().string()).value();
  ASSERT_TRUE(found);
  EXPECT_EQ(octets(*found), octets(source()));
  EXPECT_EQ(client.find_source(build_id_, "/etc/passwd").value(), std::nullopt);
  EXPECT_EQ(client.find_source(build_id_, "twice.cpp").value(), std::nullopt);
  EXPECT_EQ(client.find_source("../x", source().string()).value(), std::nullopt);
  EXPECT_EQ(client.trouble(), "");
}

TEST_F(Stripped, ASourceThatCameTooLateOrIsTooLargeIsNoAnswer) {
  if (!find_program("debuginfod-find")) GTEST_SKIP() << "libdebuginfod is not there";
  const fs::path cache = folder_.path() / "cache";
  const auto empty_notes = [&] {
    int count = 0;
    for (const fs::directory_entry& each : fs::recursive_directory_iterator(cache))
      count += each.path().filename().string().starts_with("source") && each.file_size() == 0 ? 1 : 0;
    return count;
  };
  {
    const FileDescriptor silent = listening();
    const Asking asking(fmt::format("http://127.0.0.1:{}", port_of(silent)), cache);
    DebuginfodClient client({.patience = std::chrono::milliseconds(300)});
    EXPECT_EQ(client.find_source(build_id_, "/src/a.c").error().kind, ErrorKind::unavailable);
    EXPECT_EQ(empty_notes(), 0);
  }
  const Answering endless(
      "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(std::size_t{1} << 16, 'x'), true);
  const Asking asking(endless.url(), cache);
  DebuginfodClient client({.patience = std::chrono::seconds(60), .max_octets = 1 << 20});
  EXPECT_EQ(client.find_source(build_id_, "/src/a.c").error().kind, ErrorKind::unavailable);
  EXPECT_NE(client.trouble().find("more than 1 MiB"), std::string::npos) << client.trouble();
  EXPECT_EQ(empty_notes(), 0);
}

TEST(DebuginfodClient, AsksNobodyWhereNoServerIsNamed) {
  ::unsetenv("DEBUGINFOD_URLS");
  DebuginfodClient client({.patience = std::chrono::seconds(1)});
  EXPECT_EQ(client.find_source("0123456789abcdef", "/src/a.c").value(), std::nullopt);
  EXPECT_EQ(client.find("0123456789abcdef", SymbolKind::debuginfo).value(), std::nullopt);
  EXPECT_EQ(client.trouble(), "");
}

}  // namespace
}  // namespace signalbox::profile
