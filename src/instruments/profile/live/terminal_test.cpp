#include "instruments/profile/live/terminal.hpp"

#include <stdexcept>

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/burner.hpp"
#include "core/base/file.hpp"

namespace signalbox::profile {
namespace {

// A pseudo-terminal of 30 rows and 100 columns, and how it is set when nobody draws on it.
class Pseudo {
 public:
  Pseudo() {
    int outside = -1;
    int inside = -1;
    winsize size{};
    size.ws_row = 30;
    size.ws_col = 100;
    EXPECT_EQ(::openpty(&outside, &inside, nullptr, nullptr, &size), 0);
    outside_ = FileDescriptor{outside};
    inside_ = FileDescriptor{inside};
    before_ = settings();
  }
  int inside() const { return inside_.get(); }
  int outside() const { return outside_.get(); }
  termios settings() const {
    termios out{};
    EXPECT_EQ(::tcgetattr(inside_.get(), &out), 0);
    return out;
  }
  bool is_as_before() const {
    const termios now = settings();
    return now.c_lflag == before_.c_lflag && now.c_iflag == before_.c_iflag &&
           now.c_cc[VMIN] == before_.c_cc[VMIN];
  }
  // What was drawn, until this stands at its end.
  std::string shown(std::string_view until) {
    char room[4096];
    pollfd wanted{outside_.get(), POLLIN, 0};
    while (!seen_.ends_with(until) && ::poll(&wanted, 1, 10'000) == 1) {
      const ssize_t got = ::read(outside_.get(), room, sizeof room);
      if (got <= 0) break;
      seen_.append(room, static_cast<std::size_t>(got));
    }
    return seen_;
  }

 private:
  FileDescriptor outside_;
  FileDescriptor inside_;
  termios before_{};
  std::string seen_;
};

constexpr std::string_view kLeft = "\x1b[?25h\x1b[?1049l";

TEST(Terminal, IsAsBeforeOnceItIsGivenBack) {
  Pseudo pseudo;
  {
    const auto terminal = Terminal::open(pseudo.inside(), pseudo.inside());
    ASSERT_TRUE(terminal);
    EXPECT_FALSE(pseudo.is_as_before());
    EXPECT_EQ(pseudo.settings().c_lflag & (ICANON | ECHO | ISIG), 0U);
    (*terminal)->draw({"one", "two"});
  }
  EXPECT_TRUE(pseudo.is_as_before());
  const std::string shown = pseudo.shown(kLeft);
  EXPECT_TRUE(shown.starts_with("\x1b[?1049h\x1b[?25l")) << shown;
  EXPECT_NE(shown.find("\x1b[1;1Hone\x1b[K\x1b[2;1Htwo\x1b[K"), std::string::npos) << shown;
  EXPECT_TRUE(shown.ends_with(kLeft));
}

TEST(Terminal, IsGivenBackByAnException) {
  Pseudo pseudo;
  try {
    const auto terminal = Terminal::open(pseudo.inside(), pseudo.inside());
    throw std::runtime_error("x");
  } catch (const std::runtime_error&) {
  }
  EXPECT_TRUE(pseudo.is_as_before());
}

// A process that is ended by a signal while it draws: the terminal is given back, and it ends as it would
// have.
TEST(Terminal, IsGivenBackBySignals) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGABRT}) {
    Pseudo pseudo;
    const pid_t us = ::getpid();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      testing::end_with(us);
      for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGABRT}) ::signal(each, SIG_DFL);
      const auto terminal = Terminal::open(pseudo.inside(), pseudo.inside());
      if (terminal) (*terminal)->draw({"here"});
      for (;;) ::pause();
    }
    pseudo.shown("\x1b[J");
    EXPECT_FALSE(pseudo.is_as_before());
    ::kill(child, signal);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << signal;
    EXPECT_TRUE(pseudo.is_as_before()) << signal;
    EXPECT_TRUE(pseudo.shown(kLeft).ends_with(kLeft)) << signal;
  }
}

volatile sig_atomic_t handled = 0;

TEST(Terminal, AHandlerOfBeforeIsCalledAndStaysAfterwards) {
  struct sigaction ours {};
  struct sigaction old {};
  ours.sa_handler = [](int) { handled = handled + 1; };
  ::sigaction(SIGTERM, &ours, &old);
  handled = 0;
  Pseudo pseudo;
  {
    const auto terminal = Terminal::open(pseudo.inside(), pseudo.inside());
    ASSERT_TRUE(terminal);
    ::raise(SIGTERM);
    EXPECT_EQ(handled, 1);
    EXPECT_TRUE(pseudo.is_as_before());
  }
  ::raise(SIGTERM);
  EXPECT_EQ(handled, 2);
  ::sigaction(SIGTERM, &old, nullptr);
}

TEST(Terminal, TellsItsSizeAndWhatIsTyped) {
  Pseudo pseudo;
  const auto terminal = Terminal::open(pseudo.inside(), pseudo.inside());
  ASSERT_TRUE(terminal);
  EXPECT_EQ((*terminal)->size(), (TerminalSize{30, 100}));
  winsize size{};
  size.ws_row = 10;
  size.ws_col = 40;
  ::ioctl(pseudo.outside(), TIOCSWINSZ, &size);
  EXPECT_EQ((*terminal)->size(), (TerminalSize{10, 40}));
  EXPECT_EQ((*terminal)->typed(), "");
  ASSERT_EQ(::write(pseudo.outside(), "q\x03", 2), 2);
  EXPECT_EQ((*terminal)->typed(), "q\x03");
}

TEST(Terminal, WhatIsNoTerminalIsRefused) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const FileDescriptor read{ends[0]};
  const FileDescriptor write{ends[1]};
  EXPECT_FALSE(Terminal::open(read.get(), write.get()));
}

}  // namespace
}  // namespace signalbox::profile
