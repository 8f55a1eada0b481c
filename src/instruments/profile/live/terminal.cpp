#include "instruments/profile/live/terminal.hpp"

#include <atomic>
#include <cerrno>

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "core/base/file.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";  // the second screen; no cursor
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
constexpr int kSignals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};

// What a handler of signals needs, and the terminal's owner shares with it.
struct Kept {
  std::atomic<bool> is_drawn_on{false};
  int input = -1;
  int output = -1;
  termios before{};
  struct sigaction actions[std::size(kSignals)]{};
};
Kept kept;

void write_all(int descriptor, std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t written = ::write(descriptor, octets.data(), octets.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EAGAIN) {
      pollfd room{descriptor, POLLOUT, 0};
      if (::poll(&room, 1, 1'000) == 1) continue;
    }
    if (written <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
}

// As it was; safe in a handler.
void give_back() {
  if (!kept.is_drawn_on.exchange(false)) return;
  write_all(kept.output, kLeave);
  ::tcsetattr(kept.input, TCSANOW, &kept.before);
}

void on_signal(int signal) {
  const int error = errno;
  give_back();
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    if (kSignals[i] == signal) ::sigaction(signal, &kept.actions[i], nullptr);
  }
  ::raise(signal);  // comes once this handler is done, to whoever had it before
  errno = error;
}

}  // namespace

struct Terminal::State {
  int input = -1;
  int output = -1;
};

Terminal::Terminal(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Terminal>> Terminal::open(int input, int output) {
  if (::tcgetattr(input, &kept.before) != 0) return fail(error_from_errno(errno, "the terminal"));
  kept.input = input;
  kept.output = output;
  auto state = std::make_unique<State>();
  state->input = input;
  state->output = output;
  std::unique_ptr<Terminal> out(new Terminal(std::move(state)));
  kept.is_drawn_on = true;
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (std::size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &action, &kept.actions[i]);
  termios raw = kept.before;
  raw.c_lflag &= static_cast<tcflag_t>(~(ICANON | ECHO | ISIG | IEXTEN));
  raw.c_iflag &= static_cast<tcflag_t>(~(IXON | ICRNL));
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  if (::tcsetattr(input, TCSANOW, &raw) != 0) return fail(error_from_errno(errno, "the terminal"));
  write_all(output, kEnter);
  return out;
}

Terminal::~Terminal() {
  give_back();
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    struct sigaction now {};
    ::sigaction(kSignals[i], nullptr, &now);
    if (now.sa_handler == on_signal) ::sigaction(kSignals[i], &kept.actions[i], nullptr);
  }
}

TerminalSize Terminal::size() const {
  winsize found{};
  if (::ioctl(state_->output, TIOCGWINSZ, &found) != 0 || found.ws_col == 0 || found.ws_row == 0) return {};
  return {found.ws_row, found.ws_col};
}

std::optional<std::string> Terminal::typed() const {
  std::string out;
  char room[256];
  for (;;) {
    pollfd wanted{state_->input, POLLIN, 0};
    if (::poll(&wanted, 1, 0) <= 0) return out;
    const ssize_t got = ::read(state_->input, room, sizeof room);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return out;
    if (got <= 0) return std::nullopt;
    out.append(room, static_cast<std::size_t>(got));
    if (static_cast<std::size_t>(got) < sizeof room) return out;
  }
}

void Terminal::draw(const std::vector<std::string>& lines) const {
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) out += fmt::format("\x1b[{};1H{}\x1b[K", i + 1, lines[i]);
  out += "\x1b[J";
  if (kept.is_drawn_on) write_all(state_->output, out);
}

}  // namespace signalbox::profile
