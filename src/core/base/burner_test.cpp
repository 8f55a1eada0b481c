#include "core/base/burner.hpp"

#include <poll.h>

#include "core/base/file.hpp"
#include "core/base/process.hpp"

namespace signalbox {
namespace {

// Both ends of a pipe; the other end of what is read is held by all that were started, until they end.
struct Held {
  FileDescriptor read_end;
  FileDescriptor write_end;
};
Held held_pipe() {
  int ends[2] = {-1, -1};
  EXPECT_EQ(::pipe(ends), 0);
  return {FileDescriptor{ends[0]}, FileDescriptor{ends[1]}};
}

bool all_ended(const FileDescriptor& read_end) {
  constexpr int kPatience_ms = 60'000;  // on a loaded machine, too
  pollfd waits{read_end.get(), POLLIN, 0};
  char octet = 0;
  return ::poll(&waits, 1, kPatience_ms) == 1 && ::read(read_end.get(), &octet, 1) == 0;
}

// A process that starts what is to end with it, says so, and is killed then.
template <class Start>
void expect_ends_with_its_parent(Start start) {
  Held held = held_pipe();
  const pid_t parent = ::fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    const auto started = start();
    if (::write(held.write_end.get(), "!", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  held.write_end.reset();
  char octet = 0;
  EXPECT_EQ(::read(held.read_end.get(), &octet, 1), 1);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(all_ended(held.read_end));
}

TEST(Burners, EndWhereTheTestIsKilled) {
  expect_ends_with_its_parent([] { return std::make_unique<testing::Burner>(); });
}

TEST(Burners, ProgramsThatAreToEndWithUsDo) {
  expect_ends_with_its_parent([] {
    auto sleeper = Process::start(testing::ending_with_us({"sh", "-c", "echo ready; exec sleep 3600"}));
    if (!sleeper || sleeper->read().value_or("") != "ready\n") ::_exit(1);
    return sleeper;
  });
}

TEST(Burners, EndWhenTheyAreTold) {
  testing::Burner burner;
  const pid_t pid = burner.pid();
  EXPECT_EQ(::kill(pid, 0), 0);
  burner.end();
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);  // it was waited for
}

}  // namespace
}  // namespace signalbox
