#include "instruments/profile/agent/control_socket.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxWordBytes = 64;
constexpr std::size_t kMaxReplyBytes = std::size_t{64} << 10;
constexpr int kAskerPatience_ms = 2'000;  // of the agent, for a word that is due at once
constexpr int kPatience_ms = 10'000;      // of who asks
constexpr int kMaxAnswersAtOnce = 8;

// A path may be longer than an address of a socket: it goes by the descriptor of its folder.
struct Place {
  FileDescriptor folder;
  sockaddr_un address{};
};
Result<Place> place_of(const std::filesystem::path& path) {
  Place out;
  out.folder = FileDescriptor{::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
  if (!out.folder) return fail(error_from_errno(errno, path.parent_path().string()));
  const std::string name = fmt::format("/proc/self/fd/{}/{}", out.folder.get(), path.filename().string());
  out.address.sun_family = AF_UNIX;
  if (name.size() >= sizeof out.address.sun_path)
    return fail(ErrorKind::bad_input, fmt::format("{}: its name is too long", path.string()));
  std::memcpy(out.address.sun_path, name.c_str(), name.size() + 1);
  return out;
}

FileDescriptor new_socket() {
  return FileDescriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

// Until a line's end, the end of the stream, `most` octets, or the time is over.
std::string read_line(int socket, std::size_t most, int patience_ms) {
  std::string out;
  char octets[512];
  while (out.size() < most && out.find('\n') == std::string::npos) {
    pollfd waits{socket, POLLIN, 0};
    if (::poll(&waits, 1, patience_ms) <= 0) break;
    const ssize_t count = ::recv(socket, octets, std::min(sizeof octets, most - out.size()), 0);
    if (count <= 0) break;
    out.append(octets, static_cast<std::size_t>(count));
  }
  return out.substr(0, out.find('\n'));
}

void send_all(int socket, std::string_view octets, int patience_ms) {
  while (!octets.empty()) {
    pollfd waits{socket, POLLOUT, 0};
    if (::poll(&waits, 1, patience_ms) <= 0) return;
    const ssize_t count = ::send(socket, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

Result<ControlSocket> ControlSocket::listen(const std::filesystem::path& path) {
  SIGNALBOX_TRY(const Place place, place_of(path));
  ::unlink(path.c_str());
  FileDescriptor socket = new_socket();
  // Nobody else may connect, not even before the mode is set.
  const mode_t before = ::umask(0177);
  const bool is_bound = socket && ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place.address),
                                         sizeof place.address) == 0;
  const int why = errno;
  ::umask(before);
  if (!is_bound) return fail(error_from_errno(why, path.string()));
  if (::listen(socket.get(), kMaxAnswersAtOnce) != 0) return fail(error_from_errno(errno, path.string()));
  return ControlSocket(path, std::move(socket));
}

ControlSocket::~ControlSocket() {
  if (socket_) ::unlink(path_.c_str());
}

void ControlSocket::answer(const std::function<std::string(std::string_view)>& reply) {
  for (int i = 0; i < kMaxAnswersAtOnce; ++i) {
    const FileDescriptor asker{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!asker) return;
    const std::string word = read_line(asker.get(), kMaxWordBytes, kAskerPatience_ms);
    if (trim(word).empty()) continue;
    send_all(asker.get(), reply(trim(word)) + "\n", kAskerPatience_ms);
  }
}

Result<std::string> ask_agent(const std::filesystem::path& path, std::string_view word) {
  const auto nobody = [&] {
    return fail(ErrorKind::unavailable, fmt::format("{}: no agent listens there", path.string()),
                "signalbox profile agent --pid N starts one for this workspace");
  };
  const auto place = place_of(path);
  if (!place) return nobody();
  const FileDescriptor socket = new_socket();
  if (!socket || ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place->address),
                           sizeof place->address) != 0) {
    if (errno == EACCES || errno == EPERM) return fail(error_from_errno(errno, path.string()));
    return nobody();
  }
  send_all(socket.get(), std::string(word) + "\n", kPatience_ms);
  std::string out = read_line(socket.get(), kMaxReplyBytes, kPatience_ms);
  if (out.empty())
    return fail(ErrorKind::unavailable, fmt::format("{}: the agent does not answer", path.string()));
  return out;
}

}  // namespace signalbox::profile
