#include "instruments/profile/agent/control_socket.hpp"

#include <algorithm>
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
constexpr std::chrono::seconds kPatience{10};  // of who asks
constexpr int kMaxAnswersAtOnce = 8;

using End = std::chrono::steady_clock::time_point;
End end_of(std::chrono::milliseconds patience) {
  return std::chrono::steady_clock::now() + patience;
}

// However many octets come one by one, it is over at `end`; what is there then already is there.
bool waited_for(int socket, short what, End end) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
  pollfd waits{socket, what, 0};
  return ::poll(&waits, 1, static_cast<int>(std::max(left, milliseconds(0)).count())) > 0;
}

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

// Until a line's end, the end of the stream, `most` octets, or `end`.
std::string read_line(int socket, std::size_t most, End end) {
  std::string out;
  char octets[512];
  while (out.size() < most && out.find('\n') == std::string::npos) {
    if (!waited_for(socket, POLLIN, end)) break;
    const ssize_t count = ::recv(socket, octets, std::min(sizeof octets, most - out.size()), 0);
    if (count <= 0) break;
    out.append(octets, static_cast<std::size_t>(count));
  }
  return out.substr(0, out.find('\n'));
}

void send_all(int socket, std::string_view octets, End end) {
  while (!octets.empty()) {
    if (!waited_for(socket, POLLOUT, end)) return;
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

void ControlSocket::answer(const std::function<std::string(std::string_view)>& reply,
                           std::chrono::milliseconds patience) {
  const End end = end_of(patience);
  for (int i = 0; i < kMaxAnswersAtOnce && (i == 0 || std::chrono::steady_clock::now() < end); ++i) {
    const FileDescriptor asker{::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    if (!asker) return;
    const std::string word = read_line(asker.get(), kMaxWordBytes, end);
    if (trim(word).empty()) continue;
    send_all(asker.get(), reply(trim(word)) + "\n", end);
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
  const End end = end_of(kPatience);
  send_all(socket.get(), std::string(word) + "\n", end);
  std::string out = read_line(socket.get(), kMaxReplyBytes, end);
  if (out.empty())
    return fail(ErrorKind::unavailable, fmt::format("{}: the agent does not answer", path.string()));
  return out;
}

}  // namespace signalbox::profile
